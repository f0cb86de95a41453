//! The organization's tax table.

use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access};
use coterie_domain::tax::{self, TaxEvent};
use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

/// Sets the rate of a category in a country from a day on.
///
/// # Errors
/// Faulty fields; operators only.
pub async fn set_rate(
    app: &App,
    caller: &Caller,
    country: &str,
    category: &str,
    rate_percent: Decimal,
    effective_from: Date,
) -> Outcome<Uuid> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    op.catalogue_to_change().await?;
    let id = set_rate_in_op(&mut op, country, category, rate_percent, effective_from)?;
    op.commit(id).await
}

/// # Errors
/// Faulty fields.
pub(crate) fn set_rate_in_op(
    op: &mut Operation,
    country: &str,
    category: &str,
    rate_percent: Decimal,
    effective_from: Date,
) -> Result<Uuid, UseCaseError> {
    let set = tax::set_rate(country, category, rate_percent, effective_from)?;
    let id = op.new_id();
    op.write(id, 0, [TaxEvent::from(set)])?;
    Ok(id)
}
