use crate::{
    Money,
    booking::{hours, hours_decimal, price},
    catalogue::Catalogue,
    credit::CreditUse,
    resource::{self},
    testing::{MITTE, NIGHT_ROOM, PIER, PIER_ROOM, ROOM, ROOM_TYPE, chain, currency, eur, id, publish_price, when},
    {LotId, PriceRuleId, ResourceId},
};

fn cost(room: ResourceId, minutes: i64, covered: i64, all: &Catalogue) -> (i64, i64) {
    let uses = [CreditUse {
        lot_id: LotId(id(1)),
        minutes: covered,
    }];
    let price = price(all.resource(room).unwrap(), minutes, &uses, all).unwrap();
    (price.full.minor, price.charged.minor)
}

#[test]
fn time_is_priced_by_the_hour_and_rounded_once() {
    let all = chain();
    for (minutes, full) in [(60, 2_000), (30, 1_000), (90, 3_000), (5, 167), (10, 333), (25, 833)] {
        assert_eq!(cost(ROOM, minutes, 0, &all), (full, full), "{minutes} min");
    }
}

#[test]
fn an_allowance_of_3_of_4_hours_leaves_one_charged() {
    let all = chain();
    assert_eq!(cost(ROOM, 240, 180, &all), (8_000, 2_000));
    assert_eq!(cost(ROOM, 240, 240, &all), (8_000, 0));
    let uses = [CreditUse {
        lot_id: LotId(id(1)),
        minutes: 180,
    }];
    let explained = price(all.resource(ROOM).unwrap(), 240, &uses, &all).unwrap();
    let texts: Vec<&str> = explained.because.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts,
        ["4 h at EUR 20.00 an hour", "3 h from the allowance, 1 h charged"]
    );
    assert_eq!(explained.because[0].rule, Some(id(0x50)));
}

#[test]
fn a_day_costs_no_more_than_its_cap() {
    let mut all = chain();
    publish_price(&mut all, 0x51, Some(MITTE), eur(2_000), Some(eur(9_000)));
    assert_eq!(cost(ROOM, 240, 0, &all), (8_000, 8_000));
    assert_eq!(cost(ROOM, 300, 0, &all), (9_000, 9_000));
    assert_eq!(cost(ROOM, 480, 60, &all), (9_000, 9_000));
    let capped = price(all.resource(ROOM).unwrap(), 480, &[], &all).unwrap();
    assert_eq!(capped.because.last().unwrap().text, "never more than EUR 90.00 a day");
}

#[test]
fn the_locations_own_rule_wins_and_of_equals_the_last_published() {
    let mut all = chain();
    publish_price(&mut all, 0x59, Some(MITTE), eur(2_500), None);
    publish_price(&mut all, 0x5a, None, eur(1_000), None);
    assert_eq!(cost(ROOM, 60, 0, &all).0, 2_500);
    assert_eq!(cost(NIGHT_ROOM, 60, 0, &all).0, 1_000);
    // Ids say nothing about which came last; the log does.
    publish_price(&mut all, 0x01, Some(MITTE), eur(2_600), None);
    publish_price(&mut all, 0x02, None, eur(1_100), None);
    assert_eq!(cost(ROOM, 60, 0, &all).0, 2_600);
    assert_eq!(cost(NIGHT_ROOM, 60, 0, &all).0, 1_100);
}

#[test]
fn a_rule_in_another_currency_prices_nothing_here() {
    let mut all = chain();
    when(price(all.resource(PIER_ROOM).unwrap(), 60, &[], &all)).then_refused("no_price");
    let usd = Money::new(3_000, currency("USD"));
    publish_price(&mut all, 0x52, None, usd, None);
    assert_eq!(
        price(all.resource(PIER_ROOM).unwrap(), 60, &[], &all).unwrap().charged,
        usd
    );
    assert_eq!(cost(ROOM, 60, 0, &all).0, 2_000, "Berlin keeps its own");
}

#[test]
fn prices_are_refused_in_a_currency_nobody_bills_in() {
    let all = chain();
    let publish =
        |place, per_hour, cap| resource::publish_price(PriceRuleId(id(1)), ROOM_TYPE, place, per_hour, cap, &all);
    let usd = Money::new(3_000, currency("USD"));
    let refusal = when(publish(Some(MITTE), usd, None)).then_refused("currency_not_the_entitys");
    assert_eq!(refusal.extra["expected_currency"], "EUR");
    when(publish(Some(PIER), eur(2_000), None)).then_refused("currency_not_the_entitys");
    when(publish(None, Money::new(1, currency("JPY")), None)).then_refused("currency_not_the_entitys");
    when(publish(None, eur(2_000), Some(usd))).then_faults(&["day_cap"]);
    when(publish(None, eur(2_000), Some(eur(1_999)))).then_faults(&["day_cap"]);
    when(publish(None, eur(-1), None)).then_faults(&["per_hour"]);
}

#[test]
fn hours_are_written_for_people() {
    for (minutes, text) in [(120, "2 h"), (90, "1.5 h"), (45, "45 min"), (0, "0 h")] {
        assert_eq!(hours(minutes), text);
    }
    assert_eq!(hours_decimal(20).to_string(), "0.3333");
    assert_eq!(hours_decimal(90).to_string(), "1.5");
}
