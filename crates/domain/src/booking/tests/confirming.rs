use crate::{
    booking::{Booked, confirm, slot},
    catalogue::Catalogue,
    charge::ChargeKind,
    credit::{Holds, Lot},
    member::Member,
    membership::{Membership, MembershipEvent, NoticeGiven},
    refusal::Refusal,
    testing::{
        BERLIN, BOOKING, CHARGE, MEMBERSHIP, PIER_ROOM, ROOM, ada, at, chain, date, eur, lot, membership_from, wall,
        when,
    },
};

const NOW: &str = "2026-01-20T06:00Z";

fn january(left: i64) -> [Lot; 1] {
    [lot(1, left, "2025-12-31T23:00Z", "2026-01-31T23:00Z")]
}

fn book(
    start: &str,
    end: &str,
    membership: Option<&Membership>,
    lots: &[Lot],
    all: &Catalogue,
) -> Result<Booked, Refusal> {
    let slot = slot(ROOM, wall(start), wall(end), at(NOW), all)?;
    confirm(BOOKING, CHARGE, &ada(), membership, &slot, lots, all)
}

#[test]
fn what_the_allowance_covers_is_not_charged() {
    let all = chain();
    let membership = membership_from("2026-01-20", &all);
    let booked = book(
        "2026-01-21T09:00",
        "2026-01-21T11:00",
        Some(&membership),
        &january(300),
        &all,
    )
    .unwrap();
    assert_eq!((booked.fact.full_price, booked.fact.charged), (eur(4_000), eur(0)));
    assert_eq!(booked.fact.credit_uses[0].minutes, 120);
    assert_eq!((booked.charge, booked.fact.charge_id), (None, None));
}

/// Hours first, then money for what is left; the charge is the rest, one booking at its price, so that the line of the
/// invoice is quantity times price and taxed on what is really paid beside the plan.
#[test]
fn money_of_the_plan_pays_for_what_hours_leave() {
    let all = chain();
    let membership = membership_from("2026-01-20", &all);
    let money = |left| Lot {
        holds: Holds::Money {
            currency: eur(0).currency,
        },
        left,
        ..lot(2, 0, "2025-12-31T23:00Z", "2026-01-31T23:00Z")
    };
    let sold = |minor| {
        let lots = [january(60)[0], money(minor)];
        book("2026-01-21T09:00", "2026-01-21T12:00", Some(&membership), &lots, &all).unwrap()
    };
    let partly = sold(1_000);
    assert_eq!((partly.fact.full_price, partly.fact.charged), (eur(6_000), eur(3_000)));
    assert_eq!(
        (partly.fact.credit_uses[0].minutes, partly.fact.money_uses[0].amount),
        (60, eur(1_000))
    );
    let charge = partly.charge.unwrap();
    assert_eq!((charge.quantity.as_str(), charge.unit.as_str()), ("1", "booking"));
    assert_eq!((charge.unit_price, charge.net), (eur(3_000), eur(3_000)));
    assert_eq!(
        charge.because.last().unwrap().text,
        "EUR 10.00 of it paid from the money that the plan grants"
    );
    let whole = sold(9_900);
    assert_eq!(
        (whole.charge, whole.fact.charged, whole.fact.money_uses[0].amount),
        (None, eur(0), eur(4_000))
    );
}

/// Journey (b): the second booking of 4 h finds 3 h left and charges one.
#[test]
fn the_rest_is_charged_on_the_day_of_the_booking() {
    let all = chain();
    let membership = membership_from("2026-01-20", &all);
    let booked = book(
        "2026-01-22T13:00",
        "2026-01-22T17:00",
        Some(&membership),
        &january(180),
        &all,
    )
    .unwrap();
    let charge = booked.charge.unwrap();
    assert_eq!(
        (charge.net, charge.unit_price, charge.quantity.as_str()),
        (eur(2_000), eur(2_000), "1")
    );
    assert_eq!((charge.kind, charge.legal_entity_id), (ChargeKind::Booking, BERLIN));
    assert_eq!(charge.description, "Room Spree, 2026-01-22 13:00");
    assert_eq!(
        (charge.service_from, charge.service_to),
        (date("2026-01-22"), date("2026-01-23"))
    );
    // The cut-off of 1 February takes the bookings up to 31 January.
    assert_eq!(charge.billable_on, date("2026-01-23"));
    assert_eq!(charge.tax_category, "standard");
    assert_eq!(charge.membership_id, Some(MEMBERSHIP));
    assert_eq!((charge.source.stream_id, charge.source.version), (BOOKING.0, 1));
    assert_eq!((booked.fact.charge_id, booked.fact.charged), (Some(CHARGE), eur(2_000)));
    assert_eq!(booked.fact.catalogue_position, all.position);
}

#[test]
fn a_booking_draws_on_the_cycle_it_starts_in() {
    let all = chain();
    let membership = membership_from("2026-01-20", &all);
    let lots = [january(300)[0], lot(2, 300, "2026-01-31T23:00Z", "2026-02-28T23:00Z")];
    let booked = book("2026-02-02T09:00", "2026-02-02T10:00", Some(&membership), &lots, &all).unwrap();
    assert_eq!(booked.fact.credit_uses[0].lot_id, lots[1].lot_id);
}

#[test]
fn who_may_not_book() {
    let all = chain();
    let membership = membership_from("2026-01-20", &all);
    let (start, end) = ("2026-01-21T09:00", "2026-01-21T10:00");
    when(book(start, end, None, &[], &all)).then_refused("no_membership");

    let slot_in_mitte = slot(ROOM, wall(start), wall(end), at(NOW), &all).unwrap();
    let unconfirmed = Member {
        confirmed: false,
        ..ada()
    };
    when(confirm(
        BOOKING,
        CHARGE,
        &unconfirmed,
        Some(&membership),
        &slot_in_mitte,
        &[],
        &all,
    ))
    .then_refused("email_not_confirmed");

    let at_the_pier = slot(PIER_ROOM, wall(start), wall(end), at(NOW), &all).unwrap();
    let refusal = when(confirm(
        BOOKING,
        CHARGE,
        &ada(),
        Some(&membership),
        &at_the_pier,
        &[],
        &all,
    ))
    .then_refused("other_currency");
    assert_eq!(
        refusal.sentence,
        "Your membership is with Harbour Berlin GmbH, which invoices in EUR; Pier belongs to Harbour New York Inc. and has its prices in USD."
    );
}

#[test]
fn a_membership_covers_its_own_days_only() {
    let all = chain();
    let later = membership_from("2026-02-01", &all);
    let (start, end) = ("2026-01-31T09:00", "2026-01-31T10:00");
    when(book(start, end, Some(&later), &[], &all)).then_refused("membership_not_active");

    let leaving = Membership::evolve(
        Some(membership_from("2026-01-20", &all)),
        MembershipEvent::from(NoticeGiven {
            membership_id: MEMBERSHIP,
            last_day: date("2026-01-31"),
        }),
    )
    .unwrap();
    assert!(
        book(start, end, Some(&leaving), &[], &all).is_ok(),
        "the last day is covered"
    );
    when(book("2026-02-02T09:00", "2026-02-02T10:00", Some(&leaving), &[], &all)).then_refused("membership_not_active");
}
