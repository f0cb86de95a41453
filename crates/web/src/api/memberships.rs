//! Agreements to a plan: quoted, started, listed, ended.

use coterie_app::{
    membership::{
        self, Subscribe, WithCoupon,
        page::{MembershipFilter, MembershipRow, MembershipState},
    },
    projections,
};
use coterie_domain::{
    LocationId, MemberId, MembershipId, PlanVersionId, Refusal, membership::Quote as Quoted, period::Days,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
    words::{Because, Money, Payer},
};
use crate::{failure::Failure, json::ApiJson};

/// Days `[start, end)`.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayRange {
    start: Date,
    end: Date,
}

impl From<Days> for DayRange {
    fn from(days: Days) -> Self {
        Self {
            start: days.start,
            end: days.end,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Membership {
    membership_id: Uuid,
    member_id: Uuid,
    payer: Payer,
    plan_id: Uuid,
    plan_version_id: Uuid,
    plan_name: String,
    legal_entity_id: Uuid,
    home_location_id: Uuid,
    start: Date,
    /// The last cycle opened.
    cycle: Option<DayRange>,
    /// Its last day, once notice is given.
    last_day: Option<Date>,
    /// `active`, `notice` or `ended`.
    state: &'static str,
    /// Net, per cycle, of the plan.
    price: Money,
    /// Whether the price is told with the tax in it.
    tax_included: bool,
    /// What a cycle is: `month`, `10 days`.
    cycle_length: String,
    /// What is agreed on for later.
    next_plan: Option<NextPlan>,
    /// The last pause.
    pause: Option<Pause>,
    /// The last price that was agreed on instead of the plan's.
    agreed_price: Option<AgreedPrice>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NextPlan {
    plan_id: Uuid,
    plan_version_id: Uuid,
    plan_name: String,
    price: Money,
    tax_included: bool,
    /// Its first day.
    from: Date,
}

/// Days `[from, until)` in which a membership rests; null is open.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pause {
    from: Date,
    until: Option<Date>,
}

/// Counts for days `[from, until)`; null is open.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreedPrice {
    price: Money,
    tax_included: bool,
    from: Date,
    until: Option<Date>,
}

impl From<MembershipRow> for Membership {
    fn from(row: MembershipRow) -> Self {
        Self {
            membership_id: row.membership_id.0,
            member_id: row.member_id.0,
            payer: row.payer.into(),
            plan_id: row.plan_id.0,
            plan_version_id: row.plan_version_id.0,
            plan_name: row.plan_name,
            legal_entity_id: row.legal_entity_id.0,
            home_location_id: row.home_location_id.0,
            start: row.start,
            cycle: row.cycle.map(DayRange::from),
            last_day: row.last_day,
            state: row.state.name(),
            price: row.price.into(),
            tax_included: row.tax_included,
            cycle_length: row.length,
            next_plan: row.next.map(|next| NextPlan {
                plan_id: next.plan_id.0,
                plan_version_id: next.plan_version_id.0,
                plan_name: next.plan_name,
                price: next.price.into(),
                tax_included: next.tax_included,
                from: next.from,
            }),
            pause: row.pause.map(|(from, until)| Pause { from, until }),
            agreed_price: row.agreed.map(|agreed| AgreedPrice {
                price: agreed.price.into(),
                tax_included: agreed.tax_included,
                from: agreed.from,
                until: agreed.until,
            }),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskQuote {
    plan_version_id: Uuid,
    location_id: Uuid,
    /// Today at the location unless said.
    start: Option<Date>,
    /// A code that would be redeemed with it; it goes with the member.
    coupon: Option<String>,
    /// For whom: tax may have been chosen for whoever pays for her, and she would redeem the coupon.
    member_id: Option<Uuid>,
}

/// What the first, perhaps short, cycle costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quote {
    plan_version_id: Uuid,
    plan_name: String,
    cycle: DayRange,
    /// The days of it that would be paid for.
    days: DayRange,
    /// Whether the plan's price is told with the tax in it: then `gross` is what it is told to cost.
    tax_included: bool,
    net: Money,
    #[schema(example = "19")]
    tax_percent: String,
    tax: Money,
    gross: Money,
    /// The first day on which it may be invoiced.
    billed_on: Date,
    /// What the coupon takes off, net; it is taken off `net` already.
    off: Money,
    because: Vec<Because>,
}

impl From<Quoted> for Quote {
    fn from(quoted: Quoted) -> Self {
        Self {
            plan_version_id: quoted.plan.plan_version_id.0,
            plan_name: quoted.plan.name,
            cycle: quoted.cycle.into(),
            days: quoted.days.into(),
            tax_included: quoted.plan.tax_included,
            net: quoted.net.into(),
            tax_percent: quoted.tax_percent.to_string(),
            tax: quoted.tax.into(),
            gross: quoted.gross.into(),
            billed_on: quoted.billed_on,
            off: quoted.off.into(),
            because: quoted.because.iter().map(Because::from).collect(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartMembership {
    member_id: Uuid,
    plan_version_id: Uuid,
    location_id: Uuid,
    /// What was agreed to, gross in minor units: a price that changed since is refused with the new one.
    agreed_gross_minor: Option<i64>,
    /// Paid by bank transfer: no saved card is asked for.
    #[serde(default)]
    without_card: bool,
    /// A code to redeem with it.
    coupon: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MembershipStarted {
    membership_id: Uuid,
    /// The invoice of the first cycle; null when it costs nothing.
    invoice_id: Option<Uuid>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MembershipQuery {
    member_id: Option<Uuid>,
    /// `active`, `notice` or `ended`.
    #[param(value_type = Option<String>)]
    state: Option<MembershipState>,
}

#[utoipa::path(post, path = "/v1/memberships/quote", tag = "memberships", request_body = AskQuote,
    responses((status = 200, description = "What would be billed; nothing is written", body = Quote)))]
pub async fn quote(command: Command<AskQuote>) -> Answer<Quote> {
    let ask = command.body;
    let (version, location) = (PlanVersionId(ask.plan_version_id), LocationId(ask.location_id));
    let with = match (&ask.coupon, ask.member_id) {
        (None, _) => None,
        (Some(code), Some(member)) => Some(WithCoupon {
            code,
            member_id: MemberId(member),
        }),
        (Some(_), None) => {
            let sentence = "Please say who would redeem the coupon.";
            return Err(Refusal::field("coupon_without_member", "member_id", sentence).into());
        }
    };
    let quoted = membership::quote(
        &command.house.app,
        &command.caller,
        ask.member_id.map(MemberId),
        version,
        location,
        ask.start,
        with,
    )
    .await?;
    Ok(ApiJson(quoted.into()))
}

#[utoipa::path(post, path = "/v1/memberships", tag = "memberships", request_body = StartMembership,
    responses((status = 201, description = "Started today and invoiced", body = MembershipStarted)))]
pub async fn create(command: Command<StartMembership>) -> CommandAnswer<MembershipStarted> {
    let new = command.body;
    let new = Subscribe {
        member_id: MemberId(new.member_id),
        plan_version_id: PlanVersionId(new.plan_version_id),
        location_id: LocationId(new.location_id),
        agreed_gross_minor: new.agreed_gross_minor,
        without_card: new.without_card,
        coupon: new.coupon,
    };
    let done = membership::subscribe(&command.house.app, &command.caller, new).await?;
    let body = MembershipStarted {
        membership_id: done.outcome.membership_id.0,
        invoice_id: done.outcome.invoice_id.map(|id| id.0),
    };
    Ok(Carried::created(
        &done,
        format!("/v1/memberships/{}", body.membership_id),
        body,
    ))
}

#[utoipa::path(get, path = "/v1/memberships", tag = "memberships", params(PageQuery, MembershipQuery),
    responses((status = 200, description = "Memberships, the newest first", body = List<Membership>)))]
pub async fn list(reading: Reading) -> Answer<List<Membership>> {
    reading.settled(&[projections::PEOPLE]).await?;
    let query: MembershipQuery = reading.query()?;
    let filter = MembershipFilter {
        member: query.member_id.map(MemberId),
        state: query.state,
    };
    let page = membership::page::list(reading.app(), reading.tenant(), filter, &reading.page()?).await?;
    Ok(List::of(page, Membership::from))
}

#[utoipa::path(get, path = "/v1/memberships/{membership_id}", tag = "memberships", params(("membership_id" = Uuid, Path)),
    responses((status = 200, description = "One membership", body = Membership)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Membership> {
    reading.settled(&[projections::PEOPLE]).await?;
    let row = membership::page::find(reading.app(), reading.tenant(), MembershipId(id)).await?;
    Ok(ApiJson(row.ok_or_else(Failure::not_found)?.into()))
}
