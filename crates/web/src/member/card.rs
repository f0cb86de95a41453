//! `/card`: how she pays each company of the chain. No card number ever comes here: it is typed on the hosted page.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use coterie_app::{Caller, Operation, member, membership::sharing};

use super::{command, query, who::Me};
use crate::{
    components::{EmptyState, Hidden},
    context::PageContext,
    failure::Failure,
    guard::safe_next,
    house::House,
    page::page,
    session::MemberSession,
};

#[derive(Template)]
#[template(path = "member/card.html")]
struct CardPage<'a> {
    ctx: &'a PageContext,
    company: Option<String>,
    accounts: Vec<Account>,
    empty: EmptyState,
    next: Hidden,
}

struct Account {
    entity: String,
    houses: String,
    /// `visa ending in 4242, valid until 12/2030`
    saved: Option<String>,
    /// Whether the company can take cards yet.
    connected: bool,
    hidden: [Hidden; 2],
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let asked = query(raw)?;
    let me = Me::load(&house, &session).await?;
    // Beside a company she may pay for a part herself: what she uses is split between them.
    let part = sharing::pays_a_part(&house.app, session.tenant.tenant, me.member.member_id).await?;
    let company = me.company.clone().filter(|_| !part);
    let accounts = if company.is_some() {
        Vec::new()
    } else {
        accounts(&house, &session, &me).await?
    };
    let template = CardPage {
        ctx: &ctx,
        company,
        accounts,
        empty: EmptyState::new("Nothing to pay for yet", "This chain has no house open yet."),
        next: Hidden::new("next", safe_next(asked.get("next"))),
    };
    Ok(page(&ctx, &template))
}

async fn accounts(house: &House, session: &MemberSession, me: &Me) -> Result<Vec<Account>, Failure> {
    let mut op = Operation::open(&house.app, &Caller::from(session)).await?;
    let mut accounts = Vec::new();
    for entity in me.catalogue.legal_entities.values() {
        let id = entity.fact.legal_entity_id;
        let houses: Vec<_> = me
            .catalogue
            .locations
            .values()
            .filter(|location| location.legal_entity_id == id)
            .map(|location| location.name.as_str())
            .collect();
        if houses.is_empty() {
            continue;
        }
        let (account, _) = member::load_account(&mut op, me.herself(), id).await?;
        accounts.push(Account {
            entity: entity.fact.name.clone(),
            houses: houses.join(", "),
            saved: account.payment_method.as_ref().map(describe),
            connected: entity.stripe_account.is_some(),
            hidden: [Hidden::new("legal_entity", id.to_string()), command::token()],
        });
    }
    Ok(accounts)
}

/// What may be shown of a saved card.
pub(super) fn describe(method: &coterie_domain::member::PaymentMethodSaved) -> String {
    let mut name = method.brand.replace('_', " ");
    // Stripe writes `visa`; people read Visa.
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let until = if method.expires.is_empty() {
        String::new()
    } else {
        format!(", valid until {}", method.expires)
    };
    format!("{name} ending in {}{until}", method.last4)
}
