//! One deposit: what is held, which open invoice it is to pay for, and by which transfer it went back.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    deposit::{
        self,
        page::{self as deposits, DepositRow},
    },
    invoice::page as invoices,
    projections,
};
use coterie_domain::{DepositId, InvoiceId};
use uuid::Uuid;

use super::{
    deposits::{HERE, name, state},
    office::{Id, Office},
    words,
};
use crate::{
    audit::links,
    components::{Choice, DefinitionList, ErrorSummary, Field, Link, Select},
    context::PageContext,
    failure::Failure,
    form::Submitted,
    operator::{
        desk::shown_again,
        typed::{Typed, required},
    },
    page::page_with_status,
};

#[derive(Template)]
#[template(path = "finance/deposit.html")]
struct Deposit {
    ctx: PageContext,
    title: String,
    address: String,
    facts: DefinitionList,
    history: Link,
    errors: Option<ErrorSummary>,
    /// Whether anything is held that can pay or go back.
    held: bool,
    /// None where the payer has no open invoice.
    apply: Option<(Select, Field)>,
    amount: Field,
    reference: Field,
}

pub(super) async fn show(office: Office, Id(id): Id) -> Result<Response, Failure> {
    let row = find(&office, id).await?;
    form(office, &row, None).await
}

/// Pays for an open invoice with it.
pub(super) async fn apply(office: Office, Id(id): Id, submitted: Submitted) -> Result<Response, Failure> {
    let row = find(&office, id).await?;
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let invoice: Option<InvoiceId> = typed.id("invoice_id");
        let amount = typed.maybe_money("apply_amount", Some(row.amount.currency));
        typed.finish()?;
        let invoice = required(invoice, "invoice_id")?;
        let (app, caller) = (office.app(), office.caller());
        let done = deposit::apply(app, &caller, row.deposit_id, invoice, amount).await;
        done.map_err(|error| renamed(error.into(), "apply_amount"))
    };
    match attempt.await {
        Ok(done) => {
            let said = format!(
                "{} of the deposit paid for the invoice.",
                words::amount(done.outcome.amount).text()
            );
            Ok(office.done(done.position, said, &address(row.deposit_id)))
        }
        Err(failure) => again(office, &row, &submitted, failure).await,
    }
}

/// Records that it was paid out.
pub(super) async fn give_back(office: Office, Id(id): Id, submitted: Submitted) -> Result<Response, Failure> {
    let row = find(&office, id).await?;
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let amount = typed.maybe_money("amount", Some(row.amount.currency));
        let reference = typed.text("reference");
        typed.finish()?;
        let (app, caller) = (office.app(), office.caller());
        Ok::<_, Failure>(deposit::give_back(app, &caller, row.deposit_id, amount, &reference).await?)
    };
    match attempt.await {
        Ok(done) => {
            let said = format!("{} are recorded as paid out.", words::amount(done.outcome).text());
            Ok(office.done(done.position, said, &address(row.deposit_id)))
        }
        Err(failure) => again(office, &row, &submitted, failure).await,
    }
}

/// The page has two amounts; the one that was typed has the fault.
fn renamed(mut failure: Failure, field: &str) -> Failure {
    for error in &mut failure.fields {
        if error.field == "amount" {
            field.clone_into(&mut error.field);
        }
    }
    failure
}

async fn again(office: Office, row: &DepositRow, submitted: &Submitted, failure: Failure) -> Result<Response, Failure> {
    let failure = shown_again(failure)?;
    form(office, row, Some((submitted, &failure))).await
}

fn address(id: DepositId) -> String {
    format!("{HERE}/{id}")
}

async fn find(office: &Office, id: Uuid) -> Result<DepositRow, Failure> {
    office.caught_up(&[projections::PEOPLE, projections::MONEY]).await?;
    let found = deposits::find(office.app(), office.tenant(), DepositId(id)).await?;
    found.ok_or_else(Failure::not_found)
}

async fn form(office: Office, row: &DepositRow, refused: Option<(&Submitted, &Failure)>) -> Result<Response, Failure> {
    let open = invoices::open_of_payer(office.app(), office.tenant(), row.payer, row.legal_entity_id).await?;
    let choices: Vec<Choice> = open
        .iter()
        .filter(|invoice| invoice.invoice_id != row.invoice_id)
        .map(|invoice| {
            let label = format!("{}, {} open", invoice.number, words::amount(invoice.open).text());
            Choice::new(invoice.invoice_id.to_string(), label)
        })
        .collect();
    let money = |name: &'static str, label: &'static str| {
        Field::text(name, label)
            .optional()
            .hint("Left empty, as far as it goes.")
            .attribute("inputmode", "decimal")
    };
    let mut invoice = Select::new("invoice_id", "Open invoice", choices.clone());
    let mut apply_amount = money("apply_amount", "Amount");
    let mut amount = money("amount", "Amount");
    let mut reference = Field::text("reference", "Reference of the transfer").attribute("maxlength", "120");
    if let Some((submitted, failure)) = refused {
        invoice = invoice.refused(submitted, failure);
        apply_amount = apply_amount.refused(submitted, failure);
        amount = amount.refused(submitted, failure);
        reference = reference.refused(submitted, failure);
    }
    let document = Link::new("The request", format!("/finance/invoices/{}", row.invoice_id));
    let member = Link::new(name(row), format!("/operator/members/{}", row.member_id));
    let shown = Deposit {
        title: format!("Deposit of {}", name(row)),
        address: address(row.deposit_id),
        facts: DefinitionList::new()
            .item("State", state(row))
            .item("Member", member)
            .item("Asked for by", document)
            .item("Deposit", words::amount(row.amount))
            .item("Not paid yet", words::amount(row.open))
            .item("Asked for no longer", words::amount(row.credited))
            .item("Applied to invoices", words::amount(row.applied))
            .item("Returned", words::amount(row.returned))
            .item("Held", words::amount(row.held)),
        history: Link::new("History in the log", links::stream(row.deposit_id.0)),
        errors: refused.map(|(_, failure)| ErrorSummary::new(failure)),
        held: row.held.minor > 0,
        apply: (!choices.is_empty()).then_some((invoice, apply_amount)),
        amount,
        reference,
        ctx: office.ctx,
    };
    let status = refused.map_or(http::StatusCode::OK, |(_, failure)| failure.status);
    Ok(page_with_status(status, &shown.ctx, &shown))
}
