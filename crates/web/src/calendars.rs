//! `/calendars/{token}.ics`: what calendars subscribe to. The address is the proof, so an address that does not work,
//! was revoked or belongs to another chain is simply not there.

use axum::{
    Extension,
    extract::Path,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use coterie_app::{
    calendar_feed::{self, Feed},
    secret::sha256,
};
use coterie_documents::calendar::{self, Entry};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{access::Access, failure::Failure, house::House, routes::Routes, session::Tenant};

const CACHING: HeaderValue = HeaderValue::from_static("private, max-age=300");
const MEDIA: HeaderValue = HeaderValue::from_static("text/calendar; charset=utf-8");

/// Registers this module's route.
pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/calendars/{token}", Access::Token, show)
}

async fn show(
    house: House,
    tenant: Option<Extension<Tenant>>,
    Path(file): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Failure> {
    // At the installation's own host there is no chain, and so no calendar.
    let Extension(Tenant(tenant)) = tenant.ok_or_else(Failure::not_found)?;
    let token = file.strip_suffix(".ics").ok_or_else(Failure::not_found)?;
    let feed = calendar_feed::find(&house.app, tenant.tenant, token).await?;
    let text = written(&feed.ok_or_else(Failure::not_found)?);
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(sha256(text.as_bytes())));
    let mut response = if knows(&asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = text.into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, MEDIA);
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, CACHING);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

fn written(feed: &Feed) -> String {
    let entries = feed.entries.iter().map(|entry| Entry {
        booking_id: entry.booking_id,
        summary: &entry.summary,
        location: &entry.location,
        starts_at: entry.starts_at,
        ends_at: entry.ends_at,
        cancelled: entry.cancelled,
        sequence: entry.sequence,
        made_at: entry.made_at,
        changed_at: entry.changed_at,
    });
    calendar::write(&calendar::Feed {
        name: &feed.name,
        entries: entries.collect(),
    })
}

/// Whether the reader has this very version. For a GET, `W/"x"` stands for `"x"` (RFC 9110, 13.1.2).
pub(crate) fn knows(asked: &HeaderMap, tag: &str) -> bool {
    let lists = asked.get_all(header::IF_NONE_MATCH).iter();
    lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_known_by_its_tag_however_it_is_listed() {
        let knows_by = |list: &'static str| {
            let mut asked = HeaderMap::new();
            asked.insert(header::IF_NONE_MATCH, HeaderValue::from_static(list));
            knows(&asked, "\"a\"")
        };
        for list in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(knows_by(list), "{list}");
        }
        for list in ["\"b\"", "a", ""] {
            assert!(!knows_by(list), "{list}");
        }
        assert!(!knows(&HeaderMap::new(), "\"a\""));
    }
}
