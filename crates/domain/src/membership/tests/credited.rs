//! What credit notes took back of a charge is not given back once more, whatever happens to the agreement afterwards.

use super::{
    year::{carry_out, doing, offers, offers_with_tax},
    *,
};
use crate::{charge::ChargeKind, testing::Life};
use jiff::ToSpan;

/// The rest of February is left, whose charge was taken back whole, or by a half.
fn leaves_after(credited: i64) -> Life {
    let all = offers();
    let mut life = Life::begin(FLEX_1, MITTE, date("2026-02-01"), &all).unwrap();
    let charge = life.charges[0].charge_id;
    if credited > 0 {
        life.credited.insert(charge, credited);
    }
    while life.today < date("2026-02-15") {
        life.tomorrow(&all).unwrap();
    }
    life.decide(|membership| end_on(membership, date("2026-02-14")), &all)
        .unwrap();
    life
}

#[test]
fn half_of_a_month_is_given_back_once() {
    let back = |life: &Life| life.charges[1..].iter().map(|charge| charge.net.minor).sum::<i64>();
    assert_eq!(back(&leaves_after(0)), -15_000);
    assert_eq!(back(&leaves_after(30_000)), 0, "nothing is left of it");
    let by_half = leaves_after(15_000);
    assert_eq!(back(&by_half), -7_500, "half of what is left");
    let line = &by_half.charges[1];
    assert_eq!(line.gives_back, Some(by_half.charges[0].charge_id));
    assert_eq!((line.quantity.as_str(), line.unit.as_str()), ("-1", "piece"));
    let said = line.because.last().map(|step| step.text.as_str());
    insta::assert_snapshot!(said.unwrap(), @"Credit notes took back a part of what was charged: EUR 75.00 of EUR 150.00 is left of these days");
}

/// The control: who does not know what credit notes took back gives the same days back twice.
#[test]
fn without_looking_at_credit_notes_it_is_given_back_twice() {
    let life = leaves_after(0);
    let taken = 30_000;
    let left = life.left_of(&life.charges[0]) - taken;
    assert_eq!(left, -15_000, "more than was ever charged");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    /// Changes and credit notes in any order: of no charge more is taken back and given back than it was, and where none of its days
    /// stands any more, nothing of it is left.
    #[test]
    fn of_no_charge_more_comes_back_than_it_was(
        gross in any::<bool>(),
        offset in 0i64..60,
        mut doings in prop::collection::vec(doing(), 0..12),
        credits in prop::collection::vec((0i64..365, any::<prop::sample::Index>(), 1i64..=100, any::<bool>()), 0..8),
        coupon in any::<bool>(),
    ) {
        let all = if gross { offers_with_tax() } else { offers() };
        doings.sort_by_key(|(day, _)| *day);
        let start = date("2027-12-10").saturating_add(offset.days());
        let coupon = coupon.then(half_off);
        let begin = (FLEX_1, MITTE, start);
        let ada = crate::testing::ada();
        let mut life = Life::begin_with(&ada, Payer::Member(ADA), MEMBERSHIP, begin, coupon.as_ref(), &all).unwrap();
        let mut doings = doings.into_iter().peekable();
        for day in 0..365 {
            while let Some((_, doing)) = doings.next_if(|(when, _)| *when == day) {
                let _ = carry_out(&mut life, doing, &all);
            }
            for (_, index, percent, with_off) in credits.iter().filter(|(when, ..)| *when == day) {
                let recurring: Vec<_> = life.charges.iter().filter(|charge| charge.kind == ChargeKind::Recurring).collect();
                let charge = recurring[index.index(recurring.len())];
                let (id, left) = (charge.charge_id, life.left_of(charge));
                let off = life.off(charge).filter(|_| *with_off).map(|off| (off.charge_id, life.left_of(off)));
                *life.credited.entry(id).or_default() += left * percent / 100;
                if let Some((id, left)) = off {
                    *life.credited.entry(id).or_default() += left * percent / 100;
                }
            }
            life.tomorrow(&all).unwrap();
        }
        for charge in life.charges.iter().filter(|charge| charge.kind == ChargeKind::Recurring) {
            let left = life.left_of(charge);
            prop_assert!((0..=charge.net.minor).contains(&left), "{} is left of {:?}", left, charge);
            let standing = life.membership.billed.iter().any(|part| part.charge_id == Some(charge.charge_id));
            prop_assert!(standing || left == 0, "{} is left of {:?}", left, charge);
            if let Some(off) = life.off(charge) {
                let left = life.left_of(off);
                // Told with tax, it is what the price and the rest, each rounded by itself, differ by: of some days a cent more or less.
                let cent = i64::from(gross);
                prop_assert!((off.net.minor - cent..=cent).contains(&left), "{} is left of {:?}", left, off);
                prop_assert!(standing || left == 0, "{} is left of {:?}", left, off);
            }
        }
        // What gives back says what it gives back.
        for back in life.charges.iter().filter(|charge| charge.kind == ChargeKind::RecurringCredit) {
            prop_assert!(back.net.minor < 0 && back.gives_back.is_some());
        }
    }
}

#[test]
fn what_a_coupon_took_off_goes_back_with_what_is_left_of_its_price() {
    let all = offers();
    let life = |credited_price: i64, credited_off: i64| {
        let begin = (FLEX_1, MITTE, date("2026-02-01"));
        let mut life = Life::begin_with(
            &crate::testing::ada(),
            Payer::Member(ADA),
            MEMBERSHIP,
            begin,
            Some(&half_off()),
            &all,
        )
        .unwrap();
        let [price, off] = [0, 1].map(|index| life.charges[index].charge_id);
        life.credited = [(price, credited_price), (off, credited_off)]
            .into_iter()
            .filter(|(_, net)| *net != 0)
            .collect();
        while life.today < date("2026-02-15") {
            life.tomorrow(&all).unwrap();
        }
        life.decide(|membership| end_on(membership, date("2026-02-14")), &all)
            .unwrap();
        life.charges[2..].iter().map(|charge| charge.net.minor).sum::<i64>()
    };
    assert_eq!(life(0, 0), -7_500, "half of what was paid");
    assert_eq!(
        life(15_000, 0),
        0,
        "all that was paid is back, so nothing of the days is"
    );
    assert_eq!(life(30_000, -15_000), 0, "both were taken back whole");
    assert_eq!(life(7_500, 0), -3_750, "half of what is left of both");
}

fn half_off() -> crate::coupon::Coupon {
    crate::coupon::Coupon {
        fact: crate::coupon::CouponCreated {
            coupon_id: crate::CouponId(id(0x99)),
            code: "SPRING".into(),
            name: "Spring".into(),
            off: crate::coupon::Off::Percent { percent: 50.into() },
            cycles: None,
            plans: vec![],
            first_day: None,
            last_day: None,
            limit: None,
            once_per_member: false,
        },
        withdrawn: false,
    }
}
