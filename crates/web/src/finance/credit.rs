//! Taking back of an invoice: its lines with what is left of each, how much of it, and why.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    credit_note::{self, page::taken_of},
    invoice::page::{self as invoices, InvoiceDetail},
    projections,
};
use coterie_domain::{
    Money,
    credit_note::{Credited, NewCreditNote, WantedLine, left_of},
};
use uuid::Uuid;

use super::{
    office::{Id, Office},
    words,
};
use crate::{
    components::{Checkbox, ErrorSummary, Field},
    context::PageContext,
    failure::{Failure, FieldError},
    form::Submitted,
    page::page_with_status,
};

/// A line that something is left of, with the field for how much of it.
struct Line {
    name: String,
    description: String,
    supplied: String,
    net: String,
    left: String,
    value: String,
}

#[derive(Template)]
#[template(path = "finance/credit.html")]
struct Credit {
    ctx: PageContext,
    number: String,
    buyer: String,
    address: String,
    lines: Vec<Line>,
    lines_error: String,
    whole: Checkbox,
    bill_again: Checkbox,
    reason: Field,
    errors: Option<ErrorSummary>,
}

pub(super) async fn show(office: Office, Id(id): Id) -> Result<Response, Failure> {
    let (detail, taken) = find(&office, id).await?;
    Ok(form(office, &detail, &taken, None))
}

pub(super) async fn submit(office: Office, Id(id): Id, submitted: Submitted) -> Result<Response, Failure> {
    let (detail, taken) = find(&office, id).await?;
    let attempt = async {
        let new = wanted(&detail, &submitted)?;
        Ok::<_, Failure>(credit_note::issue(office.app(), &office.caller(), id.into(), &new).await?)
    };
    match attempt.await {
        Ok(done) => {
            let next = format!("/finance/credit-notes/{}", done.outcome);
            Ok(office.done(done.position, "The credit note is issued.", &next))
        }
        Err(failure) if matches!(failure.status.as_u16(), 409 | 422) => {
            Ok(form(office, &detail, &taken, Some((&submitted, &failure))))
        }
        Err(failure) => Err(failure),
    }
}

/// The invoice, and what came back of its lines already.
async fn find(office: &Office, id: Uuid) -> Result<(InvoiceDetail, Credited), Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let detail = invoices::find(office.app(), office.tenant(), id.into()).await?;
    let detail = detail.ok_or_else(Failure::not_found)?;
    let taken = taken_of(office.app(), office.tenant(), &detail.document).await?;
    Ok((detail, taken))
}

/// What was typed: everything, or an amount beside each line that it is of.
fn wanted(detail: &InvoiceDetail, submitted: &Submitted) -> Result<NewCreditNote, Failure> {
    let mut new = NewCreditNote {
        reason: submitted.get("reason").to_owned(),
        lines: Vec::new(),
        bill_again: submitted.has("bill_again"),
    };
    if submitted.has("whole") {
        return Ok(new);
    }
    let mut wrong = Vec::new();
    for line in &detail.document.lines {
        let typed = submitted.get(&field_of(line.charge_id.0)).trim();
        if typed.is_empty() {
            continue;
        }
        match Money::parse(typed, detail.document.currency) {
            Ok(net) => new.lines.push(WantedLine {
                charge_id: line.charge_id,
                net_minor: Some(net.minor),
            }),
            Err(message) => wrong.push(FieldError::new("lines", format!("{}: {message}", line.description))),
        }
    }
    if new.lines.is_empty() && wrong.is_empty() {
        wrong.push(FieldError::new(
            "lines",
            "Please give an amount of at least one line, or take back everything that is left.",
        ));
    }
    if wrong.is_empty() {
        Ok(new)
    } else {
        Err(Failure::invalid(wrong))
    }
}

fn field_of(charge: Uuid) -> String {
    format!("net_{charge}")
}

fn form(office: Office, detail: &InvoiceDetail, taken: &Credited, refused: Option<(&Submitted, &Failure)>) -> Response {
    let currency = detail.document.currency;
    let money = |minor| words::money(minor, currency).text();
    let lines = detail.document.lines.iter().filter(|line| left_of(line, taken) != 0);
    let lines = lines.map(|line| {
        let name = field_of(line.charge_id.0);
        Line {
            value: refused.map_or("", |(submitted, _)| submitted.get(&name)).to_owned(),
            description: line.description.clone(),
            supplied: words::service(line.service_from, line.service_to),
            net: money(line.net_minor),
            left: money(left_of(line, taken)),
            name,
        }
    });
    let mut whole = Checkbox::new("whole", "Everything that is left");
    let mut bill_again = Checkbox::new("bill_again", "Bill these charges again")
        .hint("They wait for the next invoice. Only what is taken back whole can be billed again.");
    let mut reason = Field::text("reason", "Why")
        .hint("It stands on the credit note, so the buyer reads it.")
        .attribute("maxlength", "500");
    let mut errors = None;
    if let Some((submitted, failure)) = refused {
        whole = whole.refused(submitted, failure);
        bill_again = bill_again.refused(submitted, failure);
        reason = reason.refused(submitted, failure);
        errors = Some(ErrorSummary::new(failure));
    }
    let status = refused.map_or(http::StatusCode::OK, |(_, failure)| failure.status);
    let shown = Credit {
        number: detail.row.number.clone(),
        buyer: detail.row.buyer_name.clone(),
        address: format!("/finance/invoices/{}", detail.row.invoice_id),
        lines: lines.collect(),
        lines_error: refused
            .and_then(|(_, failure)| failure.field("lines"))
            .unwrap_or_default()
            .to_owned(),
        whole,
        bill_again,
        reason,
        errors,
        ctx: office.ctx,
    };
    page_with_status(status, &shown.ctx, &shown)
}
