//! `/memberships/{id}`: what she has agreed to, what lies ahead, and how she changes it.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller, Done, Operation, UseCaseError, coupon as app_coupon,
    deposit::{self, page::DepositRow},
    membership::{self, Changed},
    price_change,
};
use coterie_domain::{
    MembershipId, Money,
    catalogue::Catalogue,
    coupon, local_time,
    membership::{CouponRedeemed, Membership, Term, last_day_after_notice},
    price_change::differences,
};
use http::StatusCode;
use jiff::civil::Date;
use std::sync::Arc;

use super::{add_on, answers_form, command, id, money, when};
use crate::{
    components::{DefinitionList, ErrorSummary, Field, Hidden, Select},
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page_with_status,
    session::MemberSession,
    state::AppState,
    told,
};

#[derive(Template)]
#[template(path = "member/membership.html")]
struct MembershipPage<'a> {
    ctx: &'a PageContext,
    here: String,
    title: String,
    errors: Option<ErrorSummary>,
    facts: DefinitionList,
    /// Whether anything can still be changed.
    open: bool,
    next: Option<String>,
    announced: Option<Announced>,
    rests: bool,
    pause: [Field; 2],
    add_ons: Vec<String>,
    add: Option<(Select, Field)>,
    remove: Option<Select>,
    coupons: Vec<String>,
    coupon: Field,
    leaving: bool,
    /// What notice given today would lead to.
    last_day: String,
    command: Hidden,
}

/// A change that was announced to her, in words.
struct Announced {
    from: String,
    /// The last day of the terms that she has, on which she can leave.
    last_day: String,
    facts: DefinitionList,
    differences: Vec<String>,
    message: Vec<String>,
}

/// Her membership as it stands today.
pub(super) struct Mine {
    pub(super) membership: Membership,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) today: Date,
    deposits: Vec<DepositRow>,
}

impl Mine {
    pub(super) async fn load(house: &House, session: &MemberSession, id: MembershipId) -> Result<Self, Failure> {
        let mut op = Operation::open(&house.app, &Caller::from(session)).await?;
        let (membership, _) = membership::load(&mut op, id).await?;
        if membership.fact.member_id.0 != session.member_id {
            return Err(Failure::not_found());
        }
        let catalogue = op.catalogue().await?;
        let zone = catalogue.zone_of(membership.fact.home_location_id)?;
        let now = op.now;
        drop(op);
        Ok(Self {
            deposits: deposit::page::of_membership(&house.app, session.tenant.tenant, id).await?,
            today: local_time::day_at(now, &zone),
            membership,
            catalogue,
        })
    }

    pub(super) fn title(&self) -> Result<String, Failure> {
        let place = self.catalogue.location(self.membership.fact.home_location_id)?;
        Ok(format!(
            "{} at {}",
            self.membership.term_on(self.today).plan_name,
            place.name
        ))
    }

    /// What she chose for later herself.
    fn ahead(&self) -> Option<String> {
        let term = match self.membership.announced_ahead(self.today) {
            Some(announced) => self.membership.changed_after(announced.from)?,
            None => self.membership.terms.iter().find(|term| term.from > self.today)?,
        };
        let price = told::price(term.price, term.tax_included);
        Some(format!(
            "{}, {price} a {}, from {}",
            term.plan_name,
            term.length,
            when::date(term.from)
        ))
    }

    /// What was announced to her.
    async fn announced(&self, house: &House, session: &MemberSession) -> Result<Option<Announced>, Failure> {
        let ahead = self.membership.announced_ahead(self.today);
        let Some((term, told)) = ahead.zip(self.membership.announced.as_ref()) else {
            return Ok(None);
        };
        let last = term.from.yesterday().unwrap_or(term.from);
        let old = self.membership.term_on(last);
        let versions = [old, term].map(|term| self.catalogue.plan_version(term.plan_version_id));
        let differences = match versions {
            [Ok(old), Ok(new)] => differences(old, new, &self.catalogue),
            _ => Vec::new(),
        };
        let price = |term: &Term| format!("{} a {}", told::price(term.price, term.tax_included), term.length);
        let message = price_change::page::message(&house.app, session.tenant.tenant, told.price_change_id).await?;
        let lines = message.as_deref().unwrap_or_default().lines().map(str::trim);
        Ok(Some(Announced {
            from: when::date(term.from),
            last_day: when::date(last),
            facts: DefinitionList::new()
                .item(format!("Until {}", when::date(last)), price(old))
                .item(format!("From {}", when::date(term.from)), price(term)),
            differences,
            message: lines.filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        }))
    }

    fn facts(&self) -> DefinitionList {
        let membership = &self.membership;
        let term = membership.term_on(self.today);
        let (price, tax_included) = membership.told_on(self.today);
        let mut facts = DefinitionList::new().item(
            "Price",
            match price.minor {
                0 => "Free today".to_owned(),
                _ => format!("{} a {}, {}", money(price).text(), term.length, told::vat(tax_included)),
            },
        );
        if (price, tax_included) != (term.price, term.tax_included && term.price.minor != 0) {
            facts = facts.item(
                "The plan's price",
                format!("{} a {}", told::price(term.price, term.tax_included), term.length),
            );
        }
        if let Some(cycle) = membership.cycle {
            facts = facts.item("This cycle", when::days(cycle));
        }
        if let Some(until) = membership.fact.free_until.filter(|until| self.today < *until) {
            facts = facts.item("Free until", when::date(until.yesterday().unwrap_or(until)));
        }
        if let Some(until) = membership.fact.bound_until.filter(|until| self.today < *until) {
            facts = facts.item("Agreed until", when::date(until.yesterday().unwrap_or(until)));
        }
        if let Some((from, until)) = membership.pauses.last() {
            let text = match until {
                Some(until) => format!(
                    "{} to {}",
                    when::date(*from),
                    when::date(until.yesterday().unwrap_or(*until))
                ),
                None => format!("from {} on", when::date(*from)),
            };
            facts = facts.item("Pause", text);
        }
        for deposit in &self.deposits {
            facts = facts.item("Deposit", deposit.told());
        }
        match membership.ended.or(membership.notice) {
            Some(last) => facts.item("Last day", when::date(last)),
            None => facts.item("Member since", when::date(membership.fact.start)),
        }
    }
}

/// What a coupon takes off, and how long it still does.
fn given(membership: &Membership, coupon: &CouponRedeemed) -> String {
    let left = match membership.cycles_left(coupon) {
        None => "for ever".to_owned(),
        Some(0) => "for no cycle after this one".to_owned(),
        Some(1) => "for one more cycle".to_owned(),
        Some(cycles) => format!("for {cycles} more cycles"),
    };
    format!(
        "{}: {} off, from {}, {left}.",
        coupon.name,
        coupon.off,
        when::date(coupon.from)
    )
}

fn here(id: MembershipId) -> String {
    format!("/memberships/{id}")
}

fn render(
    ctx: &PageContext,
    mine: &Mine,
    announced: Option<Announced>,
    refused: Option<(&Submitted, &Failure)>,
) -> Result<Response, Failure> {
    let membership = &mine.membership;
    let plan = mine
        .catalogue
        .plan_version(membership.term_on(mine.today).plan_version_id)?;
    let last_day = last_day_after_notice(membership, plan, mine.today);
    let mut pause = [
        Field::date("from", "First day of the pause").value(mine.today.to_string()),
        Field::date("until", "Goes on again on")
            .optional()
            .hint("Left empty, until you resume it."),
    ];
    let mut code = Field::text(coupon::FIELD, "Coupon code")
        .hint("It counts from the next cycle that begins.")
        .attribute("maxlength", "64")
        .autocomplete("off");
    let (mut add, mut remove) = (add_on::add_fields(mine), add_on::removable(mine));
    if let Some((submitted, failure)) = refused {
        add = add.map(|(which, many)| (which.refused(submitted, failure), many.refused(submitted, failure)));
        remove = remove.map(|which| which.refused(submitted, failure));
        code = code.refused(submitted, failure);
        pause = pause.map(|field| field.refused(submitted, failure));
    }
    let page = MembershipPage {
        ctx,
        here: here(membership.fact.membership_id),
        title: mine.title()?,
        errors: refused.map(|(_, failure)| ErrorSummary::new(failure)),
        facts: mine.facts(),
        open: membership.ended.is_none(),
        next: mine.ahead(),
        announced,
        rests: membership
            .pauses
            .iter()
            .any(|(_, until)| until.is_none_or(|until| mine.today < until)),
        pause,
        add_ons: add_on::told(mine),
        add,
        remove,
        coupons: membership
            .coupons
            .iter()
            .map(|coupon| given(membership, coupon))
            .collect(),
        coupon: code,
        leaving: membership.notice.is_some(),
        last_day: last_day.map_or_else(String::new, when::day),
        command: command::token(),
    };
    let status = refused.map_or(StatusCode::OK, |(_, failure)| failure.status);
    Ok(page_with_status(status, ctx, &page))
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    Path(membership): Path<String>,
) -> Result<Response, Failure> {
    let mine = Mine::load(&house, &session, id(&membership)?).await?;
    let announced = mine.announced(&house, &session).await?;
    render(&ctx, &mine, announced, None)
}

/// What was given back or charged, in a sentence.
pub(super) fn said(what: &str, changed: &Changed) -> String {
    let net = Money::new(changed.net.minor.abs(), changed.net.currency);
    let net = money(net).text();
    match (changed.net.minor, changed.invoices.is_empty()) {
        (0, _) => what.to_owned(),
        (..0, _) => format!("{what} {net} plus VAT are given back on your next invoice."),
        (_, true) => format!("{what} {net} plus VAT are on your next invoice."),
        (_, false) => format!("{what} {net} plus VAT are invoiced."),
    }
}

/// Everything that a change of hers needs beside its own form.
pub(super) struct Request {
    pub(super) ctx: PageContext,
    pub(super) state: AppState,
    pub(super) house: House,
    pub(super) jar: CookieJar,
    pub(super) session: MemberSession,
}

impl Request {
    /// The end of a change: back to the membership with a sentence, or its page again.
    pub(super) async fn finish(
        self,
        id: MembershipId,
        what: &str,
        submitted: &Submitted,
        outcome: Result<Done<Changed>, UseCaseError>,
    ) -> Result<Response, Failure> {
        match outcome {
            Ok(done) => {
                let jar = cookies::remember_position(&self.state.config, self.jar, done.position);
                let flash = Flash::success(said(what, &done.outcome));
                let jar = cookies::leave_flash(&self.state.config, jar, &flash);
                Ok((jar, Redirect::to(&here(id))).into_response())
            }
            Err(error) => {
                let failure = Failure::from(error);
                if !answers_form(&failure) {
                    return Err(failure);
                }
                let mine = Mine::load(&self.house, &self.session, id).await?;
                let announced = mine.announced(&self.house, &self.session).await?;
                render(&self.ctx, &mine, announced, Some((submitted, &failure)))
            }
        }
    }

    pub(super) fn caller(&self, submitted: &Submitted, asked: &str) -> Caller {
        command::keyed(Caller::from(&self.session), submitted, asked)
    }
}

impl axum::extract::FromRequestParts<AppState> for Request {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &AppState) -> Result<Self, Failure> {
        let Ok(State(app_state)) = State::<AppState>::from_request_parts(parts, state).await;
        let Ok(jar) = CookieJar::from_request_parts(parts, state).await;
        let Ok(ctx) = PageContext::from_request_parts(parts, state).await;
        let Ok(house) = House::from_request_parts(parts, state).await;
        Ok(Self {
            session: MemberSession::from_request_parts(parts, state).await?,
            state: app_state,
            ctx,
            house,
            jar,
        })
    }
}

pub(super) async fn pause(
    request: Request,
    Path(membership): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: MembershipId = id(&membership)?;
    let read = |name: &str| submitted.get(name).trim().parse::<Date>();
    let (from, until) = match (read("from"), submitted.get("until").trim()) {
        (Ok(from), "") => (from, None),
        (Ok(from), _) if read("until").is_ok() => (from, read("until").ok()),
        (from, _) => {
            let field = if from.is_err() { "from" } else { "until" };
            let sentence = "Please give a date, such as 2026-01-20.";
            let refusal = coterie_domain::Refusal::field("no_date", field, sentence);
            return request.finish(id, "", &submitted, Err(refusal.into())).await;
        }
    };
    let caller = request.caller(&submitted, &format!("pause:{id}:{from}:{until:?}"));
    let outcome = membership::pause(&request.house.app, &caller, id, from, until).await;
    request
        .finish(id, "Your membership is paused.", &submitted, outcome)
        .await
}

pub(super) async fn resume(
    request: Request,
    Path(membership): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: MembershipId = id(&membership)?;
    let caller = request.caller(&submitted, &format!("resume:{id}"));
    let outcome = membership::resume(&request.house.app, &caller, id, None).await;
    request
        .finish(id, "Your membership goes on from today.", &submitted, outcome)
        .await
}

pub(super) async fn redeem(
    request: Request,
    Path(membership): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: MembershipId = id(&membership)?;
    let code = submitted.get(coupon::FIELD).trim().to_owned();
    let caller = request.caller(&submitted, &format!("coupon:{id}:{code}"));
    let outcome = app_coupon::redeem(&request.house.app, &caller, id, &code).await;
    request
        .finish(id, "Your coupon is redeemed.", &submitted, outcome)
        .await
}

pub(super) async fn stay(
    request: Request,
    Path(membership): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: MembershipId = id(&membership)?;
    let caller = request.caller(&submitted, &format!("stay:{id}"));
    let outcome = membership::withdraw_notice(&request.house.app, &caller, id).await;
    request.finish(id, "Good that you stay.", &submitted, outcome).await
}
