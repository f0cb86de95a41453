//! Drafts of some payers in one transaction.

use super::guard;
use crate::{Operation, UseCaseError, charge, invoice, parts::in_parts, secret::SecretKey};
use coterie_domain::{
    InvoiceRunId, LegalEntityId, Payer, Refusal,
    catalogue::Catalogue,
    charge::ChargeMade,
    invoice::Addressee,
    invoice_run::{self, CHARGE_TWICE, Draft, DraftBuyer, DraftsMade, InvoiceRunEvent, InvoiceRunStopped, Phase},
    vat_id,
};
use std::sync::Arc;
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
    let owed = charge::billable_of(op, &ids, run.legal_entity_id, run.cut_off).await?;
    let mut drafts = Vec::with_capacity(payers.len());
    let mut stopped = None;
    for owing in owing(op, payers, run.legal_entity_id, owed).await? {
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

/// What a payer owes, and the draft of it as of now.
pub(super) struct Owing {
    pub payer: Payer,
    pub buyer: Addressee,
    pub charges: Vec<ChargeMade>,
    /// A refusal has the code `charge_twice`.
    pub draft: Result<Draft, Refusal>,
}

/// What payers owe by these charges, in the payers' order. Reading, hashing and printing it is work for all cores, and holds up
/// nobody who is served meanwhile.
///
/// # Errors
/// An unknown payer; whatever the database says.
pub(super) async fn owing(
    op: &mut Operation,
    payers: Vec<Payer>,
    entity: LegalEntityId,
    owed: charge::Recorded,
) -> Result<Vec<Owing>, UseCaseError> {
    let mut buyers = invoice::buyers(op, entity, &payers).await?;
    let desk = Desk::open(op, entity).await?;
    let mut owed = aside(move || owed.decoded()).await?;
    let mut bills = Vec::with_capacity(payers.len());
    for payer in payers {
        let buyer = buyers.remove(&payer).ok_or(UseCaseError::NotFound)?;
        let charges = owed.remove(&payer.id()).unwrap_or_default();
        bills.push((payer, buyer, charges));
    }
    invoice::with_charges(op, &mut bills).await?;
    aside(move || {
        let parts = in_parts(&bills, |part| {
            let drafts = part
                .iter()
                .map(|(payer, buyer, charges)| desk.draft(*payer, buyer, charges));
            drafts.collect::<Vec<_>>()
        });
        let drafts = parts.into_iter().flatten();
        let owing = bills.into_iter().zip(drafts);
        owing
            .map(|((payer, buyer, charges), draft)| {
                let draft = draft?;
                Ok(Owing {
                    payer,
                    buyer,
                    charges,
                    draft,
                })
            })
            .collect()
    })
    .await
}

/// Work for all cores, where it holds up nobody who is served meanwhile.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, UseCaseError> + Send + 'static,
) -> Result<T, UseCaseError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| UseCaseError::Broken(format!("drafts were not made: {error}")))?
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
