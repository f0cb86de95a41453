//! What a GET takes: who asks, the query, and the log position that the answer must have seen.

use axum::extract::{FromRequestParts, Path};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use coterie_app::{
    App, Caller,
    page::{MAX_PAGE, PageRequest},
    projections,
};
use coterie_eventlog::Seen;
use http::request::Parts;
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    access::Capability,
    behind,
    failure::{Failure, FieldError},
    form::Submitted,
    house::House,
    session::ApiCaller,
    state::AppState,
};

/// Seconds after which a reader whose models lag may ask again.
const RETRY_AFTER_SECONDS: u32 = 1;
/// The header that says the same as the query's `min_position`.
const HEADER: &str = "min-position";
/// The same as people write it.
const HEADER_NAME: &str = "Min-Position";

/// A reading request. It has waited for nothing yet: see [`Reading::settled`].
pub struct Reading {
    pub house: House,
    api: ApiCaller,
    query: Submitted,
    min_position: Option<i64>,
    /// Where the position was asked for, for whoever asked for too much.
    asked_by: &'static str,
}

/// How lists are cut into pages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct PageQuery {
    /// Items per page, 25 unless said.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PositionQuery {
    min_position: Option<i64>,
}

impl Reading {
    pub fn tenant(&self) -> Uuid {
        self.api.tenant
    }

    pub fn app(&self) -> &App {
        &self.house.app
    }

    pub fn caller(&self) -> Caller {
        Caller::from(&self.api)
    }

    /// Refuses with 403 a key that may not see money.
    pub fn finances(&self) -> Result<(), Failure> {
        self.api.require_to_read(Capability::Finance)
    }

    /// Refuses with 403 a key that may not read the log.
    pub fn audits(&self) -> Result<(), Failure> {
        self.api.require_to_read(Capability::Audit)
    }

    /// The typed query; what does not parse names its parameter.
    pub fn query<Q: DeserializeOwned>(&self) -> Result<Q, Failure> {
        self.query.parse()
    }

    /// Which page is wanted.
    pub fn page(&self) -> Result<PageRequest, Failure> {
        let PageQuery { limit, after } = self.query()?;
        if limit.is_some_and(|limit| !(1..=MAX_PAGE).contains(&limit)) {
            let message = format!("Ask for 1 to {MAX_PAGE} items.");
            return Err(Failure::invalid(vec![FieldError::new("limit", message)]));
        }
        // A broken cursor would begin again at the first page, and a client that follows `next` would never end.
        let readable = |cursor: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
            serde_json::from_slice::<serde_json::Value>(&bytes).ok()
        };
        if after.as_deref().is_some_and(|cursor| readable(cursor).is_none()) {
            let message = "This is not the `next` of a page.";
            return Err(Failure::invalid(vec![FieldError::new("after", message)]));
        }
        Ok(PageRequest { limit, after })
    }

    /// Waits, bounded, until the named models have seen the position that the client asks for. What is read from the log
    /// or the guards names none.
    ///
    /// # Errors
    /// 503 with a time to wait when they lag, or are halted; 422 for a position that no command can have answered.
    pub async fn settled(&self, models: &[&str]) -> Result<(), Failure> {
        let Some(position) = self.min_position else {
            return Ok(());
        };
        match projections::seen(self.app(), self.tenant(), models, position).await? {
            Seen::Yes => Ok(()),
            Seen::NotYet => Err(Failure {
                code: "behind_position",
                detail: format!("What you ask for has not been seen up to position {position} yet. Please ask again."),
                ..Failure::busy(RETRY_AFTER_SECONDS)
            }),
            Seen::Halted(_) => Err(behind::halted()),
            Seen::Beyond(head) => {
                let sentence = format!("The log ends at position {head}; no command has answered {position}.");
                Err(Failure::invalid(vec![FieldError::new(self.asked_by, sentence)]))
            }
        }
    }
}

impl FromRequestParts<AppState> for Reading {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let api = ApiCaller::from_request_parts(parts, state).await?;
        let query = Submitted::from_encoded(parts.uri.query().unwrap_or_default())?;
        let (min_position, asked_by) = match parts.headers.get(HEADER) {
            Some(value) => (
                Some(value.to_str().ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
                    Failure::invalid(vec![FieldError::new(
                        HEADER_NAME,
                        "Send a log position, a whole number.",
                    )])
                })?),
                HEADER_NAME,
            ),
            None => (query.parse::<PositionQuery>()?.min_position, "min_position"),
        };
        Ok(Self {
            house: state.house.clone(),
            api,
            query,
            min_position,
            asked_by,
        })
    }
}

/// Ids of the path. What is no id is no address of ours.
pub struct Id<T = Uuid>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for Id<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Failure::not_found()),
        }
    }
}
