//! `/memberships/{id}/plan`: another plan, now or with the next cycle, with what it gives back and charges said before it is done.

use askama::Template;
use axum::{
    extract::{Path, RawQuery},
    response::{IntoResponse as _, Redirect, Response},
};
use coterie_app::{
    Caller,
    membership::{self, ChangePlan},
};
use coterie_domain::{MembershipId, PlanVersionId, membership::ChangeQuote};
use http::StatusCode;

use super::{
    answers_form, command, id,
    membership::{Mine, Request, said},
    money, offers, query, when,
};
use crate::{
    components::{Choice, DefinitionList, ErrorSummary, Hidden, Select},
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page_with_status,
    session::MemberSession,
    told,
};

#[derive(Template)]
#[template(path = "member/membership_plan.html")]
struct PlanPage<'a> {
    ctx: &'a PageContext,
    back: String,
    title: String,
    errors: Option<ErrorSummary>,
    plan: Option<Select>,
    when: Select,
    /// What it comes to, once it was asked for.
    quote: Option<Quoted>,
}

struct Quoted {
    heading: String,
    lines: Vec<String>,
    grants: Vec<String>,
    facts: DefinitionList,
    agree: String,
    hidden: [Hidden; 4],
}

fn wanted(id: MembershipId, asked: &Submitted, agreed: Option<i64>) -> Result<ChangePlan, Failure> {
    Ok(ChangePlan {
        membership_id: id,
        plan_version_id: super::id::<PlanVersionId>(asked.get("plan_version_id"))?,
        at_renewal: asked.get("when") != "now",
        from: None,
        agreed_gross_minor: agreed,
    })
}

fn quoted(mine: &Mine, change: &ChangePlan, quote: &ChangeQuote) -> Result<Quoted, Failure> {
    let plan = mine.catalogue.plan_version(change.plan_version_id)?;
    let mut lines = Vec::new();
    for (stretches, what) in [
        (&quote.unsettled.given_back, "given back"),
        (&quote.unsettled.billed, "charged"),
    ] {
        for stretch in stretches.iter().filter(|stretch| stretch.add_on.is_none()) {
            let of = mine.catalogue.plan_version(stretch.plan_version_id)?;
            lines.push(format!(
                "{}, {}: {} of {} days, {} {what}",
                of.name,
                when::days(stretch.days),
                stretch.days.count(),
                stretch.cycle.count(),
                money(stretch.net()).text()
            ));
        }
    }
    for charge in quote.beside_plans() {
        lines.push(format!("{}: {}", charge.description, money(charge.net).text()));
    }
    let price = format!("{} a {}", told::price(plan.price, plan.tax_included), plan.length);
    let mut facts = DefinitionList::new()
        .item("From", when::date(quote.from))
        .item("Price", price);
    let agree = if quote.gross.minor > 0 {
        facts = facts.item("Net", money(quote.net)).item("VAT", money(quote.tax));
        format!("Agree and pay {}", money(quote.gross).text())
    } else {
        if quote.gross.minor < 0 {
            facts = facts.item("On your next invoice", money(quote.gross));
        }
        format!("Change to {}", plan.name)
    };
    Ok(Quoted {
        heading: format!("{} from {}", plan.name, when::date(quote.from)),
        lines,
        grants: offers::grants(plan, &mine.catalogue),
        facts,
        agree,
        hidden: [
            Hidden::new("plan_version_id", change.plan_version_id.to_string()),
            Hidden::new("when", if change.at_renewal { "renewal" } else { "now" }),
            Hidden::new("agreed_gross_minor", quote.gross.minor.to_string()),
            command::token(),
        ],
    })
}

/// The page with what was asked, what it comes to, or why it cannot be.
async fn render(
    ctx: &PageContext,
    house: &House,
    session: &MemberSession,
    id: MembershipId,
    asked: &Submitted,
    refused: Option<Failure>,
) -> Result<Response, Failure> {
    let mine = Mine::load(house, session, id).await?;
    let place = mine.catalogue.location(mine.membership.fact.home_location_id)?;
    let has = mine.membership.term_on(mine.today).plan_version_id;
    let mut plans: Vec<_> = mine.catalogue.plans_on_offer();
    plans.retain(|plan| offers::covers(plan, place) && plan.plan_version_id != has);
    plans.sort_by_key(|plan| plan.price.minor);
    let choices: Vec<Choice> = plans
        .iter()
        .map(|plan| {
            let label = format!(
                "{}, {} a {}",
                plan.name,
                told::price(plan.price, plan.tax_included),
                plan.length
            );
            Choice::new(plan.plan_version_id.to_string(), label)
        })
        .collect();
    let (mut quote, mut failure) = (None, refused);
    if asked.has("plan_version_id") && failure.is_none() {
        let change = wanted(id, asked, None)?;
        match membership::quote_plan_change(&house.app, &Caller::from(session), &change).await {
            Ok(priced) => quote = Some(quoted(&mine, &change, &priced)?),
            Err(error) => {
                let refusal = Failure::from(error);
                if !answers_form(&refusal) {
                    return Err(refusal);
                }
                failure = Some(refusal);
            }
        }
    }
    let whens = [("renewal", "With my next cycle"), ("now", "Today, by days")];
    let whens = whens.map(|(value, label)| Choice::new(value, label));
    let page = PlanPage {
        ctx,
        back: format!("/memberships/{id}"),
        title: mine.title()?,
        errors: failure.as_ref().map(ErrorSummary::new),
        plan: (!choices.is_empty())
            .then(|| Select::new("plan_version_id", "New plan", choices).value(asked.get("plan_version_id"))),
        when: Select::new("when", "When", whens).value(asked.get("when")),
        quote,
    };
    let status = failure.map_or(StatusCode::OK, |failure| failure.status);
    Ok(page_with_status(status, ctx, &page))
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    Path(membership): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    render(&ctx, &house, &session, id(&membership)?, &query(raw)?, None).await
}

pub(super) async fn submit(
    request: Request,
    Path(membership): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: MembershipId = id(&membership)?;
    let agreed = submitted.get("agreed_gross_minor").parse().ok();
    let change = wanted(id, &submitted, agreed)?;
    let asked = format!("plan:{id}:{}:{}:{agreed:?}", change.plan_version_id, change.at_renewal);
    let caller = request.caller(&submitted, &asked);
    match membership::change_plan(&request.house.app, &caller, change).await {
        Ok(done) => {
            let jar = cookies::remember_position(&request.state.config, request.jar, done.position);
            let flash = Flash::success(said("Your plan is changed.", &done.outcome));
            let jar = cookies::leave_flash(&request.state.config, jar, &flash);
            Ok((jar, Redirect::to(&format!("/memberships/{id}"))).into_response())
        }
        Err(error) => {
            let failure = Failure::from(error);
            if !answers_form(&failure) {
                return Err(failure);
            }
            render(
                &request.ctx,
                &request.house,
                &request.session,
                id,
                &submitted,
                Some(failure),
            )
            .await
        }
    }
}

pub(super) async fn call_off(
    request: Request,
    Path(membership): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: MembershipId = id(&membership)?;
    let caller = request.caller(&submitted, &format!("call-off:{id}"));
    let outcome = membership::call_plan_change_off(&request.house.app, &caller, id).await;
    request
        .finish(id, "Your plan stays as it is.", &submitted, outcome)
        .await
}
