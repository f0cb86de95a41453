//! Sends what async-stripe built, and keeps what came back byte for byte.
//!
//! async-stripe's own client parses errors strictly, opens a connection per request and cannot retry under a key of
//! ours, so its trait `StripeClient` is implemented here over a pooled client.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use stripe::{CustomizedStripeRequest, RequestStrategy};
use stripe_client_core::{RequestBuilder, StripeMethod, VERSION};

use crate::error::GatewayError;
use crate::wire_error::{broken, refused};

/// How to reach Stripe.
#[derive(Clone)]
pub struct StripeConfig {
    /// The platform's secret key (`sk_test_...`, `rk_live_...`).
    pub secret_key: String,
    /// `https://api.stripe.com`, or stripe-sim's address. Without `/v1`.
    pub base_url: String,
    /// For one HTTP attempt, answer included.
    pub timeout: Duration,
    pub connect_timeout: Duration,
    /// HTTP attempts per call, at least 1. Only 409, 429, broken connections and unfinished bodies are tried again,
    /// always with the same key and body.
    pub attempts: u32,
    /// Pause before the second attempt; doubles after that.
    pub backoff: Duration,
    /// The longest `Retry-After` that is waited for here; a longer one goes to the caller.
    pub retry_after_limit: Duration,
}

impl StripeConfig {
    /// Settings for production: 30 s per attempt, 3 attempts.
    pub fn new(secret_key: impl Into<String>, base_url: impl Into<String>) -> Self {
        Self {
            secret_key: secret_key.into(),
            base_url: base_url.into(),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            attempts: 3,
            backoff: Duration::from_millis(250),
            retry_after_limit: Duration::from_secs(5),
        }
    }
}

impl fmt::Debug for StripeConfig {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The secret key never reaches a log.
        out.debug_struct("StripeConfig")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// A pooled client of Stripe's API.
#[derive(Clone)]
pub(crate) struct Wire {
    client: reqwest::Client,
    config: StripeConfig,
}

impl fmt::Debug for Wire {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Wire")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// A request made ready to be sent any number of times, identically.
struct Prepared {
    action: String,
    post: bool,
    delete: bool,
    url: String,
    body: String,
    account: Option<String>,
    key: Option<String>,
}

/// One HTTP attempt that brought a whole answer.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Wire {
    pub fn new(mut config: StripeConfig) -> Result<Self, GatewayError> {
        let failed = |detail: String| GatewayError::Network {
            action: "set up the Stripe client".into(),
            detail,
        };
        let url = reqwest::Url::parse(&config.base_url).map_err(|error| failed(error.to_string()))?;
        config.base_url.truncate(config.base_url.trim_end_matches('/').len());
        let mut builder = reqwest::Client::builder()
            .timeout(config.timeout)
            .connect_timeout(config.connect_timeout)
            .redirect(reqwest::redirect::Policy::none());
        // A proxy of the environment must not be asked for our own machine.
        if matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| failed(error.to_string()))?;
        Ok(Self { client, config })
    }

    fn prepare(&self, request: CustomizedStripeRequest) -> Prepared {
        let (
            RequestBuilder {
                query,
                body,
                path,
                method,
            },
            choice,
        ) = request.into_pieces();
        let post = matches!(method, StripeMethod::Post);
        let delete = matches!(method, StripeMethod::Delete);
        let verb = match (post, delete) {
            (true, _) => "POST",
            (_, true) => "DELETE",
            _ => "GET",
        };
        let query = query
            .filter(|query| !query.is_empty())
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        let key = match choice.request_strategy {
            Some(RequestStrategy::Idempotent(key)) => Some(key.into_inner()),
            _ => None,
        };
        Prepared {
            action: format!("{verb} /v1{path}"),
            post,
            delete,
            url: format!("{}/v1{path}{query}", self.config.base_url),
            body: steady(&body.unwrap_or_default()),
            account: choice.account_id.map(|id| id.as_str().to_owned()),
            key,
        }
    }

    async fn attempt(&self, request: &Prepared) -> Result<Answer, reqwest::Error> {
        let mut call = if request.post {
            self.client
                .post(&request.url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(request.body.clone())
        } else if request.delete {
            self.client.delete(&request.url)
        } else {
            self.client.get(&request.url)
        };
        call = call
            .bearer_auth(&self.config.secret_key)
            .header("stripe-version", VERSION.as_str());
        if let Some(account) = &request.account {
            call = call.header("stripe-account", account);
        }
        if let Some(key) = &request.key {
            call = call.header("idempotency-key", key);
        }
        let answer = call.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await?;
        Ok(Answer { status, headers, body })
    }

    /// Sends until there is an answer worth reporting. `readable` says whether a 2xx body could be understood: one cut
    /// short is fetched again, which under the same key changes nothing.
    pub async fn call<T>(
        &self,
        request: CustomizedStripeRequest,
        readable: impl Fn(&[u8]) -> Result<T, String>,
    ) -> Result<T, GatewayError> {
        let request = self.prepare(request);
        let mut reached = false;
        let mut pause = self.config.backoff;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let last = attempt >= self.config.attempts;
            let (error, wait) = match self.attempt(&request).await {
                Ok(answer) if (200..300).contains(&answer.status) => match readable(&answer.body) {
                    Ok(value) => return Ok(value),
                    Err(detail) => {
                        reached = true;
                        (Self::unreadable(&request, &answer, detail), pause)
                    }
                },
                Ok(answer) if retryable(&answer) => {
                    let asked = retry_after(&answer.headers);
                    let error = GatewayError::RateLimited {
                        action: request.action.clone(),
                        status: answer.status,
                        retry_after: asked,
                    };
                    if asked.is_some_and(|asked| asked > self.config.retry_after_limit) {
                        return Err(unsure(error, reached));
                    }
                    (unsure(error, reached), asked.unwrap_or(pause))
                }
                Ok(answer) => {
                    let replayed = answer
                        .headers
                        .get("idempotent-replayed")
                        .is_some_and(|value| value == "true");
                    return Err(refused(&request.action, answer.status, replayed, &answer.body));
                }
                Err(failure) => {
                    let timed_out = failure.is_timeout() && !failure.is_connect();
                    reached |= !failure.is_connect();
                    let error = broken(&request.action, &failure, reached);
                    if timed_out {
                        // Time is up for this call; whether to ask again is the caller's decision.
                        return Err(error);
                    }
                    (error, pause)
                }
            };
            if last {
                return Err(error);
            }
            tracing::info!(action = %request.action, attempt, error = %error, "asking Stripe again with the same key");
            tokio::time::sleep(wait).await;
            pause = pause.saturating_mul(2);
        }
    }

    fn unreadable(request: &Prepared, answer: &Answer, detail: String) -> GatewayError {
        GatewayError::Unknown {
            action: request.action.clone(),
            status: answer.status,
            replayed: false,
            detail,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }
}

/// After an attempt that may have had its effect, "come back later" does not mean that nothing happened.
fn unsure(error: GatewayError, reached: bool) -> GatewayError {
    match error {
        GatewayError::RateLimited { action, status, .. } if reached => GatewayError::Timeout {
            action,
            detail: format!("lost an answer, then was told {status}"),
        },
        other => other,
    }
}

fn retryable(answer: &Answer) -> bool {
    matches!(answer.status, 409 | 429)
        && answer
            .headers
            .get("stripe-should-retry")
            .is_none_or(|value| value != "false")
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
        .map(Duration::from_secs)
}

/// Sorts form fields: async-stripe keeps metadata in a `HashMap`, and a repeated request must be the same bytes.
fn steady(body: &str) -> String {
    let mut fields: Vec<&str> = body.split('&').filter(|field| !field.is_empty()).collect();
    fields.sort_unstable();
    fields.join("&")
}

#[cfg(test)]
mod tests {
    use super::steady;

    #[test]
    fn given_the_same_fields_in_any_order_then_the_same_bytes() {
        assert_eq!(steady("b=2&a[x]=1&a[b]=3"), steady("a[b]=3&b=2&a[x]=1"));
        assert_eq!(steady(""), "");
    }
}
