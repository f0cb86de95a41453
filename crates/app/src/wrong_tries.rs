//! Wrong tries at what is kept secret: passwords, coupons' codes, door codes. After five nobody is listened to for a minute,
//! after five more for two, and so on up to an hour; after a day they are forgotten.

use crate::{App, UseCaseError, clock};
use coterie_domain::Refusal;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

/// Wrong tries after which one waits, and again after as many.
const IN_A_ROW: i32 = 5;
/// The longest that one waits.
const LONGEST_MINUTES: i64 = 60;
/// How long wrong tries are remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// What was tried so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tries {
    pub(crate) wrong: i32,
    pub(crate) first_wrong_at: Option<Timestamp>,
    pub(crate) waits_until: Option<Timestamp>,
}

impl Tries {
    /// How long no try is looked at, if it is so.
    pub(crate) fn wait(&self, now: Timestamp) -> Option<SignedDuration> {
        self.waits_until
            .filter(|until| now < *until)
            .map(|until| until.duration_since(now))
    }

    /// With one more.
    pub(crate) fn one_more(&self, now: Timestamp) -> Self {
        let first = self
            .first_wrong_at
            .filter(|first| now.duration_since(*first) < REMEMBERED);
        let wrong = first.map_or(0, |_| self.wrong).saturating_add(1);
        Self {
            wrong,
            first_wrong_at: Some(first.unwrap_or(now)),
            waits_until: wait_after(wrong).and_then(|wait| now.checked_add(wait).ok()),
        }
    }
}

/// How long one waits after so many wrong tries, if at all.
fn wait_after(wrong: i32) -> Option<SignedDuration> {
    if wrong < IN_A_ROW || wrong % IN_A_ROW != 0 {
        return None;
    }
    let doublings = u32::try_from(wrong / IN_A_ROW - 1).unwrap_or(u32::MAX).min(10);
    Some(SignedDuration::from_mins((1_i64 << doublings).min(LONGEST_MINUTES)))
}

/// The refusal of whoever waits; `sentence` is told the time.
pub(crate) fn waits(
    code: &'static str,
    field: &'static str,
    wait: SignedDuration,
    sentence: impl FnOnce(String) -> String,
) -> Refusal {
    let sentence = sentence(minutes(wait));
    Refusal::conflict(code, sentence.clone())
        .on(field, sentence)
        .with("retry_after_seconds", wait.as_secs().max(1))
}

/// A wait as a sentence has it.
fn minutes(wait: SignedDuration) -> String {
    match (wait.as_secs() + 59) / 60 {
        ..=1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

/// What is guessed, and of whom.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Guessed<'a> {
    /// The password of an address, by its keyed digest; whether anybody has it does not matter.
    Password(&'a [u8]),
    /// Any coupon's code, by a member.
    Coupon(Uuid),
}

impl Guessed<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Password(_) => "password",
            Self::Coupon(_) => "coupon",
        }
    }

    fn whose(&self) -> &[u8] {
        match self {
            Self::Password(digest) => digest,
            Self::Coupon(member) => member.as_bytes(),
        }
    }
}

/// Counts a try as a wrong one before it is looked at, so that tries at the same moment are counted too; a right one is
/// [`forget`]-ten. `Err` is how long none is looked at.
pub(crate) async fn count(
    app: &App,
    tenant: Uuid,
    guessed: Guessed<'_>,
) -> Result<Result<Tries, SignedDuration>, UseCaseError> {
    let now = clock::wall_now();
    let mut tx = coterie_eventlog::begin(&app.pool, tenant).await?;
    let long_ago = now.checked_sub(REMEMBERED).unwrap_or(now);
    sqlx::query("delete from wrong_try where tenant_id = $1 and first_wrong_at <= $2")
        .bind(tenant)
        .bind(long_ago.to_sqlx())
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "insert into wrong_try (tenant_id, kind, whose, wrong, first_wrong_at) values ($1, $2, $3, 0, $4)
         on conflict (tenant_id, kind, whose) do nothing",
    )
    .bind(tenant)
    .bind(guessed.kind())
    .bind(guessed.whose())
    .bind(now.to_sqlx())
    .execute(&mut *tx)
    .await?;
    let tries = read_in_op(&mut tx, tenant, guessed, true).await?;
    if let Some(wait) = tries.wait(now) {
        return Ok(Err(wait));
    }
    let tries = tries.one_more(now);
    sqlx::query(
        "update wrong_try set wrong = $4, first_wrong_at = $5, waits_until = $6
         where tenant_id = $1 and kind = $2 and whose = $3",
    )
    .bind(tenant)
    .bind(guessed.kind())
    .bind(guessed.whose())
    .bind(tries.wrong)
    .bind(tries.first_wrong_at.map(ToSqlx::to_sqlx))
    .bind(tries.waits_until.map(ToSqlx::to_sqlx))
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Ok(tries))
}

/// How long no try is looked at, if it is so.
pub(crate) async fn wait_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    guessed: Guessed<'_>,
) -> Result<Option<SignedDuration>, UseCaseError> {
    let tries = read_in_op(conn, tenant, guessed, false).await?;
    Ok(tries.wait(clock::wall_now()))
}

async fn read_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    guessed: Guessed<'_>,
    to_change: bool,
) -> Result<Tries, UseCaseError> {
    let sql = if to_change {
        "select wrong, first_wrong_at, waits_until from wrong_try where tenant_id = $1 and kind = $2 and whose = $3 for update"
    } else {
        "select wrong, first_wrong_at, waits_until from wrong_try where tenant_id = $1 and kind = $2 and whose = $3"
    };
    let row = sqlx::query(sql)
        .bind(tenant)
        .bind(guessed.kind())
        .bind(guessed.whose())
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(Tries::default()) };
    let moment = |column: &str| -> Result<Option<Timestamp>, sqlx::Error> {
        let at: Option<jiff_sqlx::Timestamp> = row.try_get(column)?;
        Ok(at.map(jiff_sqlx::Timestamp::to_jiff))
    };
    Ok(Tries {
        wrong: row.try_get("wrong")?,
        first_wrong_at: moment("first_wrong_at")?,
        waits_until: moment("waits_until")?,
    })
}

/// Forgets the wrong tries.
pub(crate) async fn forget_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    guessed: Guessed<'_>,
) -> Result<(), UseCaseError> {
    sqlx::query("delete from wrong_try where tenant_id = $1 and kind = $2 and whose = $3")
        .bind(tenant)
        .bind(guessed.kind())
        .bind(guessed.whose())
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets those at a person's password and of hers at coupons, by her id: while her address stands in `sign_in`.
pub(crate) async fn forget_of_in_op(conn: &mut PgConnection, tenant: Uuid, person: Uuid) -> Result<(), UseCaseError> {
    sqlx::query(
        "delete from wrong_try w where w.tenant_id = $1 and (
             w.kind = 'coupon' and w.whose = $3
             or w.kind = 'password'
                and w.whose in (select s.email_hmac from sign_in s where s.tenant_id = $1 and s.person_id = $2))",
    )
    .bind(tenant)
    .bind(person)
    .bind(person.as_bytes().as_slice())
    .execute(conn)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_waits_longer_and_longer() {
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

    #[test]
    fn wrong_tries_are_forgotten_after_a_day() {
        let now: Timestamp = "2026-01-20T09:00:00Z".parse().expect("an instant");
        let mut tries = Tries::default();
        for _ in 0..4 {
            tries = tries.one_more(now);
            assert_eq!(tries.wait(now), None);
        }
        let later = now + SignedDuration::from_hours(23);
        assert_eq!(tries.one_more(later).wait(later), Some(SignedDuration::from_mins(1)));
        let tomorrow = now + SignedDuration::from_hours(24);
        let again = tries.one_more(tomorrow);
        assert_eq!((again.wrong, again.first_wrong_at), (1, Some(tomorrow)));
    }
}
