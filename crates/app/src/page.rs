//! Bounded pages with opaque cursors.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

/// Items of one page at most.
pub const MAX_PAGE: i64 = 100;
pub const DEFAULT_PAGE: i64 = 25;

/// One page and where the next begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// What to read: how many, and after which cursor.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageRequest {
    pub limit: Option<i64>,
    pub after: Option<String>,
}

impl PageRequest {
    /// The number of items, within bounds.
    pub fn limit(&self) -> i64 {
        self.limit.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE)
    }
    /// The key that the cursor names. A cursor that cannot be read starts from the beginning.
    pub fn after<K: DeserializeOwned>(&self) -> Option<K> {
        let bytes = URL_SAFE_NO_PAD.decode(self.after.as_deref()?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
    /// Cuts one more than a page to a page and the cursor of the rest.
    pub fn cut<T, K: Serialize>(&self, mut items: Vec<T>, key: impl Fn(&T) -> K) -> Page<T> {
        let limit = usize::try_from(self.limit()).unwrap_or(1);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items
            .last()
            .filter(|_| more)
            .and_then(|last| serde_json::to_vec(&key(last)).ok())
            .map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        Page { items, next }
    }
}
