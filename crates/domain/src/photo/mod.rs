//! A photo of a resource, with words for those who do not see it.

use crate::{
    PhotoId, ResourceId,
    catalogue::Catalogue,
    event::domain_events,
    refusal::{Faults, Refusal},
    text,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a photo.
    PhotoEvent, "photo", { PhotoAdded = 1, PhotoRemoved = 1 }
);

/// The most that one resource has.
const MAX_PHOTOS: usize = 12;

/// The picture itself is kept beside the log, under this digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhotoAdded {
    pub photo_id: PhotoId,
    pub resource_id: ResourceId,
    /// What is seen on it, in words.
    pub alt: String,
    /// SHA-256 of the picture as it is shown, in hexadecimal.
    pub sha256: String,
    /// In pixels.
    pub width: i32,
    pub height: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhotoRemoved {
    pub photo_id: PhotoId,
    pub resource_id: ResourceId,
}

/// A photo, folded from its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    pub fact: PhotoAdded,
    pub removed: bool,
}

impl Photo {
    pub fn evolve(state: Option<Self>, event: PhotoEvent) -> Option<Self> {
        match event {
            PhotoEvent::PhotoAdded(fact) => Some(Self { fact, removed: false }),
            PhotoEvent::PhotoRemoved(_) => state.map(|photo| Self { removed: true, ..photo }),
        }
    }
}

/// The words that a photo needs, and whether its resource may have another one. Asked before the picture is looked at.
///
/// # Errors
/// An unknown resource, or all faulty fields at once.
pub fn check(resource: ResourceId, alt: &str, catalogue: &Catalogue) -> Result<String, Refusal> {
    let name = &catalogue.resource(resource)?.name;
    let mut faults = Faults::default();
    let alt = text::name(alt)
        .map_err(|message| faults.add("alt", message))
        .unwrap_or_default();
    faults.check(
        catalogue.photos_of(resource).len() < MAX_PHOTOS,
        "image",
        format!("{name} has {MAX_PHOTOS} photos already. Remove one first."),
    );
    faults.finish()?;
    Ok(alt)
}

/// # Errors
/// When it was removed before.
pub fn remove(photo: &Photo) -> Result<PhotoRemoved, Refusal> {
    if photo.removed {
        return Err(Refusal::conflict("already_removed", "This photo was removed already."));
    }
    Ok(PhotoRemoved {
        photo_id: photo.fact.photo_id,
        resource_id: photo.fact.resource_id,
    })
}

impl Catalogue {
    /// The photos of a resource, the oldest first.
    pub fn photos_of(&self, resource: ResourceId) -> Vec<&PhotoAdded> {
        self.photos
            .values()
            .filter(|photo| photo.resource_id == resource)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NIGHT_ROOM, ROOM, chain, id, record, when};

    fn photo(number: u128) -> PhotoAdded {
        PhotoAdded {
            photo_id: PhotoId(id(number)),
            resource_id: ROOM,
            alt: "A table".into(),
            sha256: "ab".into(),
            width: 800,
            height: 600,
        }
    }

    #[test]
    fn a_photo_has_words_and_a_room_has_not_too_many() {
        let mut all = chain();
        assert_eq!(check(ROOM, " A long table ", &all).unwrap(), "A long table");
        when(check(ROOM, " ", &all)).then_faults(&["alt"]);
        when(check(ResourceId(id(0x999)), "A", &all)).then_refused("unknown_resource");
        for number in 0..12 {
            record::<PhotoEvent>(&mut all, photo(number));
        }
        when(check(ROOM, "", &all)).then_faults(&["alt", "image"]);
        check(NIGHT_ROOM, "Stars", &all).unwrap();
        let state = Photo::evolve(None, photo(3).into()).unwrap();
        let removed = remove(&state).unwrap();
        record::<PhotoEvent>(&mut all, removed.clone());
        check(ROOM, "A long table", &all).unwrap();
        let state = Photo::evolve(Some(state), removed.into()).unwrap();
        when(remove(&state)).then_refused("already_removed");
    }
}
