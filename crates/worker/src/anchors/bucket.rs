//! A bucket, spoken to through the house's own HTTP client and TLS stack: `object_store` would bring a second of each.

use super::StoreError;
use async_trait::async_trait;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::client::{
    ClientOptions, CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, HttpClient, HttpConnector, HttpError,
    HttpErrorKind, HttpRequest, HttpResponse, HttpService, Signer, SigningAlgorithm,
};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, Result};
use ring::{digest, hmac};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long one request may take. An anchor is a few hundred bytes.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn open(url: &Url, settings: &[(String, String)]) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let mut builder = AmazonS3Builder::new();
    let mut plain = false;
    for (name, value) in settings {
        let key: AmazonS3ConfigKey = name.to_lowercase().parse()?;
        plain |= matches!(key, AmazonS3ConfigKey::Endpoint) && value.starts_with("http://");
        builder = builder.with_config(key, value);
    }
    let bucket = url.host_str().unwrap_or_default();
    let store = builder
        .with_bucket_name(bucket)
        .with_allow_http(plain)
        .with_http_connector(Connector { plain })
        .with_crypto_provider(Arc::new(Ring))
        .build()?;
    let prefix = url.path().trim_matches('/');
    Ok(if prefix.is_empty() {
        Arc::new(store)
    } else {
        Arc::new(PrefixStore::new(store, Path::from(prefix)))
    })
}

/// Makes clients of the `reqwest` that the rest of the house uses.
#[derive(Debug)]
struct Connector {
    /// Whether the setting names an endpoint without TLS, which `config check` allows on this machine only.
    plain: bool,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> Result<HttpClient> {
        let client = reqwest::Client::builder()
            .https_only(!self.plain)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build();
        match client {
            Ok(client) => Ok(HttpClient::new(Requests(client))),
            Err(error) => Err(generic(error)),
        }
    }
}

#[derive(Debug)]
struct Requests(reqwest::Client);

#[async_trait]
impl HttpService for Requests {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string();
        let sent = self
            .0
            .request(parts.method, url)
            .headers(parts.headers)
            .body(reqwest::Body::wrap(body))
            .send()
            .await
            .map_err(failed)?;
        let (status, headers) = (sent.status(), sent.headers().clone());
        let bytes = sent.bytes().await.map_err(failed)?;
        let mut response = HttpResponse::new(bytes.into());
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

fn failed(error: reqwest::Error) -> HttpError {
    let kind = if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_connect() {
        HttpErrorKind::Connect
    } else if error.is_decode() {
        HttpErrorKind::Decode
    } else {
        HttpErrorKind::Request
    };
    HttpError::new(kind, error)
}

fn generic(error: impl std::error::Error + Send + Sync + 'static) -> object_store::Error {
    object_store::Error::Generic {
        store: "S3",
        source: Box::new(error),
    }
}

/// What signs requests: SHA-256 and its HMAC by `ring`, which the TLS stack stands on already.
#[derive(Debug)]
struct Ring;

impl CryptoProvider for Ring {
    fn digest(&self, _: DigestAlgorithm) -> Result<Box<dyn DigestContext>> {
        Ok(Box::new(Hash {
            context: digest::Context::new(&digest::SHA256),
            done: None,
        }))
    }

    fn hmac(&self, _: DigestAlgorithm, secret: &[u8]) -> Result<Box<dyn HmacContext>> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        Ok(Box::new(Mac {
            context: hmac::Context::with_key(&key),
            done: None,
        }))
    }

    fn sign(&self, _: SigningAlgorithm, _: &[u8]) -> Result<Box<dyn Signer>> {
        // Google's service accounts only.
        Err(object_store::Error::NotSupported {
            source: "a bucket of this kind".into(),
        })
    }
}

struct Hash {
    context: digest::Context,
    done: Option<digest::Digest>,
}

impl DigestContext for Hash {
    fn update(&mut self, data: &[u8]) {
        self.context.update(data);
    }
    fn finish(&mut self) -> Result<&[u8]> {
        let done: &digest::Digest = self.done.insert(self.context.clone().finish());
        Ok(digest::Digest::as_ref(done))
    }
}

struct Mac {
    context: hmac::Context,
    done: Option<hmac::Tag>,
}

impl HmacContext for Mac {
    fn update(&mut self, data: &[u8]) {
        self.context.update(data);
    }
    fn finish(&mut self) -> Result<&[u8]> {
        let done: &hmac::Tag = self.done.insert(self.context.clone().sign());
        Ok(hmac::Tag::as_ref(done))
    }
}
