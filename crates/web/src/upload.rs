//! A form with a file in it: `multipart/form-data` as browsers send it, or the same form without a file.

use axum::extract::{FromRequest, Multipart, Request, multipart::MultipartError};
use http::{StatusCode, header};

use crate::{
    failure::Failure,
    form::Submitted,
    stack::{BODY_LIMIT_BYTES, BodyLimit},
};

/// The most fields that such a form has.
const MAX_FIELDS: usize = 20;

/// A form as it was typed, and the file that was chosen; empty where none was.
#[derive(Debug, Clone, Default)]
pub(crate) struct Upload {
    pub(crate) submitted: Submitted,
    pub(crate) file: Vec<u8>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let limit_bytes = request
            .extensions()
            .get::<BodyLimit>()
            .map_or(BODY_LIMIT_BYTES, |limit| limit.0);
        let is_multipart = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("multipart/form-data"));
        if !is_multipart {
            let submitted = Submitted::from_request(request, state).await?;
            return Ok(Self {
                submitted,
                file: Vec::new(),
            });
        }
        let refused = |error: MultipartError| {
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Failure::too_large(limit_bytes)
            } else {
                Failure::malformed("The form could not be read.")
            }
        };
        let mut parts = Multipart::from_request(request, state)
            .await
            .map_err(|_| Failure::malformed("The form could not be read."))?;
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut file = Vec::new();
        while let Some(field) = parts.next_field().await.map_err(refused)? {
            if pairs.len() >= MAX_FIELDS {
                return Err(Failure::malformed("The form has too many fields."));
            }
            let name = field.name().unwrap_or_default().to_owned();
            if field.file_name().is_some() {
                file = field.bytes().await.map_err(refused)?.to_vec();
            } else {
                pairs.push((name, field.text().await.map_err(refused)?));
            }
        }
        let encoded = serde_urlencoded::to_string(&pairs).map_err(|error| Failure::internal(&error))?;
        Ok(Self {
            submitted: Submitted::from_encoded(&encoded)?,
            file,
        })
    }
}
