//! Prices of plans that are told with the tax in them.

use super::*;
use crate::{
    AddOnId, CompanyId, InvoiceId,
    add_on::{self, AddOn, NewAddOn},
    billing::{TaxChoice, TaxChoiceSet, TaxChoices},
    catalogue::Catalogue,
    invoice::{self, Party},
    legal_entity::Address,
    period::{CycleLength, prorate},
    plan::PlanEvent,
    tax::{self, TaxEvent, gross_of, net_of},
    testing::{Life, record},
};
use rust_decimal::Decimal;

const TOLD: PlanVersionId = PlanVersionId(uuid::Uuid::from_u128(0x69));
const TOLD_PLAN: crate::PlanId = crate::PlanId(uuid::Uuid::from_u128(0x68));

fn new(category: &str) -> NewPlanVersion {
    NewPlanVersion {
        name: "Home".into(),
        legal_entity_id: BERLIN,
        price: eur(29_900),
        tax_included: true,
        billing_day: 1,
        terms: PlanTerms {
            set_up_fee_minor: 5_900,
            ..PlanTerms::default()
        },
        tax_category: category.into(),
        allowances: vec![],
        locations: vec![MITTE],
        access_hours: String::new(),
    }
}

/// Home costs EUR 299.00 with VAT, and EUR 59.00 to begin.
fn home(category: &str) -> Catalogue {
    let mut all = chain();
    let published = plan::publish(TOLD_PLAN, TOLD, new(category), &all).unwrap();
    record::<PlanEvent>(&mut all, published);
    all
}

fn set_rate(all: &mut Catalogue, percent: &str, from: &str) {
    let set = tax::set_rate("DE", "standard", percent.parse().unwrap(), date(from)).unwrap();
    record::<TaxEvent>(all, set);
}

#[test]
fn a_plan_told_with_tax_is_quoted_explained_and_charged_alike() {
    let all = home("standard");
    let quote = quote(TOLD, MITTE, date("2026-01-20"), &all).unwrap();
    // 299.00 x 12/31 = 115.74, and 59.00.
    assert_eq!(
        (quote.net, quote.tax, quote.gross),
        (eur(14_684), eur(2_790), eur(17_474))
    );
    let texts: Vec<&str> = quote.because.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Home version 1 costs EUR 299.00 including VAT a month",
            "12 of the 31 days from 2026-01-01 to 2026-01-31 (2026-01-20 to 2026-01-31)",
            "EUR 115.74 including 19 % VAT is EUR 97.26 net",
            "Home version 1 has a set-up fee of EUR 59.00 including VAT, once",
            "EUR 59.00 including 19 % VAT is EUR 49.58 net",
        ]
    );
    let life = Life::begin(TOLD, MITTE, date("2026-01-20"), &all).unwrap();
    let nets: Vec<_> = life.charges.iter().map(|charge| charge.net).collect();
    assert_eq!(nets, [eur(4_958), eur(9_726)]);
    let entity = &all.legal_entity(BERLIN).unwrap().fact;
    let buyer = Party {
        name: "Ada".into(),
        address: Address::default(),
        tax_id: String::new(),
        email: String::new(),
    };
    let id = InvoiceId(id(1));
    let issued = invoice::issue(
        id,
        1,
        Payer::Member(ADA),
        buyer,
        life.today,
        &life.charges,
        entity,
        &all,
    )
    .unwrap();
    assert_eq!(issued.gross_minor, quote.gross.minor, "the invoice is what was quoted");
}

#[test]
fn whoever_owes_the_tax_herself_pays_the_net_of_what_is_told() {
    let all = home("standard");
    let payer = Payer::Company(CompanyId(id(0x200)));
    let chosen = TaxChoices(vec![TaxChoiceSet {
        payer,
        legal_entity_id: BERLIN,
        choice: TaxChoice::ReverseCharge { reason: String::new() },
        from: date("2026-01-01"),
    }]);
    let quote = quote_with(TOLD, MITTE, date("2026-02-01"), None, &chosen, &all).unwrap();
    assert_eq!((quote.net, quote.tax), (eur(25_126 + 4_958), eur(0)));
}

#[test]
fn without_a_rate_nothing_is_guessed() {
    let all = home("books");
    when(quote(TOLD, MITTE, date("2026-01-20"), &all)).then_refused("no_tax_rate");
    // Nor is a plan agreed to whose next cycle could not be opened.
    let mut life = Life::begin(FLEX_1, MITTE, date("2026-01-20"), &all).unwrap();
    let renewal = When::AtRenewal(life.today);
    when(life.change_plan(TOLD, renewal, &all)).then_refused("no_tax_rate");
    // The control: one that is told net waits for its invoice, as ever.
    let mut net = all.plan_version(TOLD).unwrap().clone();
    net.tax_included = false;
    let mut other = all.clone();
    record::<PlanEvent>(&mut other, net);
    life.change_plan(TOLD, renewal, &other).unwrap();
}

/// Days are given back at what they were charged at, also where another rate is said since for the day on which they were.
#[test]
fn a_rate_that_is_said_later_changes_nothing_that_was_charged() {
    let mut all = home("standard");
    let mut life = Life::begin(TOLD, MITTE, date("2026-02-01"), &all).unwrap();
    set_rate(&mut all, "7", "2026-01-15");
    while life.today < date("2026-02-15") {
        life.tomorrow(&all).unwrap();
    }
    assert!(
        life.membership.unsettled(&all).unwrap().is_empty(),
        "a rate is no change of what was agreed"
    );
    life.decide(|one| end_on(one, date("2026-02-14")), &all).unwrap();
    let back: i64 = life.charges[2..].iter().map(|charge| charge.net.minor).sum();
    assert_eq!(back, -12_563, "half of 251.26");
    let left = life.left_of(&life.charges[1]);
    let standing: i64 = life.membership.billed.iter().map(|stretch| stretch.net().minor).sum();
    assert_eq!(left, standing);
}

#[test]
fn another_price_is_told_as_the_plans_is() {
    let all = home("standard");
    let mut life = Life::begin(TOLD, MITTE, date("2026-02-01"), &all).unwrap();
    life.decide(
        |one| override_price(one, eur(19_900), date("2026-02-01"), None, "Friend"),
        &all,
    )
    .unwrap();
    assert_eq!(life.membership.told_on(life.today), (eur(19_900), true));
    let charged = life.charges.last().unwrap();
    assert_eq!(gross_of(charged.net, Decimal::from(19)), eur(19_900));
    let texts: Vec<&str> = charged.because.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts[1..],
        [
            "Another price was agreed: EUR 199.00 including VAT a month",
            "EUR 199.00 including 19 % VAT is EUR 167.23 net"
        ]
    );
}

#[test]
fn add_ons_are_told_as_they_were_defined() {
    let all = home("standard");
    let locker = NewAddOn {
        legal_entity_id: BERLIN,
        name: "Locker".into(),
        price: eur(1_499),
        tax_included: true,
        length: CycleLength::Month,
        tax_category: "standard".into(),
        self_service: true,
    };
    let fact = add_on::define(AddOnId(id(0xb0)), &locker, &all).unwrap();
    let locker = AddOn { fact, withdrawn: false };
    // Beside a plan that is told net.
    let mut life = Life::begin(FLEX_1, MITTE, date("2026-02-01"), &all).unwrap();
    life.decide(|one| add_add_on(one, &locker, 2, date("2026-02-01"), &all), &all)
        .unwrap();
    let charged = life.charges.last().unwrap();
    assert_eq!(
        (charged.net, charged.description.as_str()),
        (eur(2_519), "2 x Locker, 2026-02-01 to 2026-02-28")
    );
    assert_eq!(
        charged.because[0].text,
        "2 of Locker cost EUR 14.99 including VAT a month each"
    );
    assert_eq!(charged.because[1].text, "EUR 29.98 including 19 % VAT is EUR 25.19 net");
}

#[test]
fn the_form_is_filled_in_as_prices_were_told_last() {
    let mut all = chain();
    assert!(!all.tells_with_tax(Some(BERLIN)));
    record::<PlanEvent>(
        &mut all,
        plan::publish(TOLD_PLAN, TOLD, new("standard"), &chain()).unwrap(),
    );
    assert!(all.tells_with_tax(Some(BERLIN)) && !all.tells_with_tax(Some(crate::testing::NEW_YORK)));
    publish_plan(&mut all, PlanVersionId(id(0x6a)), 1, eur(100));
    assert!(!all.tells_with_tax(Some(BERLIN)));
}

/// A stretch that was charged as a whole.
fn stretch(minor: i64, percent: Option<Decimal>, from: i64, until: i64) -> Stretch {
    let cycle = days("2026-01-01", "2026-02-01");
    let day = |offset: i64| cycle.start.saturating_add(jiff::Span::new().days(offset));
    Stretch {
        cycle,
        days: Days {
            start: day(from),
            end: day(until),
        },
        plan_version_id: TOLD,
        add_on: None,
        price: eur(minor),
        tax_included: percent.is_some(),
        tax_percent: percent,
        payer: Payer::Member(ADA),
        taxed_on: day(from),
        charge_id: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(1_000)))]

    /// A charge is turned into net once, as a whole, and its parts sum to that wherever it is cut.
    #[test]
    fn parts_of_a_charge_sum_to_it(
        minor in 1i64..1_000_000,
        thousandths in 0i64..=100_000,
        mut cuts in prop::collection::vec(0i64..=31, 2..8),
    ) {
        cuts.sort_unstable();
        let percent = Decimal::new(thousandths, 3);
        let (first, last) = (cuts[0], cuts[cuts.len() - 1]);
        prop_assume!(first < last);
        let whole = stretch(minor, Some(percent), first, last);
        prop_assert_eq!(whole.net(), net_of(prorate(whole.price, whole.days, whole.cycle), percent));
        let parts: i64 = cuts
            .windows(2)
            .map(|pair| {
                let part = stretch(minor, Some(percent), pair[0], pair[1]);
                Stretch { taxed_on: whole.taxed_on, ..part }.net().minor
            })
            .sum();
        prop_assert_eq!(parts, whole.net().minor);
    }
}

/// The control: parts that are turned into net by themselves do not sum to what was charged.
#[test]
fn parts_that_forget_their_charge_do_not_sum_to_it() {
    let percent = Some(Decimal::from(19));
    let each_day: i64 = (0..31)
        .map(|day| stretch(19_900, percent, day, day + 1).net().minor)
        .sum();
    assert_eq!(
        (each_day, stretch(19_900, percent, 0, 31).net().minor),
        (16_709, 16_723)
    );
}
