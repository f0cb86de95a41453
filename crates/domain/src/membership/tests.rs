use super::*;
use crate::{
    LocationId, Payer,
    charge::{ChargeKind, ChargeMade},
    credit::CreditGranted,
    member::Member,
    period::{Days, monthly_cycle},
    plan::{self, NewPlanVersion, PlanTerms},
    refusal::Refusal,
    testing::{
        ADA, BERLIN, FLEX, FLEX_1, MEMBERSHIP, MITTE, PIER, ada, at, chain, currency, date, eur, given, id, ids_from,
        membership_from, publish_plan, when,
    },
    {Money, PlanVersionId},
};
use proptest::prelude::*;

fn days(start: &str, end: &str) -> Days {
    Days {
        start: date(start),
        end: date(end),
    }
}

/// Journey (b)'s figure: 116.13 + 22.06 = 138.19.
#[test]
fn starting_on_20_january_is_quoted_as_it_will_be_billed() {
    let all = chain();
    let quote = quote(FLEX_1, MITTE, date("2026-01-20"), &all).unwrap();
    assert_eq!(
        (quote.net, quote.tax, quote.gross),
        (eur(11_613), eur(2_206), eur(13_819))
    );
    assert_eq!(quote.cycle, days("2026-01-01", "2026-02-01"));
    assert_eq!(quote.days, days("2026-01-20", "2026-02-01"));
    let texts: Vec<&str> = quote.because.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Flex version 1 costs EUR 300.00 a month",
            "12 of the 31 days from 2026-01-01 to 2026-01-31 (2026-01-20 to 2026-01-31)"
        ]
    );
    let opened = open(&membership_from("2026-01-20", &all), quote.days, quote.cycle);
    assert_eq!(only(&opened).net, quote.net);
}

#[test]
fn starting_on_the_billing_day_costs_the_whole_month() {
    let quote = quote(FLEX_1, MITTE, date("2026-02-01"), &chain()).unwrap();
    assert_eq!((quote.net, quote.gross), (eur(30_000), eur(35_700)));
    assert_eq!(quote.because.len(), 1);
}

#[test]
fn what_is_not_on_offer_is_not_quoted() {
    let mut all = chain();
    let start = date("2026-01-20");
    when(quote(FLEX_1, PIER, start, &all)).then_refused("plan_not_offered_here");
    when(quote(FLEX_1, LocationId(id(9)), start, &all)).then_refused("unknown_location");
    when(quote(PlanVersionId(id(9)), MITTE, start, &all)).then_refused("unknown_plan");
    when(quote(FLEX_1, MITTE, date("2020-12-31"), &all)).then_refused("no_tax_rate");
    publish_plan(&mut all, PlanVersionId(id(0x62)), 1, eur(32_000));
    when(quote(FLEX_1, MITTE, start, &all)).then_refused("plan_superseded");
    assert_eq!(
        quote(PlanVersionId(id(0x62)), MITTE, start, &all).unwrap().plan.number,
        2
    );
}

#[test]
fn a_plan_is_priced_in_its_entitys_currency() {
    let all = chain();
    let new = |price, billing_day, locations| NewPlanVersion {
        name: "Day".into(),
        legal_entity_id: BERLIN,
        price,
        tax_included: false,
        billing_day,
        terms: PlanTerms::default(),
        tax_category: "standard".into(),
        allowances: vec![],
        locations,
        access_hours: String::new(),
    };
    let publish = |new| plan::publish(FLEX, PlanVersionId(id(0x62)), new, &all);
    when(publish(new(Money::new(1, currency("USD")), 1, vec![]))).then_refused("currency_not_the_entitys");
    when(publish(new(eur(1), 32, vec![]))).then_refused("billing_day_out_of_range");
    when(publish(new(eur(1), 1, vec![PIER]))).then_refused("location_of_another_entity");
    when(publish(new(eur(-1), 1, vec![]))).then_faults(&["price"]);
    assert_eq!(publish(new(eur(0), 31, vec![])).unwrap().number, 2);
}

#[test]
fn a_membership_starts_for_a_confirmed_member() {
    let all = chain();
    let quote = quote(FLEX_1, MITTE, date("2026-01-20"), &all).unwrap();
    let unconfirmed = Member {
        confirmed: false,
        ..ada()
    };
    when(start(MEMBERSHIP, &unconfirmed, Payer::Member(ADA), &quote)).then_refused("email_not_confirmed");
    let started = start(MEMBERSHIP, &ada(), Payer::Member(ADA), &quote).unwrap();
    assert_eq!(
        (started.start, started.price, started.billing_day),
        (date("2026-01-20"), eur(30_000), 1)
    );
}

fn open(membership: &Membership, days: Days, cycle: Days) -> Opened {
    let this = Next { cycle, days };
    let next = cycle_after(membership, cycle);
    open_cycle(membership, 2, this, &[this, next], ids_from(0x1000), &chain()).unwrap()
}

/// The one charge that a cycle makes while nothing changes in it.
fn only(opened: &Opened) -> &ChargeMade {
    let [charge] = opened.charges.as_slice() else {
        panic!("one charge: {:?}", opened.charges)
    };
    charge
}

#[test]
fn opening_a_cycle_charges_its_days_and_grants_in_full_by_local_midnight() {
    let cycle = days("2026-01-01", "2026-02-01");
    let used = days("2026-01-20", "2026-02-01");
    let opened = open(&membership_from("2026-01-20", &chain()), used, cycle);
    let charge = only(&opened).clone();
    assert_eq!(
        (charge.kind, charge.net, charge.quantity.as_str()),
        (ChargeKind::Recurring, eur(11_613), "12/31")
    );
    assert_eq!((charge.service_from, charge.service_to), (used.start, used.end));
    assert_eq!((charge.source.stream_id, charge.source.version), (MEMBERSHIP.0, 2));
    let billed = opened.fact.billed.clone().unwrap();
    assert_eq!(billed.len(), 1);
    assert_eq!(billed[0].charge_id, Some(charge.charge_id));
    // A short first cycle grants in full; the next cycle's lots exist ahead, dated.
    let granted: Vec<_> = opened
        .lots
        .iter()
        .map(|lot: &CreditGranted| (lot.amount, lot.valid_from, lot.valid_until))
        .collect();
    assert_eq!(
        granted,
        [
            (300, at("2026-01-19T23:00Z"), at("2026-01-31T23:00Z")),
            (300, at("2026-01-31T23:00Z"), at("2026-02-28T23:00Z"))
        ]
    );
    let ids: Vec<_> = opened.lots.iter().map(|lot| lot.lot_id).collect();
    assert_eq!(opened.fact.lots, ids);
    // March and October change clocks: lots follow the wall.
    let march = days("2026-03-01", "2026-04-01");
    let spring = open(&membership_from("2026-03-01", &chain()), march, march);
    assert_eq!(only(&spring).quantity, "1");
    assert_eq!(spring.lots[0].valid_until, at("2026-03-31T22:00Z"));
}

#[test]
fn days_that_cost_nothing_make_no_charge() {
    let cycle = days("2026-01-01", "2026-02-01");
    let mut free = membership_from("2026-01-01", &chain());
    free.first.price = eur(0);
    free.terms[0].price = eur(0);
    let opened = open(&free, cycle, cycle);
    assert_eq!(opened.charges, []);
    assert_eq!(opened.fact.billed.unwrap()[0].charge_id, None);
    assert_eq!(opened.lots.len(), 2);
}

fn notice_today(membership: &Membership) -> Result<NoticeGiven, Refusal> {
    let all = chain();
    give_notice(membership, all.plan_version(FLEX_1).unwrap(), date("2026-01-25"))
}

fn running() -> [MembershipEvent; 2] {
    let all = chain();
    let membership = membership_from("2026-01-20", &all);
    let cycle = days("2026-01-01", "2026-02-01");
    let opened = open(&membership, days("2026-01-20", "2026-02-01"), cycle);
    [membership.fact.into(), opened.fact.into()]
}

/// Rule 3: ending on the last paid day bills 0, not -x: there simply is no next cycle.
#[test]
fn notice_runs_to_the_end_of_the_cycle_that_is_paid() {
    let notice = given(Membership::evolve, running()).when(notice_today).decided();
    assert_eq!(notice.last_day, date("2026-01-31"));
    let february = days("2026-02-01", "2026-03-01");
    assert_eq!(
        next_cycle(&given(Membership::evolve, running()).state()),
        Some(Next {
            cycle: february,
            days: february
        })
    );
    let after = |more: Vec<MembershipEvent>| given(Membership::evolve, running().into_iter().chain(more));
    let leaving = after(vec![notice.clone().into()]).state();
    assert_eq!(next_cycle(&leaving), None);
    assert!(leaving.active_on(date("2026-01-31")) && !leaving.active_on(date("2026-02-01")));
    assert!(!leaving.active_on(date("2026-01-19")));
    after(vec![notice.clone().into()])
        .when(notice_today)
        .then_refused("notice_already_given");
    let ended = after(vec![notice.clone().into()]).when(end).decided();
    assert_eq!(ended.last_day, date("2026-01-31"));
    let over = || after(vec![notice.clone().into(), ended.clone().into()]);
    over().when(end).then_refused("nothing_to_end");
    over().when(notice_today).then_refused("notice_already_given");
    assert_eq!(next_cycle(&over().state()), None);
}

#[test]
fn a_membership_without_a_cycle_or_notice_has_nothing_to_end() {
    let fresh = || given(Membership::evolve, [running()[0].clone()]);
    fresh().when(notice_today).then_refused("not_started");
    fresh().when(end).then_refused("nothing_to_end");
    assert_eq!(next_cycle(&fresh().state()), None);
    let nothing: Option<Membership> = Membership::evolve(None, running()[1].clone());
    assert_eq!(nothing, None, "a stream begins with its start");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    /// Rule 4: the cycles of a membership cover each of its days once, whatever its start and billing day; and a year of
    /// full cycles costs twelve prices.
    #[test]
    fn cycles_follow_each_other_without_gap_or_overlap(offset in 0i64..800, billing_day in 1i8..=31) {
        let mut membership = membership_from("2026-01-20", &chain());
        let start = jiff::civil::Date::constant(2026, 1, 1).saturating_add(jiff::Span::new().days(offset));
        membership.fact.start = start;
        membership.terms[0] = Term { from: start, anchor: start, billing_day, ..membership.terms[0].clone() };
        let first = monthly_cycle(start, billing_day);
        membership.cycle = Some(first);
        let mut covered_until = first.end;
        let mut total = 0;
        for _ in 0..12 {
            let Next { cycle: next, days } = next_cycle(&membership).unwrap();
            prop_assert_eq!(next, days);
            prop_assert_eq!(next.start, covered_until);
            total += crate::period::prorate(eur(29_999), next, next).minor;
            covered_until = next.end;
            membership.cycle = Some(next);
        }
        prop_assert_eq!(total, 12 * 29_999);
    }

    /// What the quote shows is what the first cycle charges.
    #[test]
    fn preview_is_what_is_billed(offset in 0i64..800, billing_day in 1i8..=31, price in 0i64..1_000_000) {
        let mut all = chain();
        let version = PlanVersionId(id(0x62));
        publish_plan(&mut all, version, billing_day, eur(price));
        let start = jiff::civil::Date::constant(2026, 1, 1).saturating_add(jiff::Span::new().days(offset));
        let quote: Result<Quote, Refusal> = quote(version, MITTE, start, &all);
        let quote = quote.unwrap();
        let started = super::start(MEMBERSHIP, &ada(), Payer::Member(ADA), &quote).unwrap();
        let membership = Membership::evolve(None, started.into()).unwrap();
        let opened = open_cycle(&membership, 2, first_cycle(&membership), &[], ids_from(1), &all).unwrap();
        prop_assert_eq!(opened.charges.iter().map(|charge| charge.net.minor).sum::<i64>(), quote.net.minor);
        prop_assert_eq!(quote.gross.minor, quote.net.minor + quote.tax.minor);
    }
}

mod add_ons;
mod changing;
mod credited;
mod discounts;
mod scenarios;
mod told;
mod year;
