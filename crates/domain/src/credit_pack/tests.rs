use super::*;
use crate::{
    BookingId, LotId, MemberId, MembershipId,
    credit::{self, CreditEvent, CreditLot, Drawing, Lot, UsedBy},
    member::Member,
    testing::{
        ADA, BERLIN, CHARGE, MITTE, NEW_YORK, NIGHT, PIER, ROOM_TYPE, ada, at, chain, date, eur, given, id,
        membership_from, record, when,
    },
};

mod books;

const PACK: CreditPackId = CreditPackId(uuid::Uuid::from_u128(0x9c));
const LOT: LotId = LotId(uuid::Uuid::from_u128(0x9d));

fn ten_hours() -> NewCreditPack {
    NewCreditPack {
        legal_entity_id: BERLIN,
        name: "10 hours of meeting room".into(),
        holds: Holds::Minutes {
            resource_type_id: ROOM_TYPE,
        },
        amount: 600,
        price: eur(15_000),
        tax_category: "standard".into(),
        valid_for: ValidFor::Months(6),
        self_service: true,
    }
}

/// The chain with a pack on offer.
fn offering(new: &NewCreditPack) -> Catalogue {
    let mut all = chain();
    let defined = define(PACK, new, &all).unwrap();
    record::<CreditPackEvent>(&mut all, defined);
    all
}

fn sold(all: &Catalogue, on: &str) -> Sold {
    let membership = membership_from("2026-01-20", all);
    let pack = all.credit_pack(PACK).unwrap();
    buy((LOT, CHARGE), pack, &ada(), Some(&membership), at(on), all).unwrap()
}

#[test]
fn a_pack_is_of_hours_or_passes_of_one_company_in_one_country() {
    let all = chain();
    let defined = when(define(PACK, &ten_hours(), &all)).decided();
    assert_eq!((defined.country.as_str(), defined.amount), ("DE", 600));
    let passes = NewCreditPack {
        holds: Holds::DayPasses,
        amount: 5,
        ..ten_hours()
    };
    when(define(PACK, &passes, &all)).decided();
    let wrong = NewCreditPack {
        name: " ".into(),
        amount: 0,
        price: eur(0),
        tax_category: "reduced".into(),
        valid_for: ValidFor::Months(37),
        ..ten_hours()
    };
    when(define(PACK, &wrong, &all)).then_faults(&["name", "price", "amount", "tax_category", "valid_for"]);
    let money = NewCreditPack {
        holds: Holds::Money {
            currency: eur(0).currency,
        },
        amount: 100,
        ..ten_hours()
    };
    when(define(PACK, &money, &all)).then_faults(&["holds"]);
    when(define(PACK, &ten_hours(), &offering(&ten_hours()))).then_faults(&["name"]);
    // Another currency than the company's.
    let abroad = NewCreditPack {
        legal_entity_id: NEW_YORK,
        ..ten_hours()
    };
    when(define(PACK, &abroad, &all)).then_refused("currency_not_the_entitys");
}

#[test]
fn houses_in_two_countries_leave_it_open_how_a_pack_is_taxed() {
    let mut all = chain();
    let vienna = crate::location::NewLocation {
        name: "Wien".into(),
        street: "Ring 1".into(),
        postcode: "1010".into(),
        city: "Wien".into(),
        country: "AT".into(),
        time_zone: "Europe/Vienna".into(),
        opening_hours: "Mon-Sun 00:00-24:00".into(),
    };
    let opened = crate::location::open(crate::LocationId(id(0x2b)), BERLIN, &vienna, &all).unwrap();
    let before = offering(&ten_hours());
    record::<crate::location::LocationEvent>(&mut all, opened.clone());
    when(define(PACK, &ten_hours(), &all)).then_faults(&["legal_entity_id"]);
    // One that was sold before pays only where it was to be used.
    let pack = before.credit_pack(PACK).unwrap();
    assert!(pack.pays_at(before.location(MITTE).unwrap(), "standard"));
    assert!(pack.pays_at(before.location(NIGHT).unwrap(), "standard"));
    assert!(!pack.pays_at(before.location(MITTE).unwrap(), "reduced"));
    assert!(!pack.pays_at(before.location(PIER).unwrap(), "standard"));
    assert!(!pack.pays_at(&opened, "standard"));
}

#[test]
fn how_long_it_is_valid_is_read_and_counted() {
    for (text, told, last_day) in [
        ("6 months", "6 months", "2026-07-31"),
        (" 1 Month ", "1 month", "2026-02-28"),
        ("90days", "90 days", "2026-05-01"),
        ("1 day", "1 day", "2026-02-01"),
    ] {
        let valid_for = ValidFor::parse(text).unwrap();
        assert_eq!(valid_for.to_string(), told);
        assert_eq!(valid_for.last_day(date("2026-01-31")), date(last_day), "{text}");
    }
    for wrong in [
        "",
        "months",
        "0 days",
        "-3 days",
        "37 months",
        "6",
        "6 weeks",
        "99999999999 days",
    ] {
        assert!(ValidFor::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn buying_one_charges_it_and_grants_a_lot_of_nobody_elses() {
    let all = offering(&ten_hours());
    let Sold { fact, charge } = sold(&all, "2026-01-22T12:00Z");
    assert_eq!(fact.last_day, date("2026-07-22"));
    assert_eq!(fact.valid_until, at("2026-07-22T22:00Z"));
    assert_eq!((charge.net, charge.billable_on), (eur(15_000), date("2026-01-22")));
    assert_eq!(charge.because[0].rule, Some(PACK.0));
    assert_eq!(
        charge.because[0].text,
        "10 h of 10 hours of meeting room, 6 months until 2026-07-22, costs EUR 150.00 net, as the pack says"
    );
    let lot = Lot::from(&fact);
    let membership = membership_from("2026-01-20", &all);
    let drawing = |member, place, category: &str| {
        let place = all.location(place).unwrap();
        Drawing::new(&membership, member, at("2026-02-03T09:00Z"), place, category, &all)
    };
    let drawn = |drawing: &Drawing| credit::draw(&[lot], drawing, 90).len();
    assert_eq!(drawn(&drawing(ADA, MITTE, "standard")), 1);
    // Whoever has a seat of the membership does not draw on what its holder bought; nor does another company's house or tax.
    assert_eq!(drawn(&drawing(MemberId(id(0x71)), MITTE, "standard")), 0);
    assert_eq!(drawn(&drawing(ADA, PIER, "standard")), 0);
    assert_eq!(drawn(&drawing(ADA, MITTE, "reduced")), 0);
}

#[test]
fn who_may_not_buy() {
    let mut all = offering(&ten_hours());
    let membership = membership_from("2026-01-20", &all);
    let pack = all.credit_pack(PACK).unwrap().clone();
    let try_to = |pack: &CreditPack, all: &Catalogue, membership| {
        buy((LOT, CHARGE), pack, &ada(), membership, at("2026-01-22T12:00Z"), all)
    };
    when(try_to(&pack, &all, None)).then_refused("no_membership");
    let unconfirmed = Member {
        confirmed: false,
        ..ada()
    };
    let attempt = buy(
        (LOT, CHARGE),
        &pack,
        &unconfirmed,
        Some(&membership),
        at("2026-01-22T12:00Z"),
        &all,
    );
    when(attempt).then_refused("email_not_confirmed");
    let withdrawn = withdraw(PACK, &all).unwrap();
    record::<CreditPackEvent>(&mut all, withdrawn);
    when(try_to(all.credit_pack(PACK).unwrap(), &all, Some(&membership))).then_refused("withdrawn");
    when(withdraw(PACK, &all)).then_refused("already_withdrawn");
    // Under which membership: one with the company, and only while it runs.
    let with_it =
        |day: &str| bought_under(&pack, std::slice::from_ref(&membership), ADA, |_| Some(date(day))).is_some();
    assert!(with_it("2026-01-22") && !with_it("2026-01-19"));
    let other = CreditPack {
        fact: CreditPackDefined {
            legal_entity_id: NEW_YORK,
            ..pack.fact.clone()
        },
        withdrawn: false,
    };
    assert!(
        bought_under(&other, std::slice::from_ref(&membership), ADA, |_| Some(date(
            "2026-01-22"
        )))
        .is_none()
    );
}

#[test]
fn each_use_earns_its_part_and_the_last_one_what_is_left() {
    // EUR 1.00 for three passes.
    let mut left = (3, 100);
    let mut parts = Vec::new();
    while left.0 > 0 {
        let part = credit::earned_by(left.1, left.0, 1);
        parts.push(part);
        left = (left.0 - 1, left.1 - part);
    }
    assert_eq!(parts, [33, 34, 33]);
    assert_eq!(credit::earned_by(100, 3, 0), 0);
    assert_eq!(credit::earned_by(0, 3, 1), 0);
    assert_eq!(credit::earned_by(100, 3, 5), 100);
}

#[test]
fn a_pack_is_taken_back_whole_while_nothing_of_it_is_used() {
    let all = offering(&ten_hours());
    let bought = CreditEvent::from(sold(&all, "2026-01-22T12:00Z").fact);
    let lot = given(CreditLot::evolve, [bought.clone()]).state();
    let taken = when(credit::take_back(&lot, true)).decided();
    assert_eq!(taken.amount, 600);
    when(credit::take_back(&lot, false)).then_refused("part_of_a_pack");
    let value = |lot: &CreditLot| lot.pack.as_ref().unwrap().value_left();
    let by = UsedBy::Booking(BookingId(id(0x90)));
    let used = credit::use_of(LOT, (600, Some(value(&lot))), by, 120, date("2026-01-23"));
    assert_eq!(used.earned.unwrap().amount, eur(3_000));
    let lot = given(CreditLot::evolve, [bought.clone(), used.clone().into()]).state();
    assert_eq!((lot.left, value(&lot)), (480, eur(12_000)));
    when(credit::take_back(&lot, true)).then_refused("pack_used");
    let back = credit::restoration(&lot, by, 120);
    let lot = given(CreditLot::evolve, [bought.clone(), used.into(), back.into()]).state();
    assert_eq!((lot.left, value(&lot)), (600, eur(15_000)));
    when(credit::take_back(&lot, true)).decided();
    let lapsed = credit::lapse(&lot).unwrap();
    assert_eq!(lapsed.earned.unwrap().on, date("2026-07-22"));
    let over = given(CreditLot::evolve, [bought.clone(), lapsed.into()]).state();
    assert_eq!((over.left, over.expired, value(&over)), (0, 600, eur(0)));
    assert_eq!(credit::lapse(&over), None);
    when(credit::take_back(&over, true)).then_refused("pack_lapsed");
    let gone = given(CreditLot::evolve, [bought, taken.into()]).state();
    assert_eq!((gone.left, value(&gone)), (0, eur(0)));
    when(credit::take_back(&gone, true)).then_refused("already_taken_back");
    // What a plan or staff grant is nobody's to take back so.
    let granted = credit::CreditGranted {
        lot_id: LOT,
        membership_id: MembershipId(id(1)),
        member_id: ADA,
        holds: Holds::DayPasses,
        amount: 1,
        valid_from: at("2026-01-01T00:00Z"),
        valid_until: at("2026-02-01T00:00Z"),
    };
    let lot = given(CreditLot::evolve, [CreditEvent::from(granted)]).state();
    when(credit::take_back(&lot, true)).then_refused("no_pack");
    assert_eq!(credit::lapse(&lot), None);
}
