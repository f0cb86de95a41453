//! What became of what was charged: credit notes, and what stands on invoices.

use crate::{Operation, UseCaseError, billing, charge, credit_note, invoice};
use coterie_domain::{
    ChargeId, InvoiceId, Payer,
    catalogue::Catalogue,
    charge::ChargeMade,
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
    let off = off_on_invoices(op, membership, &backs).await?;
    let pairs: Vec<ChargeId> = backs
        .iter()
        .copied()
        .chain(backs.iter().filter_map(|id| Some(off.get(id)?.charge_id)))
        .collect();
    let (mut left, mut off_left) = (BTreeMap::new(), BTreeMap::new());
    let credited = credit_note::lock_credited_of(op, &pairs).await?;
    if !credited.is_empty() {
        let given_back = charge::given_back_of(op, &pairs).await?;
        let nets = charge::nets_of(op, &pairs).await?;
        let left_of = |id: ChargeId| {
            let gone = [&credited, &given_back].map(|of| of.get(&id).copied().unwrap_or_default());
            nets.get(&id).copied().unwrap_or_default() - gone.iter().sum::<i64>()
        };
        for id in &backs {
            let of_price = off.get(id).map(|off| off.charge_id);
            if !credited.contains_key(id) && !of_price.is_some_and(|off| credited.contains_key(&off)) {
                continue;
            }
            left.insert(*id, left_of(*id));
            if let Some(off) = of_price {
                off_left.insert(*id, -left_of(off));
            }
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
        off_left,
        taxed: invoice::taxed_as_charged(op, &backs).await?,
        choices,
    })
}

/// What coupons took off charges that stand on invoices: a price and what is off it wait together, so one invoice has both.
async fn off_on_invoices(
    op: &mut Operation,
    membership: &Membership,
    charges: &[ChargeId],
) -> Result<BTreeMap<ChargeId, ChargeMade>, UseCaseError> {
    if membership.coupons.is_empty() {
        return Ok(BTreeMap::new());
    }
    let on = charge::invoices_of(op, charges).await?;
    let invoices: BTreeSet<InvoiceId> = on.into_values().collect();
    let mut lines = Vec::new();
    for id in invoices {
        if let Some(document) = invoice::load(op, id).await? {
            lines.extend(document.lines.iter().map(|line| line.charge_id));
        }
    }
    charge::taken_off(op, &lines).await
}
