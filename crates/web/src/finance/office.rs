//! What every page that only reads takes: who she is, what she asked for, and what it is read from.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Path},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use coterie_app::{App, Caller, catalogue, clock, organization};
use coterie_domain::{
    LegalEntityId,
    catalogue::{Catalogue, LegalEntity},
    local_time,
};
use http::request::Parts;
use jiff::{Timestamp, tz::TimeZone};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{
    components::{Choice, Select},
    context::{Flash, PageContext},
    cookies,
    failure::{Failure, FieldError},
    form::Submitted,
    house::House,
    operator::desk::shown_again,
    session::StaffSession,
    state::AppState,
};

/// A signed-in reader and everything at hand.
pub(crate) struct Office {
    pub(crate) ctx: PageContext,
    pub(crate) query: Submitted,
    staff: StaffSession,
    house: House,
    jar: CookieJar,
    state: AppState,
}

impl Office {
    pub(crate) fn tenant(&self) -> Uuid {
        self.staff.tenant.tenant
    }

    pub(crate) fn app(&self) -> &App {
        &self.house.app
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller::from(&self.staff)
    }

    /// It was done: the next page says so, and waits for what was written.
    pub(crate) fn done(self, position: i64, message: impl Into<String>, next: &str) -> Response {
        let jar = cookies::remember_position(&self.state.config, self.jar, position);
        let jar = cookies::leave_flash(&self.state.config, jar, &Flash::success(message));
        (jar, Redirect::to(next)).into_response()
    }

    /// It was not done, on a page that has no form to show again.
    pub(crate) fn refused(self, failure: Failure, next: &str) -> Result<Response, Failure> {
        let failure = shown_again(failure)?;
        let jar = cookies::leave_flash(&self.state.config, self.jar, &Flash::error(failure.detail));
        Ok((jar, Redirect::to(next)).into_response())
    }

    /// What the organization offers. It is read from the log itself and so never lags.
    pub(crate) async fn catalogue(&self) -> Result<Arc<Catalogue>, Failure> {
        Ok(catalogue::read(self.app(), self.tenant()).await?)
    }

    /// The organization's clock: a sandbox's own, or wall time.
    pub(crate) async fn now(&self) -> Result<Timestamp, Failure> {
        let info = organization::by_id(self.app(), self.tenant()).await?;
        Ok(info.and_then(|info| info.clock_now).unwrap_or_else(clock::wall_now))
    }

    /// Waits, bounded, until these models show what this browser last wrote.
    pub(crate) async fn caught_up(&self, models: &[&str]) -> Result<bool, Failure> {
        self.house
            .caught_up(&self.state, &self.jar, self.tenant(), models)
            .await
    }

    /// The legal entity that the query names; one of another chain does not exist.
    pub(crate) fn entity<'a>(&self, catalogue: &'a Catalogue) -> Result<Option<&'a LegalEntity>, Failure> {
        let asked = self.query.get("legal_entity");
        if asked.is_empty() {
            return Ok(None);
        }
        let id: LegalEntityId = asked.parse().map_err(|_| Failure::not_found())?;
        catalogue
            .legal_entities
            .get(&id)
            .map(Some)
            .ok_or_else(Failure::not_found)
    }

    /// A choice of the query by its name; nothing chosen is `None`.
    pub(crate) fn choice<T>(&self, field: &str, named: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Failure> {
        let asked = self.query.get(field);
        if asked.is_empty() {
            return Ok(None);
        }
        let unknown = || Failure::invalid(vec![FieldError::new(field, "Choose one of the list.")]);
        named(asked).map(Some).ok_or_else(unknown)
    }
}

impl FromRequestParts<AppState> for Office {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let staff = StaffSession::from_request_parts(parts, state).await?;
        let Ok(ctx) = PageContext::from_request_parts(parts, state).await;
        let Ok(house) = House::from_request_parts(parts, state).await;
        Ok(Self {
            ctx,
            query: Submitted::from_encoded(parts.uri.query().unwrap_or_default())?,
            staff,
            house,
            jar: CookieJar::from_headers(&parts.headers),
            state: state.clone(),
        })
    }
}

/// Ids of the path. What is no id is no address of ours.
pub(crate) struct Id<T = Uuid>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for Id<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Failure::not_found()),
        }
    }
}

/// The legal entities by name.
pub(crate) fn entities(catalogue: &Catalogue) -> Vec<&LegalEntity> {
    let mut entities: Vec<_> = catalogue.legal_entities.values().collect();
    entities.sort_by(|a, b| a.fact.name.cmp(&b.fact.name));
    entities
}

/// The legal entities as choices of a filter.
pub(crate) fn entity_choices(catalogue: &Catalogue) -> Vec<Choice> {
    entities(catalogue)
        .into_iter()
        .map(|entity| Choice::new(entity.fact.legal_entity_id.to_string(), &entity.fact.name))
        .collect()
}

/// A legal entity to choose in a form: where there is only one, it is chosen.
pub(super) fn entity_select(name: &'static str, catalogue: &Catalogue) -> Select {
    let only = match entities(catalogue).as_slice() {
        [only] => only.fact.legal_entity_id.to_string(),
        _ => String::new(),
    };
    Select::new(name, "Legal entity", entity_choices(catalogue)).value(only)
}

/// The name of a legal entity; its id where it has none, which no catalogue of ours causes.
pub(crate) fn entity_name(catalogue: &Catalogue, id: LegalEntityId) -> String {
    catalogue
        .legal_entities
        .get(&id)
        .map_or_else(|| id.to_string(), |entity| entity.fact.name.clone())
}

/// The zone of a legal entity; UTC where its name is not known to this build.
pub(crate) fn zone(catalogue: &Catalogue, id: LegalEntityId) -> TimeZone {
    catalogue
        .legal_entities
        .get(&id)
        .and_then(|entity| local_time::zone(&entity.fact.time_zone).ok())
        .unwrap_or(TimeZone::UTC)
}
