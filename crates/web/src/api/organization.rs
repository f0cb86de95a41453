//! `GET /v1/organization`

use coterie_app::organization;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{reading::Reading, reply::Answer};
use crate::{failure::Failure, json::ApiJson};

/// The chain that the key belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organization {
    organization_id: Uuid,
    name: String,
    slug: String,
    /// Lives on a test clock, pays at the simulator and sends no mail.
    sandbox: bool,
    /// A sandbox's test clock.
    test_clock: Option<Timestamp>,
}

#[utoipa::path(get, path = "/v1/organization", tag = "organization", responses((status = 200, description = "The chain of this key", body = Organization)))]
pub async fn show(reading: Reading) -> Answer<Organization> {
    reading.settled(&[]).await?;
    let info = organization::by_id(reading.app(), reading.tenant())
        .await?
        .ok_or_else(Failure::not_found)?;
    Ok(ApiJson(Organization {
        organization_id: info.tenant,
        name: info.name,
        slug: info.slug,
        sandbox: info.sandbox,
        test_clock: info.clock_now,
    }))
}
