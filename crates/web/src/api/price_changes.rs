//! A newer version of a plan, announced to those who have an older one: preview, announce, call off.

use coterie_app::{
    App, catalogue,
    price_change::{
        self,
        page::{self, MembershipRow, PriceChangeRow},
    },
    projections,
};
use coterie_domain::{
    PlanVersionId, PriceChangeId, Refusal,
    price_change::{LeftOut, NOTICE_DAYS, NewPriceChange, Preview, Reason, differences},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
    words::Money,
};
use crate::{failure::Failure, json::ApiJson};

/// Memberships that stay out of it and are named in a preview; all of them are in its counts.
const NAMED: usize = 200;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPriceChange {
    /// The newest version of its plan, to which members move.
    plan_version_id: Uuid,
    /// It applies to each membership from its first cycle that begins on this day or later.
    effective_from: Date,
    /// Days of notice that members have at least; a cycle that begins earlier is not the first. 30 unless said.
    notice_days: Option<i64>,
    /// What the letter says beside prices and days.
    #[serde(default)]
    message: String,
}

impl AskPriceChange {
    fn read(self) -> NewPriceChange {
        NewPriceChange {
            plan_version_id: PlanVersionId(self.plan_version_id),
            effective_from: self.effective_from,
            notice_days: self.notice_days.unwrap_or(NOTICE_DAYS),
            message: self.message,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnouncePriceChange {
    plan_version_id: Uuid,
    effective_from: Date,
    notice_days: Option<i64>,
    #[serde(default)]
    message: String,
    /// Of the preview that is agreed to: where memberships changed since, nothing is announced.
    preview_sha256: String,
}

/// Memberships that move alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceChangeGroup {
    /// The version that they have.
    plan_version_id: Uuid,
    /// Net, of a cycle.
    price: Money,
    /// Their first day under the new terms.
    from: Date,
    /// Whether the terms that they are bound by put it off to that day.
    bound: bool,
    memberships: i64,
    /// What else differs for them, a sentence each.
    differences: Vec<String>,
}

/// Why memberships do not move, and how many.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceChangeReason {
    /// `already_on_it`, `agreed_price`, `change_planned`, `notice_given`, `other_cycles`, `not_offered`, `more_people`, `not_begun`,
    /// `changed`, `too_late`, `called_off` or `has_come`.
    why: &'static str,
    memberships: i64,
}

fn counted(reasons: Vec<(Reason, i64)>) -> Vec<PriceChangeReason> {
    reasons
        .into_iter()
        .map(|(reason, memberships)| PriceChangeReason {
            why: reason.name(),
            memberships,
        })
        .collect()
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StaysOut {
    membership_id: Uuid,
    why: &'static str,
    /// Of an agreed price the day on which it ends, of a planned change its first, of notice the last.
    day: Option<Date>,
}

impl From<&LeftOut> for StaysOut {
    fn from(stays: &LeftOut) -> Self {
        Self {
            membership_id: stays.membership_id.0,
            why: stays.why.reason.name(),
            day: stays.why.day,
        }
    }
}

/// What announcing would lead to; nothing was decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceChangePreview {
    /// How many memberships would move.
    memberships: i64,
    /// Net of a cycle of all of them.
    before: Money,
    after: Money,
    /// From what and when, the earliest first.
    groups: Vec<PriceChangeGroup>,
    /// How many stay out of it.
    reasons: Vec<PriceChangeReason>,
    /// Who stays out of it, the first 200 that do not have the version already.
    stays: Vec<StaysOut>,
    /// SHA-256 of all of this; announcing asks for it.
    preview_sha256: String,
}

fn previewed(preview: &Preview, catalogue: &coterie_domain::catalogue::Catalogue) -> PriceChangePreview {
    let (before, after) = preview.sums();
    let new = catalogue.plan_version(preview.terms.plan_version_id);
    let groups = preview.groups().into_iter().map(|group| PriceChangeGroup {
        plan_version_id: group.plan_version_id.0,
        price: group.price.into(),
        from: group.from,
        bound: group.bound,
        memberships: group.memberships,
        differences: match (catalogue.plan_version(group.plan_version_id), &new) {
            (Ok(old), Ok(new)) => differences(old, new, catalogue),
            _ => Vec::new(),
        },
    });
    let named = preview
        .stays
        .iter()
        .filter(|stays| stays.why.reason != Reason::AlreadyOnIt);
    PriceChangePreview {
        memberships: i64::try_from(preview.moves.len()).unwrap_or(i64::MAX),
        before: before.into(),
        after: after.into(),
        groups: groups.collect(),
        reasons: counted(preview.reasons()),
        stays: named.take(NAMED).map(StaysOut::from).collect(),
        preview_sha256: preview.sha256(),
    }
}

/// How many memberships stand how.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceChangeCounts {
    /// To be told.
    waiting: i64,
    told: i64,
    /// Were to move and do not: what they are changed after the preview, or it was too late.
    left_out: i64,
    /// Were told, and keep what they have.
    released: i64,
    /// Never were to move.
    stays: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PriceChange {
    price_change_id: Uuid,
    plan_id: Uuid,
    plan_version_id: Uuid,
    plan_name: String,
    legal_entity_id: Uuid,
    effective_from: Date,
    announced_on: Date,
    notice_days: i64,
    message: Option<String>,
    /// `telling`, `told`, `calling_off` or `called_off`.
    phase: &'static str,
    memberships: PriceChangeCounts,
    /// Net, of a cycle, of the version that members move to.
    price: Money,
    /// Net of a cycle of all that wait or were told.
    before: Money,
    after: Money,
    reasons: Vec<PriceChangeReason>,
}

/// A membership of an announcement.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceChangeMembership {
    membership_id: Uuid,
    member_id: Option<Uuid>,
    /// `waiting`, `told`, `left_out`, `released` or `stays`.
    standing: &'static str,
    /// The version that it has, its price, and its first day under the new terms; null where it never was to move.
    plan_version_id: Option<Uuid>,
    price: Option<Money>,
    from: Option<Date>,
    /// Where a term puts it off, the day on which that is over.
    bound_until: Option<Date>,
    why: Option<&'static str>,
    day: Option<Date>,
}

impl From<MembershipRow> for PriceChangeMembership {
    fn from(row: MembershipRow) -> Self {
        Self {
            membership_id: row.membership_id.0,
            member_id: row.member_id.map(|id| id.0),
            standing: row.standing,
            plan_version_id: row.planned.map(|planned| planned.plan_version_id.0),
            price: row.planned.map(|planned| planned.price.into()),
            from: row.planned.map(|planned| planned.from),
            bound_until: row.planned.and_then(|planned| planned.bound_until),
            why: row.why.map(|why| why.reason.name()),
            day: row.why.and_then(|why| why.day),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StandingQuery {
    /// `waiting`, `told`, `left_out`, `released` or `stays`.
    standing: Option<String>,
}

async fn whole(app: &App, tenant: Uuid, row: PriceChangeRow) -> Result<PriceChange, Failure> {
    let id = row.price_change_id;
    Ok(PriceChange {
        price_change_id: id.0,
        plan_id: row.plan_id.0,
        plan_version_id: row.plan_version_id.0,
        plan_name: row.plan_name,
        legal_entity_id: row.legal_entity_id.0,
        effective_from: row.effective_from,
        announced_on: row.announced_on,
        notice_days: row.notice_days,
        message: page::message(app, tenant, id).await?,
        phase: row.phase.name(),
        memberships: PriceChangeCounts {
            waiting: row.counts.waiting,
            told: row.counts.told,
            left_out: row.counts.left_out,
            released: row.counts.released,
            stays: row.counts.stays,
        },
        price: row.price.into(),
        before: row.before.into(),
        after: row.after.into(),
        reasons: counted(page::reasons(app, tenant, id).await?),
    })
}

async fn one(app: &App, tenant: Uuid, id: PriceChangeId) -> Result<PriceChange, Failure> {
    let row = page::find(app, tenant, id).await?.ok_or_else(Failure::not_found)?;
    whole(app, tenant, row).await
}

#[utoipa::path(post, path = "/v1/price_changes/preview", tag = "catalogue", request_body = AskPriceChange,
    responses((status = 200, description = "Who would move, from what and when, and who stays out and why; nothing is announced", body = PriceChangePreview)))]
pub async fn preview(command: Command<AskPriceChange>) -> Answer<PriceChangePreview> {
    let app = &command.house.app;
    let preview = price_change::preview(app, &command.caller, &command.body.read()).await?;
    let catalogue = catalogue::read(app, command.caller.tenant).await?;
    Ok(ApiJson(previewed(&preview, &catalogue)))
}

#[utoipa::path(post, path = "/v1/price_changes", tag = "catalogue", request_body = AnnouncePriceChange,
    responses((status = 201, description = "Announced; members are told batch by batch", body = PriceChange),
        (status = 409, description = "Memberships changed since the preview, whose SHA-256 is another by now, or nobody would move")))]
pub async fn create(command: Command<AnnouncePriceChange>) -> CommandAnswer<PriceChange> {
    let app = &command.house.app;
    let AnnouncePriceChange {
        plan_version_id,
        effective_from,
        notice_days,
        message,
        preview_sha256,
    } = command.body;
    let ask = AskPriceChange {
        plan_version_id,
        effective_from,
        notice_days,
        message,
    };
    let done = price_change::announce(app, &command.caller, &ask.read(), &preview_sha256).await?;
    let body = one(app, command.caller.tenant, done.outcome).await?;
    Ok(Carried::created(
        &done,
        format!("/v1/price_changes/{}", done.outcome),
        body,
    ))
}

#[utoipa::path(get, path = "/v1/price_changes", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "Announcements, the newest first", body = List<PriceChange>)))]
pub async fn list(reading: Reading) -> Answer<List<PriceChange>> {
    reading.settled(&[]).await?;
    let (app, tenant) = (reading.app(), reading.tenant());
    let found = page::list(app, tenant, &reading.page()?).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for row in found.items {
        items.push(whole(app, tenant, row).await?);
    }
    let found = coterie_app::page::Page {
        items,
        next: found.next,
    };
    Ok(List::of(found, |one| one))
}

#[utoipa::path(get, path = "/v1/price_changes/{price_change_id}", tag = "catalogue", params(("price_change_id" = Uuid, Path)),
    responses((status = 200, description = "One, and how far it is", body = PriceChange)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<PriceChange> {
    reading.settled(&[]).await?;
    Ok(ApiJson(one(reading.app(), reading.tenant(), PriceChangeId(id)).await?))
}

#[utoipa::path(get, path = "/v1/price_changes/{price_change_id}/memberships", tag = "catalogue",
    params(("price_change_id" = Uuid, Path), PageQuery, StandingQuery),
    responses((status = 200, description = "Its memberships by id", body = List<PriceChangeMembership>)))]
pub async fn memberships(Id(id): Id, reading: Reading) -> Answer<List<PriceChangeMembership>> {
    reading.settled(&[projections::PEOPLE]).await?;
    let query: StandingQuery = reading.query()?;
    let standing = query.standing.as_deref();
    if standing.is_some_and(|name| !page::STANDINGS.contains(&name)) {
        let sentence = format!("Please choose one of {}.", page::STANDINGS.join(", "));
        return Err(Refusal::field("unknown_standing", "standing", sentence).into());
    }
    let (app, tenant) = (reading.app(), reading.tenant());
    let found = page::memberships(app, tenant, PriceChangeId(id), standing, &reading.page()?).await?;
    Ok(List::of(found, PriceChangeMembership::from))
}

#[utoipa::path(post, path = "/v1/price_changes/{price_change_id}/call_off", tag = "catalogue", params(("price_change_id" = Uuid, Path)),
    request_body = Nothing,
    responses((status = 200, description = "Off; whoever was told of it is told so, batch by batch", body = PriceChange),
        (status = 409, description = "Its day has come, or it is off already")))]
pub async fn call_off(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<PriceChange> {
    let app = &command.house.app;
    let done = price_change::call_off(app, &command.caller, PriceChangeId(id)).await?;
    let body = one(app, command.caller.tenant, done.outcome).await?;
    Ok(Carried::changed(&done, body))
}
