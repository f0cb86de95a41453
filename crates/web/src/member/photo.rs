//! `/photos/{id}`: a photo of a room or desk.

use axum::{extract::Path, response::Response};
use coterie_app::photo;
use http::HeaderMap;

use super::id;
use crate::{failure::Failure, house::House, pictures, session::MemberSession};

pub(super) async fn show(
    house: House,
    session: MemberSession,
    Path(photo): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Failure> {
    let picture = photo::picture_of(&house.app, session.tenant.tenant, id(&photo)?).await?;
    pictures::answer(picture, &asked)
}
