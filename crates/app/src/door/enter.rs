//! Who is at a tablet, by her code. One that heard too many wrong ones waits, and the longer the more it hears.

use super::{TabletKind, address::digest, tablet_sql};
use crate::{App, Caller, Operation, UseCaseError, clock};
use coterie_domain::{MemberId, Refusal, ResourceId};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use uuid::Uuid;

/// Wrong codes after which a door waits, and again after as many.
const WRONG_IN_A_ROW: i32 = 5;
/// The longest that it waits.
const LONGEST_MINUTES: i64 = 60;
/// How long wrong codes are held against a door. A right one does not wipe them out: whoever has one could go on guessing.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Who is at which room's door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entered {
    pub resource_id: ResourceId,
    pub member_id: MemberId,
}

/// Finds the member whose code this is, at a room's door. A wrong one is counted whatever happens then.
///
/// # Errors
/// `NotFound` for an address that does not work; a refusal for a code that nobody has, or while the door waits.
pub async fn enter(app: &App, tenant: Uuid, token: &str, code: &str) -> Result<Entered, UseCaseError> {
    let (place, member_id) = identify(app, tenant, TabletKind::Door, token, code).await?;
    Ok(Entered {
        resource_id: ResourceId(place),
        member_id,
    })
}

/// The same at a tablet of any kind; with the room or house that it stands at.
pub(super) async fn identify(
    app: &App,
    tenant: Uuid,
    kind: TabletKind,
    token: &str,
    code: &str,
) -> Result<(Uuid, MemberId), UseCaseError> {
    let mut op = Operation::open(app, &Caller::system(tenant, kind.name())).await?;
    // Those who try at one tablet do so one after another.
    let row = sqlx::query(tablet_sql!(
        kind,
        "select " id " as place, wrong_codes, first_wrong_at, waits_until from " table "
         where tenant_id = $1 and token_hash = $2 for update"
    ))
    .bind(tenant)
    .bind(digest(token).as_slice())
    .fetch_optional(op.conn())
    .await?
    .ok_or(UseCaseError::NotFound)?;
    let place: Uuid = row.try_get("place")?;
    let moment = |column: &str| -> Result<Option<Timestamp>, UseCaseError> {
        let at: Option<jiff_sqlx::Timestamp> = row.try_get(column)?;
        Ok(at.map(jiff_sqlx::Timestamp::to_jiff))
    };
    let now = clock::wall_now();
    if let Some(until) = moment("waits_until")?.filter(|until| now < *until) {
        return Err(waits(kind, until.duration_since(now)).into());
    }
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::field("wrong_code", "code", "A door code has six digits.").into());
    }
    let member: Option<Uuid> =
        sqlx::query_scalar("select member_id from door_code where tenant_id = $1 and code_hmac = $2")
            .bind(tenant)
            .bind(op.app().config.secret.door_code_hmac(tenant, &code))
            .fetch_optional(op.conn())
            .await?;
    if let Some(member) = member {
        op.commit(()).await?;
        return Ok((place, MemberId(member)));
    }
    let first = moment("first_wrong_at")?.filter(|first| now.duration_since(*first) < REMEMBERED);
    let before: i32 = if first.is_some() {
        row.try_get("wrong_codes")?
    } else {
        0
    };
    let wrong = before.saturating_add(1);
    let wait = wait_after(wrong);
    sqlx::query(tablet_sql!(
        kind,
        "update " table " set wrong_codes = $3, first_wrong_at = $4, waits_until = $5 where tenant_id = $1 and " id " = $2"
    ))
    .bind(tenant)
    .bind(place)
    .bind(wrong)
    .bind(first.unwrap_or(now).to_sqlx())
    .bind(wait.and_then(|wait| now.checked_add(wait).ok()).map(ToSqlx::to_sqlx))
    .execute(op.conn())
    .await?;
    op.commit(()).await?;
    Err(match wait {
        Some(wait) => waits(kind, wait),
        None => Refusal::field("wrong_code", "code", "Nobody has this code."),
    }
    .into())
}

/// How long a door waits after so many wrong codes, if it does.
fn wait_after(wrong: i32) -> Option<SignedDuration> {
    if wrong < WRONG_IN_A_ROW || wrong % WRONG_IN_A_ROW != 0 {
        return None;
    }
    let doublings = u32::try_from(wrong / WRONG_IN_A_ROW - 1).unwrap_or(u32::MAX).min(10);
    Some(SignedDuration::from_mins((1_i64 << doublings).min(LONGEST_MINUTES)))
}

fn waits(kind: TabletKind, left: SignedDuration) -> Refusal {
    let minutes = (left.as_secs() + 59) / 60;
    let time = if minutes <= 1 {
        "a minute".to_owned()
    } else {
        format!("{minutes} minutes")
    };
    let sentence = format!("Too many wrong codes. This {} takes none for {time}.", kind.name());
    Refusal::conflict("door_waits", sentence.clone())
        .on("code", sentence)
        .with("retry_after_seconds", left.as_secs().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_waits_longer_and_longer() {
        let minutes: Vec<_> = (1..=45)
            .filter_map(|wrong| wait_after(wrong).map(|wait| (wrong, wait.as_mins())))
            .collect();
        assert_eq!(
            minutes,
            [
                (5, 1),
                (10, 2),
                (15, 4),
                (20, 8),
                (25, 16),
                (30, 32),
                (35, 60),
                (40, 60),
                (45, 60)
            ]
        );
    }
}
