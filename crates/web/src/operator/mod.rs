//! Pages of those who run the houses, below `/operator`.

mod add_ons;
mod api_keys;
mod assignments;
mod book;
mod booking_detail;
mod booking_table;
mod bookings;
mod calendar_feed;
mod charges;
mod choices;
mod companies;
mod company_life;
mod coupons;
mod credit_packs;
pub(crate) mod desk;
mod door;
mod find;
mod floor_detail;
mod forget;
pub(crate) mod form;
mod legal_entities;
mod letterhead;
mod location_detail;
mod locations;
mod member_detail;
mod member_table;
mod members;
mod membership;
mod meters;
mod moving;
mod occupancy;
mod passes;
mod photos;
mod plan_form;
mod plans;
mod price_changes;
mod price_form;
mod prices;
mod resource_detail;
mod resource_types;
mod resources;
mod series;
mod set_up;
mod sheet;
mod simulation;
mod simulation_form;
mod simulation_tables;
mod staff;
mod subscribe;
mod tax_choice;
mod tax_rates;
mod test_clock;
mod times;
mod today;
pub(crate) mod typed;
mod usage;
mod waitlist;

pub(crate) use credit_packs::held as pack_held;

use crate::{
    access::{Access, Capability},
    nav::Area,
    routes::Routes,
};

/// Registers this module's routes and navigation links.
pub fn routes(routes: Routes) -> Routes {
    people(catalogue(day(routes)))
        .nav(Area::Operator, "Today", today::HERE)
        .nav(Area::Operator, "Bookings", bookings::HERE)
        .nav(Area::Operator, "Occupancy", occupancy::HERE)
        .nav(Area::Operator, "Members", members::HERE)
        .nav(Area::Operator, "Set-up", "/operator/set-up")
}

const OPERATE: Access = Access::Staff(Capability::Operate);

fn day(routes: Routes) -> Routes {
    routes
        .get(today::HERE, OPERATE, today::show)
        .get(bookings::HERE, OPERATE, bookings::list)
        .post(bookings::HERE, OPERATE, book::create)
        .get(book::HERE, OPERATE, book::new)
        .get(find::HERE, OPERATE, find::show)
        .get("/operator/bookings/{id}", OPERATE, booking_detail::detail)
        .post("/operator/bookings/{id}/cancel", OPERATE, booking_detail::cancel)
        .post("/operator/bookings/{id}/approve", OPERATE, booking_detail::approve)
        .post("/operator/bookings/{id}/decline", OPERATE, booking_detail::decline)
        .post("/operator/bookings/{id}/check-in", OPERATE, booking_detail::check_in)
        .get("/operator/bookings/{id}/move", OPERATE, moving::ask)
        .post("/operator/bookings/{id}/move", OPERATE, moving::submit)
        .get(waitlist::HERE, OPERATE, waitlist::list)
        .post(waitlist::HERE, OPERATE, waitlist::join)
        .get("/operator/waitlist/{id}", OPERATE, waitlist::ask_leave)
        .post("/operator/waitlist/{id}", OPERATE, waitlist::leave)
        .get("/operator/series/{id}", OPERATE, series::show)
        .get(passes::HERE, OPERATE, passes::list)
        .post(passes::HERE, OPERATE, passes::create)
        .get("/operator/passes/{id}/give-back", OPERATE, passes::ask_back)
        .post("/operator/passes/{id}/give-back", OPERATE, passes::give_back)
        .get(usage::HERE, OPERATE, usage::show)
        .post_up_to(usage::UPLOAD_LIMIT_BYTES, usage::HERE, OPERATE, usage::send)
        .get(occupancy::HERE, OPERATE, occupancy::show)
        .get(occupancy::FILE, OPERATE, occupancy::download)
        .get(simulation_form::HERE, OPERATE, simulation::show)
        .get(simulation::FILE, OPERATE, simulation::download)
        .get("/operator/simulation/{membership_id}", OPERATE, simulation::explain)
        .get(test_clock::HERE, OPERATE, test_clock::show)
        .post(test_clock::HERE, OPERATE, test_clock::advance)
}

fn catalogue(routes: Routes) -> Routes {
    routes
        .get("/operator/set-up", OPERATE, set_up::show)
        .get(legal_entities::HERE, OPERATE, legal_entities::list)
        .get("/operator/legal-entities/new", OPERATE, legal_entities::new)
        .post(legal_entities::HERE, OPERATE, legal_entities::create)
        .get("/operator/legal-entities/{id}/letterhead", OPERATE, letterhead::show)
        .post_up_to(
            photos::UPLOAD_LIMIT_BYTES,
            "/operator/legal-entities/{id}/letterhead",
            OPERATE,
            letterhead::set,
        )
        .get("/operator/legal-entities/{id}/logo.jpg", OPERATE, letterhead::logo)
        .get(locations::HERE, OPERATE, locations::list)
        .get("/operator/locations/new", OPERATE, locations::new)
        .post(locations::HERE, OPERATE, locations::create)
        .get("/operator/locations/{id}", OPERATE, location_detail::detail)
        .post("/operator/locations/{id}/hours", OPERATE, location_detail::hours)
        .post(
            "/operator/locations/{id}/cancellation",
            OPERATE,
            location_detail::cancellation,
        )
        .post(
            "/operator/locations/{id}/amenities",
            OPERATE,
            location_detail::amenities,
        )
        .post(
            "/operator/locations/{id}/day-passes",
            OPERATE,
            location_detail::day_passes,
        )
        .post("/operator/locations/{id}/closures", OPERATE, location_detail::close)
        .post(
            "/operator/locations/{id}/closures/import",
            OPERATE,
            location_detail::import,
        )
        .get(
            "/operator/locations/{id}/closures/{closure_id}",
            OPERATE,
            location_detail::ask_lift,
        )
        .post(
            "/operator/locations/{id}/closures/{closure_id}",
            OPERATE,
            location_detail::lift,
        )
        .post(
            "/operator/locations/{id}/calendar-feed",
            OPERATE,
            location_detail::make_feed,
        )
        .post(
            "/operator/locations/{id}/calendar-feed/revoke",
            OPERATE,
            location_detail::revoke_feed,
        )
        .post("/operator/locations/{id}/kiosk", OPERATE, location_detail::make_kiosk)
        .post(
            "/operator/locations/{id}/kiosk/revoke",
            OPERATE,
            location_detail::revoke_kiosk,
        )
        .post("/operator/locations/{id}/floors", OPERATE, location_detail::add_floor)
        .get("/operator/floors/{id}", OPERATE, floor_detail::detail)
        .post("/operator/floors/{id}", OPERATE, floor_detail::rename)
        .get("/operator/floors/{id}/plan.svg", OPERATE, floor_detail::plan)
        .post_up_to(
            floor_detail::UPLOAD_LIMIT_BYTES,
            "/operator/floors/{id}/plan",
            OPERATE,
            floor_detail::set_plan,
        )
        .get(tax_rates::HERE, OPERATE, tax_rates::list)
        .get("/operator/tax-rates/new", OPERATE, tax_rates::new)
        .post(tax_rates::HERE, OPERATE, tax_rates::create)
        .get(meters::HERE, OPERATE, meters::list)
        .get("/operator/meters/new", OPERATE, meters::new)
        .post(meters::HERE, OPERATE, meters::create)
        .get(add_ons::HERE, OPERATE, add_ons::list)
        .get("/operator/add-ons/new", OPERATE, add_ons::new)
        .post(add_ons::HERE, OPERATE, add_ons::create)
        .get("/operator/add-ons/{id}", OPERATE, add_ons::detail)
        .post("/operator/add-ons/{id}/withdraw", OPERATE, add_ons::withdraw)
        .get(credit_packs::HERE, OPERATE, credit_packs::list)
        .get("/operator/credit-packs/new", OPERATE, credit_packs::new)
        .post(credit_packs::HERE, OPERATE, credit_packs::create)
        .get("/operator/credit-packs/{id}", OPERATE, credit_packs::detail)
        .post("/operator/credit-packs/{id}/withdraw", OPERATE, credit_packs::withdraw)
        .get("/operator/members/{id}/credit-packs/new", OPERATE, credit_packs::sell)
        .post("/operator/members/{id}/credit-packs", OPERATE, credit_packs::sold)
        .get(coupons::HERE, OPERATE, coupons::list)
        .get("/operator/coupons/new", OPERATE, coupons::new)
        .post(coupons::HERE, OPERATE, coupons::create)
        .get("/operator/coupons/{id}", OPERATE, coupons::detail)
        .post("/operator/coupons/{id}/withdraw", OPERATE, coupons::withdraw)
        .get(resource_types::HERE, OPERATE, resource_types::list)
        .get("/operator/resource-types/new", OPERATE, resource_types::new)
        .post(resource_types::HERE, OPERATE, resource_types::create)
        .get(prices::HERE, OPERATE, prices::list)
        .get("/operator/prices/new", OPERATE, prices::new)
        .post(prices::HERE, OPERATE, prices::create)
        .get(resources::HERE, OPERATE, resources::list)
        .get("/operator/resources/new", OPERATE, resources::new)
        .post(resources::HERE, OPERATE, resources::create)
        .get("/operator/resources/{id}", OPERATE, resource_detail::detail)
        .post("/operator/resources/{id}/terms", OPERATE, resource_detail::terms)
        .get(
            "/operator/resources/{id}/sign.svg",
            OPERATE,
            resource_detail::sign_picture,
        )
        .post("/operator/resources/{id}/assignments", OPERATE, assignments::make)
        .get(
            "/operator/resources/{id}/assignments/{assignment_id}",
            OPERATE,
            assignments::ask_end,
        )
        .post(
            "/operator/resources/{id}/assignments/{assignment_id}",
            OPERATE,
            assignments::end,
        )
        .get("/operator/photos/{id}", OPERATE, photos::show)
        .post_up_to(
            photos::UPLOAD_LIMIT_BYTES,
            "/operator/resources/{id}/photos",
            OPERATE,
            photos::add,
        )
        .get(
            "/operator/resources/{id}/photos/{photo_id}",
            OPERATE,
            photos::ask_remove,
        )
        .post("/operator/resources/{id}/photos/{photo_id}", OPERATE, photos::remove)
        .post("/operator/resources/{id}/position", OPERATE, resource_detail::place)
        .post("/operator/resources/{id}/blockers", OPERATE, resource_detail::block)
        .get(
            "/operator/resources/{id}/blockers/{blocker_id}",
            OPERATE,
            resource_detail::ask_lift,
        )
        .post(
            "/operator/resources/{id}/blockers/{blocker_id}",
            OPERATE,
            resource_detail::lift,
        )
        .post(
            "/operator/resources/{id}/calendar-feed",
            OPERATE,
            resource_detail::make_feed,
        )
        .post(
            "/operator/resources/{id}/calendar-feed/revoke",
            OPERATE,
            resource_detail::revoke_feed,
        )
        .post("/operator/resources/{id}/door", OPERATE, resource_detail::make_door)
        .post(
            "/operator/resources/{id}/door/revoke",
            OPERATE,
            resource_detail::revoke_door,
        )
        .get(price_changes::HERE, OPERATE, price_changes::list)
        .get(price_changes::NEW, OPERATE, price_changes::new)
        .post(price_changes::HERE, OPERATE, price_changes::create)
        .get("/operator/price-changes/{id}", OPERATE, price_changes::detail)
        .get(
            "/operator/price-changes/{id}/call-off",
            OPERATE,
            price_changes::ask_call_off,
        )
        .post(
            "/operator/price-changes/{id}/call-off",
            OPERATE,
            price_changes::call_off,
        )
        .get(plans::HERE, OPERATE, plans::list)
        .get("/operator/plans/new", OPERATE, plans::new)
        .post(plans::HERE, OPERATE, plans::create)
        .get("/operator/plans/{id}", OPERATE, plans::detail)
        .post("/operator/plans/{id}", OPERATE, plans::revise)
}

fn people(routes: Routes) -> Routes {
    routes
        .get(members::HERE, OPERATE, members::list)
        .get("/operator/members/new", OPERATE, members::new)
        .post(members::HERE, OPERATE, members::create)
        .get("/operator/members/{id}", OPERATE, member_detail::detail)
        .post("/operator/members/{id}/company", OPERATE, member_detail::join)
        .get("/operator/members/{id}/forget", OPERATE, forget::ask)
        .post("/operator/members/{id}/forget", OPERATE, forget::forget)
        .get("/operator/members/{id}/charges/new", OPERATE, charges::new)
        .post("/operator/members/{id}/charges", OPERATE, charges::create)
        .get("/operator/charges/{id}/void", OPERATE, charges::ask_void)
        .post("/operator/charges/{id}/void", OPERATE, charges::void)
        .get("/operator/members/{id}/memberships/new", OPERATE, subscribe::new)
        .post("/operator/members/{id}/memberships", OPERATE, subscribe::create)
        .get(
            "/operator/members/{id}/memberships/{membership_id}",
            OPERATE,
            membership::detail,
        )
        .get(
            "/operator/members/{id}/memberships/{membership_id}/plan",
            OPERATE,
            membership::plan::quote,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/plan",
            OPERATE,
            membership::plan::change_plan,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/plan/call-off",
            OPERATE,
            membership::plan::call_off,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/pause",
            OPERATE,
            membership::changes::pause,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/resume",
            OPERATE,
            membership::changes::resume,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/price",
            OPERATE,
            membership::changes::price,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/payer",
            OPERATE,
            membership::changes::payer,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/coupons",
            OPERATE,
            membership::coupon::redeem,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/add-ons",
            OPERATE,
            membership::add_on::add,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/add-ons/remove",
            OPERATE,
            membership::add_on::remove,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/courtesies",
            OPERATE,
            membership::courtesy::give,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/end",
            OPERATE,
            membership::changes::end,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/stay",
            OPERATE,
            membership::changes::stay,
        )
        .get(companies::HERE, OPERATE, companies::list)
        .get("/operator/companies/new", OPERATE, companies::new)
        .post(companies::HERE, OPERATE, companies::create)
        .get("/operator/companies/{id}", OPERATE, companies::detail)
        .get("/operator/companies/{id}/tax", OPERATE, tax_choice::of_company)
        .post("/operator/companies/{id}/tax", OPERATE, tax_choice::choose_for_company)
        .get("/operator/members/{id}/tax", OPERATE, tax_choice::of_member)
        .post("/operator/members/{id}/tax", OPERATE, tax_choice::choose_for_member)
        .post("/operator/companies/{id}", OPERATE, company_life::correct)
        .post("/operator/companies/{id}/leave", OPERATE, company_life::leave)
        .post("/operator/companies/{id}/managers", OPERATE, company_life::manager)
        .post(
            "/operator/members/{id}/memberships/{membership_id}/seats",
            OPERATE,
            membership::sharing::give,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/seats/take",
            OPERATE,
            membership::sharing::take,
        )
        .post(
            "/operator/members/{id}/memberships/{membership_id}/split",
            OPERATE,
            membership::sharing::split,
        )
        .get(staff::HERE, OPERATE, staff::list)
        .get("/operator/staff/new", OPERATE, staff::new)
        .post(staff::HERE, OPERATE, staff::create)
        .get(api_keys::HERE, OPERATE, api_keys::list)
        .post(api_keys::HERE, OPERATE, api_keys::create)
}
