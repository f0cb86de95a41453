//! What was asked and what was answered, for tests that hold both against Stripe's published shapes.

use serde::Serialize;
use serde_json::Value;

/// Exchanges kept; later ones are not recorded.
pub(crate) const LIMIT: usize = 10_000;

/// One exchange with `/v1`.
#[derive(Debug, Clone, Serialize)]
pub struct Recorded {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub account: Option<String>,
    pub idempotency_key: Option<String>,
    pub api_version: Option<String>,
    /// Form body or query, nested; values are strings as sent.
    pub parameters: Value,
    pub status: u16,
    /// The whole answer, before any fault cut it.
    pub answer: Value,
}
