//! The JSON API, below `/v1`, and the address that Stripe tells us of events at.

#![allow(clippy::struct_field_names, reason = "ids are named by noun everywhere")]

mod add_ons;
mod assignments;
mod availability;
mod billing;
mod blockers;
mod bookings;
mod calendar_feeds;
mod charges;
mod command;
mod companies;
mod coupons;
mod courtesies;
mod credit_notes;
mod credit_packs;
mod deposits;
mod doors;
mod explanations;
mod floors;
mod free_slots;
mod invoice_now;
mod invoice_runs;
mod invoices;
mod journal;
mod kiosks;
mod legal_entities;
mod locations;
mod log;
mod members;
mod membership_changes;
mod memberships;
mod meters;
mod occupancy;
mod openapi;
mod organization;
mod passes;
mod payments;
mod photos;
mod plans;
mod price_changes;
mod price_rules;
mod reading;
mod reply;
mod resource_types;
mod resources;
mod seats;
mod series;
mod simulations;
mod staff;
mod stripe_webhook;
mod tax_choices;
mod tax_rates;
mod test_clock;
mod usage;
mod visitor_bookings;
mod waitlist;
mod words;

use crate::{
    access::Access::{ApiKey, Everywhere, Token},
    routes::Routes,
};

/// Registers this module's routes.
pub fn routes(routes: Routes) -> Routes {
    feeds(money(people(catalogue(routes))))
        .get("/v1/organization", ApiKey, organization::show)
        .post("/v1/staff", ApiKey, staff::create)
        .post("/v1/api_keys", ApiKey, staff::create_api_key)
        .get("/v1/test_clock", ApiKey, test_clock::show)
        .post("/v1/test_clock/advance", ApiKey, test_clock::advance)
        .get("/v1/log", ApiKey, log::list)
        .get("/v1/log/head", ApiKey, log::head)
        .get("/v1/log/{position}", ApiKey, log::show)
        .get("/v1/log/streams/{stream_id}", ApiKey, log::stream)
        .get("/v1/openapi.json", Everywhere, openapi::document)
        .post("/webhooks/stripe", Token, stripe_webhook::receive)
}

fn catalogue(routes: Routes) -> Routes {
    routes
        .get("/v1/legal_entities", ApiKey, legal_entities::list)
        .post("/v1/legal_entities", ApiKey, legal_entities::create)
        .get("/v1/legal_entities/{legal_entity_id}", ApiKey, legal_entities::show)
        .post_up_to(
            legal_entities::LETTERHEAD_LIMIT_BYTES,
            "/v1/legal_entities/{legal_entity_id}/letterhead",
            ApiKey,
            legal_entities::set_letterhead,
        )
        .get("/v1/locations", ApiKey, locations::list)
        .post("/v1/locations", ApiKey, locations::create)
        .get("/v1/locations/{location_id}", ApiKey, locations::show)
        .get("/v1/locations/{location_id}/days/{date}", ApiKey, availability::show)
        .post(
            "/v1/locations/{location_id}/opening_hours",
            ApiKey,
            locations::set_hours,
        )
        .post(
            "/v1/locations/{location_id}/cancellation",
            ApiKey,
            locations::set_cancellation,
        )
        .get("/v1/locations/{location_id}/day_passes", ApiKey, passes::days)
        .post("/v1/locations/{location_id}/day_passes", ApiKey, passes::set)
        .get("/v1/locations/{location_id}/closures", ApiKey, locations::closures)
        .post("/v1/locations/{location_id}/closures", ApiKey, locations::close)
        .post(
            "/v1/locations/{location_id}/closures/import",
            ApiKey,
            locations::import_closures,
        )
        .post(
            "/v1/locations/{location_id}/closures/{closure_id}/lift",
            ApiKey,
            locations::lift_closure,
        )
        .get("/v1/floors", ApiKey, floors::list)
        .post("/v1/floors", ApiKey, floors::create)
        .get("/v1/floors/{floor_id}", ApiKey, floors::show)
        .post("/v1/floors/{floor_id}", ApiKey, floors::rename)
        .get("/v1/floors/{floor_id}/plan", ApiKey, floors::plan)
        .post_up_to(
            floors::PLAN_LIMIT_BYTES,
            "/v1/floors/{floor_id}/plan",
            ApiKey,
            floors::set_plan,
        )
        .post(
            "/v1/locations/{location_id}/amenities",
            ApiKey,
            locations::set_amenities,
        )
        .get("/v1/photos", ApiKey, photos::list)
        .post_up_to(photos::LIMIT_BYTES, "/v1/photos", ApiKey, photos::create)
        .post("/v1/photos/{photo_id}/remove", ApiKey, photos::remove)
        .get("/v1/resource_types", ApiKey, resource_types::list)
        .post("/v1/resource_types", ApiKey, resource_types::create)
        .get("/v1/resources", ApiKey, resources::list)
        .post("/v1/resources", ApiKey, resources::create)
        .get("/v1/resources/{resource_id}", ApiKey, resources::show)
        .post("/v1/resources/{resource_id}/terms", ApiKey, resources::set_terms)
        .post("/v1/resources/{resource_id}/position", ApiKey, resources::place)
        .get("/v1/price_changes", ApiKey, price_changes::list)
        .post("/v1/price_changes", ApiKey, price_changes::create)
        .post("/v1/price_changes/preview", ApiKey, price_changes::preview)
        .get("/v1/price_changes/{price_change_id}", ApiKey, price_changes::show)
        .get(
            "/v1/price_changes/{price_change_id}/memberships",
            ApiKey,
            price_changes::memberships,
        )
        .post(
            "/v1/price_changes/{price_change_id}/call_off",
            ApiKey,
            price_changes::call_off,
        )
        .get("/v1/price_rules", ApiKey, price_rules::list)
        .post("/v1/price_rules", ApiKey, price_rules::create)
        .post("/v1/price_rules/preview", ApiKey, price_rules::preview)
        .post("/v1/simulations", ApiKey, simulations::create)
        .get("/v1/tax_rates", ApiKey, tax_rates::list)
        .post("/v1/tax_rates", ApiKey, tax_rates::create)
        .get("/v1/meters", ApiKey, meters::list)
        .post("/v1/meters", ApiKey, meters::create)
        .get("/v1/coupons", ApiKey, coupons::list)
        .post("/v1/coupons", ApiKey, coupons::create)
        .post("/v1/coupons/{coupon_id}/withdraw", ApiKey, coupons::withdraw)
        .get("/v1/credit_packs", ApiKey, credit_packs::list)
        .post("/v1/credit_packs", ApiKey, credit_packs::create)
        .post(
            "/v1/credit_packs/{credit_pack_id}/withdraw",
            ApiKey,
            credit_packs::withdraw,
        )
        .post("/v1/credit_packs/{credit_pack_id}/buy", ApiKey, credit_packs::buy)
        .get("/v1/members/{member_id}/credit_packs", ApiKey, credit_packs::of)
        .get("/v1/add_ons", ApiKey, add_ons::list)
        .post("/v1/add_ons", ApiKey, add_ons::create)
        .post("/v1/add_ons/{add_on_id}/withdraw", ApiKey, add_ons::withdraw)
        .get("/v1/plans", ApiKey, plans::list)
        .post("/v1/plans", ApiKey, plans::create)
        .get("/v1/plans/{plan_id}", ApiKey, plans::versions)
}

fn people(routes: Routes) -> Routes {
    routes
        .get("/v1/members", ApiKey, members::list)
        .post("/v1/members", ApiKey, members::create)
        .get("/v1/members/{member_id}", ApiKey, members::show)
        .get("/v1/members/{member_id}/allowances", ApiKey, members::allowances)
        .post("/v1/members/{member_id}/forget", ApiKey, members::forget)
        .post("/v1/members/{member_id}/billing", ApiKey, billing::of_member)
        .post("/v1/companies/{company_id}/billing", ApiKey, billing::of_company)
        .get("/v1/members/{member_id}/tax", ApiKey, tax_choices::of_member)
        .post("/v1/members/{member_id}/tax", ApiKey, tax_choices::choose_for_member)
        .get("/v1/companies/{company_id}/tax", ApiKey, tax_choices::of_company)
        .post(
            "/v1/companies/{company_id}/tax",
            ApiKey,
            tax_choices::choose_for_company,
        )
        .get("/v1/companies", ApiKey, companies::list)
        .post("/v1/companies", ApiKey, companies::create)
        .get("/v1/companies/{company_id}", ApiKey, companies::show)
        .post("/v1/companies/{company_id}/members", ApiKey, companies::join)
        .get("/v1/companies/{company_id}/members", ApiKey, companies::members)
        .post("/v1/companies/{company_id}/correction", ApiKey, companies::correct)
        .post(
            "/v1/companies/{company_id}/members/{member_id}/leave",
            ApiKey,
            companies::leave,
        )
        .post(
            "/v1/companies/{company_id}/members/{member_id}/manager",
            ApiKey,
            companies::manager,
        )
        .get("/v1/memberships/{membership_id}/seats", ApiKey, seats::show)
        .post("/v1/memberships/{membership_id}/seats", ApiKey, seats::give)
        .post(
            "/v1/memberships/{membership_id}/seats/{member_id}/take",
            ApiKey,
            seats::take,
        )
        .post("/v1/memberships/{membership_id}/split", ApiKey, seats::split)
        .get("/v1/memberships", ApiKey, memberships::list)
        .post("/v1/memberships", ApiKey, memberships::create)
        .post("/v1/memberships/quote", ApiKey, memberships::quote)
        .get("/v1/memberships/{membership_id}", ApiKey, memberships::show)
        .post("/v1/memberships/{membership_id}/plan", ApiKey, membership_changes::plan)
        .post(
            "/v1/memberships/{membership_id}/plan/quote",
            ApiKey,
            membership_changes::quote,
        )
        .post(
            "/v1/memberships/{membership_id}/plan/call_off",
            ApiKey,
            membership_changes::call_off,
        )
        .post(
            "/v1/memberships/{membership_id}/payer",
            ApiKey,
            membership_changes::payer,
        )
        .post(
            "/v1/memberships/{membership_id}/pause",
            ApiKey,
            membership_changes::pause,
        )
        .post(
            "/v1/memberships/{membership_id}/resume",
            ApiKey,
            membership_changes::resume,
        )
        .post(
            "/v1/memberships/{membership_id}/price",
            ApiKey,
            membership_changes::price,
        )
        .post("/v1/memberships/{membership_id}/courtesies", ApiKey, courtesies::give)
        .get(
            "/v1/memberships/{membership_id}/coupons",
            ApiKey,
            coupons::of_membership,
        )
        .post("/v1/memberships/{membership_id}/coupons", ApiKey, coupons::redeem)
        .get(
            "/v1/memberships/{membership_id}/add_ons",
            ApiKey,
            add_ons::of_membership,
        )
        .post("/v1/memberships/{membership_id}/add_ons", ApiKey, add_ons::add)
        .post(
            "/v1/memberships/{membership_id}/add_ons/remove",
            ApiKey,
            add_ons::remove,
        )
        .post(
            "/v1/memberships/{membership_id}/notice",
            ApiKey,
            membership_changes::notice,
        )
        .post(
            "/v1/memberships/{membership_id}/notice/withdraw",
            ApiKey,
            membership_changes::withdraw,
        )
        .get("/v1/occupancy", ApiKey, occupancy::show)
        .get("/v1/bookings", ApiKey, bookings::list)
        .post("/v1/bookings", ApiKey, bookings::create)
        .get("/v1/bookings/{booking_id}", ApiKey, bookings::show)
        .post("/v1/bookings/{booking_id}/cancel", ApiKey, bookings::cancel)
        .get("/v1/bookings/{booking_id}/guests", ApiKey, bookings::guests)
        .post("/v1/bookings/{booking_id}/guests", ApiKey, bookings::invite)
        .post("/v1/bookings/{booking_id}/guests/uninvite", ApiKey, bookings::uninvite)
        .get("/v1/waitlist", ApiKey, waitlist::list)
        .post("/v1/waitlist", ApiKey, waitlist::join)
        .post("/v1/waitlist/{entry_id}/leave", ApiKey, waitlist::leave)
        .post("/v1/bookings/{booking_id}/confirm", ApiKey, bookings::confirm)
        .post("/v1/bookings/{booking_id}/decline", ApiKey, bookings::decline)
        .post("/v1/bookings/{booking_id}/check_in", ApiKey, bookings::check_in)
        .post("/v1/bookings/{booking_id}/move/quote", ApiKey, bookings::quote_move)
        .post("/v1/bookings/{booking_id}/move", ApiKey, bookings::move_booking)
        .post("/v1/visitor_bookings", ApiKey, visitor_bookings::create)
        .get(
            "/v1/visitor_bookings/{visitor_booking_id}",
            ApiKey,
            visitor_bookings::show,
        )
        .get("/v1/passes", ApiKey, passes::list)
        .post("/v1/passes", ApiKey, passes::create)
        .get("/v1/passes/{pass_id}", ApiKey, passes::show)
        .post("/v1/passes/{pass_id}/give_back", ApiKey, passes::give_back)
        .post("/v1/series", ApiKey, series::create)
        .post("/v1/series/quote", ApiKey, series::quote)
        .get("/v1/series/{series_id}", ApiKey, series::show)
        .post("/v1/series/{series_id}/cancel", ApiKey, series::cancel)
        .get("/v1/free_slots", ApiKey, free_slots::list)
        .get("/v1/assignments", ApiKey, assignments::list)
        .post("/v1/assignments", ApiKey, assignments::create)
        .post("/v1/assignments/{assignment_id}/end", ApiKey, assignments::end)
        .get("/v1/blockers", ApiKey, blockers::list)
        .post("/v1/blockers", ApiKey, blockers::create)
        .post("/v1/blockers/{blocker_id}/lift", ApiKey, blockers::lift)
}

fn feeds(routes: Routes) -> Routes {
    routes
        .get(
            "/v1/members/{member_id}/calendar_feed",
            ApiKey,
            calendar_feeds::of_member,
        )
        .post(
            "/v1/members/{member_id}/calendar_feed",
            ApiKey,
            calendar_feeds::make_of_member,
        )
        .post(
            "/v1/members/{member_id}/calendar_feed/revoke",
            ApiKey,
            calendar_feeds::revoke_of_member,
        )
        .get(
            "/v1/resources/{resource_id}/calendar_feed",
            ApiKey,
            calendar_feeds::of_resource,
        )
        .post(
            "/v1/resources/{resource_id}/calendar_feed",
            ApiKey,
            calendar_feeds::make_of_resource,
        )
        .post(
            "/v1/resources/{resource_id}/calendar_feed/revoke",
            ApiKey,
            calendar_feeds::revoke_of_resource,
        )
        .get("/v1/members/{member_id}/door_code", ApiKey, doors::show_code)
        .post("/v1/members/{member_id}/door_code/revoke", ApiKey, doors::revoke_code)
        .get("/v1/resources/{resource_id}/door", ApiKey, doors::show)
        .post("/v1/resources/{resource_id}/door", ApiKey, doors::make)
        .post("/v1/resources/{resource_id}/door/revoke", ApiKey, doors::revoke)
        .get("/v1/locations/{location_id}/kiosk", ApiKey, kiosks::show)
        .post("/v1/locations/{location_id}/kiosk", ApiKey, kiosks::make)
        .post("/v1/locations/{location_id}/kiosk/revoke", ApiKey, kiosks::revoke)
        .get(
            "/v1/locations/{location_id}/calendar_feed",
            ApiKey,
            calendar_feeds::of_location,
        )
        .post(
            "/v1/locations/{location_id}/calendar_feed",
            ApiKey,
            calendar_feeds::make_of_location,
        )
        .post(
            "/v1/locations/{location_id}/calendar_feed/revoke",
            ApiKey,
            calendar_feeds::revoke_of_location,
        )
}

fn money(routes: Routes) -> Routes {
    routes
        .post(
            "/v1/legal_entities/{legal_entity_id}/invoicing",
            ApiKey,
            legal_entities::set_invoicing,
        )
        .get("/v1/invoice_runs", ApiKey, invoice_runs::list)
        .post("/v1/invoice_runs", ApiKey, invoice_runs::create)
        .get("/v1/invoice_runs/{invoice_run_id}", ApiKey, invoice_runs::show)
        .get("/v1/invoice_runs/{invoice_run_id}/drafts", ApiKey, invoice_runs::drafts)
        .get(
            "/v1/invoice_runs/{invoice_run_id}/drafts/{payer_id}",
            ApiKey,
            invoice_runs::show_draft,
        )
        .post(
            "/v1/invoice_runs/{invoice_run_id}/drafts/{payer_id}",
            ApiKey,
            invoice_runs::set_draft,
        )
        .post(
            "/v1/invoice_runs/{invoice_run_id}/approve",
            ApiKey,
            invoice_runs::approve,
        )
        .post("/v1/invoice_runs/{invoice_run_id}/issue", ApiKey, invoice_runs::issue)
        .post("/v1/invoice_runs/{invoice_run_id}/resume", ApiKey, invoice_runs::resume)
        .post("/v1/invoice_runs/{invoice_run_id}/cancel", ApiKey, invoice_runs::cancel)
        .get("/v1/invoices", ApiKey, invoices::list)
        .post("/v1/invoices/{invoice_id}/credit_notes", ApiKey, credit_notes::create)
        .get("/v1/invoices/{invoice_id}/invoice.pdf", ApiKey, invoices::pdf)
        .get("/v1/invoices/{invoice_id}/factur_x.pdf", ApiKey, invoices::factur_x)
        .get("/v1/invoices/{invoice_id}/xrechnung.xml", ApiKey, invoices::xrechnung)
        .get(
            "/v1/credit_notes/{credit_note_id}/factur_x.pdf",
            ApiKey,
            credit_notes::factur_x,
        )
        .get(
            "/v1/credit_notes/{credit_note_id}/xrechnung.xml",
            ApiKey,
            credit_notes::xrechnung,
        )
        .get(
            "/v1/credit_notes/{credit_note_id}/credit_note.pdf",
            ApiKey,
            credit_notes::pdf,
        )
        .get("/v1/deposits", ApiKey, deposits::list)
        .get("/v1/deposits/{deposit_id}", ApiKey, deposits::show)
        .post("/v1/deposits/{deposit_id}/applications", ApiKey, deposits::apply)
        .post("/v1/deposits/{deposit_id}/returns", ApiKey, deposits::give_back)
        .get("/v1/credit_notes", ApiKey, credit_notes::list)
        .get("/v1/credit_notes/{credit_note_id}", ApiKey, credit_notes::show)
        .post("/v1/invoices", ApiKey, invoice_now::create)
        .post("/v1/credit_notes", ApiKey, invoice_now::pay_back)
        .get("/v1/invoices/{invoice_id}", ApiKey, invoices::show)
        .get(
            "/v1/invoices/{invoice_id}/lines/{charge_id}",
            ApiKey,
            explanations::show,
        )
        .get("/v1/payments", ApiKey, payments::list)
        .get("/v1/payments/{payment_id}", ApiKey, payments::show)
        .get("/v1/charges", ApiKey, charges::list)
        .post("/v1/charges", ApiKey, charges::create)
        .post("/v1/charges/{charge_id}/void", ApiKey, charges::void)
        .get("/v1/usage", ApiKey, usage::list)
        .post("/v1/usage", ApiKey, usage::report)
        .get("/v1/journal_entries", ApiKey, journal::list)
        .get("/v1/trial_balance", ApiKey, journal::trial_balance)
}
