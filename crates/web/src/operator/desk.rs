//! What every page of an operator takes: who she is, what she acts on, and the ways a request ends.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use coterie_app::{Caller, access, catalogue, clock, organization};
use coterie_domain::catalogue::Catalogue;
use http::{StatusCode, request::Parts};
use jiff::Timestamp;
use std::sync::Arc;
use uuid::Uuid;

use crate::{
    access::Capability,
    audit::links,
    components::{Cell, Column, Link},
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    house::House,
    session::StaffSession,
    state::AppState,
};

/// A signed-in operator and everything at hand.
pub struct Desk {
    pub(super) ctx: PageContext,
    pub(super) staff: StaffSession,
    pub(super) house: House,
    jar: CookieJar,
    state: AppState,
}

impl Desk {
    pub(super) fn tenant(&self) -> Uuid {
        self.staff.tenant.tenant
    }

    pub(super) fn caller(&self) -> Caller {
        Caller::from(&self.staff)
    }

    /// Whether she may see money.
    pub(super) fn finances(&self) -> bool {
        self.ctx.viewer.reads(Capability::Finance)
    }

    /// Whether she may read the log, and so is led to histories.
    pub(super) fn audits(&self) -> bool {
        self.ctx.viewer.can(Capability::Audit)
    }

    /// A column of links to histories, for those who may read the log.
    pub(super) fn history_column(&self) -> Option<Column> {
        self.audits().then(|| Column::text("History"))
    }

    /// The link of one row in that column.
    pub(super) fn history_cell(&self, stream_id: Uuid) -> Option<Cell> {
        self.audits()
            .then(|| Link::new("History", links::stream(stream_id)).into())
    }

    /// Refuses with 403 unless she owns the organization; what only owners may do is not shown to others either.
    pub(super) fn owns(&self) -> Result<(), Failure> {
        Ok(access::owns(&self.caller())?)
    }

    /// What the organization offers. It is read from the log itself and so never lags.
    pub(super) async fn catalogue(&self) -> Result<Arc<Catalogue>, Failure> {
        Ok(catalogue::read(&self.house.app, self.tenant()).await?)
    }

    /// The organization's clock: wall time, or the test clock of a sandbox.
    pub(super) async fn now(&self) -> Result<Timestamp, Failure> {
        let organization = organization::by_id(&self.house.app, self.tenant()).await?;
        Ok(organization
            .and_then(|found| found.clock_now)
            .unwrap_or_else(clock::wall_now))
    }

    /// Waits, bounded, until these models show what this browser last wrote.
    pub(super) async fn caught_up(&self, models: &[&str]) -> Result<bool, Failure> {
        self.house
            .caught_up(&self.state, &self.jar, self.tenant(), models)
            .await
    }

    /// The address of a page of this chain, for whoever is told it outside of a page.
    pub(super) fn address(&self, path: &str) -> String {
        format!(
            "{}{path}",
            self.state.config.public_url.of_chain(&self.staff.tenant.slug)
        )
    }

    /// It was done: the next page says so, and waits for what was written.
    pub(super) fn done(self, position: i64, message: impl Into<String>, next: &str) -> Response {
        let config = &self.state.config;
        let jar = cookies::remember_position(config, self.jar, position);
        let jar = cookies::leave_flash(config, jar, &Flash::success(message));
        (jar, Redirect::to(next)).into_response()
    }

    /// It was done, and this page says so; those that follow wait for what was written.
    pub(super) fn shown(self, position: i64, page: Response) -> Response {
        let jar = cookies::remember_position(&self.state.config, self.jar, position);
        (jar, page).into_response()
    }

    /// It was done, and nothing of it stands in the log.
    pub(super) fn noted(self, message: impl Into<String>, next: &str) -> Response {
        let jar = cookies::leave_flash(&self.state.config, self.jar, &Flash::success(message));
        (jar, Redirect::to(next)).into_response()
    }

    /// It was not done, on a page that has no form to show again.
    pub(super) fn refused(self, failure: Failure, next: &str) -> Result<Response, Failure> {
        let failure = shown_again(failure)?;
        let jar = cookies::leave_flash(&self.state.config, self.jar, &Flash::error(failure.detail));
        Ok((jar, Redirect::to(next)).into_response())
    }
}

/// Keeps those failures that are about what was typed or about how things stand: after them the form is shown again.
/// The others (no right to it, nothing at this address, our own fault) are pages of their own.
pub(crate) fn shown_again(failure: Failure) -> Result<Failure, Failure> {
    let about_the_form = match failure.status {
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE => true,
        StatusCode::NOT_FOUND => !failure.fields.is_empty(),
        _ => false,
    };
    if about_the_form { Ok(failure) } else { Err(failure) }
}

impl FromRequestParts<AppState> for Desk {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let staff = StaffSession::from_request_parts(parts, state).await?;
        let Ok(ctx) = PageContext::from_request_parts(parts, state).await;
        let Ok(house) = House::from_request_parts(parts, state).await;
        Ok(Self {
            ctx,
            staff,
            house,
            jar: CookieJar::from_headers(&parts.headers),
            state: state.clone(),
        })
    }
}
