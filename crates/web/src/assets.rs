//! Style sheet, scripts and icons, embedded in the binary under hashed names.

use std::fmt::Write as _;

use axum::{
    extract::Path,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, header};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::{access::Access, failure::Failure, routes::Routes};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// Adds the one route that serves them all.
pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/assets/{hash}/{*name}", Access::Everywhere, serve)
}

/// The address of an asset, which changes exactly when its bytes do.
pub fn url(name: &str) -> String {
    Assets::get(name).map_or_else(
        || format!("/assets/missing/{name}"),
        |file| format!("/assets/{}/{name}", fingerprint(&file)),
    )
}

/// The first 8 bytes of the file's SHA-256, in hex.
fn fingerprint(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    hash.iter().take(8).fold(String::with_capacity(16), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let Some(file) = Assets::get(&name) else {
        return Failure::not_found().into_response();
    };
    // While a new version rolls out, a page of the old one may ask for its hash here: it
    // gets what there is, but nobody may keep it under that name.
    let caching = if fingerprint(&file) == hash {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let media = match mime_guess::from_path(&name).first_raw() {
        Some("text/css") => "text/css; charset=utf-8",
        Some("text/javascript" | "application/javascript") => "text/javascript; charset=utf-8",
        Some(other) => other,
        None => "application/octet-stream",
    };
    let mut response = file.data.into_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_the_hash_of_the_bytes() {
        let address = url("app.css");
        let hash = address.split('/').nth(2).unwrap();
        assert_eq!(hash.len(), 16);
        assert!(hash.chars().all(|digit| digit.is_ascii_hexdigit()));
        assert!(address.ends_with("/app.css"));
    }

    #[test]
    fn the_vendored_htmx_is_the_pinned_one_with_its_licence() {
        let script = Assets::get("vendor/htmx-4.0.1.min.js").unwrap();
        assert!(String::from_utf8_lossy(&script.data).contains("4.0.1"));
        assert!(Assets::get("vendor/htmx-LICENSE").is_some());
    }
}
