//! A webhook that never comes and a worker that died lose nothing: attempts without an outcome are taken up again, by
//! reading their intent or by sending the same request under the same key. So are pages on which visitors pay.

use super::{COLLECT, LOOK_UP, REFUND_VISIT, VISIT_PAGE, after_database};
use crate::{
    WorkerConfig,
    queue::{Job, JobError, NewJob, enqueue_in_op},
};
use coterie_app::{clock, payment};
use coterie_domain::{PaymentId, payment::PaymentState};
use uuid::Uuid;

/// Organizations and attempts looked at in one sweep.
const LIMIT: i64 = 500;

pub(super) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let tenants: Vec<Uuid> = sqlx::query_scalar("select tenant_id from organization order by tenant_id limit 10000")
        .fetch_all(&config.app.pool)
        .await
        .map_err(after_database)?;
    let _ = &job;
    // One tick's keys, so that two replicas sweeping in one minute enqueue one job each.
    let minute = clock::wall_now().as_second() / 60;
    for tenant in tenants {
        sweep_tenant(config, tenant, minute).await?;
    }
    Ok(())
}

async fn sweep_tenant(config: &WorkerConfig, tenant: Uuid, minute: i64) -> Result<(), JobError> {
    let caller = coterie_app::Caller::system(tenant, "sweep");
    let mut op = coterie_app::Operation::open(&config.app, &caller)
        .await
        .map_err(super::after)?;
    let live: Vec<Uuid> = sqlx::query_scalar("select live_payment_id from invoice_guard where tenant_id = $1 and live_payment_id is not null order by invoice_id limit $2")
        .bind(tenant)
        .bind(LIMIT)
        .fetch_all(op.conn())
        .await
        .map_err(after_database)?;
    for id in live {
        let (found, _) = payment::load(&mut op, PaymentId(id)).await.map_err(super::after)?;
        // An attempt is sent again by one patient job, which outlasts an answer that is under way; an intent is read once
        // a minute.
        let (kind, payload, key, max_attempts) = match found.state {
            PaymentState::Submitted => (
                COLLECT,
                serde_json::json!({ "payment_id": id }),
                format!("sweep:{id}"),
                12,
            ),
            PaymentState::Processing | PaymentState::Unknown => (
                LOOK_UP,
                serde_json::json!({ "stream_id": id }),
                format!("sweep:{id}:{minute}"),
                1,
            ),
            _ => continue,
        };
        let job = NewJob {
            tenant,
            kind,
            idempotency_key: key,
            payload,
            run_at: None,
            max_attempts,
        };
        enqueue_in_op(op.conn(), job).await.map_err(after_database)?;
    }
    sweep_visits(&mut op, tenant, minute).await?;
    op.commit(()).await.map_err(super::after)?;
    Ok(())
}

/// Visitors' pages that nobody has told of yet, and money of theirs that is to go back.
async fn sweep_visits(op: &mut coterie_app::Operation, tenant: Uuid, minute: i64) -> Result<(), JobError> {
    let open: Vec<(Uuid, bool)> = sqlx::query_as(
        "select visitor_booking_id, refund_due from visitor_booking
         where tenant_id = $1 order by visitor_booking_id limit $2",
    )
    .bind(tenant)
    .bind(LIMIT)
    .fetch_all(op.conn())
    .await
    .map_err(after_database)?;
    for (id, refund_due) in open {
        let job = NewJob {
            tenant,
            kind: if refund_due { REFUND_VISIT } else { VISIT_PAGE },
            idempotency_key: format!("sweep:{id}:{minute}"),
            payload: serde_json::json!({ "stream_id": id }),
            run_at: None,
            max_attempts: 1,
        };
        enqueue_in_op(op.conn(), job).await.map_err(after_database)?;
    }
    Ok(())
}
