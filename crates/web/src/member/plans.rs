//! `/plans`: what can be agreed to, where.

use askama::Template;
use axum::response::Response;
use coterie_app::catalogue;

use super::offers::{Place, places};
use crate::{
    components::EmptyState,
    context::{PageContext, Viewer},
    failure::Failure,
    house::House,
    page::page,
    session::Tenant,
};

#[derive(Template)]
#[template(path = "member/plans.html")]
struct PlansPage<'a> {
    ctx: &'a PageContext,
    places: Vec<Place>,
    empty: EmptyState,
    stranger: bool,
}

pub(super) async fn show(ctx: PageContext, house: House, Tenant(tenant): Tenant) -> Result<Response, Failure> {
    let catalogue = catalogue::read(&house.app, tenant.tenant).await?;
    let mut places = places(&catalogue);
    places.retain(|place| !place.offers.is_empty());
    Ok(page(
        &ctx,
        &PlansPage {
            ctx: &ctx,
            places,
            empty: EmptyState::new(
                "No plans on offer yet",
                "As soon as the house publishes its first plan, it appears here.",
            ),
            stranger: ctx.viewer == Viewer::Stranger,
        },
    ))
}
