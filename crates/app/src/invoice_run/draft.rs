//! Drafts of some payers in one transaction.

use super::{
    ahead::{Ahead, Reading},
    guard::{self, RunRow},
};
use crate::{
    Operation, UseCaseError, charge, invoice,
    parts::{aside, in_parts},
    secret::SecretKey,
};
use coterie_domain::{
    InvoiceRunId, LegalEntityId, Payer, Refusal,
    catalogue::Catalogue,
    charge::ChargeMade,
    invoice::Addressee,
    invoice_run::{self, CHARGE_TWICE, Draft, DraftBuyer, DraftsMade, InvoiceRunEvent, InvoiceRunStopped, Phase},
    vat_id,
};
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

/// Drafts the next payers, by what was read ahead of them where it still holds. Returns whether there are more, and what is read
/// ahead of those.
///
/// # Errors
/// When the database fails.
pub(super) async fn batch_in_op(
    op: &mut Operation,
    id: InvoiceRunId,
    run: &RunRow,
    limit: i64,
    mut ahead: Ahead,
    goes_on: bool,
) -> Result<(bool, Reading), UseCaseError> {
    let last = guard::last_drafted(op, id).await?;
    let mut payers = guard::owing_after(op, run.legal_entity_id, run.cut_off, last, limit + 1).await?;
    let more = i64::try_from(payers.len()).unwrap_or(i64::MAX) > limit;
    payers.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = match payers.last() {
        Some(last) if more && goes_on => Reading::begin(op.app(), op.caller(), run.next(id, *last, limit)),
        _ => Reading::default(),
    };
    let ids: Vec<Uuid> = payers.iter().map(|payer| payer.id()).collect();
    let owed = if ahead.of.is_empty() {
        charge::billable_of(op, &ids, run.legal_entity_id, run.cut_off).await?
    } else {
        let owed = charge::owed_by(op, &ids, run.legal_entity_id, run.cut_off, false).await?;
        charge::recorded_of(op, &ahead.keep(&owed)).await?
    };
    let owed = decoded(owed).await?;
    let mut drafts = Vec::with_capacity(payers.len());
    let mut stopped = None;
    let (_, all) = owing(op, payers, run.legal_entity_id, owed, ahead).await?;
    for owing in all {
        match owing.draft {
            Ok(draft) => drafts.push(draft),
            Err(refusal) if refusal.code == CHARGE_TWICE => {
                stopped = Some((owing.payer, refusal.sentence));
                break;
            }
            Err(refusal) => return Err(refusal.into()),
        }
    }
    guard::insert_drafts(op, id, &drafts).await?;
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
        return Ok((false, Reading::default()));
    }
    op.write(id.0, version, events)?;
    Ok((more, next))
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

/// What a payer owes, and the draft of it as of now.
pub(super) struct Owing {
    pub payer: Payer,
    pub buyer: Addressee,
    pub charges: Vec<ChargeMade>,
    /// A refusal has the code `charge_twice`.
    pub draft: Result<Draft, Refusal>,
}

/// Charges by their payer, decoded where that holds up nobody.
pub(super) async fn decoded(recorded: charge::Recorded) -> Result<BTreeMap<Uuid, Vec<ChargeMade>>, UseCaseError> {
    aside(move || recorded.decoded()).await
}

/// What payers owe, in the payers' order, and the position of the catalogue that says so: by these charges, and of whom it was read
/// ahead, by that. Hashing and printing it is work for all cores, and holds up nobody who is served meanwhile.
///
/// # Errors
/// An unknown payer; whatever the database says.
pub(super) async fn owing(
    op: &mut Operation,
    payers: Vec<Payer>,
    entity: LegalEntityId,
    mut owed: BTreeMap<Uuid, Vec<ChargeMade>>,
    mut ahead: Ahead,
) -> Result<(i64, Vec<Owing>), UseCaseError> {
    let mut buyers = invoice::buyers(op, entity, &payers).await?;
    let desk = Desk::open(op, entity).await?;
    let catalogue = desk.catalogue.position;
    let mut bills = Vec::with_capacity(payers.len());
    let mut drafted = Vec::with_capacity(payers.len());
    for payer in payers {
        let buyer = buyers.remove(&payer).ok_or(UseCaseError::NotFound)?;
        if let Some(read) = ahead.of.remove(&payer.id()) {
            bills.push((payer, buyer, read.charges));
            drafted.push(read.drafted);
        } else {
            let charges = owed.remove(&payer.id()).unwrap_or_default();
            bills.push((payer, buyer, charges));
            drafted.push(None);
        }
    }
    invoice::with_charges(op, &mut bills).await?;
    // A draft is what payer, buyer, charges and catalogue make of it, so that of the same is the same.
    let mut drafts = Vec::with_capacity(bills.len());
    for ((_, buyer, _), drafted) in bills.iter().zip(drafted) {
        let same = drafted.filter(|(of, _)| of == buyer && ahead.catalogue == catalogue);
        drafts.push(same.map(|(_, draft)| draft));
    }
    let owing = aside(move || {
        let open: Vec<_> = bills.iter().zip(&drafts).filter(|(_, draft)| draft.is_none()).collect();
        let parts = in_parts(&open, |part| {
            let drafts = part
                .iter()
                .map(|((payer, buyer, charges), _)| desk.draft(*payer, buyer, charges));
            drafts.collect::<Vec<_>>()
        });
        let mut made = parts.into_iter().flatten();
        bills
            .into_iter()
            .zip(drafts)
            .map(|((payer, buyer, charges), draft)| {
                let draft = match draft {
                    Some(draft) => draft,
                    None => made
                        .next()
                        .ok_or_else(|| UseCaseError::Broken("a draft was not made".to_owned()))??,
                };
                Ok(Owing {
                    payer,
                    buyer,
                    charges,
                    draft,
                })
            })
            .collect()
    })
    .await?;
    Ok((catalogue, owing))
}

/// What drafts of one legal entity have in common.
pub(super) struct Desk {
    tenant: Uuid,
    secret: SecretKey,
    entity: LegalEntityId,
    catalogue: Arc<Catalogue>,
}

impl Desk {
    /// # Errors
    /// An unknown legal entity; whatever the database says.
    pub async fn open(op: &mut Operation, entity: LegalEntityId) -> Result<Self, UseCaseError> {
        let catalogue = op.catalogue().await?;
        catalogue.legal_entity(entity)?;
        Ok(Self {
            tenant: op.tenant(),
            secret: op.app().config.secret.clone(),
            entity,
            catalogue,
        })
    }

    /// A payer's draft of these charges. The inner refusal has the code `charge_twice`.
    ///
    /// # Errors
    /// When the buyer cannot be written down.
    pub fn draft(
        &self,
        payer: Payer,
        buyer: &Addressee,
        charges: &[ChargeMade],
    ) -> Result<Result<Draft, Refusal>, UseCaseError> {
        // Everything of her that stands on it: also in which language, and under which reference.
        let Addressee {
            party,
            language,
            reference,
            tax,
            per_location,
            names,
        } = buyer;
        // Without others' names it is what it was before they stood on invoices.
        let printed = if names.is_empty() {
            serde_json::to_vec(&(party, language, reference))
        } else {
            serde_json::to_vec(&(party, language, reference, names))
        };
        let printed = printed.map_err(|error| UseCaseError::Broken(format!("a buyer: {error}")))?;
        let of = DraftBuyer {
            digest: self.secret.buyer_hmac(self.tenant, payer.id(), &printed),
            has_address: !party.address.street.is_empty() && !party.address.city.is_empty(),
            has_vat_id: vat_id::country_of(&party.tax_id).is_some(),
            tax: tax.clone(),
            per_location: *per_location,
        };
        let entity = &self.catalogue.legal_entity(self.entity)?.fact;
        Ok(invoice_run::draft(payer, &of, charges, entity, &self.catalogue))
    }
}
