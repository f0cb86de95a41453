//! Usage is judged, counted once and charged together.

use super::{NewUsage, Usage, UsageEvent, Used, count, judge, same_again};
use crate::{
    MeterId, UsageId,
    catalogue::Catalogue,
    charge::ChargeKind,
    meter::{MeterEvent, NewMeter, define},
    money::round_half_away,
    testing::{ADA, BERLIN, CHARGE, chain, date, eur, given, id, membership_from, record, when},
};
use proptest::prelude::*;
use rust_decimal::Decimal;

const PAGES: MeterId = MeterId(uuid::Uuid::from_u128(0x95));
const USAGE: UsageId = UsageId(uuid::Uuid::from_u128(0x97));

/// A page is three and a half cents.
fn printing() -> Catalogue {
    let mut all = chain();
    let new = NewMeter {
        legal_entity_id: BERLIN,
        name: "Pages printed".into(),
        unit: "page".into(),
        price: "0.035".into(),
        tax_category: "standard".into(),
    };
    let defined = define(PAGES, &new, &all).unwrap();
    record::<MeterEvent>(&mut all, defined);
    all
}

fn told(event_id: &str, quantity: &str, day: &str) -> NewUsage {
    NewUsage {
        event_id: event_id.into(),
        meter_id: PAGES,
        member_id: ADA,
        quantity: quantity.into(),
        used_on: date(day),
    }
}

fn judged(new: &NewUsage) -> Result<Used, crate::Refusal> {
    let all = printing();
    judge(new, &[membership_from("2026-01-20", &all)], date("2026-01-28"), &all)
}

#[test]
fn pages_are_added_up_and_rounded_once() {
    let all = printing();
    let used: Vec<Used> = [("b", "100", "2026-01-24"), ("a", "37", "2026-01-21")]
        .iter()
        .map(|(event, quantity, day)| judged(&told(event, quantity, day)).unwrap())
        .collect();
    let membership = membership_from("2026-01-20", &all);
    let counted = count((USAGE, CHARGE), &membership, PAGES, used, date("2026-02-01"), &all);
    let counted = when(counted).decided().unwrap();
    let charge = &counted.charge;
    assert_eq!((charge.kind, charge.net), (ChargeKind::Metered, eur(480)));
    assert_eq!(
        (charge.quantity.as_str(), charge.unit.as_str(), charge.unit_price),
        ("13.7", "10 page", eur(35))
    );
    assert_eq!(
        charge.because[0].text,
        "137 page in 2 pieces from 2026-01-21 to 2026-01-24, at EUR 0.035 each, make EUR 4.80, rounded once"
    );
    assert_eq!(
        (charge.service_from, charge.billable_on),
        (date("2026-01-21"), date("2026-02-01"))
    );
    let usage = given(Usage::evolve, counted.facts.into_iter().map(UsageEvent::from)).state();
    assert_eq!((usage.charge_id, usage.items.len()), (Some(CHARGE), 2));
    assert_eq!(usage.items[0].event_id, "a", "by day");
}

#[test]
fn less_than_half_a_cent_waits_for_more() {
    let all = printing();
    let membership = membership_from("2026-01-20", &all);
    let tenth = judged(&told("a", "0.1", "2026-01-21")).unwrap();
    let counted = count(
        (USAGE, CHARGE),
        &membership,
        PAGES,
        vec![tenth],
        date("2026-02-01"),
        &all,
    );
    assert_eq!(counted, Ok(None));
}

#[test]
fn what_cannot_be_counted_is_refused_by_field() {
    let field = |new: &NewUsage| judged(new).unwrap_err().fields[0].field.clone();
    assert_eq!(field(&told(" ", "1", "2026-01-21")), "event_id");
    assert_eq!(field(&told("a", "1,5", "2026-01-21")), "quantity");
    assert_eq!(field(&told("a", "1", "2026-01-30")), "used_on");
    assert_eq!(field(&told("a", "1", "2026-01-19")), "member_id");
    let unknown = NewUsage {
        meter_id: MeterId(id(1)),
        ..told("a", "1", "2026-01-21")
    };
    assert_eq!(field(&unknown), "meter_id");
}

#[test]
fn the_same_id_stands_for_the_same_usage() {
    let used = judged(&told("a", "1.0", "2026-01-21")).unwrap();
    assert_eq!(
        same_again(&used, &judged(&told("a", "1", "2026-01-21")).unwrap()),
        Ok(())
    );
    when(same_again(&used, &judged(&told("a", "2", "2026-01-21")).unwrap())).then_refused("event_id_reused");
}

fn pieces() -> impl Strategy<Value = Vec<i64>> {
    proptest::collection::vec(1_i64..2_000_000, 1..60)
}

fn net_of(pieces: &[i64]) -> i64 {
    let all = printing();
    let used = pieces.iter().enumerate().map(|(number, thousandths)| Used {
        quantity: Decimal::new(*thousandths, 3),
        ..judged(&told(&number.to_string(), "1", "2026-01-21")).unwrap()
    });
    let membership = membership_from("2026-01-20", &all);
    let counted = count(
        (USAGE, CHARGE),
        &membership,
        PAGES,
        used.collect(),
        date("2026-02-01"),
        &all,
    )
    .unwrap();
    counted.map_or(0, |counted| {
        let charge = counted.charge;
        let quantity: Decimal = charge.quantity.parse().unwrap();
        // What the document shows multiplies to what it charges.
        assert_eq!(
            round_half_away(quantity * Decimal::from(charge.unit_price.minor)),
            charge.net.minor
        );
        charge.net.minor
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(64)))]

    #[test]
    fn a_charge_is_the_sum_rounded_once(pieces in pieces()) {
        // Three and a half cents for a thousand thousandths: 35 / 10_000, half away from zero.
        let sum: i64 = pieces.iter().sum();
        prop_assert_eq!(net_of(&pieces), (sum * 35 + 5_000) / 10_000);
    }
}

#[test]
fn the_rule_finds_pieces_that_are_rounded_one_by_one() {
    // Control: three pages are 10.5 cents, and one by one they would be 12.
    let one_by_one: i64 = (0..3).map(|_| net_of(&[1_000])).sum();
    assert_eq!((net_of(&[3_000]), one_by_one), (11, 12));
}
