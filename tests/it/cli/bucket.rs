//! A bucket in place of a folder: the same commands against a small stand-in that knows what matters of S3, among it
//! `If-None-Match: *`, which is what keeps an anchor from being overwritten.

use super::log_file::write_notes;
use super::{coterie, environment, open};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use coterie_tests::database;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

const KEY: &str = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";

type Objects = Arc<Mutex<BTreeMap<String, Bytes>>>;

fn signed(headers: &HeaderMap) -> bool {
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok());
    authorization.is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 Credential=the-id/"))
}

async fn put(
    State(objects): State<Objects>,
    Path((_, key)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !signed(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut objects = objects.lock().expect("nobody panics with it");
    if headers.get("if-none-match").is_some_and(|value| value == "*") && objects.contains_key(&key) {
        return StatusCode::PRECONDITION_FAILED.into_response();
    }
    objects.insert(key, body);
    ([("etag", "\"1\"")], "").into_response()
}

async fn fetch(State(objects): State<Objects>, Path((_, key)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let objects = objects.lock().expect("nobody panics with it");
    match objects.get(&key) {
        Some(body) if signed(&headers) => {
            let headers = [("etag", "\"1\""), ("last-modified", "Thu, 22 Jan 2026 12:00:00 GMT")];
            (headers, body.clone()).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn list(State(objects): State<Objects>, Query(query): Query<HashMap<String, String>>) -> Response {
    let prefix = query.get("prefix").cloned().unwrap_or_default();
    let objects = objects.lock().expect("nobody panics with it");
    let contents: Vec<String> = objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix))
        .map(|(key, body)| {
            format!(
                "<Contents><Key>{key}</Key><LastModified>2026-01-22T12:00:00.000Z</LastModified><ETag>\"1\"</ETag>\
                 <Size>{}</Size></Contents>",
                body.len()
            )
        })
        .collect();
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><IsTruncated>false</IsTruncated>{}</ListBucketResult>",
        contents.concat()
    );
    ([("content-type", "application/xml")], text).into_response()
}

#[tokio::test]
async fn a_bucket_is_a_setting() {
    let objects = Objects::default();
    let pages = axum::Router::new()
        .route("/{bucket}", get(list))
        .route("/{bucket}/", get(list))
        .route("/{bucket}/{*key}", get(fetch).put(put))
        .with_state(objects.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move { axum::serve(listener, pages).await });

    let db = database().await;
    let owner = open(&db, "harbour", true).await;
    let variables = environment(
        &db,
        &[
            ("COTERIE_ANCHOR_URL", "s3://safe/kept"),
            ("COTERIE_ANCHOR_KEY", KEY),
            ("AWS_ENDPOINT_URL", &endpoint),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "the-id"),
            ("AWS_SECRET_ACCESS_KEY", "the-secret"),
        ],
    );
    let published = coterie(&["anchors", "publish"], &variables).await;
    assert_eq!(published.out, "harbour: anchored at event 2\n", "{published:?}");
    write_notes(&db, owner.tenant).await;
    let published = coterie(&["anchors", "publish"], &variables).await;
    assert_eq!(published.out, "harbour: anchored at event 5\n", "{published:?}");
    let keys: Vec<String> = objects.lock().expect("free").keys().cloned().collect();
    let name = |position| format!("kept/anchors/{}/{position:020}.json", owner.tenant);
    assert_eq!(keys, [name(2), name(5)]);
    let verified = coterie(&["log", "verify", "--all"], &variables).await;
    assert!(
        verified.code == 0 && verified.out.contains("2 anchors agree, the last for event 5"),
        "{verified:?}"
    );

    // Published again after the database forgot, nothing is overwritten.
    let before = objects.lock().expect("free").clone();
    super::log_file::rule(&db, "delete from anchor where tenant_id = $1", owner.tenant).await;
    assert_eq!(coterie(&["anchors", "publish"], &variables).await.code, 0);
    assert!(
        before == *objects.lock().expect("free"),
        "an anchor is never overwritten"
    );
    server.abort();
}
