//! `/v1`: who asks, for which account, under which key; then the books; then whatever fault was queued.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use base64::Engine;
use bytes::Bytes;
use serde_json::Value;

use crate::answer::ApiError;
use crate::books::{PLATFORM, Pending, fresh_id};
use crate::core::{Asker, Core, lock};
use crate::faults::FaultKind;
use crate::form::Form;
use crate::idempotency::{fingerprint, in_use, recall, remember, scoped};
use crate::object::account;
use crate::recorded::Recorded;
use crate::routes::route;
use crate::{control, pages};

/// Stripe's bodies are small.
const BODY_BYTES: usize = 1 << 20;
/// How long an answer waits for its webhooks under `webhook_before_response`.
const WEBHOOK_WAIT: Duration = Duration::from_secs(10);

pub(crate) fn router(core: Arc<Core>) -> Router {
    Router::new()
        .merge(pages::router())
        .merge(control::router())
        .fallback(api)
        .with_state(core)
}

/// Runs on a task of its own: a client that gives up must not undo what has begun.
async fn api(State(core): State<Arc<Core>>, request: Request) -> Response<Body> {
    let answered = tokio::spawn(async move { Call::read(core, request).await }).await;
    answered.unwrap_or_else(|_| broken(Vec::new()))
}

struct Call {
    core: Arc<Core>,
    method: String,
    path: String,
    headers: HeaderMap,
    form: Form,
    account: String,
    key: Option<String>,
    request_id: String,
}

struct Reply {
    status: u16,
    body: String,
    replayed: bool,
    retry_after: Option<u64>,
}

impl Reply {
    fn refuse(error: &ApiError) -> Self {
        Self {
            status: error.status,
            body: error.body().to_string(),
            replayed: false,
            retry_after: None,
        }
    }
}

impl Call {
    async fn read(core: Arc<Core>, request: Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let request_id = fresh_id("req");
        let Ok(body) = to_bytes(body, BODY_BYTES).await else {
            return broken(Vec::new());
        };
        let text = String::from_utf8_lossy(&body).into_owned();
        let mut call = Self {
            core,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            headers: parts.headers,
            form: Form::default(),
            account: PLATFORM.to_owned(),
            key: None,
            request_id,
        };
        call.key = call.header("idempotency-key");
        let source = if call.method == "POST" {
            text
        } else {
            parts.uri.query().unwrap_or_default().to_owned()
        };
        match Form::parse(&source)
            .map(|form| call.form = form)
            .and_then(|()| call.admit())
        {
            Ok(account) => call.account = account,
            Err(error) => return call.respond(Reply::refuse(&error)),
        }
        call.serve().await
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    /// Checks the key, and that the account named is connected.
    fn admit(&self) -> Result<String, Box<ApiError>> {
        let given = self.header("authorization").unwrap_or_default();
        let key = match given.split_once(' ') {
            Some(("Bearer", key)) => key.to_owned(),
            Some(("Basic", encoded)) => {
                let decoded = base64::engine::general_purpose::STANDARD
                    .decode(encoded)
                    .unwrap_or_default();
                String::from_utf8_lossy(&decoded).trim_end_matches(':').to_owned()
            }
            _ => String::new(),
        };
        let known = match &self.core.config.api_key {
            Some(wanted) => key == *wanted,
            None => key.starts_with("sk_test_") || key.starts_with("rk_test_"),
        };
        if !known {
            let message = "Invalid API Key provided.";
            return Err(ApiError::with_status(401, "invalid_request_error", "", message));
        }
        let Some(named) = self.header("stripe-account") else {
            return Ok(PLATFORM.to_owned());
        };
        let connected = lock(&self.core.books)
            .accounts
            .get(&named)
            .is_some_and(|world| world.authorized);
        if connected && named != PLATFORM {
            Ok(named)
        } else {
            Err(account::unknown(&named))
        }
    }

    async fn serve(self) -> Response<Body> {
        let fault = lock(&self.core.faults).for_request(&self.method, &self.path, &self.account);
        match &fault {
            Some(FaultKind::TimeoutBefore) => return self.hold().await,
            Some(FaultKind::Conflict) => return self.respond(Reply::refuse(&in_use())),
            Some(FaultKind::RateLimit { retry_after }) => {
                let error = ApiError::with_status(429, "invalid_request_error", "rate_limit", "Too many requests.");
                return self.respond(Reply {
                    retry_after: *retry_after,
                    ..Reply::refuse(&error)
                });
            }
            _ => {}
        }
        let scoped_key = self
            .key
            .as_ref()
            .filter(|_| self.method == "POST")
            .map(|key| scoped(&self.account, key));
        let print = fingerprint(&self.method, &self.path, &self.form.canonical());
        let guard = match &scoped_key {
            None => None,
            Some(key) => match self.core.use_key(key) {
                Some(guard) => Some(guard),
                None => return self.respond(Reply::refuse(&in_use())),
            },
        };
        if let Some(FaultKind::Slow { delay_ms }) = fault {
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
        let (reply, deliveries) = match self.replay(scoped_key.as_deref(), &print) {
            Some(reply) => (reply, Vec::new()),
            None => self.act(scoped_key, print, fault.as_ref()),
        };
        if fault == Some(FaultKind::WebhookBeforeResponse) {
            self.core.courier.delivered(&self.core, &deliveries, WEBHOOK_WAIT).await;
        }
        drop(guard);
        match fault {
            Some(FaultKind::TimeoutAfter) => self.hold().await,
            Some(FaultKind::TruncatedBody) => {
                let body = reply.body[..half(&reply.body)].to_owned();
                self.respond(Reply { body, ..reply })
            }
            Some(FaultKind::BrokenConnection) => broken(reply.body.as_bytes()[..half(&reply.body)].to_vec()),
            _ => self.respond(reply),
        }
    }

    /// What this key was answered before, or the refusal of another body under it.
    fn replay(&self, scoped_key: Option<&str>, print: &str) -> Option<Reply> {
        let wall = self.core.config.wall_clock.seconds();
        let mut books = lock(&self.core.books);
        let now = books.now(&self.account, wall);
        match recall(&mut books, scoped_key?, print, now) {
            Ok(known) => known.map(|known| Reply {
                status: known.status,
                body: known.body,
                replayed: true,
                retry_after: None,
            }),
            Err(error) => Some(Reply::refuse(&error)),
        }
    }

    /// Does what is asked, remembers the answer and sends the events on their way.
    fn act(&self, scoped_key: Option<String>, print: String, fault: Option<&FaultKind>) -> (Reply, Vec<Pending>) {
        let asker = Asker {
            request_id: self.request_id.clone(),
            key: self.key.clone(),
        };
        self.core.with_desk(&self.account, asker, |desk| {
            let failed = || ApiError::with_status(500, "api_error", "", "An unknown error occurred.");
            let result = match fault {
                Some(FaultKind::ErrorBefore) => Err(failed()),
                _ => route(desk, &self.method, &self.path, &self.form),
            };
            self.record(&result);
            let result = if fault == Some(&FaultKind::ErrorAfter) {
                Err(failed())
            } else {
                result
            };
            let reply = match result {
                Ok(answer) => Reply {
                    status: 200,
                    body: answer.to_string(),
                    replayed: false,
                    retry_after: None,
                },
                Err(error) => Reply::refuse(&error),
            };
            if let Some(key) = scoped_key {
                remember(desk.books, key, print, reply.status, &reply.body, desk.now);
            }
            reply
        })
    }

    fn record(&self, result: &Result<Value, Box<ApiError>>) {
        self.core.record(|| Recorded {
            method: self.method.clone(),
            path: self.path.clone(),
            account: Some(self.account.clone()).filter(|account| account != PLATFORM),
            idempotency_key: self.key.clone(),
            api_version: self.header("stripe-version"),
            parameters: self.form.nested(),
            status: result.as_ref().map_or_else(|error| error.status, |_| 200),
            answer: result.as_ref().map_or_else(|error| error.body(), Clone::clone),
        });
    }

    /// Keeps the connection without a word, then breaks it.
    async fn hold(&self) -> Response<Body> {
        tokio::select! {
            () = tokio::time::sleep(self.core.config.hold) => {}
            () = self.core.stop.cancelled() => {}
        }
        broken(Vec::new())
    }

    fn respond(&self, reply: Reply) -> Response<Body> {
        let mut response = Response::new(Body::from(reply.body));
        *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("stripe-version", HeaderValue::from_static(crate::API_VERSION));
        let echoes = [
            ("request-id", Some(self.request_id.clone())),
            ("idempotency-key", self.key.clone()),
            (
                "stripe-account",
                Some(self.account.clone()).filter(|account| account != PLATFORM),
            ),
            ("idempotent-replayed", reply.replayed.then(|| "true".to_owned())),
            ("retry-after", reply.retry_after.map(|seconds| seconds.to_string())),
        ];
        for (name, value) in echoes {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}

fn half(body: &str) -> usize {
    (0..=body.len() / 2)
        .rev()
        .find(|at| body.is_char_boundary(*at))
        .unwrap_or_default()
}

/// An answer that breaks off after these bytes, taking the connection with it.
fn broken(bytes: Vec<u8>) -> Response<Body> {
    let parts = [
        Ok(Bytes::from(bytes)),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ];
    Response::new(Body::from_stream(futures::stream::iter(parts)))
}
