//! What became of what was charged: credit notes, and what stands on invoices.

use crate::{Operation, UseCaseError, billing, charge, credit_note, invoice};
use coterie_domain::{
    ChargeId, Payer,
    catalogue::Catalogue,
    membership::{Charged, Membership},
};
use std::collections::{BTreeMap, BTreeSet};

/// What settling has to know of the charges that it gives back and of those who pay. The invoices of these charges are locked, so that
/// no credit note takes anything back of them meanwhile.
///
/// # Errors
/// When the database fails or an event cannot be read; a price that is told with tax, and no rate for it.
pub(super) async fn charged_in_op(
    op: &mut Operation,
    membership: &Membership,
    catalogue: &Catalogue,
) -> Result<Charged, UseCaseError> {
    let unsettled = membership.unsettled(catalogue)?;
    let backs: BTreeSet<ChargeId> = unsettled
        .given_back
        .iter()
        .filter_map(|stretch| stretch.charge_id)
        .collect();
    let backs: Vec<ChargeId> = backs.into_iter().collect();
    let mut left = BTreeMap::new();
    let credited = credit_note::lock_credited_of(op, &backs).await?;
    if !credited.is_empty() {
        let touched: Vec<ChargeId> = credited.keys().copied().collect();
        let given_back = charge::given_back_of(op, &touched).await?;
        for (id, net_minor) in charge::nets_of(op, &touched).await? {
            let gone = [&credited, &given_back].map(|of| of.get(&id).copied().unwrap_or_default());
            left.insert(id, net_minor - gone.iter().sum::<i64>());
        }
    }
    let stretches = unsettled.given_back.iter().chain(&unsettled.billed);
    let payers: BTreeSet<Payer> = stretches.map(|stretch| stretch.payer).collect();
    let mut choices = BTreeMap::new();
    for payer in payers {
        let known = billing::load(op, payer).await?;
        choices.insert(payer, known.tax_with(membership.fact.legal_entity_id));
    }
    Ok(Charged {
        left,
        taxed: invoice::taxed_as_charged(op, &backs).await?,
        choices,
    })
}
