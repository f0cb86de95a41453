use super::Kind;
use crate::{App, Caller, Operation, UseCaseError, invoice, ledger, membership, retention};
use coterie_domain::{InvoiceId, MembershipId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

/// An alarm that is due.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    pub tenant: Uuid,
    pub kind: Kind,
    pub subject: Uuid,
    pub due_at: Timestamp,
}

/// What firing leads to outside the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fired {
    Done,
    /// Somebody else fired it.
    Gone,
    /// The invoice is to be tried again.
    Collect(InvoiceId),
}

/// An alarm that was fired and is not committed yet: whoever fires it adds what follows from it to the same transaction, so
/// that a crash leaves either both or the alarm.
pub struct Firing {
    op: Operation,
    pub fired: Fired,
}

impl Firing {
    pub fn conn(&mut self) -> &mut PgConnection {
        self.op.conn()
    }

    /// # Errors
    /// Whatever the use case behind it says; the alarm then stays.
    pub async fn commit(self) -> Result<Fired, UseCaseError> {
        self.op.commit(()).await?;
        Ok(self.fired)
    }
}

/// Fires one alarm in one transaction: takes its row, decides with now = due; [`Firing::commit`] appends.
///
/// # Errors
/// Whatever the use case behind it says; the alarm then stays.
pub async fn fire(app: &App, alarm: &Alarm) -> Result<Firing, UseCaseError> {
    let caller = Caller::system(alarm.tenant, "alarm");
    let mut op = Operation::open(app, &caller).await?;
    op.now = alarm.due_at;
    let taken = sqlx::query("delete from alarm where tenant_id = $1 and kind = $2 and subject_id = $3 and due_at = $4")
        .bind(alarm.tenant)
        .bind(alarm.kind.name())
        .bind(alarm.subject)
        .bind(alarm.due_at.to_sqlx())
        .execute(op.conn())
        .await?
        .rows_affected();
    let mut fired = if taken == 0 { Fired::Gone } else { Fired::Done };
    if taken > 0 {
        match alarm.kind {
            Kind::CycleEnd => membership::end_cycle_in_op(&mut op, MembershipId(alarm.subject)).await?,
            Kind::Bill => invoice::bill_in_op(&mut op, MembershipId(alarm.subject)).await?,
            Kind::EarnRevenue => ledger::earn_revenue_in_op(&mut op, InvoiceId(alarm.subject)).await?,
            Kind::RetentionEnd => retention::end_in_op(&mut op, alarm.subject).await?,
            Kind::RetryPayment => fired = Fired::Collect(InvoiceId(alarm.subject)),
        }
    }
    Ok(Firing { op, fired })
}

/// Alarms of live organizations that are due by wall time, earliest first, found across organizations by the worker role.
///
/// # Errors
/// When the database fails.
pub async fn due_by_wall(worker: &PgPool, now: Timestamp, limit: i64) -> Result<Vec<Alarm>, sqlx::Error> {
    let rows = sqlx::query(
        "select a.tenant_id, a.kind, a.subject_id, a.due_at from alarm a join organization o using (tenant_id)
         where not o.sandbox and a.due_at <= $1 order by a.due_at, a.rank, a.subject_id limit $2",
    )
    .bind(now.to_sqlx())
    .bind(limit)
    .fetch_all(worker)
    .await?;
    rows.iter().filter_map(|row| read(row).transpose()).collect()
}

/// The earliest alarms of one organization that are due at or before a time: all of one kind and one instant.
///
/// # Errors
/// When the database fails.
pub async fn earliest(worker: &PgPool, tenant: Uuid, until: Timestamp) -> Result<Vec<Alarm>, sqlx::Error> {
    let rows = sqlx::query(
        "select tenant_id, kind, subject_id, due_at from alarm
         where tenant_id = $1 and (due_at, rank) = (select due_at, rank from alarm where tenant_id = $1 and due_at <= $2 order by due_at, rank limit 1)
         order by subject_id limit 10000",
    )
    .bind(tenant)
    .bind(until.to_sqlx())
    .fetch_all(worker)
    .await?;
    rows.iter().filter_map(|row| read(row).transpose()).collect()
}

fn read(row: &sqlx::postgres::PgRow) -> Result<Option<Alarm>, sqlx::Error> {
    let kind: String = row.try_get("kind")?;
    let due_at: jiff_sqlx::Timestamp = row.try_get("due_at")?;
    // A kind of a newer build waits for a worker that knows it.
    Kind::from_name(&kind)
        .map(|kind| {
            Ok(Alarm {
                tenant: row.try_get("tenant_id")?,
                kind,
                subject: row.try_get("subject_id")?,
                due_at: due_at.to_jiff(),
            })
        })
        .transpose()
}
