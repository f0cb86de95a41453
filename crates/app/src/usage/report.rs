use super::{COLUMNS, used};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, membership, trouble};
use coterie_domain::{
    MemberId, Refusal, UsageId, local_time,
    membership::Membership,
    usage::{self, MAX_BATCH, NewUsage, UsageEvent, UsageReported, Used},
};
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

/// Before anybody had a seat.
const FIRST_DAY: Date = jiff::civil::date(1970, 1, 1);

/// What became of one piece of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "became")]
pub enum Became {
    Counted,
    /// It was told before, and counts once.
    KnownBefore,
    Refused {
        code: String,
        field: String,
        message: String,
    },
}

/// What became of each piece, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    pub pieces: Vec<Became>,
}

/// Takes a batch of usage in. Each piece is judged by itself: those that are fine count, whatever the others are.
///
/// # Errors
/// An empty batch, one that is too large or one of which nothing can be counted; operators only.
pub async fn report(app: &App, caller: &Caller, batch: &[NewUsage]) -> Outcome<Reported> {
    trouble::carry_out(app, caller, || report_once(app, caller, batch)).await
}

async fn report_once(app: &App, caller: &Caller, batch: &[NewUsage]) -> Outcome<Reported> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    if batch.is_empty() || batch.len() > MAX_BATCH {
        let sentence = format!("Send 1 to {MAX_BATCH} pieces of usage at a time.");
        return Err(Refusal::field("batch_out_of_bounds", "events", sentence).into());
    }
    let pieces = take_in_op(&mut op, batch, &mut Members::default()).await?;
    if let Some(refusal) = nothing_of(&pieces) {
        return Err(refusal.into());
    }
    op.commit(Reported { pieces }).await
}

/// The refusal of a batch of which every piece is refused, each under its place.
fn nothing_of(pieces: &[Became]) -> Option<Refusal> {
    let mut refusal = Refusal::invalid("nothing_counted", "Nothing of this batch can be counted.");
    for (place, became) in pieces.iter().enumerate() {
        let Became::Refused { field, message, .. } = became else {
            return None;
        };
        refusal = refusal.on(&format!("events.{place}.{field}"), message.clone());
    }
    Some(refusal)
}

/// The memberships of members that were looked at, so that a batch asks once for each.
#[derive(Default)]
pub(super) struct Members(BTreeMap<MemberId, Vec<Membership>>);

impl Members {
    #[expect(clippy::map_entry, reason = "an entry cannot be held while the database is asked")]
    async fn of(&mut self, op: &mut Operation, member: MemberId) -> Result<&[Membership], UseCaseError> {
        if !self.0.contains_key(&member) {
            let mut ids = membership::held_by_in_op(op, member).await?;
            // Which seats she has on which day is asked of each piece.
            ids.extend(membership::seats_of_in_op(op, member, FIRST_DAY).await?);
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                found.push(membership::load(op, id).await?.0);
            }
            self.0.insert(member, found);
        }
        Ok(self.0.get(&member).map_or(&[], Vec::as_slice))
    }
}

fn refused(refusal: &Refusal) -> Became {
    let (field, message) = match refusal.fields.first() {
        Some(fault) => (fault.field.clone(), fault.message.clone()),
        None => (String::new(), refusal.sentence.clone()),
    };
    Became::Refused {
        code: refusal.code.to_owned(),
        field,
        message,
    }
}

/// Judges a batch and writes what is new of it.
pub(super) async fn take_in_op(
    op: &mut Operation,
    batch: &[NewUsage],
    members: &mut Members,
) -> Result<Vec<Became>, UseCaseError> {
    let catalogue = op.catalogue().await?;
    // The latest day that it can be anywhere of the house's.
    let now = op.now;
    let days = catalogue.locations.values().map(|place| {
        let zone = local_time::zone(&place.time_zone).unwrap_or(TimeZone::UTC);
        local_time::day_at(now, &zone)
    });
    let today = days.max().unwrap_or_else(|| local_time::day_at(now, &TimeZone::UTC));
    let mut judged = Vec::with_capacity(batch.len());
    for new in batch {
        let hers = members.of(op, new.member_id).await?;
        judged.push(usage::judge(new, hers, today, &catalogue));
    }
    // The first of an id in the batch is the one to count; inserted in the order of ids, so that two batches wait for each
    // other and do not lock each other out.
    let mut wanted: BTreeMap<&str, &Used> = BTreeMap::new();
    for used in judged.iter().flatten() {
        wanted.entry(&used.event_id).or_insert(used);
    }
    let fresh = insert(op, &wanted).await?;
    let known = known_in_op(op, wanted.keys().map(|id| (*id).to_owned()).collect()).await?;
    let mut seen = fresh.clone();
    let pieces = judged
        .iter()
        .map(|judged| match judged {
            Err(refusal) => refused(refusal),
            // The first of a fresh id is the one that was written.
            Ok(used) if seen.remove(&used.event_id).is_some() => Became::Counted,
            Ok(used) => match known.get(&used.event_id).map(|known| usage::same_again(known, used)) {
                Some(Err(refusal)) => refused(&refusal),
                _ => Became::KnownBefore,
            },
        })
        .collect();
    if !fresh.is_empty() {
        let usage_id = UsageId(op.new_id());
        let items = fresh.into_values().collect();
        op.write(usage_id.0, 0, [UsageEvent::from(UsageReported { usage_id, items })])?;
    }
    Ok(pieces)
}

/// Writes the rows of ids that nobody has told of; whoever tells of the same at this moment waits and finds them known.
async fn insert(op: &mut Operation, wanted: &BTreeMap<&str, &Used>) -> Result<BTreeMap<String, Used>, UseCaseError> {
    let rows: Vec<&Used> = wanted.values().copied().collect();
    let tenant = op.tenant();
    let fresh: Vec<String> = sqlx::query_scalar(
        "insert into usage_guard (tenant_id, event_id, meter_id, member_id, membership_id, quantity, used_on)
         select $1, t.* from unnest($2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[]::date[]) t
         on conflict (tenant_id, event_id) do nothing returning event_id",
    )
    .bind(tenant)
    .bind(rows.iter().map(|used| used.event_id.clone()).collect::<Vec<_>>())
    .bind(rows.iter().map(|used| used.meter_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|used| used.member_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|used| used.membership_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|used| used.quantity.to_string()).collect::<Vec<_>>())
    .bind(rows.iter().map(|used| used.used_on.to_string()).collect::<Vec<_>>())
    .fetch_all(op.conn())
    .await?;
    Ok(fresh
        .into_iter()
        .filter_map(|id| wanted.get(id.as_str()).map(|used| (id.clone(), (*used).clone())))
        .collect())
}

async fn known_in_op(op: &mut Operation, ids: Vec<String>) -> Result<BTreeMap<String, Used>, UseCaseError> {
    let tenant = op.tenant();
    let sql = format!("select {COLUMNS} from usage_guard where tenant_id = $1 and event_id = any($2)");
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant)
        .bind(ids)
        .fetch_all(op.conn())
        .await?;
    rows.iter()
        .map(|row| {
            let used = used(row)?;
            Ok((used.event_id.clone(), used))
        })
        .collect()
}
