//! Changes of an agreement: its plan, its payer, its price, a pause, its end. Each says what it gives back and charges.

use coterie_app::membership::{self, ChangePlan, Changed, OverridePrice};
use coterie_domain::{
    CompanyId, MemberId, MembershipId, Payer, PlanVersionId, Refusal,
    membership::{ChangeQuote, Stretch},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    memberships::DayRange,
    reading::Id,
    reply::{Answer, Carried, CommandAnswer},
    words::Money,
};
use crate::json::ApiJson;

#[derive(Debug, Serialize, ToSchema)]
pub struct MembershipChanged {
    membership_id: Uuid,
    /// Net of what was charged less what was given back. What is not invoiced here stands on the next invoice.
    net: Money,
    /// Invoices that were issued at once, because more was charged than given back.
    invoice_ids: Vec<Uuid>,
}

fn changed(id: Uuid, outcome: &Changed) -> MembershipChanged {
    MembershipChanged {
        membership_id: id,
        net: outcome.net.into(),
        invoice_ids: outcome.invoices.iter().map(|id| id.0).collect(),
    }
}

pub(super) fn carried(id: Uuid, done: &coterie_app::Done<Changed>) -> Carried<MembershipChanged> {
    Carried::changed(done, changed(id, &done.outcome))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPlanChange {
    plan_version_id: Uuid,
    /// With the next cycle rather than from a day on.
    #[serde(default)]
    at_renewal: bool,
    /// The first day of the new plan, or from which the renewal is looked for; today unless said.
    from: Option<Date>,
    /// What was agreed to, gross in minor units: a price that changed since is refused with the new one.
    agreed_gross_minor: Option<i64>,
}

impl AskPlanChange {
    fn of(self, id: Uuid) -> ChangePlan {
        ChangePlan {
            membership_id: MembershipId(id),
            plan_version_id: PlanVersionId(self.plan_version_id),
            at_renewal: self.at_renewal,
            from: self.from,
            agreed_gross_minor: self.agreed_gross_minor,
        }
    }
}

/// Days that are given back or charged.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedDays {
    days: DayRange,
    /// The cycle that they are a part of.
    cycle: DayRange,
    plan_version_id: Uuid,
    /// Of the whole cycle, as it is told.
    price: Money,
    tax_included: bool,
    /// Net, of the days.
    net: Money,
}

impl From<&Stretch> for ChangedDays {
    fn from(stretch: &Stretch) -> Self {
        Self {
            days: stretch.days.into(),
            cycle: stretch.cycle.into(),
            plan_version_id: stretch.plan_version_id.0,
            price: stretch.price.into(),
            tax_included: stretch.tax_included,
            net: stretch.net().into(),
        }
    }
}

/// What a change would do to the cycles that are open.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanChangeQuote {
    /// The first day of the new plan.
    from: Date,
    given_back: Vec<ChangedDays>,
    charged: Vec<ChangedDays>,
    /// Negative when more is given back than charged.
    net: Money,
    tax: Money,
    gross: Money,
}

impl From<ChangeQuote> for PlanChangeQuote {
    fn from(quote: ChangeQuote) -> Self {
        Self {
            from: quote.from,
            given_back: quote.unsettled.given_back.iter().map(ChangedDays::from).collect(),
            charged: quote.unsettled.billed.iter().map(ChangedDays::from).collect(),
            net: quote.net.into(),
            tax: quote.tax.into(),
            gross: quote.gross.into(),
        }
    }
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/plan/quote", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = AskPlanChange,
    responses((status = 200, description = "What would be given back and charged; nothing is written", body = PlanChangeQuote)))]
pub async fn quote(Id(id): Id, command: Command<AskPlanChange>) -> Answer<PlanChangeQuote> {
    let ask = command.body.of(id);
    let quoted = membership::quote_plan_change(&command.house.app, &command.caller, &ask).await?;
    Ok(ApiJson(quoted.into()))
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/plan", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = AskPlanChange,
    responses((status = 200, description = "Changed now, with proration, or for the next cycle", body = MembershipChanged)))]
pub async fn plan(Id(id): Id, command: Command<AskPlanChange>) -> CommandAnswer<MembershipChanged> {
    let ask = command.body.of(id);
    let done = membership::change_plan(&command.house.app, &command.caller, ask).await?;
    Ok(carried(id, &done))
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/plan/call_off", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "The change that lay ahead is off", body = MembershipChanged)))]
pub async fn call_off(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<MembershipChanged> {
    let done = membership::call_plan_change_off(&command.house.app, &command.caller, MembershipId(id)).await?;
    Ok(carried(id, &done))
}

/// A member or a company.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPayer {
    member_id: Option<Uuid>,
    company_id: Option<Uuid>,
    /// Today unless said.
    from: Option<Date>,
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/payer", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = AskPayer,
    responses((status = 200, description = "Somebody else pays; what the one before paid beyond is given back", body = MembershipChanged)))]
pub async fn payer(Id(id): Id, command: Command<AskPayer>) -> CommandAnswer<MembershipChanged> {
    let payer = match (command.body.member_id, command.body.company_id) {
        (Some(member), None) => Payer::Member(MemberId(member)),
        (None, Some(company)) => Payer::Company(CompanyId(company)),
        _ => {
            let sentence = "Please name a member or a company who pays, and not both.";
            return Err(Refusal::field("one_payer", "company_id", sentence).into());
        }
    };
    let (app, from) = (&command.house.app, command.body.from);
    let done = membership::change_payer(app, &command.caller, MembershipId(id), payer, from).await?;
    Ok(carried(id, &done))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPause {
    from: Date,
    /// The day on which it goes on; left out, until it is resumed.
    until: Option<Date>,
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/pause", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = AskPause,
    responses((status = 200, description = "It rests; what was paid for these days is given back", body = MembershipChanged)))]
pub async fn pause(Id(id): Id, command: Command<AskPause>) -> CommandAnswer<MembershipChanged> {
    let (app, days) = (&command.house.app, &command.body);
    let done = membership::pause(app, &command.caller, MembershipId(id), days.from, days.until).await?;
    Ok(carried(id, &done))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskResume {
    /// Today unless said.
    on: Option<Date>,
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/resume", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = AskResume,
    responses((status = 200, description = "It goes on", body = MembershipChanged)))]
pub async fn resume(Id(id): Id, command: Command<AskResume>) -> CommandAnswer<MembershipChanged> {
    let (app, on) = (&command.house.app, command.body.on);
    let done = membership::resume(app, &command.caller, MembershipId(id), on).await?;
    Ok(carried(id, &done))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPrice {
    /// Of a whole cycle, told as the plan's price is.
    price: Money,
    /// Today unless said.
    from: Option<Date>,
    /// The day on which the plan's price counts again.
    until: Option<Date>,
    reason: String,
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/price", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = AskPrice,
    responses((status = 200, description = "Another price counts for these days", body = MembershipChanged)))]
pub async fn price(Id(id): Id, command: Command<AskPrice>) -> CommandAnswer<MembershipChanged> {
    let ask = command.body;
    let agreed = OverridePrice {
        membership_id: MembershipId(id),
        price: ask.price.into(),
        from: ask.from,
        until: ask.until,
        reason: ask.reason,
    };
    let done = membership::override_price(&command.house.app, &command.caller, &agreed).await?;
    Ok(carried(id, &done))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskNotice {
    /// A day that staff agreed to, which may be over; left out, the end of a cycle that notice and term allow.
    last_day: Option<Date>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeGiven {
    membership_id: Uuid,
    /// The last day that is paid for.
    last_day: Date,
    /// What was given back of days beyond it.
    net: Money,
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/notice", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = AskNotice,
    responses((status = 200, description = "It ends", body = NoticeGiven)))]
pub async fn notice(Id(id): Id, command: Command<AskNotice>) -> CommandAnswer<NoticeGiven> {
    let (app, last_day) = (&command.house.app, command.body.last_day);
    let done = membership::give_notice(app, &command.caller, MembershipId(id), last_day).await?;
    let body = NoticeGiven {
        membership_id: id,
        last_day: done.outcome.last_day,
        net: done.outcome.changed.net.into(),
    };
    Ok(Carried::changed(&done, body))
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/notice/withdraw", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "She stays", body = MembershipChanged)))]
pub async fn withdraw(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<MembershipChanged> {
    let done = membership::withdraw_notice(&command.house.app, &command.caller, MembershipId(id)).await?;
    Ok(carried(id, &done))
}
