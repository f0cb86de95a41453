//! Usage of meters: told in batches, each piece under an id of its reporter.

use coterie_app::usage::{self, Became, page};
use coterie_domain::{MemberId, MeterId, usage::NewUsage};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::Command,
    reading::Reading,
    reply::{Answer, Carried, CommandAnswer, List},
};

/// One thing that was used.
#[derive(Debug, Serialize, ToSchema)]
pub struct Usage {
    event_id: String,
    meter_id: Uuid,
    member_id: Uuid,
    membership_id: Uuid,
    /// A decimal text, in the meter's unit.
    quantity: String,
    used_on: Date,
    /// The charge that took it; null while it waits for the billing day.
    charge_id: Option<Uuid>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageEvent {
    /// Your own: the same id counts once, whatever comes between.
    event_id: String,
    meter_id: Uuid,
    member_id: Uuid,
    /// A decimal text, in the meter's unit.
    #[schema(example = "12")]
    quantity: String,
    /// A day of the house.
    used_on: Date,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageBatch {
    #[schema(min_items = 1, max_items = 500)]
    events: Vec<UsageEvent>,
}

/// What became of one piece.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageOutcome {
    event_id: String,
    /// `counted`, `known_before` or `refused`.
    became: &'static str,
    code: Option<String>,
    field: Option<String>,
    message: Option<String>,
}

/// What became of each piece, in the order of the batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageOutcomes {
    events: Vec<UsageOutcome>,
}

fn outcome(event_id: String, became: Became) -> UsageOutcome {
    let plain = |became| UsageOutcome {
        event_id,
        became,
        code: None,
        field: None,
        message: None,
    };
    match became {
        Became::Counted => plain("counted"),
        Became::KnownBefore => plain("known_before"),
        Became::Refused { code, field, message } => UsageOutcome {
            code: Some(code),
            field: Some(field),
            message: Some(message),
            ..plain("refused")
        },
    }
}

#[utoipa::path(post, path = "/v1/usage", tag = "money", request_body = UsageBatch,
    responses((status = 200, description = "Each piece judged by itself: what is fine counts, whatever the others are", body = UsageOutcomes),
        (status = 422, description = "Nothing of the batch can be counted (`nothing_counted`), each piece with its fault")))]
pub async fn report(command: Command<UsageBatch>) -> CommandAnswer<UsageOutcomes> {
    let batch: Vec<NewUsage> = command
        .body
        .events
        .into_iter()
        .map(|event| NewUsage {
            event_id: event.event_id,
            meter_id: MeterId(event.meter_id),
            member_id: MemberId(event.member_id),
            quantity: event.quantity,
            used_on: event.used_on,
        })
        .collect();
    let done = usage::report(&command.house.app, &command.caller, &batch).await?;
    let ids = batch.into_iter().map(|new| new.event_id);
    let events = ids
        .zip(done.outcome.pieces.iter().cloned())
        .map(|(id, became)| outcome(id, became));
    let events = events.collect();
    Ok(Carried::changed(&done, UsageOutcomes { events }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    member_id: Option<Uuid>,
    /// Leaves out what is charged.
    #[serde(default)]
    waiting: bool,
}

#[utoipa::path(get, path = "/v1/usage", tag = "money", params(UsageQuery),
    responses((status = 200, description = "The latest 500 pieces of usage, the last day first", body = List<Usage>)))]
pub async fn list(reading: Reading) -> Answer<List<Usage>> {
    reading.settled(&[]).await?;
    let query: UsageQuery = reading.query()?;
    let member = query.member_id.map(MemberId);
    let rows = page::latest(reading.app(), reading.tenant(), member, query.waiting).await?;
    let shown = rows.into_iter().map(|row| Usage {
        event_id: row.used.event_id,
        meter_id: row.used.meter_id.0,
        member_id: row.used.member_id.0,
        membership_id: row.used.membership_id.0,
        quantity: row.used.quantity.to_string(),
        used_on: row.used.used_on,
        charge_id: row.charge_id.map(|id| id.0),
    });
    Ok(List::whole(shown.collect()))
}
