//! Prices that ask who books, and how many come.

use crate::{
    CompanyId, LotId, Payer,
    booking::{Price, Slot, confirm, price, slot},
    catalogue::Catalogue,
    credit::CreditUse,
    resource::{BookedBy, Booker, Conditions, NewPriceRule},
    testing::{
        BOOKING, CHARGE, FLEX, MITTE, ROOM, ROOM_TYPE, ada, at, chain, eur, id, membership_from, publish, wall, when,
    },
};

const ACME: CompanyId = CompanyId(uuid::Uuid::from_u128(0xf0));

/// 22 January, from nine o'clock to `end`, for so many.
fn asked(end: &str, people: Option<i32>, all: &Catalogue) -> Slot {
    let (start, end) = ("2026-01-22T09:00", format!("2026-01-22T{end}"));
    let now = at("2026-01-20T06:00Z");
    let slot = slot(ROOM, wall(start), wall(&end), now, all).unwrap();
    slot.for_people(people).unwrap()
}

fn publish_for(all: &mut Catalogue, rule: u128, minor: i64, conditions: Conditions) {
    let new = NewPriceRule {
        conditions,
        ..NewPriceRule::by_the_hour(ROOM_TYPE, eur(minor))
    };
    publish(all, rule, &new);
}

fn texts(price: &Price) -> Vec<&str> {
    price.because.iter().map(|step| step.text.as_str()).collect()
}

/// EUR 5 an hour for each, EUR 18 a half day, no more than EUR 30 and no less than EUR 4 a day.
fn per_seat() -> Catalogue {
    let mut all = chain();
    let new = NewPriceRule {
        per_seat: true,
        half_day: Some(eur(1_800)),
        day_cap: Some(eur(3_000)),
        minimum: Some(eur(400)),
        ..NewPriceRule::by_the_hour(ROOM_TYPE, eur(500))
    };
    publish(&mut all, 0x70, &new);
    all
}

#[test]
fn each_who_comes_pays_and_the_reasons_name_the_seats() {
    let all = per_seat();
    let cost = |end: &str, people| price(&asked(end, people, &all), Booker::SOME_MEMBER, &[], &all).unwrap();
    let three = cost("11:00", Some(3));
    assert_eq!((three.full, three.per_hour), (eur(3_000), Some(eur(1_500))));
    assert_eq!(texts(&three), ["2 h at 3 seats × EUR 5.00 an hour"]);
    assert_eq!(three.because[0].rule, Some(id(0x70)));
    assert_eq!(cost("11:00", None).full, eur(1_000), "as for one where nobody said");
    assert_eq!(texts(&cost("11:00", Some(1))), ["2 h at 1 seat × EUR 5.00 an hour"]);
    // Half days, the cap and the minimum are each one's too.
    let half = cost("13:00", Some(3));
    assert_eq!(half.full, eur(5_400));
    assert_eq!(texts(&half)[1], "3 seats × EUR 18.00 for each half day of 4 h");
    let day = cost("17:00", Some(3));
    assert_eq!(day.full, eur(9_000));
    assert_eq!(texts(&day)[1], "never more than 3 seats × EUR 30.00 a day");
    let short = cost("09:30", Some(3));
    assert_eq!(short.full, eur(1_200));
    assert_eq!(texts(&short)[1], "at least 3 seats × EUR 4.00 a day");
}

#[test]
fn a_room_with_a_price_of_its_own_costs_the_same_however_many_come() {
    let all = chain();
    let cost = |people| price(&asked("11:00", people, &all), Booker::SOME_MEMBER, &[], &all).unwrap();
    assert_eq!(cost(Some(3)), cost(None));
    assert_eq!(cost(Some(3)).full, eur(4_000));
}

#[test]
fn nobody_and_more_than_it_holds_do_not_fit() {
    let all = chain();
    let room = asked("11:00", None, &all);
    let capacity = room.resource.capacity;
    for people in [0, -1, capacity + 1] {
        let refusal = when(room.clone().for_people(Some(people))).then_refused("people_do_not_fit");
        assert_eq!(refusal.fields[0].field, "people");
    }
    assert_eq!(room.for_people(Some(capacity)).unwrap().people, Some(capacity));
}

#[test]
fn the_allowance_covers_hours_of_all_who_come() {
    let all = per_seat();
    let membership = membership_from("2026-01-20", &all);
    let slot = asked("11:00", Some(3), &all);
    let lots = [crate::testing::lot(1, 60, "2025-12-31T23:00Z", "2026-01-31T23:00Z")];
    let booked = confirm(BOOKING, CHARGE, &ada(), Some(&membership), &slot, &lots, &all).unwrap();
    assert_eq!((booked.fact.people, booked.fact.charged), (Some(3), eur(1_500)));
    let charge = booked.charge.unwrap();
    assert_eq!(
        (charge.quantity.as_str(), charge.unit_price, charge.net),
        ("1", eur(1_500), eur(1_500)),
        "what stands on the invoice multiplies"
    );
    let uses = [CreditUse {
        lot_id: LotId(id(1)),
        minutes: 60,
    }];
    assert_eq!(
        price(
            &slot,
            Booker::under(&membership, crate::testing::date("2026-01-22")),
            &uses,
            &all
        )
        .unwrap()
        .because,
        booked.fact.because
    );
}

#[test]
fn members_and_visitors_have_their_own_prices() {
    let mut all = chain();
    let by = |kind| Conditions {
        booked_by: Some(kind),
        ..Conditions::default()
    };
    let half_days = NewPriceRule {
        half_day: Some(eur(9_900)),
        conditions: by(BookedBy::Visitor),
        ..NewPriceRule::by_the_hour(ROOM_TYPE, eur(3_300))
    };
    publish(&mut all, 0x71, &half_days);
    let cost = |booker, all: &Catalogue| price(&asked("13:00", None, all), booker, &[], all).unwrap();
    let visitor = cost(Booker::Visitor, &all);
    assert_eq!(visitor.full, eur(9_900));
    assert_eq!(
        texts(&visitor),
        [
            "4 h at EUR 33.00 an hour (for visitors)",
            "EUR 99.00 for each half day of 4 h"
        ]
    );
    assert_eq!(cost(Booker::SOME_MEMBER, &all).full, eur(8_000));
    publish_for(&mut all, 0x72, 1_000, by(BookedBy::Member));
    assert_eq!(cost(Booker::SOME_MEMBER, &all).full, eur(4_000));
    assert_eq!(cost(Booker::Visitor, &all).full, eur(9_900));
}

#[test]
fn a_room_without_a_price_for_visitors_has_none_for_them() {
    let mut all = chain();
    all.price_rules.clear();
    let only = Conditions {
        booked_by: Some(BookedBy::Member),
        ..Conditions::default()
    };
    publish_for(&mut all, 0x73, 1_000, only);
    when(price(&asked("13:00", None, &all), Booker::Visitor, &[], &all)).then_refused("no_price");
}

/// A membership that a company pays for has the company's price; one that its member pays for has not.
#[test]
fn a_companys_price_is_that_of_the_memberships_it_pays_for() {
    let mut all = chain();
    let acme = Conditions {
        company_id: Some(ACME),
        ..Conditions::default()
    };
    publish_for(&mut all, 0x74, 1_200, acme);
    let own = membership_from("2026-01-20", &all);
    let mut paid_for = own.clone();
    paid_for.terms[0].payer = Payer::Company(ACME);
    let mut by_another = own.clone();
    by_another.terms[0].payer = Payer::Company(CompanyId(id(0xf1)));
    let book = |membership| {
        confirm(
            BOOKING,
            CHARGE,
            &ada(),
            Some(membership),
            &asked("11:00", None, &all),
            &[],
            &all,
        )
    };
    let booked = book(&paid_for).unwrap();
    assert_eq!(booked.fact.charged, eur(2_400));
    assert_eq!(
        booked.fact.because[0].text,
        "2 h at EUR 12.00 an hour (the company's price)"
    );
    assert_eq!(book(&own).unwrap().fact.charged, eur(4_000));
    assert_eq!(book(&by_another).unwrap().fact.charged, eur(4_000));
}

/// Place, company, plan, booker, and the larger group: each narrower one counts before the broader.
#[test]
fn a_companys_price_comes_before_a_plans_and_that_before_the_members() {
    let mut all = chain();
    let hers = Booker::Member {
        plan: Some(FLEX),
        company: Some(ACME),
    };
    let cost = |all: &Catalogue| price(&asked("10:00", Some(4), all), hers, &[], all).unwrap().full;
    let (group, member) = (
        Conditions {
            min_people: Some(4),
            ..Conditions::default()
        },
        Conditions {
            booked_by: Some(BookedBy::Member),
            ..Conditions::default()
        },
    );
    // Each is published before the broader ones are once more, and still counts.
    publish_for(&mut all, 0x80, 1_900, group.clone());
    publish_for(&mut all, 0x81, 2_000, Conditions::default());
    assert_eq!(cost(&all), eur(1_900));
    publish_for(&mut all, 0x82, 1_800, member.clone());
    publish_for(&mut all, 0x83, 1_900, group);
    assert_eq!(cost(&all), eur(1_800));
    let plan = Conditions {
        plan_id: Some(FLEX),
        ..Conditions::default()
    };
    publish_for(&mut all, 0x84, 1_700, plan.clone());
    publish_for(&mut all, 0x85, 1_800, member);
    assert_eq!(cost(&all), eur(1_700));
    let acme = Conditions {
        company_id: Some(ACME),
        ..Conditions::default()
    };
    publish_for(&mut all, 0x86, 1_600, acme);
    publish_for(&mut all, 0x87, 1_700, plan);
    assert_eq!(cost(&all), eur(1_600));
    let at_mitte = NewPriceRule {
        location_id: Some(MITTE),
        ..NewPriceRule::by_the_hour(ROOM_TYPE, eur(1_500))
    };
    publish(&mut all, 0x88, &at_mitte);
    assert_eq!(cost(&all), eur(1_500), "the location's own rule comes first");
}
