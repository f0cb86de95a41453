//! Holding the database's chain to the anchors that lie outside of it.

use std::collections::HashMap;

use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::anchor::{Anchor, AnchorPublicKey};
use crate::tenant::set_tenant_in_op;

/// Anchors compared per transaction.
const ANCHORS_PER_PAGE: usize = 1_000;

/// Whether a chain is what was anchored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreement {
    /// Every anchor agrees.
    Agrees {
        /// How many there are.
        anchors: usize,
        /// The last position that one vouches for.
        up_to: Option<i64>,
    },
    /// The first anchor that does not.
    Disagrees {
        /// The position that it speaks of.
        position: i64,
        /// The first event that it covers and no anchor before it.
        from: i64,
        /// What is wrong, as a sentence for people.
        reason: String,
    },
}

/// Compares the organization's events with its anchors, which come in position order.
///
/// It looks at the hashes that are stored; that they are the hashes of the content is what [`crate::verify`] shows first.
pub async fn compare_anchors(
    pool: &PgPool,
    tenant: Uuid,
    anchors: &[Anchor],
    keys: &[AnchorPublicKey],
) -> Result<Agreement, sqlx::Error> {
    let mut from = 1;
    for page in anchors.chunks(ANCHORS_PER_PAGE) {
        let positions: Vec<i64> = page.iter().map(|anchor| anchor.position).collect();
        let hashes = hashes_at(pool, tenant, &positions).await?;
        for anchor in page {
            let position = anchor.position;
            if let Some(reason) = disagreement(anchor, tenant, keys, hashes.get(&position), from) {
                return Ok(Agreement::Disagrees { position, from, reason });
            }
            from = position + 1;
        }
    }
    Ok(Agreement::Agrees {
        anchors: anchors.len(),
        up_to: anchors.last().map(|anchor| anchor.position),
    })
}

fn disagreement(
    anchor: &Anchor,
    tenant: Uuid,
    keys: &[AnchorPublicKey],
    hash: Option<&[u8; 32]>,
    from: i64,
) -> Option<String> {
    let (position, signed) = (anchor.position, anchor.published_at);
    if let Err(error) = anchor.check(keys) {
        return Some(format!("the anchor for event {position} cannot be believed: {error}"));
    }
    if anchor.tenant_id != tenant {
        return Some(format!("the anchor for event {position} is another organization's"));
    }
    let range = if from >= position {
        format!("event {position}")
    } else {
        format!("an event from {from} to {position}")
    };
    match hash {
        Some(hash) if *hash == anchor.hash => None,
        Some(_) => Some(format!(
            "{range} was changed, dropped, inserted or reordered, and the chain was recomputed after it: the anchor for event \
             {position}, signed {signed}, does not agree"
        )),
        None => Some(format!(
            "the end of the log is gone: there is an anchor for event {position}, signed {signed}, and no such event"
        )),
    }
}

async fn hashes_at(pool: &PgPool, tenant: Uuid, positions: &[i64]) -> Result<HashMap<i64, [u8; 32]>, sqlx::Error> {
    let mut tx = pool.begin().await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let rows = sqlx::query("select position, hash from public.event where tenant_id = $1 and position = any($2)")
        .bind(tenant)
        .bind(positions)
        .fetch_all(&mut *tx)
        .await?;
    tx.commit().await?;
    rows.iter()
        .map(|row| Ok((row.try_get("position")?, row.try_get("hash")?)))
        .collect()
}
