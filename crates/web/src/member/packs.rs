//! `/packs`: packs of credits that are on offer to her, buying one, and what is left of hers.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller,
    credit_pack::{
        self, BuyPack,
        page::{PackRow, PackState, of_member},
    },
};
use coterie_domain::{CreditPackId, credit_pack::CreditPack};
use http::StatusCode;

use super::{answers_form, command, id, money, when, who::Me};
use crate::{
    components::{Badge, Column, EmptyState, Hidden, Link, Table, Tone},
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    operator::pack_held,
    page::{page, page_with_status},
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/packs.html")]
struct PacksPage<'a> {
    ctx: &'a PageContext,
    hers: Table,
    offered: Table,
}

#[derive(Template)]
#[template(path = "member/pack_new.html")]
struct BuyPage<'a> {
    ctx: &'a PageContext,
    name: String,
    because: Vec<String>,
    refused: String,
    action: String,
    hidden: Hidden,
}

/// What is left of hers, and what she can buy.
pub(super) async fn show(ctx: PageContext, house: House, session: MemberSession) -> Result<Response, Failure> {
    let me = Me::load(&house, &session).await?;
    let hers = of_member(&house.app, &Caller::from(&session), me.member.member_id).await?;
    let template = PacksPage {
        ctx: &ctx,
        hers: table(&me, &hers),
        offered: offered(&me),
    };
    Ok(page(&ctx, &template))
}

fn table(me: &Me, packs: &[PackRow]) -> Table {
    let columns = [
        Column::text("Pack"),
        Column::number("Left"),
        Column::text("Until"),
        Column::text("Status"),
    ];
    let empty = EmptyState::new(
        "No packs",
        "A pack that you buy appears here, with what is left of it and until when.",
    );
    let mut table = Table::new("Your packs", columns).empty(empty);
    for pack in packs {
        let fact = &pack.fact;
        let kind = fact
            .holds
            .resource_type()
            .and_then(|id| me.catalogue.resource_types.get(&id));
        let of = kind.map_or_else(String::new, |kind| format!(" ({})", kind.name));
        table.push([
            format!("{}{of}", fact.name).into(),
            format!("{} of {}", fact.holds.told(pack.left), fact.holds.told(fact.amount)).into(),
            when::date(fact.last_day).into(),
            badge(pack.state).into(),
        ]);
    }
    table
}

fn badge(state: PackState) -> Badge {
    match state {
        PackState::Open => Badge::new(Tone::Good, "Open"),
        PackState::UsedUp => Badge::new(Tone::Neutral, "Used up"),
        PackState::Lapsed => Badge::new(Tone::Neutral, "Lapsed"),
        PackState::TakenBack => Badge::new(Tone::Neutral, "Taken back"),
    }
}

fn offered(me: &Me) -> Table {
    let columns = [
        Column::text("Pack"),
        Column::text("Holds"),
        Column::number("Price, net"),
        Column::text("Valid for"),
        Column::text("Buy"),
    ];
    let empty = EmptyState::new("Nothing on offer", "The houses sell no packs at present.");
    let mut table = Table::new("On offer", columns).empty(empty);
    let mut packs: Vec<&CreditPack> = me
        .catalogue
        .credit_packs
        .values()
        .filter(|pack| !pack.withdrawn && pack.fact.self_service)
        .collect();
    packs.sort_by(|a, b| a.fact.name.cmp(&b.fact.name));
    for pack in packs {
        let fact = &pack.fact;
        table.push([
            fact.name.clone().into(),
            pack_held(pack, &me.catalogue).into(),
            money(fact.price).into(),
            fact.valid_for.to_string().into(),
            Link::new(format!("Buy {}", fact.name), format!("/packs/{}", fact.credit_pack_id)).into(),
        ]);
    }
    table
}

/// What a pack costs and why, before it is bought.
pub(super) async fn new(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    Path(pack): Path<String>,
) -> Result<Response, Failure> {
    offer(&ctx, &house, &session, id(&pack)?, None).await
}

async fn offer(
    ctx: &PageContext,
    house: &House,
    session: &MemberSession,
    credit_pack_id: CreditPackId,
    refused: Option<Failure>,
) -> Result<Response, Failure> {
    let me = Me::load(house, session).await?;
    let known = me.catalogue.credit_packs.get(&credit_pack_id);
    let known = known
        .filter(|pack| pack.fact.self_service)
        .ok_or_else(Failure::not_found)?;
    let wish = BuyPack {
        member_id: me.member.member_id,
        credit_pack_id,
    };
    let (sold, refused) = match refused {
        Some(refused) => (None, Some(refused)),
        None => match credit_pack::quote(&house.app, &Caller::from(session), wish).await {
            Ok(sold) => (Some(sold), None),
            Err(error) => (None, Some(Failure::from(error))),
        },
    };
    if let Some(failure) = refused.as_ref().filter(|failure| !answers_form(failure)) {
        return Err(failure.clone());
    }
    let entity = &me.catalogue.legal_entity(known.fact.legal_entity_id)?.fact.name;
    let because = sold.map_or_else(Vec::new, |sold| {
        let steps = sold.charge.because.iter().map(|step| step.text.clone());
        let last_day = when::date(sold.fact.last_day);
        steps
            .chain([
                "VAT comes on top. The invoice comes at once.".to_owned(),
                format!("It pays for what you book at houses of {entity} until {last_day}. Whatever ends first is used first."),
                "What is not used by then lapses.".to_owned(),
            ])
            .collect()
    });
    let template = BuyPage {
        ctx,
        name: known.fact.name.clone(),
        because,
        refused: refused
            .as_ref()
            .map_or_else(String::new, |failure| failure.detail.clone()),
        action: format!("/packs/{credit_pack_id}"),
        hidden: command::token(),
    };
    let status = refused.map_or(StatusCode::OK, |failure| failure.status);
    Ok(page_with_status(status, ctx, &template))
}

/// Buys it: once, however often the button was pressed.
pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(pack): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let credit_pack_id: CreditPackId = id(&pack)?;
    let wish = BuyPack {
        member_id: session.member_id.into(),
        credit_pack_id,
    };
    let caller = command::keyed(Caller::from(&session), &submitted, &format!("pack:{credit_pack_id}"));
    match credit_pack::buy(&house.app, &caller, wish).await.map_err(Failure::from) {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let sentence = "The pack is yours. Your next bookings draw on it.";
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
            Ok((jar, Redirect::to("/packs")).into_response())
        }
        Err(failure) if answers_form(&failure) => offer(&ctx, &house, &session, credit_pack_id, Some(failure)).await,
        Err(failure) => Err(failure),
    }
}
