use super::*;
use crate::testing::Life;

const TEAM: PlanVersionId = PlanVersionId(uuid::Uuid::from_u128(0x65));

fn offers(terms: PlanTerms) -> crate::catalogue::Catalogue {
    let mut all = chain();
    let new = NewPlanVersion {
        name: "Team".into(),
        legal_entity_id: BERLIN,
        price: eur(50_000),
        tax_included: false,
        billing_day: 1,
        terms,
        tax_category: "standard".into(),
        allowances: vec![],
        locations: vec![MITTE],
        access_hours: String::new(),
    };
    let published = plan::publish(crate::PlanId(id(0x64)), TEAM, new, &all).unwrap();
    crate::testing::record::<crate::plan::PlanEvent>(&mut all, published);
    all
}

fn until(life: &mut Life, day: &str, all: &crate::catalogue::Catalogue) {
    while life.today < date(day) {
        life.tomorrow(all).unwrap();
    }
}

/// `description | quantity | net` of the charges from one on.
fn lines(life: &Life, from: usize) -> Vec<String> {
    let said = |charge: &ChargeMade| format!("{} | {} | {}", charge.description, charge.quantity, charge.net);
    life.charges[from..].iter().map(said).collect()
}

#[test]
fn an_upgrade_gives_the_rest_back_and_charges_the_rest_of_the_new() {
    let all = offers(PlanTerms::default());
    let mut life = Life::begin(FLEX_1, MITTE, date("2026-02-01"), &all).unwrap();
    until(&mut life, "2026-02-20", &all);
    let changed = change_plan(&life.membership, TEAM, When::On(date("2026-02-20")), false, &all).unwrap();
    let quote = quote_change(
        &life.membership.after(changed),
        date("2026-02-20"),
        &Charged::default(),
        &all,
    )
    .unwrap();
    life.change_plan(TEAM, When::On(date("2026-02-20")), &all).unwrap();
    assert_eq!(
        lines(&life, 1),
        [
            "Flex given back, 2026-02-20 to 2026-02-28 | -9/28 | EUR -96.43",
            "Team, 2026-02-20 to 2026-02-28 | 9/28 | EUR 160.71"
        ]
    );
    assert_eq!((quote.net, quote.gross), (eur(6_428), eur(7_649)));
    until(&mut life, "2026-03-01", &all);
    assert_eq!(lines(&life, 3), ["Team, 2026-03-01 to 2026-03-31 | 1 | EUR 500.00"]);
}

#[test]
fn a_plan_of_other_cycles_waits_for_the_renewal() {
    let terms = PlanTerms {
        length: crate::period::CycleLength::Quarter,
        ..PlanTerms::default()
    };
    let all = offers(terms);
    let mut life = Life::begin(FLEX_1, MITTE, date("2026-01-20"), &all).unwrap();
    let today = date("2026-01-20");
    let refused = change_plan(&life.membership, TEAM, When::On(today), false, &all);
    let refusal = when(refused).then_refused("only_at_renewal");
    assert_eq!(
        refusal.sentence,
        "Team is billed by the quarter, in other cycles than Flex: it can begin when this cycle is over, on 2026-02-01."
    );
    life.change_plan(TEAM, When::AtRenewal(today), &all).unwrap();
    assert_eq!(life.charges.len(), 1, "nothing moves before");
    until(&mut life, "2026-05-02", &all);
    assert_eq!(
        lines(&life, 1),
        [
            "Team, 2026-02-01 to 2026-04-30 | 1 | EUR 500.00",
            "Team, 2026-05-01 to 2026-07-31 | 1 | EUR 500.00"
        ]
    );
    // A change that lies ahead can be called off; one that has come cannot.
    when(call_plan_change_off(&life.membership, life.today)).then_refused("no_change_ahead");
}

#[test]
fn a_change_says_what_it_cannot_do() {
    let all = offers(PlanTerms::default());
    let life = Life::begin(FLEX_1, MITTE, date("2026-01-20"), &all).unwrap();
    let change = |version, when| change_plan(&life.membership, version, when, false, &all);
    when(change(FLEX_1, When::On(date("2026-01-21")))).then_refused("same_plan");
    when(change(TEAM, When::On(date("2026-02-01")))).then_refused("after_this_cycle");
    when(change(TEAM, When::On(date("2026-01-19")))).then_refused("not_agreed_then");
    when(change(PlanVersionId(id(9)), When::On(date("2026-01-21")))).then_refused("unknown_plan");
    let payer = Payer::Member(ADA);
    when(change_payer(&life.membership, payer, date("2026-01-25"))).then_refused("same_payer");
    when(pause(&life.membership, date("2026-01-25"), Some(date("2026-01-25")))).then_refused("pause_without_days");
    when(pause(&life.membership, date("2026-01-19"), None)).then_refused("not_agreed_then");
    when(resume(&life.membership, date("2026-01-25"))).then_refused("not_paused");
    when(withdraw_notice(&life.membership)).then_refused("no_notice");
    when(end_on(&life.membership, date("2026-01-19"))).then_refused("before_its_start");
    let dollars = Money::new(1, currency("USD"));
    when(override_price(
        &life.membership,
        dollars,
        date("2026-01-19"),
        Some(date("2026-01-19")),
        " ",
    ))
    .then_faults(&["price", "from", "until", "reason"]);
}

#[test]
fn a_pause_over_the_end_of_a_cycle_costs_nothing_and_what_was_paid_comes_back() {
    let all = chain();
    let mut life = Life::begin(FLEX_1, MITTE, date("2026-01-01"), &all).unwrap();
    until(&mut life, "2026-01-10", &all);
    life.decide(
        |membership| pause(membership, date("2026-01-22"), Some(date("2026-02-15"))),
        &all,
    )
    .unwrap();
    assert_eq!(
        lines(&life, 1),
        ["Flex given back, 2026-01-22 to 2026-01-31 | -10/31 | EUR -96.77"]
    );
    until(&mut life, "2026-02-02", &all);
    assert_eq!(lines(&life, 2), ["Flex, 2026-02-15 to 2026-02-28 | 14/28 | EUR 150.00"]);
    assert!(!life.membership.active_on(date("2026-02-14")) && life.membership.active_on(date("2026-02-15")));
    // She comes back earlier: the days of the pause that are gone are charged.
    life.decide(|membership| resume(membership, date("2026-02-08")), &all)
        .unwrap();
    assert_eq!(lines(&life, 3), ["Flex, 2026-02-08 to 2026-02-14 | 7/28 | EUR 75.00"]);
    when(pause(&life.membership, date("2026-02-01"), None)).then_refused("paused_already");
}

#[test]
fn a_backdated_end_gives_back_what_was_paid_beyond_it_and_no_cent_more() {
    let all = chain();
    let mut life = Life::begin(FLEX_1, MITTE, date("2026-01-20"), &all).unwrap();
    until(&mut life, "2026-03-10", &all);
    life.decide(|membership| end_on(membership, date("2026-02-14")), &all)
        .unwrap();
    assert_eq!(
        lines(&life, 3),
        [
            "Flex given back, 2026-02-15 to 2026-02-28 | -14/28 | EUR -150.00",
            "Flex given back, 2026-03-01 to 2026-03-31 | -1 | EUR -300.00"
        ]
    );
    assert_eq!(life.membership.ended, Some(date("2026-02-14")));
    until(&mut life, "2026-06-10", &all);
    assert_eq!(life.charges.len(), 5);
    // On the last paid day there is nothing to give back (rule 3).
    let mut other = Life::begin(FLEX_1, MITTE, date("2026-01-20"), &all).unwrap();
    other
        .decide(|membership| end_on(membership, date("2026-01-31")), &all)
        .unwrap();
    assert_eq!(other.charges.len(), 1);
    other.decide(withdraw_notice, &all).unwrap();
    until(&mut other, "2026-02-01", &all);
    assert_eq!(lines(&other, 1), ["Flex, 2026-02-01 to 2026-02-28 | 1 | EUR 300.00"]);
}

#[test]
fn a_price_that_was_agreed_counts_for_its_days() {
    let all = chain();
    let mut life = Life::begin(FLEX_1, MITTE, date("2026-01-01"), &all).unwrap();
    let (from, to) = (date("2026-01-17"), Some(date("2026-02-08")));
    life.decide(
        |membership| override_price(membership, eur(15_000), from, to, "Building works"),
        &all,
    )
    .unwrap();
    assert_eq!(
        lines(&life, 1),
        [
            "Flex given back, 2026-01-17 to 2026-01-31 | -15/31 | EUR -145.16",
            "Flex, 2026-01-17 to 2026-01-31 | 15/31 | EUR 72.58"
        ]
    );
    let texts: Vec<_> = life.charges[2].because.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(texts[1], "Another price was agreed: EUR 150.00 a month");
    until(&mut life, "2026-02-01", &all);
    assert_eq!(
        lines(&life, 3),
        [
            "Flex, 2026-02-01 to 2026-02-07 | 7/28 | EUR 37.50",
            "Flex, 2026-02-08 to 2026-02-28 | 21/28 | EUR 225.00"
        ]
    );
}

#[test]
fn free_days_a_fee_and_a_term_are_part_of_the_agreement() {
    let terms = PlanTerms {
        trial_days: 14,
        set_up_fee_minor: 5_000,
        term_cycles: 3,
        notice_days: 30,
        in_arrears: true,
        ..PlanTerms::default()
    };
    let all = offers(terms);
    let quote = quote(TEAM, MITTE, date("2026-01-20"), &all).unwrap();
    assert_eq!((quote.net, quote.billed_on), (eur(5_000), date("2026-02-01")));
    assert_eq!(quote.agreement.free_until, Some(date("2026-02-03")));
    // A short first cycle is on top of the term's three.
    assert_eq!(quote.agreement.bound_until, Some(date("2026-05-01")));
    let mut life = Life::begin(TEAM, MITTE, date("2026-01-20"), &all).unwrap();
    assert_eq!(lines(&life, 0), ["Team, set-up fee | 1 | EUR 50.00"]);
    until(&mut life, "2026-02-01", &all);
    assert_eq!(lines(&life, 1), ["Team, 2026-02-03 to 2026-02-28 | 26/28 | EUR 464.29"]);
    assert_eq!(life.charges[1].billable_on, date("2026-03-01"), "paid in arrears");
    let plan = all.plan_version(TEAM).unwrap();
    let last = |day: &str| last_day_after_notice(&life.membership, plan, date(day)).unwrap();
    assert_eq!(last("2026-02-02"), date("2026-04-30"), "the term");
    assert_eq!(last("2026-04-02"), date("2026-05-31"), "thirty days of notice");
}

#[test]
fn somebody_else_pays_from_a_day_on() {
    let all = chain();
    let mut life = Life::begin(FLEX_1, MITTE, date("2026-02-01"), &all).unwrap();
    let firm = Payer::Company(crate::CompanyId(id(0x200)));
    life.decide(|membership| change_payer(membership, firm, date("2026-02-15")), &all)
        .unwrap();
    let paid: Vec<_> = life.charges[1..]
        .iter()
        .map(|charge| (charge.payer, charge.net.minor))
        .collect();
    assert_eq!(paid, [(Payer::Member(ADA), -15_000), (firm, 15_000)]);
    until(&mut life, "2026-03-01", &all);
    assert_eq!(life.charges[3].payer, firm);
}

#[test]
fn cycles_of_all_lengths_tile_the_days() {
    use crate::period::CycleLength::{Days as Some_, Quarter, Week, Year};
    let cycle = |length: crate::period::CycleLength, day: &str| length.cycle(date("2026-01-20"), date(day), 31);
    assert_eq!(cycle(Week, "2026-02-02"), days("2026-01-27", "2026-02-03"));
    assert_eq!(
        cycle(Some_ { days: 10 }, "2026-01-19"),
        days("2026-01-10", "2026-01-20")
    );
    assert_eq!(cycle(Quarter, "2026-01-20"), days("2025-12-31", "2026-03-31"));
    assert_eq!(cycle(Quarter, "2026-03-31"), days("2026-03-31", "2026-06-30"));
    assert_eq!(cycle(Year, "2028-02-29"), days("2027-12-31", "2028-12-31"));
    for (text, length) in [
        ("month", crate::period::CycleLength::Month),
        ("10 days", Some_ { days: 10 }),
        ("1 day", Some_ { days: 1 }),
    ] {
        assert_eq!(crate::period::CycleLength::parse(text), Ok(length));
    }
    assert!(crate::period::CycleLength::parse("367 days").is_err());
}
