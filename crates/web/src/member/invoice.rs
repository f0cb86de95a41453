//! `/invoices/{id}`: an invoice as it was issued, what was done to collect it, and the way to pay it.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller, company,
    invoice::page::{self as model, InvoiceDetail, InvoiceState},
    member,
    payment::page::PaymentRow,
    projections,
};
use coterie_documents::paper::Issued;
use coterie_domain::{InvoiceId, Payer, local_time, payment::PaymentState};
use jiff::tz::TimeZone;

use super::{badges, card, command, credit_note, document, found, id, money, when, who::Me};
use crate::{
    components::{Badge, DefinitionList, Hidden, Table, Timeline, TimelineEvent, Tone},
    context::PageContext,
    failure::Failure,
    house::House,
    page::page,
    papers,
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/invoice.html")]
struct InvoicePage<'a> {
    ctx: &'a PageContext,
    number: String,
    badge: Badge,
    issued: String,
    seller: Vec<String>,
    buyer: Vec<String>,
    facts: DefinitionList,
    lines: Table,
    taxes: Table,
    credit_notes: Option<Table>,
    pay: Pay,
    history: Option<Timeline>,
}

/// What can be done about the open balance.
struct Pay {
    /// `EUR 138.19`; empty when nothing is open.
    open: String,
    action: String,
    /// The card that is charged.
    card: Option<String>,
    /// Where a company without a card sends its money.
    transfer: Option<String>,
    card_href: String,
    /// The bank's page, when it asked for her.
    bank: Option<String>,
    pending: bool,
    command: Hidden,
}

/// An invoice of hers, or of the company that she manages; anybody else's does not exist for her.
pub(super) async fn hers(
    state: &AppState,
    house: &House,
    jar: &CookieJar,
    session: &MemberSession,
    id: InvoiceId,
) -> Result<InvoiceDetail, Failure> {
    let tenant = session.tenant.tenant;
    house.caught_up(state, jar, tenant, &[projections::MONEY]).await?;
    let detail = found(model::find(&house.app, tenant, id).await?)?;
    may_see(house, session, detail.row.payer).await?;
    Ok(detail)
}

/// What is addressed to a payer is hers to see, or whoever's of a company manages it today.
pub(super) async fn may_see(house: &House, session: &MemberSession, payer: Payer) -> Result<(), Failure> {
    match payer {
        Payer::Member(id) if id.0 == session.member_id => Ok(()),
        Payer::Member(_) => Err(Failure::not_found()),
        Payer::Company(id) => Ok(company::check_acts_for(&house.app, &Caller::from(session), id).await?),
    }
}

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(invoice): Path<String>,
) -> Result<Response, Failure> {
    let id: InvoiceId = id(&invoice)?;
    let detail = hers(&state, &house, &jar, &session, id).await?;
    let me = Me::load(&house, &session).await?;
    let entity = me.catalogue.legal_entity(detail.row.legal_entity_id)?;
    let zone = local_time::zone(&entity.fact.time_zone)?;
    let issued = &detail.document;
    let template = InvoicePage {
        ctx: &ctx,
        number: issued.number.clone(),
        badge: badges::invoice(detail.row.state),
        issued: format!("Issued {} by {}", when::date(issued.issue_date), issued.seller.name),
        seller: document::party(&issued.seller),
        buyer: document::party(&issued.buyer),
        facts: document::facts(&detail),
        lines: document::lines(
            id,
            &issued.told_lines(),
            issued.net_minor,
            issued.currency,
            &me.catalogue,
        ),
        taxes: document::taxes(&issued.tax, "To pay", issued.gross_minor, issued.currency),
        credit_notes: (!detail.credit_notes.is_empty())
            .then(|| credit_note::table("What was taken back of it", &detail.credit_notes)),
        pay: pay(&house, &session, &detail).await?,
        history: (!detail.payments.is_empty()).then(|| history(&detail.payments, &zone)),
    };
    Ok(page(&ctx, &template))
}

/// The document as a file.
pub(super) async fn pdf(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(invoice): Path<String>,
) -> Result<Response, Failure> {
    let detail = hers(&state, &house, &jar, &session, id(&invoice)?).await?;
    let issued = Issued::Invoice(Box::new(detail.document));
    papers::answer(&house.app, session.tenant.tenant, issued, papers::Form::Pdf).await
}

async fn pay(house: &House, session: &MemberSession, detail: &InvoiceDetail) -> Result<Pay, Failure> {
    let row = &detail.row;
    let caller = Caller::from(session);
    let account = member::account(&house.app, &caller, row.payer, row.legal_entity_id).await?;
    let here = format!("/invoices/{}", row.invoice_id);
    let back = serde_urlencoded::to_string([("next", here.as_str())]).unwrap_or_default();
    let last = detail.payments.last();
    Ok(Pay {
        open: if row.open().minor > 0 {
            money(row.open()).text()
        } else {
            String::new()
        },
        action: format!("{here}/pay"),
        transfer: matches!(row.payer, Payer::Company(_)).then(|| transfer(detail)),
        card: account.payment_method.as_ref().map(card::describe),
        card_href: format!("/card?{back}"),
        bank: last
            .filter(|payment| payment.state == PaymentState::ActionRequired)
            .and_then(|payment| payment.redirect_url.clone()),
        pending: row.state == InvoiceState::Pending,
        command: command::token(),
    })
}

/// Account and reference of a bank transfer, as far as the invoice names them.
fn transfer(detail: &InvoiceDetail) -> String {
    let issued = &detail.document;
    let to = match &issued.letterhead.bank {
        Some(bank) => format!("to {}, {}", bank.holder, bank.iban),
        None => format!("to {}", issued.seller.name),
    };
    format!("{to}, with the reference {}", issued.number)
}

fn history(payments: &[PaymentRow], zone: &TimeZone) -> Timeline {
    let events = payments.iter().rev().map(|payment| {
        let (tone, title) = match payment.state {
            PaymentState::Settled => (Tone::Good, "Paid"),
            PaymentState::Failed => (Tone::Bad, "Payment failed"),
            PaymentState::ActionRequired => (Tone::Warning, "Your bank asked for you"),
            PaymentState::Submitted | PaymentState::Processing => (Tone::Info, "Payment under way"),
            PaymentState::Unknown => (Tone::Warning, "The payment service has not told us the outcome yet"),
            PaymentState::Canceled => (Tone::Neutral, "Payment cancelled"),
        };
        let amount = money(payment.amount).text();
        let why = payment.failure.as_ref().map_or("", |failure| failure.message.as_str());
        TimelineEvent::new(payment.changed_at, zone, title)
            .tone(tone)
            .detail(format!("{amount}. {why}").trim().to_owned())
    });
    Timeline {
        events: events.collect(),
    }
}
