//! `/floors/{id}`: where rooms and desks are. The plan's numbers and the list beside it lead to the day on which each is booked.

use askama::Template;
use axum::{extract::Path, response::Response};
use coterie_app::floor;
use coterie_domain::FloorId;
use http::HeaderMap;

use super::{id, occupancy, who::Me};
use crate::{
    components::{Column, EmptyState, FloorPlan, Link, Table},
    context::PageContext,
    failure::Failure,
    house::House,
    page::page,
    pictures,
    session::MemberSession,
};

#[derive(Template)]
#[template(path = "member/floor.html")]
struct FloorPage<'a> {
    ctx: &'a PageContext,
    name: &'a str,
    location: &'a str,
    back: String,
    /// The floors of the house, and whether each is this one.
    floors: Vec<(Link, bool)>,
    plan: Option<FloorPlan>,
    table: Table,
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    Path(floor): Path<String>,
) -> Result<Response, Failure> {
    let me = Me::load(&house, &session).await?;
    let floor = me.catalogue.floor(id(&floor)?)?;
    let place = me.catalogue.location(floor.fact.location_id)?;
    let back = format!("/bookings/new?location={}", place.location_id);
    let mut table = Table::new("Rooms and desks", ["Number", "Name", "Type", "Holds"].map(Column::text)).empty(
        EmptyState::new("Nothing to book here", "No room or desk stands on this plan yet."),
    );
    let mut plan = floor.plan.as_ref().map(|plan| {
        let label = format!("Plan of {}, {}", floor.fact.name, place.name);
        FloorPlan::new(
            label,
            format!("{}/plan.svg", address(floor.fact.floor_id)),
            plan.height_per_mille,
        )
    });
    for (number, (resource, position)) in (1..).zip(me.catalogue.standing_on(floor.fact.floor_id)) {
        let href = format!("{back}&resource={}", resource.resource_id);
        if let Some(plan) = &mut plan {
            plan.push(&resource.name, &href, (position.x_percent, position.y_percent));
        }
        let kind = me.catalogue.resource_types.get(&resource.resource_type_id);
        table.push([
            number.to_string().into(),
            Link::new(&resource.name, href).into(),
            kind.map_or_else(String::new, |kind| kind.name.clone()).into(),
            occupancy::people(resource.capacity).into(),
        ]);
    }
    let floors = me.catalogue.floors_of(place.location_id).into_iter();
    let template = FloorPage {
        ctx: &ctx,
        name: &floor.fact.name,
        location: &place.name,
        back,
        floors: floors
            .map(|other| {
                let link = Link::new(&other.fact.name, address(other.fact.floor_id));
                (link, other.fact.floor_id == floor.fact.floor_id)
            })
            .collect(),
        plan,
        table,
    };
    Ok(page(&ctx, &template))
}

/// The drawing.
pub(super) async fn plan(
    house: House,
    session: MemberSession,
    Path(floor): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Failure> {
    let plan = floor::plan_of(&house.app, session.tenant.tenant, id(&floor)?).await?;
    pictures::answer(plan, &asked)
}

pub(super) fn address(id: FloorId) -> String {
    format!("/floors/{id}")
}
