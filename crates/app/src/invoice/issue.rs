use super::{buyer, number::take_numbers};
use crate::{Operation, UseCaseError, alarm, charge, operation::Written, parts::aside};
use coterie_domain::{
    ChargeId, InvoiceId, JournalEntryId, LegalEntityId, Payer,
    catalogue::Catalogue,
    charge::ChargeMade,
    invoice::{self, Addressee, InvoiceEvent, InvoiceIssued},
    ledger::{self, JournalEvent},
    local_time, retention,
    tax::Taxed,
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

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
    // Before anybody's address is read: who was forgotten and has only something to come stops nobody's bill.
    if invoice::documents(&charges, true).is_empty() {
        return Ok(Vec::new());
    }
    let buyer = buyer(op, payer, entity_id, &charges).await?;
    let bills = bills(op, payer, buyer, charges);
    issue_all_in_op(op, entity_id, bills).await
}

/// What the invoices of these charges of a payer are made of, as she wants them.
pub(crate) fn bills(op: &Operation, payer: Payer, buyer: Addressee, charges: Vec<ChargeMade>) -> Vec<Bill> {
    let bill = |buyer, charges| Bill {
        invoice_id: InvoiceId(op.new_id()),
        payer,
        buyer,
        charges,
    };
    if !buyer.per_location {
        let owed = invoice::owed(&charges);
        return owed.then(|| bill(buyer, charges)).into_iter().collect();
    }
    let parts = invoice::documents(&charges, true).into_iter().map(Cow::into_owned);
    parts.map(|part| bill(buyer.clone(), part)).collect()
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
    let bill = Bill {
        invoice_id: id,
        payer,
        buyer: buyer(op, payer, entity_id, charges).await?,
        charges: charges.to_vec(),
    };
    let mut issued = issue_all_in_op(op, entity_id, vec![bill]).await?;
    issued
        .pop()
        .ok_or_else(|| UseCaseError::Broken(format!("invoice {id} was not issued")))
}

/// What one invoice is made of.
#[derive(Debug)]
pub(crate) struct Bill {
    pub invoice_id: InvoiceId,
    pub payer: Payer,
    pub buyer: Addressee,
    pub charges: Vec<ChargeMade>,
}

/// Issues invoices in their order, each under the next number, with one statement for the guards of all. The operation has
/// locked the charges' guard rows.
///
/// # Errors
/// As [`issue_in_op`].
pub(crate) async fn issue_all_in_op(
    op: &mut Operation,
    entity_id: LegalEntityId,
    bills: Vec<Bill>,
) -> Result<Vec<InvoiceIssued>, UseCaseError> {
    if bills.is_empty() {
        return Ok(Vec::new());
    }
    let catalogue = op.catalogue().await?;
    let entity = &catalogue.legal_entity(entity_id)?.fact;
    let zone = local_time::zone(&entity.time_zone)?;
    let issue_date = local_time::day_at(op.now, &zone);
    let mut of_series: BTreeMap<String, i64> = BTreeMap::new();
    for bill in &bills {
        *of_series.entry(invoice::series_of(&bill.charges, entity)?).or_default() += 1;
    }
    let mut next: BTreeMap<String, i64> = BTreeMap::new();
    for (series, count) in of_series {
        let first = take_numbers(op, entity_id, &series, count).await?;
        next.insert(series, first);
    }
    let mut lines = Lines::default();
    let mut numbered = Vec::with_capacity(bills.len());
    for bill in bills {
        let sequence = next
            .get_mut(&invoice::series_of(&bill.charges, entity)?)
            .ok_or_else(|| UseCaseError::Broken("a series without a number".to_owned()))?;
        lines.add(&bill);
        numbered.push((bill, *sequence, JournalEntryId(op.new_id())));
        *sequence += 1;
    }
    let print = {
        let (catalogue, zone) = (Arc::clone(&catalogue), zone.clone());
        move || print(numbered, issue_date, entity_id, &catalogue, &zone)
    };
    // While PostgreSQL writes the charges' rows, many invoices are printed.
    let printed = if lines.charges.len() < WORTH_A_THREAD {
        take_in_op(op, &lines).await?;
        print()?
    } else {
        let (taken, printed) = tokio::join!(take_in_op(op, &lines), aside(print));
        taken?;
        printed?
    };
    let mut all = Vec::with_capacity(printed.len());
    let mut to_earn = Vec::new();
    for one in printed {
        all.push(one.issued);
        one.written.into_iter().for_each(|written| op.add(written));
        to_earn.extend(one.to_earn);
    }
    open_in_op(op, &all).await?;
    let kept_until = retention::until(issue_date.year()).saturating_add(1.day());
    let kept_under = retention::subject(entity_id, issue_date.year());
    op.set_alarm(
        alarm::Kind::RetentionEnd,
        kept_under,
        local_time::day_start(kept_until, &zone)?,
    )
    .await?;
    op.set_alarms(alarm::Kind::EarnRevenue, to_earn).await?;
    Ok(all)
}

/// Lines from which on invoices are printed on another thread.
const WORTH_A_THREAD: usize = 200;

/// An invoice with its events, and when its revenue is earned.
struct Printed {
    issued: InvoiceIssued,
    written: Vec<Written>,
    to_earn: Vec<(Uuid, Timestamp)>,
}

/// Bills, each under its number and with the id of its entry in the books, as they are recorded.
fn print(
    bills: Vec<(Bill, i64, JournalEntryId)>,
    issue_date: Date,
    entity_id: LegalEntityId,
    catalogue: &Catalogue,
    zone: &TimeZone,
) -> Result<Vec<Printed>, UseCaseError> {
    let entity = &catalogue.legal_entity(entity_id)?.fact;
    let mut printed = Vec::with_capacity(bills.len());
    for (bill, sequence, entry_id) in bills {
        let Bill {
            invoice_id,
            payer,
            buyer,
            charges,
        } = bill;
        let issued = invoice::issue(
            invoice_id, sequence, payer, buyer, issue_date, &charges, entity, catalogue,
        )?;
        let entry = ledger::invoice_issued(entry_id, &issued);
        let mut to_earn = Vec::new();
        for month in ledger::months_to_earn(&issued) {
            to_earn.push((invoice_id.0, local_time::day_start(month.end, zone)?));
        }
        let event = [InvoiceEvent::from(issued)];
        let mut written = vec![Written::of(invoice_id.0, 0, &event)?];
        if let Some(entry) = entry {
            written.push(Written::of(entry.entry_id.0, 0, &[JournalEvent::from(entry)])?);
        }
        let [InvoiceEvent::InvoiceIssued(issued)] = event;
        printed.push(Printed {
            issued,
            written,
            to_earn,
        });
    }
    Ok(printed)
}

/// Which charge stands on which invoice, and who pays.
#[derive(Default)]
struct Lines {
    charges: Vec<Uuid>,
    invoices: Vec<Uuid>,
    payers: BTreeSet<Uuid>,
}

impl Lines {
    fn add(&mut self, bill: &Bill) {
        self.charges
            .extend(bill.charges.iter().map(|charge| charge.charge_id.0));
        self.invoices.resize(self.charges.len(), bill.invoice_id.0);
        self.payers.insert(bill.payer.id());
    }
}

/// Each charge by its id.
const FEW: &str = "update charge_guard g set invoice_id = line.invoice_id
    from unnest($2::uuid[], $3::uuid[]) as line (charge_id, invoice_id)
    where g.tenant_id = $1 and g.charge_id = line.charge_id and g.invoice_id is null and not g.voided";

/// Among what these payers owe, which lies together: looked for by their ids they are as many searches, or a look at all charges
/// that are open.
const MANY: &str = "update charge_guard g set invoice_id = line.invoice_id
    from unnest($2::uuid[], $3::uuid[]) as line (charge_id, invoice_id)
    where g.tenant_id = $1 and g.charge_id = line.charge_id and g.invoice_id is null and not g.voided
      and g.payer_id between $4 and $5";

/// The charges stand on their invoices. A charge that went elsewhere meanwhile undoes all of it.
async fn take_in_op(op: &mut Operation, lines: &Lines) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let many = lines.charges.len() >= WORTH_A_THREAD;
    let mut query = sqlx::query(if many { MANY } else { FEW })
        .bind(tenant)
        .bind(&lines.charges)
        .bind(&lines.invoices);
    if many {
        query = query.bind(lines.payers.first()).bind(lines.payers.last());
    }
    let taken = query.execute(op.conn()).await?.rows_affected();
    if taken != lines.charges.len() as u64 {
        return Err(UseCaseError::Contended("a charge went elsewhere at the same moment"));
    }
    Ok(())
}

/// The invoices are open.
async fn open_in_op(op: &mut Operation, all: &[InvoiceIssued]) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into invoice_guard (tenant_id, invoice_id, legal_entity_id, payer_kind, payer_id, currency, gross_minor, open_minor)
         select $1, i.invoice_id, i.legal_entity_id, i.payer_kind, i.payer_id, i.currency, i.gross_minor, i.gross_minor
         from unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::bigint[])
             as i (invoice_id, legal_entity_id, payer_kind, payer_id, currency, gross_minor)",
    )
    .bind(tenant)
    .bind(each(all, |issued| issued.invoice_id.0))
    .bind(each(all, |issued| issued.legal_entity_id.0))
    .bind(each(all, |issued| issued.payer.kind()))
    .bind(each(all, |issued| issued.payer.id()))
    .bind(each(all, |issued| issued.currency.code()))
    .bind(each(all, |issued| issued.gross_minor))
    .execute(op.conn())
    .await?;
    Ok(())
}

/// A column of invoices.
fn each<'a, T>(all: &'a [InvoiceIssued], column: impl Fn(&'a InvoiceIssued) -> T) -> Vec<T> {
    all.iter().map(column).collect()
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

/// How charges stand on the invoices that took them; those that wait for one are left out.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub(crate) async fn taxed_as_charged(
    op: &mut Operation,
    charges: &[ChargeId],
) -> Result<BTreeMap<ChargeId, Taxed>, UseCaseError> {
    let on = charge::invoices_of(op, charges).await?;
    let mut documents: BTreeMap<InvoiceId, InvoiceIssued> = BTreeMap::new();
    let mut taxed = BTreeMap::new();
    for (charge, invoice) in on {
        if !documents.contains_key(&invoice)
            && let Some(document) = load(op, invoice).await?
        {
            documents.insert(invoice, document);
        }
        let lines = documents.get(&invoice).map_or(&[][..], |document| &document.lines);
        let line = lines.iter().find(|line| line.charge_id == charge);
        taxed.extend(line.map(|line| (charge, line.taxed())));
    }
    Ok(taxed)
}
