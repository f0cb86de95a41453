//! Rules that tell their prices with the tax in them.

use super::pricing::{slot, slot_from, texts};
use crate::{
    booking::{FullPrice, full_price, price},
    catalogue::Catalogue,
    credit::{CreditUse, MoneyUse},
    local_time::Hours,
    resource::{Booker, Conditions, NewPriceRule, ResourceTypeEvent},
    tax::{self, TaxEvent},
    testing::{MITTE, ROOM, ROOM_TYPE, chain, date, eur, id, publish, record, when},
    {LotId, Money},
};

/// EUR 23.80 an hour with VAT, a day at most EUR 100.00.
fn told() -> Catalogue {
    let mut all = chain();
    publish(&mut all, 0x51, &hour(2_380));
    all
}

fn hour(minor: i64) -> NewPriceRule {
    NewPriceRule {
        tax_included: true,
        location_id: Some(MITTE),
        day_cap: Some(eur(10_000)),
        ..NewPriceRule::by_the_hour(ROOM_TYPE, eur(minor))
    }
}

fn net(minutes: i64, all: &Catalogue) -> (Money, Option<Money>, Option<Money>) {
    let price = price(&slot(ROOM, minutes, all), Booker::SOME_MEMBER, &[], all).unwrap();
    (price.charged, price.charged_with_tax(), price.per_hour)
}

#[test]
fn what_is_told_for_the_time_is_turned_into_net_once() {
    let all = told();
    assert_eq!(net(120, &all), (eur(4_000), Some(eur(4_760)), Some(eur(2_000))));
    // At most 100.00, which is no number of hours at a price.
    assert_eq!(net(300, &all), (eur(8_403), Some(eur(10_000)), None));
    // 11.90 for half an hour is 10.00 net.
    assert_eq!(net(30, &all).0, eur(1_000));
    let mut odd = chain();
    publish(&mut odd, 0x51, &hour(999));
    // 3 x 9.99 = 29.97 is 25.18 net, and not 3 x 8.39.
    assert_eq!(net(180, &odd), (eur(2_518), Some(eur(2_996)), None));
    let shown = full_price(&slot(ROOM, 120, &all), Booker::SOME_MEMBER, &all).unwrap();
    assert_eq!(
        shown,
        FullPrice {
            net: eur(4_000),
            with_tax: Some(eur(4_760))
        }
    );
}

#[test]
fn the_reasons_say_what_is_in_the_price() {
    let all = told();
    let uses = [CreditUse {
        lot_id: LotId(id(1)),
        minutes: 60,
    }];
    let paid = vec![MoneyUse {
        lot_id: LotId(id(2)),
        amount: eur(500),
    }];
    let price = price(&slot(ROOM, 180, &all), Booker::SOME_MEMBER, &uses, &all).unwrap();
    let price = price.paid_from(paid);
    assert_eq!(
        texts(&price),
        [
            "3 h at EUR 23.80 an hour including VAT",
            "1 h from the allowance, 2 h charged",
            "EUR 47.60 including 19 % VAT is EUR 40.00 net",
            "EUR 5.00 of it paid from the money that the plan grants",
        ]
    );
    // The plan's money is net: what it pays lowers the net before tax.
    assert_eq!((price.full, price.charged), (eur(6_000), eur(3_500)));
    assert_eq!(price.charged_with_tax(), Some(eur(4_165)));
}

#[test]
fn a_booking_under_rules_of_both_kinds_is_their_sum_and_told_net() {
    let mut all = told();
    let evening = NewPriceRule {
        tax_included: false,
        day_cap: None,
        conditions: Conditions {
            hours: Some(Hours {
                from: "10:00".parse().unwrap(),
                to: "20:00".parse().unwrap(),
            }),
            ..Conditions::default()
        },
        ..hour(3_000)
    };
    publish(&mut all, 0x52, &evening);
    // 09:00 to 11:00 in Berlin.
    let slot = slot_from(ROOM, "2026-01-20T08:00:00Z", 120, &all);
    let price = price(&slot, Booker::SOME_MEMBER, &[], &all).unwrap();
    assert_eq!((price.charged, price.charged_with_tax()), (eur(2_000 + 3_000), None));
}

#[test]
fn the_rate_is_that_of_the_day_of_the_booking() {
    let mut all = told();
    let set = tax::set_rate("DE", "standard", 16.into(), date("2026-01-20")).unwrap();
    record::<TaxEvent>(&mut all, set);
    let before = slot_from(ROOM, "2026-01-19T08:00:00Z", 60, &all);
    let on = slot_from(ROOM, "2026-01-20T08:00:00Z", 60, &all);
    for (slot, net) in [(before, 2_000), (on, 2_052)] {
        let price = price(&slot, Booker::SOME_MEMBER, &[], &all).unwrap();
        assert_eq!((price.charged, price.charged_with_tax()), (eur(net), Some(eur(2_380))));
    }
}

#[test]
fn without_a_rate_it_is_refused_and_told_net_it_is_not() {
    let mut all = told();
    let mut kind = all.resource_types[&ROOM_TYPE].clone();
    kind.tax_category = "books".into();
    record::<ResourceTypeEvent>(&mut all, kind);
    let slot = slot(ROOM, 60, &all);
    when(price(&slot, Booker::SOME_MEMBER, &[], &all)).then_refused("no_tax_rate");
    publish(
        &mut all,
        0x52,
        &NewPriceRule {
            tax_included: false,
            ..hour(2_000)
        },
    );
    price(&slot, Booker::SOME_MEMBER, &[], &all).unwrap();
}
