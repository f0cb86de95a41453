//! Guards beside the log: what any journey may ask at its end.

use crate::chain;
use coterie_app::guard::{self, Agreement};
use sqlx::PgPool;
use uuid::Uuid;

/// Every guard row of an organization is what its log calls for.
///
/// # Panics
/// When one is not; the message names it.
pub async fn guards_agree(worker: &PgPool, tenant: Uuid) -> Agreement {
    let agreement = guard::compare(&chain::app(worker.clone()), tenant, None)
        .await
        .expect("guards can be compared");
    let told: Vec<String> = agreement.differences.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "guards differ:\n{}", told.join("\n"));
    agreement
}
