//! `/visit`: everything that is open to visitors, house by house.

use askama::Template;
use axum::response::Response;
use coterie_app::catalogue;
use coterie_domain::{booking, catalogue::Catalogue, visitor_booking::open_to_visitors};

use super::words;
use crate::{
    components::{Cell, Column, EmptyState, Link, Table},
    context::PageContext,
    failure::Failure,
    house::House,
    page::page,
    session::Tenant,
    told,
};

#[derive(Template)]
#[template(path = "visitor/rooms.html")]
struct RoomsPage<'a> {
    ctx: &'a PageContext,
    houses: Vec<HouseRooms>,
    empty: EmptyState,
}

struct HouseRooms {
    name: String,
    address: String,
    rooms: Table,
}

pub(super) async fn show(ctx: PageContext, house: House, Tenant(tenant): Tenant) -> Result<Response, Failure> {
    let catalogue = catalogue::read(&house.app, tenant.tenant).await?;
    let template = RoomsPage {
        ctx: &ctx,
        houses: houses(&catalogue),
        empty: EmptyState::new(
            "Nothing to book as a visitor",
            "The rooms of these houses are for members. Plans say what a membership costs.",
        )
        .action("See the plans", "/plans"),
    };
    Ok(page(&ctx, &template))
}

fn houses(catalogue: &Catalogue) -> Vec<HouseRooms> {
    let mut places: Vec<_> = catalogue.locations.values().collect();
    places.sort_by(|a, b| (&a.name, a.location_id).cmp(&(&b.name, b.location_id)));
    let mut houses = Vec::new();
    for place in places {
        let mut rooms: Vec<_> = catalogue
            .resources
            .values()
            .filter(|room| room.location_id == place.location_id && open_to_visitors(room.resource_id, catalogue))
            .collect();
        rooms.sort_by(|a, b| (&a.name, a.resource_id).cmp(&(&b.name, b.resource_id)));
        if rooms.is_empty() {
            continue;
        }
        let columns = [
            Column::text("What"),
            Column::text("For"),
            Column::text("It has"),
            Column::number("An hour"),
        ];
        let mut table = Table::new(format!("Rooms and desks at {}", place.name), columns);
        for room in rooms {
            let price = booking::rule_for(room, catalogue).map_or_else(
                |_| Cell::from("by the time"),
                |rule| told::price(rule.per_hour, rule.tax_included).into(),
            );
            table.push([
                Link::new(&room.name, format!("/visit/{}", room.resource_id)).into(),
                words::people(room.capacity).into(),
                catalogue.terms_of(room.resource_id).amenities.join(", ").into(),
                price,
            ]);
        }
        houses.push(HouseRooms {
            name: place.name.clone(),
            address: words::street(place),
            rooms: table,
        });
    }
    houses
}
