//! The clock of a sandbox organization: its owner moves it forward, never back; the worker drives it there, alarm by
//! alarm.

use crate::{App, Caller, UseCaseError, access, organization};
use coterie_domain::Refusal;
use jiff::{Timestamp, ToSpan};
use jiff_sqlx::ToSqlx;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// A clock moves at most this far in one go.
const MAX_ADVANCE_DAYS: i64 = 400;

#[derive(Debug, Clone, PartialEq)]
pub struct TestClock {
    pub now: Timestamp,
    /// Where it is being moved to; `None` when everything due has happened.
    pub target: Option<Timestamp>,
    pub error: Option<String>,
}

/// # Errors
/// `NotFound` for a live organization: it has no test clock.
pub async fn read(app: &App, caller: &Caller) -> Result<TestClock, UseCaseError> {
    access::operates(caller).or_else(|_| access::audits(caller))?;
    let info = organization::by_id(app, caller.tenant)
        .await?
        .ok_or(UseCaseError::NotFound)?;
    let now = info.clock_now.ok_or(UseCaseError::NotFound)?;
    Ok(TestClock {
        now,
        target: info.clock_target,
        error: info.clock_error,
    })
}

/// Asks for the clock to be moved; the worker does it and clears the target when everything due has happened.
///
/// # Errors
/// Backwards, too far, or while it is being moved already; owners and operators only; sandboxes only.
pub async fn advance(app: &App, caller: &Caller, to: Timestamp) -> Result<TestClock, UseCaseError> {
    access::operates(caller)?;
    let clock = read(app, caller).await?;
    if to <= clock.now {
        return Err(Refusal::field(
            "clock_goes_forward",
            "to",
            format!("The clock stands at {}; it only goes forward.", clock.now),
        )
        .into());
    }
    if clock
        .now
        .checked_add((MAX_ADVANCE_DAYS * 24).hours())
        .is_ok_and(|furthest| to > furthest)
    {
        return Err(Refusal::field(
            "too_far",
            "to",
            format!("Please move the clock at most {MAX_ADVANCE_DAYS} days at a time."),
        )
        .into());
    }
    let mut tx = app.pool.begin().await?;
    coterie_eventlog::set_tenant_in_op(&mut tx, caller.tenant).await?;
    let moved = sqlx::query("update organization set clock_target = $2, clock_error = null where tenant_id = $1 and sandbox and clock_target is null and clock_now < $2")
        .bind(caller.tenant)
        .bind(to.to_sqlx())
        .execute(&mut *tx)
        .await?
        .rows_affected();
    tx.commit().await?;
    if moved == 0 {
        return Err(Refusal::conflict(
            "clock_is_moving",
            "The clock is being moved already; please wait until it has arrived.",
        )
        .into());
    }
    Ok(TestClock {
        target: Some(to),
        error: None,
        ..clock
    })
}

/// A clock on its way, as the worker finds it.
#[derive(Debug, Clone, PartialEq)]
pub struct MovingClock {
    pub tenant: Uuid,
    pub now: Timestamp,
    pub target: Timestamp,
}

/// Clocks on their way, across organizations, for the worker role.
///
/// # Errors
/// When the database fails.
pub async fn moving(worker: &PgPool) -> Result<Vec<MovingClock>, sqlx::Error> {
    let rows = sqlx::query(
        "select tenant_id, clock_now, clock_target from organization where clock_target is not null limit 100",
    )
    .fetch_all(worker)
    .await?;
    rows.iter()
        .map(|row| {
            let now: jiff_sqlx::Timestamp = row.try_get("clock_now")?;
            let target: jiff_sqlx::Timestamp = row.try_get("clock_target")?;
            Ok(MovingClock {
                tenant: row.try_get("tenant_id")?,
                now: now.to_jiff(),
                target: target.to_jiff(),
            })
        })
        .collect()
}

/// Sets a clock on its way; `arrived` clears the target. Never back.
///
/// # Errors
/// When the database fails.
pub async fn set(
    app: &App,
    tenant: Uuid,
    now: Timestamp,
    arrived: bool,
    error: Option<&str>,
) -> Result<(), UseCaseError> {
    let mut tx = app.pool.begin().await?;
    coterie_eventlog::set_tenant_in_op(&mut tx, tenant).await?;
    sqlx::query(
        "update organization set clock_now = greatest(clock_now, $2), clock_target = case when $3 then null else clock_target end, clock_error = $4
         where tenant_id = $1 and sandbox",
    )
    .bind(tenant)
    .bind(now.to_sqlx())
    .bind(arrived)
    .bind(error)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
