//! `POST /card`: makes her known at the gateway and opens the hosted page on which a card is typed. The page is reached by
//! a link: Chrome would hold our `form-action` against a redirect after the form.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::State, response::Response};
use coterie_app::{Caller, member};
use coterie_domain::LegalEntityId;
use coterie_gateway::{NewCustomer, NewSetupSession};

use super::{command, gateway_away, id, who::Me};
use crate::{
    context::PageContext, failure::Failure, form::Submitted, guard::safe_next, house::House, page::page,
    session::MemberSession, state::AppState,
};

#[derive(Template)]
#[template(path = "member/card_start.html")]
struct CardStartPage<'a> {
    ctx: &'a PageContext,
    entity: String,
    url: String,
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    session: MemberSession,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let entity_id: LegalEntityId = id(submitted.get("legal_entity"))?;
    let me = Me::load(&house, &session).await?;
    let entity = me.catalogue.legal_entity(entity_id)?;
    let account = entity.stripe_account.clone().ok_or_else(Failure::not_found)?;
    let metadata = BTreeMap::from([
        ("organization".to_owned(), session.tenant.tenant.to_string()),
        ("payer_kind".to_owned(), me.herself().kind().to_owned()),
        ("payer_id".to_owned(), me.herself().id().to_string()),
        ("legal_entity".to_owned(), entity_id.to_string()),
    ]);
    let customer = customer(&house, &session, &me, entity_id, &account, &metadata).await?;
    let origin = state.config.public_url.of_chain(&session.tenant.slug);
    let next = safe_next(submitted.get("next"));
    let carried = serde_urlencoded::to_string([("legal_entity", entity_id.to_string().as_str()), ("next", next)])
        .unwrap_or_default();
    let opened = NewSetupSession {
        customer,
        currency: entity.fact.currency.code().to_owned(),
        // The gateway puts the session's id there, so these braces must not be encoded.
        success_url: format!("{origin}/card/saved?session_id={{CHECKOUT_SESSION_ID}}&{carried}"),
        cancel_url: format!("{origin}/card?{carried}"),
        metadata,
    };
    let key = format!("setup:{}", command::of(&submitted));
    let created = house
        .gateway(session.tenant.sandbox)?
        .create_setup_session(&account, &key, &opened)
        .await
        .map_err(|error| gateway_away::failure(&error))?;
    let template = CardStartPage {
        ctx: &ctx,
        entity: entity.fact.name.clone(),
        url: created.url,
    };
    Ok(page(&ctx, &template))
}

/// Her customer at this company's account: the one known, else a new one under a key that is always the same.
async fn customer(
    house: &House,
    session: &MemberSession,
    me: &Me,
    entity: LegalEntityId,
    account: &str,
    metadata: &BTreeMap<String, String>,
) -> Result<String, Failure> {
    let caller = Caller::from(session);
    let known = member::account(&house.app, &caller, me.herself(), entity).await?;
    if let Some(customer) = known.customer_id {
        return Ok(customer);
    }
    let new = NewCustomer {
        email: me.member.email.clone(),
        name: me.member.name.clone(),
        metadata: metadata.clone(),
    };
    let key = format!("customer:{}", me.herself().account_stream(entity));
    let created = house
        .gateway(session.tenant.sandbox)?
        .create_customer(account, &key, &new)
        .await
        .map_err(|error| gateway_away::failure(&error))?;
    Ok(
        member::register_customer(&house.app, &caller, me.herself(), entity, &created)
            .await?
            .outcome,
    )
}
