//! Drafts of some payers in one transaction.

use super::guard;
use crate::{Operation, UseCaseError, charge, invoice};
use coterie_domain::{
    InvoiceRunId, LegalEntityId, Payer,
    charge::ChargeMade,
    invoice::Addressee,
    invoice_run::{self, CHARGE_TWICE, Draft, DraftBuyer, DraftsMade, InvoiceRunEvent, InvoiceRunStopped, Phase},
};
use uuid::Uuid;

/// Drafts the next payers. Returns whether there are more.
///
/// # Errors
/// When the database fails.
pub(super) async fn batch_in_op(op: &mut Operation, id: InvoiceRunId, limit: i64) -> Result<bool, UseCaseError> {
    let run = guard::lock(op, id).await?;
    let mut payers = guard::undrafted(op, id, run.legal_entity_id, run.cut_off, limit + 1).await?;
    let more = i64::try_from(payers.len()).unwrap_or(i64::MAX) > limit;
    payers.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let ids: Vec<Uuid> = payers.iter().map(|payer| payer.id()).collect();
    let mut owed = charge::billable_of(op, &ids, run.legal_entity_id, run.cut_off).await?;
    let mut drafts = Vec::with_capacity(payers.len());
    let mut stopped = None;
    for payer in payers {
        let charges = owed.remove(&payer.id()).unwrap_or_default();
        match of_charges(op, payer, run.legal_entity_id, &charges).await {
            Ok((draft, _)) => {
                guard::insert_draft(op, id, &draft).await?;
                drafts.push(draft);
            }
            Err(UseCaseError::Refused(refusal)) if refusal.code == CHARGE_TWICE => {
                stopped = Some((payer, refusal.sentence.clone()));
                break;
            }
            Err(error) => return Err(error),
        }
    }
    let version = op_version(op, id).await?;
    let complete = !more && stopped.is_none();
    let made = DraftsMade {
        invoice_run_id: id,
        drafts,
        complete,
    };
    let mut events: Vec<InvoiceRunEvent> = Vec::new();
    if complete || !made.drafts.is_empty() {
        events.push(made.into());
    }
    if complete {
        guard::set_phase(op, id, Phase::Drafted).await?;
    }
    if let Some((payer, sentence)) = stopped {
        events.push(stop_in_op(op, id, payer, sentence).await?.into());
        op.write(id.0, version, events)?;
        return Ok(false);
    }
    op.write(id.0, version, events)?;
    Ok(more)
}

/// The version of the run's stream, with what this operation has decided already.
pub(super) async fn op_version(op: &mut Operation, id: InvoiceRunId) -> Result<i64, UseCaseError> {
    let recorded = op.version_of(id.0).await?;
    // Only opening writes before it drafts in the same operation.
    Ok(if recorded == 0 { 1 } else { recorded })
}

pub(super) async fn stop_in_op(
    op: &mut Operation,
    id: InvoiceRunId,
    payer: Payer,
    sentence: String,
) -> Result<InvoiceRunStopped, UseCaseError> {
    guard::set_stopped(op, id, Some(&sentence)).await?;
    Ok(InvoiceRunStopped {
        invoice_run_id: id,
        payer,
        sentence,
    })
}

/// A payer's draft of these charges as of now, and whom it is addressed to.
///
/// # Errors
/// A refusal with the code `charge_twice`; whatever the database says.
pub(super) async fn of_charges(
    op: &mut Operation,
    payer: Payer,
    entity: LegalEntityId,
    charges: &[ChargeMade],
) -> Result<(Draft, Addressee), UseCaseError> {
    let catalogue = op.catalogue().await?;
    let buyer = invoice::buyer(op, payer, charges).await?;
    // Everything of her that stands on it: also in which language, and under which reference.
    let Addressee {
        party,
        language,
        reference,
        per_location,
        names,
    } = &buyer;
    // Without others' names it is what it was before they stood on invoices.
    let printed = if names.is_empty() {
        serde_json::to_vec(&(party, language, reference))
    } else {
        serde_json::to_vec(&(party, language, reference, names))
    };
    let printed = printed.map_err(|error| UseCaseError::Broken(format!("a buyer: {error}")))?;
    let of = DraftBuyer {
        digest: op.app().config.secret.buyer_hmac(op.tenant(), payer.id(), &printed),
        has_address: !party.address.street.is_empty() && !party.address.city.is_empty(),
        per_location: *per_location,
    };
    let entity = &catalogue.legal_entity(entity)?.fact;
    Ok((invoice_run::draft(payer, &of, charges, entity, &catalogue)?, buyer))
}
