//! `/plans/{plan_version_id}`: what a plan costs from today on, to the cent, before anything is agreed to.

use askama::Template;
use axum::{
    extract::{Path, RawQuery},
    response::Response,
};
use coterie_app::{
    Caller, member,
    membership::{
        self, WithCoupon,
        page::{MembershipFilter, MembershipState},
    },
    page::PageRequest,
};
use coterie_domain::{
    LocationId, Money, PlanVersionId,
    coupon::{self, for_cycles},
    membership::Quote,
    plan::PlanVersionPublished,
};
use http::StatusCode;

use super::{answers_form, card, command, id, money, offers, query, when, who::Me};
use crate::{
    components::{Choice, DefinitionList, ErrorSummary, Field, Hidden, Select},
    context::PageContext,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page_with_status,
    session::MemberSession,
    told,
};

#[derive(Template)]
#[template(path = "member/quote.html")]
struct QuotePage<'a> {
    ctx: &'a PageContext,
    errors: Option<ErrorSummary>,
    name: String,
    place: String,
    /// `EUR 116.13 + 22.06 VAT for 12 of 31 days`, `EUR 115.74 incl. VAT for 12 of 31 days`
    sentence: String,
    because: Vec<String>,
    facts: DefinitionList,
    total: String,
    then: String,
    /// Asked for beside it, without VAT.
    deposit: Option<String>,
    grants: Vec<String>,
    location: Option<Select>,
    /// What she still has to do before she can agree.
    confirmed: bool,
    card_href: Option<String>,
    payer: String,
    /// A membership that runs already: this one would be beside it.
    beside: Option<String>,
    hidden: [Hidden; 5],
    /// Where she types a code, with the house that she looks at.
    coupon: Field,
    here_location: Hidden,
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    Path(version): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let asked = query(raw)?;
    let me = Me::load(&house, &session).await?;
    let version: PlanVersionId = id(&version)?;
    let plan = me.catalogue.plan_version(version)?;
    let location = match asked.get("location") {
        "" => default_location(&me, plan).ok_or_else(Failure::not_found)?,
        text => id(text)?,
    };
    let wish = Wish {
        version,
        location,
        coupon: asked.get(coupon::FIELD).trim(),
    };
    render(&ctx, &house, &session, &me, wish, None).await
}

/// Her own house where the plan covers it, else the first that it covers.
fn default_location(me: &Me, plan: &PlanVersionPublished) -> Option<LocationId> {
    let covered: Vec<_> = covered(me, plan).map(|(id, _)| id).collect();
    let home = me.member.home_location_id.filter(|home| covered.contains(home));
    home.or_else(|| covered.first().copied())
}

fn covered<'a>(me: &'a Me, plan: &'a PlanVersionPublished) -> impl Iterator<Item = (LocationId, &'a str)> {
    me.catalogue
        .locations
        .values()
        .filter(move |location| offers::covers(plan, location))
        .map(|location| (location.location_id, location.name.as_str()))
}

/// What she looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) version: PlanVersionId,
    pub(super) location: LocationId,
    /// A code that she typed; empty where there is none.
    pub(super) coupon: &'a str,
}

/// Its price. Where it is the code that cannot be redeemed, the price without it, and why.
async fn priced(house: &House, session: &MemberSession, wish: Wish<'_>) -> Result<(Quote, Option<Failure>), Failure> {
    let (app, caller) = (&house.app, Caller::from(session));
    let member = session.member_id.into();
    let redeems = (!wish.coupon.is_empty()).then_some(WithCoupon {
        code: wish.coupon,
        member_id: member,
    });
    match membership::quote(app, &caller, Some(member), wish.version, wish.location, None, redeems).await {
        Ok(quote) => Ok((quote, None)),
        Err(error) => {
            let failure = Failure::from(error);
            if !answers_form(&failure) || failure.field(coupon::FIELD).is_none() {
                return Err(failure);
            }
            let quote = membership::quote(app, &caller, Some(member), wish.version, wish.location, None, None).await?;
            Ok((quote, Some(failure)))
        }
    }
}

/// The field for a code, with what was typed and why it cannot be redeemed.
fn coupon_field(code: &str, refused: Option<&Failure>) -> Result<Field, Failure> {
    let field = Field::text(coupon::FIELD, "Coupon code")
        .optional()
        .attribute("maxlength", "64")
        .autocomplete("off");
    Ok(match refused {
        None => field.value(code),
        Some(failure) => {
            let typed = serde_urlencoded::to_string([(coupon::FIELD, code)]).unwrap_or_default();
            field.refused(&Submitted::from_encoded(&typed)?, failure)
        }
    })
}

/// The page, fresh or after a refusal.
pub(super) async fn render(
    ctx: &PageContext,
    house: &House,
    session: &MemberSession,
    me: &Me,
    wish: Wish<'_>,
    failure: Option<&Failure>,
) -> Result<Response, Failure> {
    let caller = Caller::from(session);
    let Wish { version, location, .. } = wish;
    let (quote, code_refused) = priced(house, session, wish).await?;
    let failure = failure.or(code_refused.as_ref());
    let account = member::account(&house.app, &caller, me.payer, quote.plan.legal_entity_id).await?;
    let code = quote.coupon.as_ref().map_or("", |coupon| coupon.code.as_str());
    let location_text = location.to_string();
    let asked = serde_urlencoded::to_string([("location", location_text.as_str()), (coupon::FIELD, code)]);
    let here = format!("/plans/{version}?{}", asked.unwrap_or_default());
    let back = serde_urlencoded::to_string([("next", here.as_str())]).unwrap_or_default();
    let needs_card = account.payment_method.is_none() && me.company.is_none();
    let payer = match (&me.company, account.payment_method.as_ref()) {
        (Some(company), _) => format!("{company} pays: the invoice goes there."),
        (None, Some(saved)) => format!("Charged to: {}.", card::describe(saved)),
        (None, None) => String::new(),
    };
    let page = QuotePage {
        ctx,
        errors: failure.map(ErrorSummary::new),
        name: quote.plan.name.clone(),
        place: me.catalogue.location(location)?.name.clone(),
        sentence: sentence(&quote),
        because: quote.because.iter().map(|step| step.text.clone()).collect(),
        facts: facts(&quote),
        total: money(quote.gross).text(),
        then: format!(
            "{} a {} from {} on, until you give notice. {}",
            told::price(quote.plan.price, quote.plan.tax_included),
            quote.plan.length,
            when::date(quote.cycle.end),
            leaving(&quote)
        ),
        deposit: quote.plan.deposit.map(|deposit| money(deposit).text()),
        grants: offers::grants(&quote.plan, &me.catalogue),
        location: choice(me, &quote.plan, location),
        confirmed: me.member.confirmed,
        card_href: needs_card.then(|| format!("/card?{back}")),
        payer,
        beside: beside(house, session).await?,
        hidden: [
            Hidden::new("plan_version_id", version.to_string()),
            Hidden::new("location_id", location.to_string()),
            Hidden::new("agreed_gross_minor", quote.gross.minor.to_string()),
            Hidden::new(coupon::FIELD, code),
            command::token(),
        ],
        coupon: coupon_field(wish.coupon, code_refused.as_ref())?,
        here_location: Hidden::new("location", location.to_string()),
    };
    let status = failure.map_or(StatusCode::OK, |failure| failure.status);
    Ok(page_with_status(status, ctx, &page))
}

/// The membership that runs already.
async fn beside(house: &House, session: &MemberSession) -> Result<Option<String>, Failure> {
    let filter = MembershipFilter {
        member: Some(session.member_id.into()),
        state: Some(MembershipState::Active),
    };
    let request = PageRequest {
        limit: Some(1),
        after: None,
    };
    let found = membership::page::list(&house.app, session.tenant.tenant, filter, &request).await?;
    Ok(found
        .items
        .first()
        .map(|row| format!("{} at {}", row.plan_name, row.home_location_name)))
}

fn choice(me: &Me, plan: &PlanVersionPublished, location: LocationId) -> Option<Select> {
    let mut places: Vec<_> = covered(me, plan).map(|(id, name)| (name, id)).collect();
    places.sort_unstable();
    let choices = places.iter().map(|(name, id)| Choice::new(id.to_string(), *name));
    (places.len() > 1).then(|| Select::new("location", "Your house", choices).value(location.to_string()))
}

/// The first, perhaps short, month in one line.
fn sentence(quote: &Quote) -> String {
    let price = if quote.plan.tax_included {
        format!("{} incl. VAT", quote.gross)
    } else {
        format!("{} + {} VAT", quote.net, quote.tax.amount())
    };
    if quote.days == quote.cycle {
        format!("{price} for the whole {}", quote.plan.length)
    } else {
        format!("{price} for {} of {} days", quote.days.count(), quote.cycle.count())
    }
}

fn facts(quote: &Quote) -> DefinitionList {
    let mut facts = DefinitionList::new().item("Days", when::days(quote.days));
    if let Some(coupon) = &quote.coupon {
        let off = Money::new(-quote.off.minor, quote.off.currency);
        facts = facts.item(
            format!("{}, {} {}", coupon.name, coupon.off, for_cycles(coupon.cycles)),
            money(off),
        );
    }
    facts
        .item("Net", money(quote.net))
        .item(
            format!("VAT {}\u{a0}%", quote.tax_percent.normalize()),
            money(quote.tax),
        )
        .item(due(quote), money(quote.gross))
}

fn due(quote: &Quote) -> String {
    if quote.plan.in_arrears {
        format!("To pay on {}", when::date(quote.billed_on))
    } else {
        "To pay today".to_owned()
    }
}

/// When notice lets it end, in a sentence.
fn leaving(quote: &Quote) -> String {
    let plan = &quote.plan;
    let mut sentence = format!("Notice ends the membership with the {} that is paid.", plan.length);
    if plan.notice_days > 0 {
        sentence = format!(
            "Notice ends the membership with the first {} that is over {} days later.",
            plan.length, plan.notice_days
        );
    }
    if let Some(until) = quote.agreement.bound_until {
        let last = when::date(until.yesterday().unwrap_or(until));
        sentence = format!("{sentence} It runs at least until {last}.");
    }
    sentence
}
