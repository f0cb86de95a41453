use super::{Anchors, Put, StoreError};
use coterie_eventlog::{Head, set_tenant_in_op};
use futures::StreamExt;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// Organizations asked for at once.
const PAGE: i64 = 500;
/// Anchors on their way at once; each needs a connection for a moment, and others want some too.
const AT_ONCE: usize = 4;

/// What one round did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// Organizations whose head is anchored now and was not, with its position.
    pub anchored: Vec<(Uuid, i64)>,
    /// Organizations where another head was anchored at that position: their log is not what it was.
    pub differing: Vec<(Uuid, i64)>,
}

/// Why a round ended early. What it did is done; the next round does the rest.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("heads could not be read or remembered")]
    Database(#[from] sqlx::Error),
    #[error("an anchor could not be kept")]
    Store(#[from] StoreError),
}

/// Anchors every head that moved since its last anchor. As the worker role; safe to run at several places at once,
/// because an anchor is never overwritten.
///
/// # Errors
/// [`PublishError`] when the database or the store fails.
pub async fn publish(pool: &PgPool, anchors: &Anchors, now: Timestamp) -> Result<Published, PublishError> {
    let mut published = Published::default();
    let mut after = Uuid::nil();
    loop {
        let heads = moved(pool, after).await?;
        let Some((last, _)) = heads.last() else { break };
        after = *last;
        let each = futures::stream::iter(heads).map(|(tenant, head)| async move {
            let put = anchor(pool, anchors, tenant, &head, now).await?;
            Ok::<_, PublishError>((tenant, head.position, put))
        });
        let mut each = each.buffer_unordered(AT_ONCE);
        while let Some(done) = each.next().await {
            match done? {
                (tenant, position, Put::Differs(there)) => {
                    let signed = there.published_at;
                    tracing::error!(%tenant, position, %signed, "the log is not what was anchored: verify it");
                    metrics::counter!("coterie_anchor_differences_total").increment(1);
                    published.differing.push((tenant, position));
                }
                (tenant, position, Put::Created | Put::Known) => published.anchored.push((tenant, position)),
            }
        }
    }
    published.anchored.sort_unstable();
    published.differing.sort_unstable();
    metrics::counter!("coterie_anchors_total").increment(published.anchored.len() as u64);
    Ok(published)
}

/// The heads that stand elsewhere than their last anchor, by organization.
async fn moved(pool: &PgPool, after: Uuid) -> Result<Vec<(Uuid, Head)>, sqlx::Error> {
    let rows = sqlx::query(
        "select h.tenant_id, h.position, h.hash, h.occurred_at
         from public.event_head h left join public.anchor a using (tenant_id)
         where h.position > 0 and h.position is distinct from a.position and tenant_id > $1
         order by tenant_id limit $2",
    )
    .bind(after)
    .bind(PAGE)
    .fetch_all(pool)
    .await?;
    let head = |row: &sqlx::postgres::PgRow| {
        Ok((
            row.try_get("tenant_id")?,
            Head {
                position: row.try_get("position")?,
                hash: row.try_get("hash")?,
                occurred_at: row.try_get::<jiff_sqlx::Timestamp, _>("occurred_at")?.to_jiff(),
            },
        ))
    };
    rows.iter().map(head).collect()
}

/// Keeps one anchor and remembers that it is kept, in this order: what is remembered is there.
async fn anchor(
    pool: &PgPool,
    anchors: &Anchors,
    tenant: Uuid,
    head: &Head,
    now: Timestamp,
) -> Result<Put, PublishError> {
    let put = anchors.store.put(&anchors.key.sign(tenant, head, now)).await?;
    if matches!(put, Put::Differs(_)) {
        return Ok(put);
    }
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    sqlx::query(
        "insert into public.anchor (tenant_id, position, published_at) values ($1, $2, $3)
         on conflict (tenant_id) do update set position = excluded.position, published_at = excluded.published_at",
    )
    .bind(tenant)
    .bind(head.position)
    .bind(now.to_sqlx())
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(put)
}
