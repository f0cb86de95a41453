//! Photos of resources.

mod shot;

pub use shot::{MAX_BYTES as MAX_PHOTO_BYTES, Shot};

use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access, catalogue,
    picture::{self, Picture},
};
use coterie_domain::{
    PhotoId, ResourceId,
    photo::{self, Photo, PhotoAdded, PhotoEvent},
};
use uuid::Uuid;

const MEDIA_TYPE: &str = "image/jpeg";

/// A picture as it comes in, and what is seen on it in words.
#[derive(Debug, Clone)]
pub struct NewPhoto {
    pub resource_id: ResourceId,
    pub alt: String,
    pub image: Vec<u8>,
}

/// Adds a photo. It is written anew before the transaction begins, without anything but the picture.
///
/// # Errors
/// An unknown resource, no words, too many photos, a picture that is none; operators only.
pub async fn add(app: &App, caller: &Caller, new: NewPhoto) -> Outcome<PhotoId> {
    access::operates(caller)?;
    photo::check(new.resource_id, &new.alt, &*catalogue::read(app, caller.tenant).await?)?;
    let shot = Shot::take(new.image).await?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let alt = photo::check(new.resource_id, &new.alt, &catalogue)?;
    let id = PhotoId(op.new_id());
    let added = PhotoAdded {
        photo_id: id,
        resource_id: new.resource_id,
        alt,
        sha256: shot.sha256(),
        width: i32::try_from(shot.width).unwrap_or_default(),
        height: i32::try_from(shot.height).unwrap_or_default(),
    };
    picture::keep_in_op(&mut op, id.0, MEDIA_TYPE, &added.sha256, &shot.bytes).await?;
    op.write(id.0, 0, [PhotoEvent::from(added)])?;
    op.commit(id).await
}

/// Removes a photo of a resource, and its bytes with it; `of` is the resource that it is said to be of.
///
/// # Errors
/// `NotFound` for an unknown one or another resource's; a refusal for one that was removed; operators only.
pub async fn remove(app: &App, caller: &Caller, id: PhotoId, of: Option<ResourceId>) -> Outcome<PhotoId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    op.catalogue_to_change().await?;
    let (photo, version) = op
        .load::<PhotoEvent, Photo>(id.0, Photo::evolve)
        .await?
        .filter(|(photo, _)| of.is_none_or(|resource| resource == photo.fact.resource_id))
        .ok_or(UseCaseError::NotFound)?;
    let removed = photo::remove(&photo)?;
    picture::drop_in_op(&mut op, id.0).await?;
    op.write(id.0, version, [PhotoEvent::from(removed)])?;
    op.commit(id).await
}

/// A photo as it is shown; `None` for an unknown or removed one.
///
/// # Errors
/// When the database fails, or what is kept is not what the log names.
pub async fn picture_of(app: &App, tenant: Uuid, id: PhotoId) -> Result<Option<Picture>, UseCaseError> {
    let catalogue = catalogue::read(app, tenant).await?;
    let Some(photo) = catalogue.photos.get(&id) else {
        return Ok(None);
    };
    picture::read(app, tenant, id.0, &photo.sha256).await
}
