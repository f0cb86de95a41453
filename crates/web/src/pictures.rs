//! Plans and photos as answers. They come from outside, so whatever they are, a browser may do nothing with them but show
//! them: no script, no style of their own, nothing from elsewhere, no origin.

use axum::response::{IntoResponse as _, Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use coterie_app::Picture;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{calendars::knows, failure::Failure};

/// What a picture that is opened by itself may do.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'");
/// It is asked for again whenever it is shown, and seldom sent.
const CACHING: HeaderValue = HeaderValue::from_static("private, no-cache");

/// A picture, or 304 for whom has it.
pub(crate) fn answer(picture: Option<Picture>, asked: &HeaderMap) -> Result<Response, Failure> {
    let picture = picture.ok_or_else(Failure::not_found)?;
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&picture.sha256));
    let mut response = if knows(asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = picture.bytes.into_response();
        let media = HeaderValue::try_from(picture.media_type).map_err(|error| Failure::internal(&error))?;
        response.headers_mut().insert(header::CONTENT_TYPE, media);
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, CACHING);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}
