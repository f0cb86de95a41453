use super::*;
use crate::{
    CouponId,
    membership::{Membership, MembershipEvent, end_on},
    money::round_half_away,
    testing::{ADA, FLEX, FLEX_1, Life, MITTE, chain, currency, date, eur, given, id, when},
};
use proptest::prelude::*;
use rust_decimal::Decimal;

const COUPON: CouponId = CouponId(uuid::Uuid::from_u128(0x99));

fn spring() -> NewCoupon {
    NewCoupon {
        code: " spring-26 ".into(),
        name: "Spring".into(),
        off: NewOff {
            percent: Some(50.into()),
            amount: None,
        },
        cycles: Some(3),
        plans: vec![FLEX],
        first_day: Some(date("2026-01-01")),
        last_day: Some(date("2026-01-31")),
        limit: Some(2),
        once_per_member: true,
    }
}

fn made() -> Coupon {
    let created = create(COUPON, &spring(), &chain()).unwrap();
    given(Coupon::evolve, [CouponEvent::from(created)]).state()
}

fn ada() -> Membership {
    Life::begin(FLEX_1, MITTE, date("2026-01-20"), &chain())
        .unwrap()
        .membership
}

#[test]
fn a_code_is_the_same_in_any_letters() {
    assert_eq!(made().fact.code, "SPRING-26");
    assert_eq!(code_key("Spring-26 "), "SPRING-26");
}

#[test]
fn faulty_fields_are_named_at_once() {
    let all = chain();
    let wrong = NewCoupon {
        code: "a b".into(),
        name: String::new(),
        off: NewOff::default(),
        cycles: Some(0),
        plans: vec![crate::PlanId(id(9))],
        first_day: Some(date("2026-02-01")),
        last_day: Some(date("2026-01-01")),
        limit: Some(0),
        once_per_member: false,
    };
    when(create(COUPON, &wrong, &all))
        .then_faults(&["code", "name", "percent", "cycles", "limit", "last_day", "plans"]);
    let off = |percent, amount| NewCoupon {
        off: NewOff { percent, amount },
        ..spring()
    };
    let of = |off: NewCoupon| when(create(COUPON, &off, &all));
    of(off(Some(101.into()), None)).then_faults(&["percent"]);
    of(off(Some(0.into()), None)).then_faults(&["percent"]);
    of(off(Some(5.into()), Some(eur(5)))).then_faults(&["percent"]);
    of(off(None, Some(eur(0)))).then_faults(&["amount"]);
    of(off(None, Some(crate::Money::new(5, currency("JPY"))))).then_faults(&["plans", "amount"]);
}

#[test]
fn it_counts_from_the_first_cycle_or_the_next_one() {
    let today = date("2026-01-20");
    let begins = Membership::evolve(None, MembershipEvent::from(ada().fact.clone())).unwrap();
    assert_eq!(redeem(&made(), Used::default(), &begins, today).unwrap().from, today);
    // Its first cycle is open and charged.
    let redeemed = redeem(&made(), Used::default(), &ada(), today).unwrap();
    assert_eq!((redeemed.from, redeemed.member_id), (date("2026-02-01"), ADA));
    assert_eq!(ada().after(redeemed.clone()).cycles_left(&redeemed), Some(3));
}

#[test]
fn what_may_not_be_redeemed_says_why() {
    let (ada, today) = (ada(), date("2026-01-20"));
    let on = |coupon: &Coupon, used, membership: &Membership, day| when(redeem(coupon, used, membership, day));
    let withdrawn = Coupon {
        withdrawn: true,
        ..made()
    };
    on(&withdrawn, Used::default(), &ada, today).then_refused("coupon_withdrawn");
    when(withdraw(&withdrawn)).then_refused("already_withdrawn");
    on(&made(), Used::default(), &ada, date("2025-12-31")).then_refused("coupon_not_yet");
    on(&made(), Used::default(), &ada, date("2026-02-01")).then_refused("coupon_over");
    let twice = Used {
        in_all: 2,
        by_member: false,
    };
    on(&made(), twice, &ada, today).then_refused("coupon_used_up");
    let hers = Used {
        in_all: 1,
        by_member: true,
    };
    on(&made(), hers, &ada, today).then_refused("coupon_used_before");
    let mut other = made();
    other.fact.plans = vec![crate::PlanId(id(9))];
    on(&other, Used::default(), &ada, today).then_refused("coupon_for_other_plans");
    let mut yen = made();
    yen.fact.off = Off::Fixed {
        amount: crate::Money::new(500, currency("JPY")),
    };
    on(&yen, Used::default(), &ada, today).then_refused("coupon_in_another_currency");
    let leaves = ada.after(end_on(&ada, date("2026-01-25")).unwrap());
    on(&made(), Used::default(), &leaves, today).then_refused("membership_ends_before");
    let has = ada.after(redeem(&made(), Used::default(), &ada, today).unwrap());
    on(&made(), Used::default(), &has, today).then_refused("coupon_beside_another");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    #[test]
    fn no_more_than_the_price_is_taken_off(price in 0i64..10_000_000, hundredths in 1i64..=10_000, amount in 1i64..20_000_000) {
        let percent = Decimal::new(hundredths, 2);
        let off = Off::Percent { percent }.of(eur(price));
        prop_assert!((0..=price).contains(&off.minor));
        prop_assert_eq!(off.minor, round_half_away(Decimal::from(price) * percent / Decimal::ONE_HUNDRED));
        let fixed = Off::Fixed { amount: eur(amount) };
        let beyond = fixed.beyond(eur(price)).map_or(0, |beyond| beyond.minor);
        prop_assert_eq!(fixed.of(eur(price)).minor + beyond, amount);
        prop_assert!((0..=price).contains(&fixed.of(eur(price)).minor));
    }
}
