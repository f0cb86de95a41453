use super::Kind;
use crate::{App, Caller, Operation, UseCaseError, booking, credit, invoice, ledger, membership, retention, waitlist};
use coterie_domain::{BookingId, InvoiceId, LotId, MembershipId, WaitlistEntryId};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgPool, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

/// An alarm that is due.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    pub tenant: Uuid,
    pub kind: Kind,
    pub subject: Uuid,
    pub due_at: Timestamp,
}

impl Alarm {
    /// Whether both can be fired in one transaction.
    pub fn goes_with(&self, other: &Self) -> bool {
        (self.tenant, self.kind, self.due_at) == (other.tenant, other.kind, other.due_at)
    }
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

/// Alarms that were fired and are not committed yet: whoever fires them adds what follows from them to the same
/// transaction, so that a crash leaves either both or the alarms.
pub struct Firing {
    op: Operation,
    /// What each leads to, in their order.
    pub fired: Vec<Fired>,
}

impl Firing {
    pub fn conn(&mut self) -> &mut PgConnection {
        self.op.conn()
    }

    /// # Errors
    /// Whatever the use case behind one of them says; all of them then stay.
    pub async fn commit(self) -> Result<Vec<Fired>, UseCaseError> {
        self.op.commit(()).await?;
        Ok(self.fired)
    }
}

/// Fires alarms that are due together in one transaction: takes their rows, decides with now = due, one after the other;
/// [`Firing::commit`] appends everything at once.
///
/// # Errors
/// `Broken` unless all are of one organization and one instant; whatever the use case behind one of them says. All of them
/// then stay.
pub async fn fire(app: &App, alarms: &[Alarm]) -> Result<Firing, UseCaseError> {
    let Some(first) = alarms.first() else {
        return Err(UseCaseError::Broken("no alarm to fire".to_owned()));
    };
    if !alarms.iter().all(|alarm| alarm.goes_with(first)) {
        return Err(UseCaseError::Broken("alarms that are not due together".to_owned()));
    }
    let caller = Caller::system(first.tenant, "alarm");
    let mut op = Operation::open(app, &caller).await?;
    op.now = first.due_at;
    let taken: Vec<Uuid> = sqlx::query_scalar(
        "delete from alarm where tenant_id = $1 and kind = $2 and subject_id = any($3) and due_at = $4 returning subject_id",
    )
    .bind(first.tenant)
    .bind(first.kind.name())
    .bind(alarms.iter().map(|alarm| alarm.subject).collect::<Vec<_>>())
    .bind(first.due_at.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    let taken: BTreeSet<Uuid> = taken.into_iter().collect();
    let mut fired = Vec::with_capacity(alarms.len());
    for alarm in alarms {
        fired.push(if taken.contains(&alarm.subject) {
            decide(&mut op, alarm).await?
        } else {
            Fired::Gone
        });
    }
    Ok(Firing { op, fired })
}

async fn decide(op: &mut Operation, alarm: &Alarm) -> Result<Fired, UseCaseError> {
    match alarm.kind {
        Kind::CycleEnd => membership::end_cycle_in_op(op, MembershipId(alarm.subject)).await?,
        Kind::Bill => invoice::bill_in_op(op, MembershipId(alarm.subject)).await?,
        Kind::EarnRevenue => ledger::earn_revenue_in_op(op, InvoiceId(alarm.subject)).await?,
        Kind::RetentionEnd => retention::end_in_op(op, alarm.subject).await?,
        Kind::HoldEnd => booking::end_hold_in_op(op, BookingId(alarm.subject)).await?,
        Kind::CheckInEnd => booking::end_check_in_in_op(op, BookingId(alarm.subject)).await?,
        Kind::WaitlistEnd => waitlist::pass_in_op(op, WaitlistEntryId(alarm.subject)).await?,
        Kind::CreditEnd => credit::lapse_pack_in_op(op, LotId(alarm.subject)).await?,
        Kind::RetryPayment => return Ok(Fired::Collect(InvoiceId(alarm.subject))),
    }
    Ok(Fired::Done)
}

/// Alarms of live organizations that are due by wall time, earliest first, found across organizations by the worker role.
/// Those that go with each other stand side by side.
///
/// # Errors
/// When the database fails.
pub async fn due_by_wall(worker: &PgPool, now: Timestamp, limit: i64) -> Result<Vec<Alarm>, sqlx::Error> {
    let rows = sqlx::query(
        "select a.tenant_id, a.kind, a.subject_id, a.due_at from alarm a join organization o using (tenant_id)
         where not o.sandbox and a.due_at <= $1 order by a.due_at, a.rank, a.tenant_id, a.subject_id limit $2",
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
