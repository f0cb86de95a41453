//! Somebody at a browser, or a program at the API: asks, keeps cookies by host, follows nothing by itself.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderValue, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Longer than any page waits for its models.
const PATIENCE: Duration = Duration::from_secs(30);
/// More redirects than any journey needs.
const MAX_REDIRECTS: usize = 10;

/// Names below `localhost` are this machine, whatever the resolver of the machine thinks.
#[derive(Debug)]
struct Loopback;

impl Resolve for Loopback {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        Box::pin(async move {
            if name == "localhost" || name.ends_with(".localhost") {
                let here: Addrs = Box::new(std::iter::once(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))));
                return Ok(here);
            }
            Err(format!("tests speak to this machine only, not to {name}").into())
        })
    }
}

/// A browser of one person. Cloning shares its cookies.
#[derive(Debug, Clone)]
pub struct Person {
    client: reqwest::Client,
    base: Url,
    /// By host, then by name.
    cookies: Arc<Mutex<BTreeMap<String, BTreeMap<String, String>>>>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// What was asked for.
    pub url: Url,
}

impl Answer {
    /// Where a redirect leads.
    ///
    /// # Panics
    /// When the answer is none.
    #[track_caller]
    pub fn location(&self) -> Url {
        let location = self.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let location =
            location.unwrap_or_else(|| panic!("{} answers {}, no redirect: {}", self.url, self.status, self.body));
        self.url.join(location).expect("a redirect leads to an address")
    }

    /// A header, where it was sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body, read as JSON.
    ///
    /// # Panics
    /// When it is none, or of another shape.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap_or_else(|error| {
            panic!(
                "{} answers {} and not JSON ({error}): {}",
                self.url, self.status, self.body
            )
        })
    }

    /// The same answer, if it has this status.
    ///
    /// # Panics
    /// Otherwise, with the body.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        reason = "often the status is all that is asked for"
    )]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.url, self.body);
        self
    }
}

impl Person {
    /// A new browser whose paths start from `base`, e.g. `http://harbour.localhost:4711`.
    ///
    /// # Panics
    /// When `base` is no address.
    pub fn new(base: &str) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(Loopback))
            .timeout(PATIENCE)
            .build()
            .expect("a client can be made");
        Self {
            client,
            base: base.parse().expect("an address"),
            cookies: Arc::default(),
        }
    }

    /// The same browser with the same cookies, at another address.
    ///
    /// # Panics
    /// When `base` is no address.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self {
            base: base.parse().expect("an address"),
            ..self.clone()
        }
    }

    /// Keeps a cookie as if this site had set it.
    pub fn keep_cookie(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let host = self.base.host_str().unwrap_or_default().to_owned();
        cookies
            .entry(host)
            .or_default()
            .insert(name.to_owned(), value.to_owned());
    }

    /// A path of this person's site, or a whole address.
    ///
    /// # Panics
    /// When it is neither.
    pub fn url(&self, path: &str) -> Url {
        self.base.join(path).expect("a path or an address")
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Asks for a page and follows redirects to whatever it ends at.
    ///
    /// # Panics
    /// When it goes round in circles.
    pub async fn visit(&self, path: &str) -> Answer {
        let mut answer = self.get(path).await;
        for _ in 0..MAX_REDIRECTS {
            if !answer.status.is_redirection() {
                return answer;
            }
            answer = self.get(answer.location().as_str()).await;
        }
        panic!("{path} redirects for ever, lastly to {}", answer.url);
    }

    /// Sends a form as this site's own page would.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path);
        let origin = HeaderValue::from_str(&self.url(path).origin().ascii_serialization()).expect("an origin");
        self.send(
            request
                .header(ORIGIN, origin)
                .header("sec-fetch-site", "same-origin")
                .form(form),
        )
        .await
    }

    /// Sends a form and follows the redirect that answers it.
    pub async fn submit(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, form).await;
        if !answer.status.is_redirection() {
            return answer;
        }
        self.visit(answer.location().as_str()).await
    }

    /// A request of one's own making, to be handed to [`Person::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// Sends a request with this browser's cookies and keeps what comes back.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let mut request = request.build().expect("a request can be made");
        let url = request.url().clone();
        let host = url.host_str().unwrap_or_default().to_owned();
        if let Some(cookies) = self.sent_to(&host) {
            request.headers_mut().insert(reqwest::header::COOKIE, cookies);
        }
        let response = self
            .client
            .execute(request)
            .await
            .unwrap_or_else(|error| panic!("{url} does not answer: {error:?}"));
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            self.keep(&host, cookie.to_str().expect("cookies are text"));
        }
        let bytes = response
            .bytes()
            .await
            .unwrap_or_else(|error| panic!("{url} breaks off: {error:?}"));
        Answer {
            status,
            headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
            url,
        }
    }

    /// A cookie of this person's own site.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let host = self.base.host_str().unwrap_or_default();
        self.jar().get(host)?.get(name).cloned()
    }

    /// Sets a cookie of this person's own site, as if a page had.
    pub fn set_cookie(&self, name: &str, value: &str) {
        let host = self.base.host_str().unwrap_or_default().to_owned();
        self.jar()
            .entry(host)
            .or_default()
            .insert(name.to_owned(), value.to_owned());
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, BTreeMap<String, String>>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cookies go to exactly the host that set them: ours name no domain.
    fn sent_to(&self, host: &str) -> Option<HeaderValue> {
        let jar = self.jar();
        let pairs: Vec<String> = jar
            .get(host)?
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| HeaderValue::from_str(&pairs.join("; ")).expect("cookies are text"))
    }

    fn keep(&self, host: &str, set_cookie: &str) {
        let mut parts = set_cookie.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let gone = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
        let mut jar = self.jar();
        let cookies = jar.entry(host.to_owned()).or_default();
        if gone {
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
