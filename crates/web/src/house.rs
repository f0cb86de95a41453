//! The use cases and gateways behind the pages; an extractor, so that a handler says that it needs them.

use std::{convert::Infallible, sync::Arc};

use axum::extract::FromRequestParts;
use axum_extra::extract::cookie::CookieJar;
use coterie_app::{App, UseCaseError, projections};
use coterie_eventlog::Seen;
use coterie_gateway::Gateway;
use http::request::Parts;
use uuid::Uuid;

use crate::{behind, cookies, failure::Failure, state::AppState};

/// One side of the gateway: where live organizations are paid, or where sandboxes are.
#[derive(Clone)]
pub struct Channel {
    /// The wire.
    pub gateway: Arc<dyn Gateway>,
    /// Secrets that sign its webhooks; two while one is being rotated.
    pub webhook_secrets: Vec<String>,
    /// What `livemode` its events carry.
    pub livemode: bool,
}

/// What the pages act on. Cheap to clone.
#[derive(Clone)]
pub struct House {
    /// Use cases on the application role's pool.
    pub app: App,
    /// Stripe; absent where only sandboxes live.
    pub live: Option<Channel>,
    /// The simulator.
    pub sandbox: Option<Channel>,
}

impl House {
    /// The gateway of an organization.
    ///
    /// # Errors
    /// 503 when none is configured for its kind.
    pub fn gateway(&self, sandbox: bool) -> Result<Arc<dyn Gateway>, Failure> {
        let channel = if sandbox { &self.sandbox } else { &self.live };
        channel
            .as_ref()
            .map(|channel| Arc::clone(&channel.gateway))
            .ok_or_else(|| Failure::busy(60))
    }

    /// Waits, bounded, until the named read models show what this browser last wrote. Where they do not, the page that
    /// is made for this request says so by itself (see [`behind`]); the answer is whether they do.
    ///
    /// # Errors
    /// When the database fails. Models that lag are no error: the page shows what there is.
    pub async fn caught_up(
        &self,
        state: &AppState,
        jar: &CookieJar,
        tenant: Uuid,
        models: &[&str],
    ) -> Result<bool, Failure> {
        match cookies::position(&state.config, jar) {
            Some(position) => {
                let seen = projections::seen(&self.app, tenant, models, position).await?;
                behind::note(&seen);
                Ok(matches!(seen, Seen::Yes | Seen::Beyond(_)))
            }
            None => Ok(true),
        }
    }
}

impl FromRequestParts<AppState> for House {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(state.house.clone())
    }
}

impl From<UseCaseError> for Failure {
    fn from(error: UseCaseError) -> Self {
        crate::refused::failure(error)
    }
}
