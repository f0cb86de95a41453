//! What the API answers.

use axum::response::{IntoResponse, Response};
use coterie_app::{
    Done,
    page::{Page, PageRequest},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{failure::Failure, json::ApiJson};

/// Where the command stands in the log: a GET with this as its `min_position` sees its effects.
const LOG_POSITION: HeaderName = HeaderName::from_static("log-position");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

pub type Answer<T> = Result<ApiJson<T>, Failure>;
pub type CommandAnswer<T> = Result<Carried<T>, Failure>;

/// A command that was carried out, now or when its key was first used.
pub struct Carried<T> {
    status: StatusCode,
    location: Option<String>,
    position: i64,
    replayed: bool,
    body: T,
}

impl<T> Carried<T> {
    /// Something new stands at `location`.
    pub fn created<O>(done: &Done<O>, location: String, body: T) -> Self {
        Self {
            status: StatusCode::CREATED,
            location: Some(location),
            ..Self::changed(done, body)
        }
    }

    /// Something changed.
    pub fn changed<O>(done: &Done<O>, body: T) -> Self {
        Self {
            status: StatusCode::OK,
            location: None,
            position: done.position,
            replayed: done.replayed,
            body,
        }
    }
}

impl<T: Serialize> IntoResponse for Carried<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, ApiJson(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(LOG_POSITION, HeaderValue::from(self.position));
        if self.replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        if let Some(location) = self.location.and_then(|path| HeaderValue::try_from(path).ok()) {
            headers.insert(header::LOCATION, location);
        }
        response
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    pub data: Vec<T>,
    /// Send it as `after` for the next page; null on the last one.
    #[schema(required)]
    pub next: Option<String>,
}

impl<T> List<T> {
    pub fn of<R>(page: Page<R>, show: impl FnMut(R) -> T) -> ApiJson<Self> {
        ApiJson(Self {
            data: page.items.into_iter().map(show).collect(),
            next: page.next,
        })
    }

    /// A page of what is held in memory in the order of its ids.
    pub fn by_id<'a, R: 'a>(
        request: &PageRequest,
        rows: impl Iterator<Item = &'a R>,
        id: impl Fn(&R) -> Uuid,
        show: impl FnMut(&'a R) -> T,
    ) -> ApiJson<Self> {
        let after: Option<Uuid> = request.after();
        let wanted = usize::try_from(request.limit() + 1).unwrap_or(1);
        let items: Vec<_> = rows
            .filter(|row| after.is_none_or(|after| id(row) > after))
            .take(wanted)
            .collect();
        Self::of(request.cut(items, |row| id(row)), show)
    }

    /// The whole of a list that is bounded by itself.
    pub fn whole(data: Vec<T>) -> ApiJson<Self> {
        ApiJson(Self { data, next: None })
    }
}

/// Names the fields of a refusal as they are called in the request's body.
pub fn naming<'a>(names: &'a [(&str, &str)]) -> impl Fn(coterie_app::UseCaseError) -> Failure + 'a {
    move |error| {
        let mut failure = Failure::from(error);
        for field in &mut failure.fields {
            if let Some((_, name)) = names.iter().find(|(domain, _)| *domain == field.field) {
                (*name).clone_into(&mut field.field);
            }
        }
        failure
    }
}
