//! Photos of resources.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use coterie_app::{
    catalogue,
    photo::{self, MAX_PHOTO_BYTES, NewPhoto},
};
use coterie_domain::{PhotoId, ResourceId, photo::PhotoAdded};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
};
use crate::failure::{Failure, FieldError};

/// What the body with a picture may weigh: base64 makes four letters of three bytes.
pub const LIMIT_BYTES: usize = MAX_PHOTO_BYTES / 3 * 4 + 1024 * 1024;

#[derive(Debug, Serialize, ToSchema)]
pub struct Photo {
    photo_id: Uuid,
    resource_id: Uuid,
    /// What is seen on it, in words.
    alt: String,
    /// Of the JPEG as it is shown, in hexadecimal.
    sha256: String,
    /// In pixels.
    width: i32,
    height: i32,
}

impl From<&PhotoAdded> for Photo {
    fn from(fact: &PhotoAdded) -> Self {
        Self {
            photo_id: fact.photo_id.0,
            resource_id: fact.resource_id.0,
            alt: fact.alt.clone(),
            sha256: fact.sha256.clone(),
            width: fact.width,
            height: fact.height,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPhoto {
    resource_id: Uuid,
    /// What is seen on it, in words.
    alt: String,
    /// A JPEG, PNG or WebP of 6 MiB at most, in base64. It is written anew as a JPEG without anything but its picture.
    image: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Changed {
    photo_id: Uuid,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PhotoFilter {
    resource_id: Option<Uuid>,
}

#[utoipa::path(get, path = "/v1/photos", tag = "catalogue", params(PageQuery, PhotoFilter),
    responses((status = 200, description = "Photos, the oldest first", body = List<Photo>)))]
pub async fn list(reading: Reading) -> Answer<List<Photo>> {
    reading.settled(&[]).await?;
    let filter: PhotoFilter = reading.query()?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let wanted = |photo: &&PhotoAdded| filter.resource_id.is_none_or(|id| photo.resource_id.0 == id);
    Ok(List::by_id(
        &reading.page()?,
        catalogue.photos.values().filter(wanted),
        |photo| photo.photo_id.0,
        Photo::from,
    ))
}

#[utoipa::path(post, path = "/v1/photos", tag = "catalogue", request_body = AddPhoto,
    responses((status = 201, description = "Members see it from now on", body = Changed)))]
pub async fn create(command: Command<AddPhoto>) -> CommandAnswer<Changed> {
    let image = STANDARD
        .decode(command.body.image.trim())
        .map_err(|_| Failure::invalid(vec![FieldError::new("image", "This is no base64.")]))?;
    let new = NewPhoto {
        resource_id: ResourceId(command.body.resource_id),
        alt: command.body.alt,
        image,
    };
    let done = photo::add(&command.house.app, &command.caller, new).await?;
    let body = Changed {
        photo_id: done.outcome.0,
    };
    Ok(Carried::created(&done, "/v1/photos".to_owned(), body))
}

#[utoipa::path(post, path = "/v1/photos/{photo_id}/remove", tag = "catalogue", params(("photo_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "It is gone, and its picture with it", body = Changed)))]
pub async fn remove(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<Changed> {
    let done = photo::remove(&command.house.app, &command.caller, PhotoId(id), None).await?;
    let body = Changed {
        photo_id: done.outcome.0,
    };
    Ok(Carried::changed(&done, body))
}
