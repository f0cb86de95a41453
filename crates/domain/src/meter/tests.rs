//! Meters and their prices.

use super::{MeterDefined, MeterEvent, NewMeter, define};
use crate::{
    MeterId,
    testing::{BERLIN, chain, eur, id, record, when},
};

fn pages(price: &str) -> NewMeter {
    NewMeter {
        legal_entity_id: BERLIN,
        name: "Pages printed".into(),
        unit: "page".into(),
        price: price.into(),
        tax_category: "standard".into(),
    }
}

fn defined(price: &str) -> Result<MeterDefined, crate::Refusal> {
    define(MeterId(id(0x95)), &pages(price), &chain())
}

#[test]
fn a_price_may_be_below_a_minor_unit_and_is_shown_by_whole_ones() {
    let meter = when(defined("0.0350")).decided();
    assert_eq!(
        (meter.price.to_string().as_str(), meter.currency.code()),
        ("0.035", "EUR")
    );
    let shown = meter.shown();
    assert_eq!((shown.price, shown.per), (eur(35), 10));
    let whole = defined("2").unwrap().shown();
    assert_eq!((whole.price, whole.per), (eur(200), 1));
}

#[test]
fn prices_and_names_that_cannot_be_are_refused() {
    for wrong in ["", "0", "-1", "0,035", "0.000000001", "1e2", "1_0"] {
        when(defined(wrong)).then_faults(&["price"]);
    }
    let mut all = chain();
    record::<MeterEvent>(&mut all, defined("0.035").unwrap());
    let again = NewMeter {
        name: "pages PRINTED".into(),
        unit: " ".into(),
        ..pages("1")
    };
    when(define(MeterId(id(0x96)), &again, &all)).then_faults(&["unit", "name"]);
}
