//! Pricing categories.

use coterie_app::{catalogue, resource};
use coterie_domain::resource::ResourceTypeCreated;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::{PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
};
use crate::failure::Failure;

#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceType {
    resource_type_id: Uuid,
    name: String,
    tax_category: String,
}

impl From<&ResourceTypeCreated> for ResourceType {
    fn from(fact: &ResourceTypeCreated) -> Self {
        Self {
            resource_type_id: fact.resource_type_id.0,
            name: fact.name.clone(),
            tax_category: fact.tax_category.clone(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateResourceType {
    #[schema(example = "Meeting room")]
    name: String,
    /// The seller's own word for what is taxed alike.
    #[schema(example = "standard")]
    tax_category: String,
}

#[utoipa::path(post, path = "/v1/resource_types", tag = "catalogue", request_body = CreateResourceType,
    responses((status = 201, description = "Created", body = ResourceType)))]
pub async fn create(command: Command<CreateResourceType>) -> CommandAnswer<ResourceType> {
    let (app, new) = (&command.house.app, command.body);
    let done = resource::create_type(app, &command.caller, &new.name, &new.tax_category).await?;
    let catalogue = catalogue::read(app, command.caller.tenant).await?;
    let known = catalogue
        .resource_types
        .get(&done.outcome)
        .ok_or_else(Failure::not_found)?;
    Ok(Carried::created(&done, "/v1/resource_types".to_owned(), known.into()))
}

#[utoipa::path(get, path = "/v1/resource_types", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "Types, the oldest first", body = List<ResourceType>)))]
pub async fn list(reading: Reading) -> Answer<List<ResourceType>> {
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let known = catalogue.resource_types.values();
    Ok(List::by_id(
        &reading.page()?,
        known,
        |fact| fact.resource_type_id.0,
        ResourceType::from,
    ))
}
