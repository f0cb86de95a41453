//! Coupons under a year of random changes: what is taken off stands for exactly the days that stand charged, at the part of the
//! cycle that they are; a day given back gives back what was taken off it, never more and never less; and nobody pays less
//! than nothing for a cycle.

use super::{
    year::{Doing, carry_out, doing, offers, offers_with_tax},
    *,
};
use crate::{
    CouponId,
    billing::TaxChoices,
    catalogue::Catalogue,
    charge::ChargeKind,
    coupon::{Coupon, CouponCreated, Off, Used, redeem},
    testing::Life,
};
use jiff::ToSpan;

#[derive(Debug, Clone)]
enum Does {
    Otherwise(Doing),
    Redeems(Coupon),
}

fn coupon() -> impl Strategy<Value = Coupon> {
    let off = prop_oneof![
        (1i64..=10_000).prop_map(|hundredths| Off::Percent {
            percent: rust_decimal::Decimal::new(hundredths, 2)
        }),
        (1i64..70_000).prop_map(|minor| Off::Fixed { amount: eur(minor) }),
    ];
    (off, prop::option::of(1i64..6), any::<bool>()).prop_map(|(off, cycles, flex_only)| Coupon {
        fact: CouponCreated {
            coupon_id: CouponId(id(0x99)),
            code: "SPRING".into(),
            name: "Spring".into(),
            off,
            cycles,
            plans: if flex_only { vec![FLEX] } else { vec![] },
            first_day: None,
            last_day: None,
            limit: None,
            once_per_member: false,
        },
        withdrawn: false,
    })
}

fn does() -> impl Strategy<Value = (i64, Does)> {
    prop_oneof![
        2 => doing().prop_map(|(day, doing)| (day, Does::Otherwise(doing))),
        1 => (0i64..365, coupon()).prop_map(|(day, coupon)| (day, Does::Redeems(coupon))),
    ]
}

fn carry(life: &mut Life, does: Does, all: &Catalogue) -> Result<(), Refusal> {
    let today = life.today;
    match does {
        Does::Otherwise(doing) => carry_out(life, doing, all),
        Does::Redeems(coupon) => life.decide(|one| redeem(&coupon, Used::default(), one, today), all),
    }
}

/// What an amount off a cycle is for some days: a part of it; or, where the price is told with tax, what is lacking of the price to what
/// would be charged if the rest were the price.
fn off(whole: Money, stretch: &Stretch) -> i64 {
    if !stretch.tax_included {
        return crate::period::prorate(whole, stretch.days, stretch.cycle).minor;
    }
    let rest = Stretch {
        price: Money::new(stretch.price.minor - whole.minor, whole.currency),
        ..stretch.clone()
    };
    stretch.net().minor - rest.net().minor
}

/// What should be taken off each cycle, by another way than the decision's: redemptions count down as cycles open.
fn expected(membership: &Membership, all: &Catalogue) -> Vec<i64> {
    let mut left: Vec<Option<i64>> = membership.coupons.iter().map(|coupon| coupon.cycles).collect();
    let mut taken = Vec::new();
    for (cycle, days) in &membership.opened {
        let mut sum = 0;
        for (coupon, left) in membership.coupons.iter().zip(&mut left) {
            if coupon.from > days.start || *left == Some(0) {
                continue;
            }
            *left = left.map(|left| left - 1);
            for stretch in membership.billed.iter().filter(|stretch| stretch.cycle == *cycle) {
                let plan = all.plan_version(stretch.plan_version_id).unwrap();
                if coupon.plans.is_empty() || coupon.plans.contains(&plan.plan_id) {
                    sum += off(coupon.off.of(stretch.price), stretch);
                }
            }
        }
        taken.push(sum);
    }
    taken
}

/// What charges say was taken off the days of each cycle so far.
fn stands(life: &Life) -> Vec<i64> {
    let cycles = life.membership.opened.iter();
    cycles
        .map(|(_, days)| {
            let within =
                |charge: &&ChargeMade| charge.kind == ChargeKind::Discount && days.contains(charge.service_from);
            -life
                .charges
                .iter()
                .filter(within)
                .map(|charge| charge.net.minor)
                .sum::<i64>()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    #[test]
    fn what_is_taken_off_follows_the_days(
        gross in any::<bool>(),
        offset in 0i64..60,
        begins_with in prop::option::of(coupon()),
        mut all_does in prop::collection::vec(does(), 0..12),
    ) {
        let all = if gross { offers_with_tax() } else { offers() };
        all_does.sort_by_key(|(day, _)| *day);
        let start = date("2027-12-10").saturating_add(offset.days());
        let begin = (FLEX_1, MITTE, start);
        let mut life = Life::begin_with(&crate::testing::ada(), Payer::Member(ADA), MEMBERSHIP, begin, begins_with.as_ref(), &all).unwrap();
        let mut all_does = all_does.into_iter().peekable();
        for day in 0..365 {
            while let Some((_, does)) = all_does.next_if(|(when, _)| *when == day) {
                let before = (life.membership.clone(), life.charges.len());
                if carry(&mut life, does, &all).is_err() {
                    prop_assert_eq!((life.membership.clone(), life.charges.len()), before);
                }
                // At every moment, not only in the end: never more taken off, or given back, than the days that stand say.
                prop_assert_eq!(stands(&life), expected(&life.membership, &all));
            }
            life.tomorrow(&all).unwrap();
        }
        let taken = stands(&life);
        prop_assert_eq!(&taken, &expected(&life.membership, &all));
        for ((_, days), off) in life.membership.opened.iter().zip(taken) {
            let price: i64 = life
                .charges
                .iter()
                .filter(|charge| charge.kind != ChargeKind::Discount && days.contains(charge.service_from))
                .map(|charge| charge.net.minor)
                .sum();
            // Parts of both are rounded apart, so pieces of a cycle may differ by a cent each.
            prop_assert!(-3 <= off && off <= price + 3, "{} off {} of {:?}", off, price, days);
        }
    }
}

#[test]
fn a_coupon_is_quoted_explained_and_charged_alike() {
    let all = offers();
    let half = Coupon {
        fact: CouponCreated {
            coupon_id: CouponId(id(0x99)),
            code: "SPRING".into(),
            name: "Spring".into(),
            off: Off::Percent { percent: 50.into() },
            cycles: Some(1),
            plans: vec![],
            first_day: None,
            last_day: None,
            limit: None,
            once_per_member: false,
        },
        withdrawn: false,
    };
    let quote = quote_with(
        FLEX_1,
        MITTE,
        date("2026-01-20"),
        Some((&half, Used::default())),
        &TaxChoices::default(),
        &all,
    )
    .unwrap();
    assert_eq!(
        (quote.net, quote.off, quote.tax, quote.gross),
        (eur(5_807), eur(5_806), eur(1_103), eur(6_910))
    );
    let texts: Vec<&str> = quote.because.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Flex version 2 costs EUR 300.00 a month",
            "12 of the 31 days from 2026-01-01 to 2026-01-31 (2026-01-20 to 2026-01-31)",
            "Coupon SPRING takes 50 % off a month, for one cycle from 2026-01-20",
            "50 % of EUR 300.00 is EUR 150.00",
            "12 of the 31 days from 2026-01-01 to 2026-01-31",
        ]
    );
    let begin = (FLEX_1, MITTE, date("2026-01-20"));
    let life = Life::begin_with(
        &crate::testing::ada(),
        Payer::Member(ADA),
        MEMBERSHIP,
        begin,
        Some(&half),
        &all,
    )
    .unwrap();
    let [price, discount] = &life.charges[..] else {
        panic!("{:?}", life.charges);
    };
    assert_eq!(
        (price.net, discount.net, discount.unit_price),
        (eur(11_613), eur(-5_806), eur(15_000))
    );
    assert_eq!(
        (discount.quantity.as_str(), discount.kind),
        ("-12/31", ChargeKind::Discount)
    );
    assert_eq!(discount.description, "Spring, 50 % off Flex, 2026-01-20 to 2026-01-31");
    assert_eq!(
        (discount.taxed_on, &discount.tax_category),
        (price.taxed_on, &price.tax_category)
    );
}
