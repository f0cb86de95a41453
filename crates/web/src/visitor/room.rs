//! `/visit/{resource}`: when it is free, what a time costs, and who comes.

use axum::{
    extract::{Path, RawQuery},
    response::Response,
};
use coterie_app::{catalogue, visitor_booking};
use coterie_domain::{ResourceId, visitor_booking::open_to_visitors};
use jiff::{ToSpan as _, civil::Date};

use super::{room_page, stranger};
use crate::{
    context::PageContext, failure::Failure, form::Submitted, house::House, member::answers_form, session::Tenant,
};

/// A day, a length, and a start where one was chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub resource: ResourceId,
    pub day: Date,
    pub minutes: i64,
    pub start: Option<jiff::civil::Time>,
}

impl Wish {
    /// Out of a query or a form; what is missing or makes no sense takes the usual.
    pub fn read(resource: ResourceId, asked: &Submitted, today: Date, usual_minutes: i64) -> Self {
        Self {
            resource,
            day: asked.get("day").parse().unwrap_or(today),
            minutes: asked.get("minutes").parse().unwrap_or(usual_minutes),
            start: jiff::civil::Time::strptime("%H:%M", asked.get("start")).ok(),
        }
    }

    pub fn time(&self) -> Option<visitor_booking::VisitTime> {
        let start = self.day.to_datetime(self.start?);
        Some(visitor_booking::VisitTime {
            resource_id: self.resource,
            start,
            end: start.checked_add(self.minutes.minutes()).ok()?,
        })
    }
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let asked = Submitted::from_encoded(&raw.unwrap_or_default())?;
    let caller = stranger(tenant.tenant);
    let resource = resource(&house, tenant.tenant, &id).await?;
    let wish = room_page::wish(&house, &caller, resource, &asked).await?;
    let price = match wish.time() {
        None => None,
        Some(time) => match visitor_booking::quote(&house.app, &caller, time)
            .await
            .map_err(Failure::from)
        {
            Ok(visit) => Some(Ok(visit)),
            Err(failure) if answers_form(&failure) => Some(Err(failure)),
            Err(failure) => return Err(failure),
        },
    };
    room_page::show(&ctx, &house, &caller, &wish, price, None).await
}

/// What is not open to visitors is not there for them.
pub(super) async fn resource(house: &House, tenant: uuid::Uuid, id: &str) -> Result<ResourceId, Failure> {
    let id: ResourceId = id.parse().map_err(|_| Failure::not_found())?;
    let catalogue = catalogue::read(&house.app, tenant).await?;
    if catalogue.resources.contains_key(&id) && open_to_visitors(id, &catalogue) {
        Ok(id)
    } else {
        Err(Failure::not_found())
    }
}
