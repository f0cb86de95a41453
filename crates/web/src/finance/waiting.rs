//! Who owes what is on no invoice yet, and an invoice for one of them outside of any run.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    credit_note,
    invoice_run::{
        self,
        page::{self as runs, WaitingRow},
    },
    projections,
};
use coterie_domain::{LegalEntityId, Payer, local_time};

use super::{
    invoice_run::payer_name,
    listing::Listing,
    office::{Office, entities, entity_choices},
    words,
};
use crate::{
    components::{Money, Pagination, Select},
    context::PageContext,
    failure::Failure,
    form::Submitted,
    operator::typed::{Typed, required},
    page::page,
};

pub(super) const HERE: &str = "/finance/waiting";
pub(super) const PAY_BACK: &str = "/finance/waiting/pay-back";

struct Waiting {
    name: String,
    kind: &'static str,
    id: String,
    charges: i64,
    net: Money,
    /// Nothing can be invoiced that is not owed.
    owed: bool,
    /// What is given back and no invoice takes off.
    given_back: bool,
}

#[derive(Template)]
#[template(path = "finance/waiting.html")]
struct Sheet {
    ctx: PageContext,
    entity: Select,
    entity_id: String,
    today: String,
    rows: Vec<Waiting>,
    pagination: Pagination,
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY, projections::PEOPLE]).await?;
    let catalogue = office.catalogue().await?;
    let entity = match office.entity(&catalogue)? {
        Some(entity) => Some(entity),
        None => entities(&catalogue).into_iter().next(),
    };
    let listing = Listing::new(HERE, &office.query, &["legal_entity"]);
    let (mut rows, mut next, mut today) = (Vec::new(), None, String::new());
    if let Some(entity) = entity {
        let zone = local_time::zone(&entity.fact.time_zone)?;
        let day = local_time::day_at(office.now().await?, &zone);
        today = words::day(day);
        let id = entity.fact.legal_entity_id;
        let found = runs::waiting(office.app(), office.tenant(), id, day, &listing.request()).await?;
        rows = found
            .items
            .into_iter()
            .map(|row| waiting(&row, entity.fact.currency))
            .collect();
        next = found.next;
    }
    let entity_id = entity
        .map(|entity| entity.fact.legal_entity_id.to_string())
        .unwrap_or_default();
    let shown = Sheet {
        entity: Select::new("legal_entity", "Legal entity", entity_choices(&catalogue)).value(entity_id.clone()),
        entity_id,
        today,
        rows,
        pagination: listing.pagination("Payers", next.as_deref()),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

fn waiting(row: &WaitingRow, currency: coterie_domain::Currency) -> Waiting {
    Waiting {
        name: payer_name(&row.payer_name, row.payer),
        kind: row.payer.kind(),
        id: row.payer.id().to_string(),
        charges: row.charges,
        net: words::money(row.net_minor, currency),
        owed: row.net_minor > 0,
        given_back: row.net_minor <= 0 && row.gives_back,
    }
}

/// Invoices one payer now.
pub(super) async fn invoice(office: Office, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let (payer, entity) = whose(&submitted)?;
        Ok::<_, Failure>(invoice_run::invoice_now(office.app(), &office.caller(), payer, entity).await?)
    };
    match attempt.await {
        Ok(done) => {
            let next = format!("/finance/invoices/{}", done.outcome);
            Ok(office.done(done.position, "The invoice is issued.", &next))
        }
        Err(failure) => office.refused(failure, HERE),
    }
}

/// Gives back to one payer what waits for an invoice that does not come.
pub(super) async fn pay_back(office: Office, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let (payer, entity) = whose(&submitted)?;
        Ok::<_, Failure>(credit_note::pay_back(office.app(), &office.caller(), payer, entity).await?)
    };
    match attempt.await {
        Ok(done) => {
            let next = match &done.outcome[..] {
                [only] => format!("/finance/credit-notes/{only}"),
                _ => "/finance/credit-notes".to_owned(),
            };
            Ok(office.done(done.position, "It is given back by credit note.", &next))
        }
        Err(failure) => office.refused(failure, HERE),
    }
}

fn whose(submitted: &Submitted) -> Result<(Payer, LegalEntityId), Failure> {
    let mut typed = Typed::new(submitted);
    let entity: Option<LegalEntityId> = typed.id("legal_entity_id");
    let payer = typed
        .id("payer_id")
        .and_then(|id| Payer::from_parts(submitted.get("payer_kind"), id));
    if payer.is_none() {
        typed.wrong("payer_id", "Choose one of the list.");
    }
    typed.finish()?;
    Ok((required(payer, "payer_id")?, required(entity, "legal_entity_id")?))
}
