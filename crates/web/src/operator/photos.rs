//! Photos of a room or desk: its page shows them, takes another one, and takes one away.

use axum::{extract::Path, response::Response};
use coterie_app::photo::{self, NewPhoto};
use coterie_domain::{PhotoId, ResourceId, catalogue::Catalogue};
use http::HeaderMap;
use uuid::Uuid;

use super::{
    desk::Desk,
    form::Form,
    resource_detail::{self, address},
    sheet::{Html, Sheet},
};
use crate::{
    components::{Column, Field, Link, Photos, Table},
    failure::Failure,
    pictures,
    upload::Upload,
};

/// What an upload of a photo may weigh, with what belongs to the form.
pub(super) const UPLOAD_LIMIT_BYTES: usize = photo::MAX_PHOTO_BYTES + 2 * 1024 * 1024;

/// The form for another one.
pub(super) fn form(resource: ResourceId) -> Form {
    Form::upload(format!("{}/photos", address(resource)), "Add the photo")
        .with(
            Field::file("image", "Picture")
                .attribute("accept", "image/jpeg,image/png,image/webp")
                .hint("JPEG, PNG or WebP, 6 MiB at most. It is written anew: where and when it was taken is left out."),
        )
        .with(
            Field::text("alt", "What is seen on it")
                .hint("For those who do not see it: A long table for eight under a window.")
                .attribute("maxlength", "120"),
        )
}

/// What the page shows of them.
pub(super) fn parts(resource: ResourceId, catalogue: &Catalogue, form: &Form) -> Vec<Html> {
    let photos = catalogue.photos_of(resource);
    let mut parts = Vec::new();
    if !photos.is_empty() {
        parts.push(Html::of(&Photos::new("/operator/photos", &photos)));
        let mut table = Table::new("Photos", ["What is seen", "Change"].map(Column::text));
        for photo in photos {
            let remove = format!("{}/photos/{}", address(resource), photo.photo_id);
            table.push([photo.alt.clone().into(), Link::new("Remove it", remove).into()]);
        }
        parts.push(Html::of(&table));
    }
    parts.push(Html::of(form));
    parts
}

/// The picture.
pub(super) async fn show(desk: Desk, Path(id): Path<Uuid>, asked: HeaderMap) -> Result<Response, Failure> {
    let picture = photo::picture_of(&desk.house.app, desk.tenant(), PhotoId(id)).await?;
    pictures::answer(picture, &asked)
}

/// Adds one.
pub(super) async fn add(desk: Desk, Path(id): Path<Uuid>, upload: Upload) -> Result<Response, Failure> {
    let new = NewPhoto {
        resource_id: ResourceId(id),
        alt: upload.submitted.get("alt").to_owned(),
        image: upload.file,
    };
    match photo::add(&desk.house.app, &desk.caller(), new).await {
        Ok(done) => Ok(desk.done(done.position, "Members see the photo from now on.", &address(id))),
        Err(error) => resource_detail::photo_again(&desk, id, &upload.submitted, error.into()).await,
    }
}

/// Asks before one is taken away.
pub(super) async fn ask_remove(desk: Desk, Path((id, known)): Path<(Uuid, Uuid)>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let photo = catalogue
        .photos
        .get(&PhotoId(known))
        .filter(|photo| photo.resource_id == ResourceId(id))
        .ok_or_else(Failure::not_found)?;
    let here = address(id);
    let form = Form::post(format!("{here}/photos/{known}"), "Remove it")
        .danger()
        .cancel(&here);
    let shown = Photos::new("/operator/photos", &[photo]);
    Ok(Sheet::set_up(&desk, "Remove a photo")
        .back(&catalogue.resource(ResourceId(id))?.name, &here)
        .card("remove", &photo.alt, &[Html::of(&shown), Html::of(&form)])
        .show())
}

/// Takes one away.
pub(super) async fn remove(desk: Desk, Path((id, known)): Path<(Uuid, Uuid)>) -> Result<Response, Failure> {
    let here = address(id);
    match photo::remove(&desk.house.app, &desk.caller(), PhotoId(known), Some(ResourceId(id))).await {
        Ok(done) => Ok(desk.done(done.position, "The photo is gone.", &here)),
        Err(error) => {
            let failure = Failure::from(error);
            if failure.status.as_u16() == 409 {
                desk.refused(failure, &here)
            } else {
                Err(failure)
            }
        }
    }
}
