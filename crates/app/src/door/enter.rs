//! Who is at a tablet, by her code. One that heard too many wrong ones waits, and the longer the more it hears.

use super::{TabletKind, address::digest, tablet_sql};
use crate::{
    App, Caller, Operation, UseCaseError, clock,
    wrong_tries::{self, Tries},
};
use coterie_domain::{MemberId, Refusal, ResourceId};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use uuid::Uuid;

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
    let tries = Tries {
        wrong: row.try_get("wrong_codes")?,
        first_wrong_at: moment("first_wrong_at")?,
        waits_until: moment("waits_until")?,
    };
    if let Some(wait) = tries.wait(now) {
        return Err(waits(kind, wait).into());
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
    // A right code does not wipe them out: whoever has one could go on guessing.
    let tries = tries.one_more(now);
    sqlx::query(tablet_sql!(
        kind,
        "update " table " set wrong_codes = $3, first_wrong_at = $4, waits_until = $5 where tenant_id = $1 and " id " = $2"
    ))
    .bind(tenant)
    .bind(place)
    .bind(tries.wrong)
    .bind(tries.first_wrong_at.map(ToSqlx::to_sqlx))
    .bind(tries.waits_until.map(ToSqlx::to_sqlx))
    .execute(op.conn())
    .await?;
    op.commit(()).await?;
    Err(match tries.wait(now) {
        Some(wait) => waits(kind, wait),
        None => Refusal::field("wrong_code", "code", "Nobody has this code."),
    }
    .into())
}

fn waits(kind: TabletKind, left: SignedDuration) -> Refusal {
    wrong_tries::waits("door_waits", "code", left, |time| {
        format!("Too many wrong codes. This {} takes none for {time}.", kind.name())
    })
}
