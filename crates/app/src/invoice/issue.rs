use super::next_number;
use crate::{Operation, UseCaseError, alarm, billing, charge, company, member};
use coterie_domain::{
    InvoiceId, JournalEntryId, LegalEntityId, MemberId, Payer,
    charge::ChargeMade,
    invoice::{self, Addressee, InvoiceEvent, InvoiceIssued, Party},
    ledger::{self, JournalEvent},
    legal_entity::Address,
    local_time, retention,
};
use jiff::{ToSpan, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

/// Invoices everything a payer owes one legal entity up to and including a day: in one invoice, or in one for each location
/// where she wants it so. None where nothing is owed.
///
/// # Errors
/// A missing tax rate or a charge in another currency; whatever the database says.
pub async fn issue_in_op(
    op: &mut Operation,
    payer: Payer,
    entity_id: LegalEntityId,
    up_to: Date,
) -> Result<Vec<InvoiceIssued>, UseCaseError> {
    let charges = charge::lock_billable(op, payer, entity_id, up_to).await?;
    issue_documents_in_op(op, payer, entity_id, &charges).await
}

/// Invoices these charges of a payer, whose guard rows the operation has locked, as she wants them.
///
/// # Errors
/// As [`issue_in_op`].
pub(crate) async fn issue_documents_in_op(
    op: &mut Operation,
    payer: Payer,
    entity_id: LegalEntityId,
    charges: &[ChargeMade],
) -> Result<Vec<InvoiceIssued>, UseCaseError> {
    let said = billing::load(op, payer).await?;
    let per_location = said.is_some_and(|said| said.per_location);
    let mut issued = Vec::new();
    for part in invoice::documents(charges, per_location) {
        let id = InvoiceId(op.new_id());
        issued.push(issue_charges_in_op(op, id, payer, entity_id, &part).await?);
    }
    Ok(issued)
}

/// As [`issue_in_op`], under an id that was given out before.
///
/// # Errors
/// As [`issue_in_op`].
pub(crate) async fn issue_as_in_op(
    op: &mut Operation,
    id: InvoiceId,
    payer: Payer,
    entity_id: LegalEntityId,
    up_to: Date,
) -> Result<Option<InvoiceIssued>, UseCaseError> {
    let charges = charge::lock_billable(op, payer, entity_id, up_to).await?;
    if !invoice::owed(&charges) {
        return Ok(None);
    }
    issue_charges_in_op(op, id, payer, entity_id, &charges).await.map(Some)
}

/// Invoices these charges of a payer, whose guard rows the operation has locked.
///
/// # Errors
/// As [`issue_in_op`].
pub(crate) async fn issue_charges_in_op(
    op: &mut Operation,
    id: InvoiceId,
    payer: Payer,
    entity_id: LegalEntityId,
    charges: &[ChargeMade],
) -> Result<InvoiceIssued, UseCaseError> {
    let catalogue = op.catalogue().await?;
    let entity = &catalogue.legal_entity(entity_id)?.fact;
    let buyer = buyer(op, payer, charges).await?;
    let zone = local_time::zone(&entity.time_zone)?;
    let series = invoice::series_of(charges, entity)?;
    let sequence = next_number(op, entity_id, &series).await?;
    let tenant = op.tenant();
    let issue_date = local_time::day_at(op.now, &zone);
    let issued = invoice::issue(id, sequence, payer, buyer, issue_date, charges, entity, &catalogue)?;
    let charge_ids: Vec<uuid::Uuid> = charges.iter().map(|charge| charge.charge_id.0).collect();
    sqlx::query("update charge_guard set invoice_id = $3 where tenant_id = $1 and charge_id = any($2)")
        .bind(tenant)
        .bind(charge_ids)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    sqlx::query(
        "insert into invoice_guard (tenant_id, invoice_id, legal_entity_id, payer_kind, payer_id, currency, gross_minor, open_minor) values ($1, $2, $3, $4, $5, $6, $7, $7)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(entity_id.0)
    .bind(payer.kind())
    .bind(payer.id())
    .bind(issued.currency.code())
    .bind(issued.gross_minor)
    .execute(op.conn())
    .await?;
    op.write(id.0, 0, [InvoiceEvent::from(issued.clone())])?;
    if let Some(entry) = ledger::invoice_issued(JournalEntryId(op.new_id()), &issued) {
        op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
    }
    let kept_until = local_time::day_start(issued.retain_until.saturating_add(1.day()), &zone)?;
    let kept_under = retention::subject(entity_id, issue_date.year());
    op.set_alarm(alarm::Kind::RetentionEnd, kept_under, kept_until).await?;
    for month in ledger::months_to_earn(&issued) {
        op.set_alarm(alarm::Kind::EarnRevenue, id.0, local_time::day_start(month.end, &zone)?)
            .await?;
    }
    Ok(issued)
}

/// An invoice as it was issued; `None` when there is none under this id.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn load(op: &mut Operation, id: InvoiceId) -> Result<Option<InvoiceIssued>, UseCaseError> {
    let loaded = op
        .load::<InvoiceEvent, InvoiceIssued>(id.0, |_, event| {
            let InvoiceEvent::InvoiceIssued(fact) = event;
            Some(fact)
        })
        .await?;
    Ok(loaded.map(|(issued, _)| issued))
}

/// Those who made the charges that somebody else pays for, by name.
async fn names(
    op: &mut Operation,
    payer: Payer,
    charges: &[ChargeMade],
) -> Result<BTreeMap<MemberId, String>, UseCaseError> {
    let others: BTreeSet<MemberId> = charges.iter().map(|charge| charge.member_id).collect();
    let mut names = BTreeMap::new();
    for id in others.into_iter().filter(|id| payer != Payer::Member(*id)) {
        names.insert(id, member::load(op, id).await?.0.name);
    }
    Ok(names)
}

/// As the payer wants to be addressed; what she never said is what she gave when she came. With the names of those whose charges
/// she settles.
///
/// # Errors
/// When the payer is unknown.
pub(crate) async fn buyer(op: &mut Operation, payer: Payer, charges: &[ChargeMade]) -> Result<Addressee, UseCaseError> {
    let names = names(op, payer, charges).await?;
    let mut party = match payer {
        Payer::Member(id) => {
            let (member, _) = member::load(op, id).await?;
            Party {
                name: member.name,
                address: Address::default(),
                tax_id: String::new(),
                email: member.email,
            }
        }
        Payer::Company(id) => {
            let (company, _) = company::load(op, id).await?;
            Party {
                name: company.fact.name,
                address: company.fact.address,
                tax_id: company.fact.tax_id,
                email: company.fact.billing_email,
            }
        }
    };
    let Some(said) = billing::load(op, payer).await? else {
        return Ok(Addressee { names, ..party.into() });
    };
    party.address = said.address;
    if !said.tax_id.is_empty() {
        party.tax_id = said.tax_id;
    }
    Ok(Addressee {
        party,
        language: said.language,
        reference: said.reference,
        per_location: said.per_location,
        names,
    })
}
