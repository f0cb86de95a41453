//! Usage of meters: reported, listed, and charged on the billing day. `usage_guard` has a row for every piece, so that an
//! id counts once, and the charge that took it, so that it is charged once.

mod count;
mod file;
pub mod page;
mod report;

pub(crate) use count::count_in_op;
pub use file::{FILE_COLUMNS, MAX_ROWS, Report, from_file};
pub use report::{Became, Reported, report};

use crate::{UseCaseError, read::Columns};
use coterie_domain::usage::Used;
use sqlx::{Row, postgres::PgRow};

const COLUMNS: &str = "event_id, meter_id, member_id, membership_id, quantity, used_on";

/// A row of the guard; quantities are text there, so that they stay exact.
fn used(row: &PgRow) -> Result<Used, UseCaseError> {
    let quantity: String = row.try_get("quantity")?;
    Ok(Used {
        event_id: row.try_get("event_id")?,
        meter_id: row.id("meter_id")?,
        member_id: row.id("member_id")?,
        membership_id: row.id("membership_id")?,
        quantity: quantity
            .parse()
            .map_err(|_| UseCaseError::Broken(format!("a quantity of usage is {quantity}")))?,
        used_on: row.date("used_on")?,
    })
}
