//! Anchors: the heads of all organizations, signed and kept outside the database. `coterie_eventlog` says what an anchor
//! is; here is where it lies (`store`, `bucket`) and how it gets there (`publish`).

mod bucket;
mod publish;
mod store;

pub use publish::{PublishError, Published, publish};
pub use store::{AnchorStore, Put, StoreError};

use coterie_eventlog::{AnchorKey, AnchorPublicKey};
use std::time::Duration;

/// Where anchors lie and who signs them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Anchors {
    /// The folder or bucket.
    pub store: AnchorStore,
    /// Signs new ones.
    pub key: AnchorKey,
    /// Keys that signed earlier and are believed still.
    pub earlier_keys: Vec<AnchorPublicKey>,
    /// How often heads are published.
    pub every: Duration,
}

impl Anchors {
    /// Whose signatures count.
    pub fn keys(&self) -> Vec<AnchorPublicKey> {
        let mut keys = vec![self.key.public()];
        keys.extend(self.earlier_keys.iter().cloned());
        keys
    }
}
