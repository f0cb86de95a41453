//! Colleagues and keys: what only owners add.

use coterie_app::{
    organization::{self, AddStaff},
    session,
};
use coterie_domain::organization::Role;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reply::{Carried, CommandAnswer},
};
use crate::{failure::Failure, json::ApiJson};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddColleague {
    name: String,
    email: String,
    /// `owner`, `operator` or `finance`.
    #[schema(value_type = String, example = "operator")]
    role: Role,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ColleagueAdded {
    staff_id: Uuid,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// `owner`, `operator` or `finance`: what the key may do.
    #[schema(value_type = String, example = "finance")]
    role: Role,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKeyCreated {
    key_id: Uuid,
    /// Shown once; only its hash is kept.
    #[schema(example = "ck_…")]
    key: String,
}

#[utoipa::path(post, path = "/v1/staff", tag = "organization", request_body = AddColleague,
    responses((status = 201, description = "Added; she sets a password by the link in her email", body = ColleagueAdded)))]
pub async fn create(command: Command<AddColleague>) -> CommandAnswer<ColleagueAdded> {
    let new = command.body;
    let new = AddStaff {
        name: new.name,
        email: new.email,
        role: new.role,
        password: None,
    };
    let done = organization::add_staff(&command.house.app, &command.caller, new).await?;
    let staff_id = done.outcome.0;
    Ok(Carried::created(
        &done,
        "/v1/staff".to_owned(),
        ColleagueAdded { staff_id },
    ))
}

#[utoipa::path(post, path = "/v1/api_keys", tag = "organization", request_body = CreateApiKey,
    responses((status = 201, description = "A new key; an Idempotency-Key is refused, because a secret that is shown once cannot be repeated", body = ApiKeyCreated)))]
pub async fn create_api_key(command: Command<CreateApiKey>) -> Result<(StatusCode, ApiJson<ApiKeyCreated>), Failure> {
    command.shows_a_secret("The secret of a new API key")?;
    let (key_id, key) = session::create_api_key(&command.house.app, &command.caller, command.body.role).await?;
    Ok((StatusCode::CREATED, ApiJson(ApiKeyCreated { key_id, key })))
}
