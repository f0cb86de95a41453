//! Where the organization's log stands.

use coterie_app::log::page;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{reading::Reading, reply::Answer};
use crate::{failure::Failure, json::ApiJson};

/// The end of the log: keep it elsewhere, and nobody can rewrite what came before without your noticing.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogHead {
    /// Of the last event; there are no gaps.
    position: i64,
    /// SHA-256 of the chain up to there, in hexadecimal digits.
    hash: String,
    /// By the organization's clock.
    occurred_at: Timestamp,
}

#[utoipa::path(get, path = "/v1/log/head", tag = "log", responses((status = 200, description = "The last event", body = LogHead)))]
pub async fn head(reading: Reading) -> Answer<LogHead> {
    reading.settled(&[]).await?;
    let head = page::head(reading.app(), reading.tenant())
        .await?
        .ok_or_else(Failure::not_found)?;
    let hash = head
        .hash
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    Ok(ApiJson(LogHead {
        position: head.position,
        hash,
        occurred_at: head.occurred_at,
    }))
}
