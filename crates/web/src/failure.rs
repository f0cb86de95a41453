//! One error for everything a person or a client is told. Handlers return it; the
//! stack renders it as a page or as problem+json, depending on where it was asked.

use std::error::Error;

use axum::response::{IntoResponse, Response};
use coterie_app::UseCaseError;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

/// What is wrong with one field of a form or of a JSON body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's name, or a path such as `lines.0.amount_minor`.
    pub field: String,
    /// A sentence that says what to do about it.
    pub message: String,
}

impl FieldError {
    /// An error of one field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// Why a request was not done. Carries everything both renderers need.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The HTTP status.
    pub status: StatusCode,
    /// A stable, machine-readable name: `slot_taken`.
    pub code: &'static str,
    /// A short heading, the same for every occurrence of the code.
    pub title: &'static str,
    /// A sentence about this occurrence, for people.
    pub detail: String,
    /// What is wrong, field by field.
    pub fields: Vec<FieldError>,
    /// Further members of the problem document, such as `next_free`.
    pub extra: Map<String, Value>,
    /// Seconds to wait before asking again.
    pub retry_after: Option<u32>,
}

impl Failure {
    /// A failure with nothing but its sentence.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            title,
            detail: detail.into(),
            fields: Vec::new(),
            extra: Map::new(),
            retry_after: None,
        }
    }

    /// 404; also for ids of another tenant, so that nobody learns that they exist.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "Not found",
            "There is nothing at this address, or it is not yours to see.",
        )
    }

    /// 404 for a host name that no chain has.
    pub fn unknown_host() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown_host",
            "No chain here",
            "No coworking chain is served at this host name. Check the address for typing errors.",
        )
    }

    /// 401, for API clients; people are sent to the sign-in page instead.
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign in first",
            "This needs a valid API key in the Authorization header, or a signed-in session.",
        )
    }

    /// 403: known, but not allowed.
    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "Not allowed",
            "Your account does not have the right to do this.",
        )
    }

    /// 422: understood, but fields need correcting.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        Self {
            fields,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid",
                "Please check the form",
                "Some fields need correcting before this can be done.",
            )
        }
    }

    /// 400: not understood at all.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", "Not understood", detail)
    }

    /// 413, naming the limit in bytes.
    pub fn too_large(limit_bytes: usize) -> Self {
        let mut failure = Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "Too large",
            format!(
                "The request body is larger than the {} KiB accepted here.",
                limit_bytes / 1024
            ),
        );
        failure.extra.insert("limit_bytes".to_owned(), limit_bytes.into());
        failure
    }

    /// 503 with a time to wait.
    pub fn busy(retry_after: u32) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "Busy at the moment",
                "This took too long and was given up. Please try again in a moment.",
            )
        }
    }

    /// 503 while the database is away, with a time to wait.
    pub fn away(retry_after: u32) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Not available at the moment",
                "Our database does not answer right now. What was recorded before is safe. Please try again in a moment.",
            )
        }
    }

    /// 500: the cause goes to the log, the person gets the request id.
    pub fn internal(error: &(dyn Error + 'static)) -> Self {
        let mut causes = vec![error.to_string()];
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        tracing::error!(error = causes.join(": "), "a request failed");
        Self::internal_quiet()
    }

    /// 500 whose cause has been logged already.
    pub(crate) fn internal_quiet() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side",
            "The failure has been recorded. Nothing you entered was half-done.",
        )
    }

    /// What a bare status means, for answers made by the framework itself.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::UNAUTHORIZED => Self::unauthenticated(),
            StatusCode::FORBIDDEN => Self::forbidden(),
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(crate::stack::BODY_LIMIT_BYTES),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                status,
                "method_not_allowed",
                "Not possible here",
                "This address does not accept that method.",
            ),
            _ if status.is_server_error() => Self {
                status,
                ..Self::internal_quiet()
            },
            _ => Self::new(
                status,
                "malformed",
                "Not understood",
                "The request could not be understood.",
            ),
        }
    }

    /// The message for one field, if there is one.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|error| error.field == name)
            .map(|error| error.message.as_str())
    }
}

impl IntoResponse for Failure {
    /// Status, headers and the failure itself in the extensions; the stack adds the body.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"coterie\""),
            );
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<crate::identity::IdentityError> for Failure {
    fn from(error: crate::identity::IdentityError) -> Self {
        // A database that is away is no fault of the look-up's.
        match error.source.downcast::<UseCaseError>() {
            Ok(cause) if cause.passes() => Self::from(*cause),
            Ok(cause) => Self::internal(&*cause),
            Err(source) => Self::internal(&crate::identity::IdentityError {
                what: error.what,
                source,
            }),
        }
    }
}
