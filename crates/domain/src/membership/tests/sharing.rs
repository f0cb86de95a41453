//! Seats, who pays for what, and by which of several memberships somebody books.

use super::*;
use crate::{CompanyId, MemberId, MembershipId, testing::NIGHT};
use jiff::ToSpan;

const ACME: Payer = Payer::Company(CompanyId(uuid::Uuid::from_u128(0x200)));
const TEAM: PlanVersionId = PlanVersionId(uuid::Uuid::from_u128(0x65));

fn bob(number: u128) -> MemberId {
    MemberId(id(0x7000 + number))
}

/// The chain with a plan for so many people at some locations.
fn offers(seats: i64, locations: Vec<LocationId>) -> crate::catalogue::Catalogue {
    let mut all = chain();
    let new = NewPlanVersion {
        name: "Team".into(),
        legal_entity_id: BERLIN,
        price: eur(90_000),
        billing_day: 1,
        terms: PlanTerms {
            seats,
            ..PlanTerms::default()
        },
        tax_category: "standard".into(),
        allowances: vec![],
        locations,
        access_hours: String::new(),
    };
    let published = plan::publish(crate::PlanId(id(0x64)), TEAM, new, &all).unwrap();
    crate::testing::record::<crate::plan::PlanEvent>(&mut all, published);
    all
}

fn started(number: u128, payer: Payer, place: LocationId, all: &crate::catalogue::Catalogue) -> Membership {
    let quote = quote(TEAM, place, date("2026-01-20"), all).unwrap();
    let started = start(MembershipId(id(0x800 + number)), &ada(), payer, &quote).unwrap();
    given(Membership::evolve, [MembershipEvent::from(started)]).state()
}

#[test]
fn a_seat_is_for_a_colleague_where_a_company_pays_and_the_plan_has_one_left() {
    let all = offers(2, vec![MITTE]);
    let (today, from) = (date("2026-01-20"), date("2026-01-25"));
    let team = started(0, ACME, MITTE, &all);
    when(give_seat(&team, bob(1), false, from, today, &all)).then_refused("not_of_the_company");
    when(give_seat(&team, ADA, true, from, today, &all)).then_refused("has_seat");
    when(give_seat(&team, bob(1), true, date("2026-01-19"), today, &all)).then_refused("day_is_over");
    let own = started(0, Payer::Member(ADA), MITTE, &all);
    when(give_seat(&own, bob(1), true, from, today, &all)).then_refused("no_company");
    let team = team.after(give_seat(&team, bob(1), true, from, today, &all).unwrap());
    for (day, used) in [("2026-01-24", false), ("2026-01-25", true)] {
        assert_eq!(team.used_by(bob(1), date(day)), used, "{day}");
    }
    // From today on there would be three on the 25th.
    when(give_seat(&team, bob(2), true, today, today, &all)).then_refused("no_seat_left");
    when(take_seat(&team, bob(2), from, today)).then_refused("no_seat");
    let team = team.after(take_seat(&team, bob(1), date("2026-01-30"), today).unwrap());
    assert!(!team.used_by(bob(1), date("2026-01-30")) && team.used_by(bob(1), date("2026-01-29")));
    when(give_seat(&team, bob(2), true, date("2026-01-30"), today, &all)).decided();
    // A plan for one person is not for the two who use it.
    let mut both = all.clone();
    publish_plan(&mut both, FLEX_1, 1, eur(30_000));
    let cycle = days("2026-01-01", "2026-02-01");
    let used = Next {
        cycle,
        days: days("2026-01-20", "2026-02-01"),
    };
    let opened = open_cycle(&team, 2, used, &[], ids_from(0x1000), &both).unwrap();
    let opened = team.after(opened.fact);
    when(change_plan(&opened, FLEX_1, When::On(date("2026-01-28")), false, &both)).then_refused("no_seat_left");
    when(change_plan(&opened, FLEX_1, When::On(date("2026-01-30")), false, &both)).decided();
    when(change_payer(&opened, Payer::Member(ADA), date("2026-01-28"))).then_refused("seats_given");
    when(change_payer(&opened, Payer::Member(ADA), date("2026-01-30"))).decided();
}

#[test]
fn every_kind_of_charge_has_its_payer_by_the_split_of_its_day() {
    let all = offers(2, vec![MITTE]);
    let team = started(0, ACME, MITTE, &all);
    let split = set_split(
        &team,
        &[Item::Metered, Item::Bookings, Item::Bookings],
        date("2026-02-01"),
    )
    .unwrap();
    assert_eq!(split.own, [Item::Bookings, Item::Metered]);
    let team = team.after(split);
    let herself = Payer::Member(bob(1));
    for (kind, payer) in [
        (ChargeKind::Recurring, ACME),
        (ChargeKind::SetUpFee, ACME),
        (ChargeKind::Booking, herself),
        (ChargeKind::CancellationFee, herself),
        (ChargeKind::Pass, ACME),
        (ChargeKind::OneOff, ACME),
        (ChargeKind::Metered, herself),
    ] {
        assert_eq!(team.paid_by(kind, bob(1), date("2026-02-01")).payer, payer, "{kind:?}");
        assert_eq!(team.paid_by(kind, bob(1), date("2026-01-31")).payer, ACME, "{kind:?}");
    }
    let why = team.paid_by(ChargeKind::Pass, ADA, date("2026-02-01")).because;
    assert_eq!(
        why[0].text,
        "By the split of 2026-02-01, the company pays for day passes"
    );
    assert!(
        team.paid_by(ChargeKind::Pass, ADA, date("2026-01-31"))
            .because
            .is_empty()
    );
    let own = started(0, Payer::Member(ADA), MITTE, &all);
    when(set_split(&own, &[Item::Plan], date("2026-02-01"))).then_refused("no_company");
}

#[test]
fn of_several_memberships_the_one_that_covers_the_place_counts_then_her_own_then_the_oldest() {
    let all = offers(3, vec![NIGHT]);
    let day = date("2026-01-25");
    let mitte = membership_from("2026-01-20", &all);
    let night = started(1, ACME, NIGHT, &all);
    let later = started(2, ACME, NIGHT, &all);
    let by = |all_of: &[Membership], member, place| {
        used_for(all_of, member, place, day, &all).map(|membership| membership.fact.membership_id)
    };
    let hers = [later.clone(), mitte.clone(), night.clone()];
    // Flex covers both houses and is the first; of the team's two the one with the smaller id began no later.
    assert_eq!(by(&hers, ADA, MITTE), Some(MEMBERSHIP));
    let teams = [later.clone(), night.clone()];
    assert_eq!(by(&teams, ADA, NIGHT), Some(night.fact.membership_id));
    // Not covered, but with the house's company: better than none.
    assert_eq!(by(&teams, ADA, MITTE), Some(night.fact.membership_id));
    assert_eq!(by(&hers, bob(1), NIGHT), None);
    let seat = give_seat(&later, bob(1), true, day, day, &all).unwrap();
    let seated = [mitte, night, later.after(seat)];
    assert_eq!(by(&seated, bob(1), NIGHT), Some(later.fact.membership_id));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    #[test]
    fn however_seats_come_and_go_no_day_has_more_people_than_the_plan_is_for(
        seats in 1i64..5,
        steps in prop::collection::vec((0u128..6, any::<bool>(), 0i64..30, 0i64..3), 0..40),
    ) {
        let all = offers(seats, vec![MITTE]);
        let mut team = started(0, ACME, MITTE, &all);
        let mut today = date("2026-01-20");
        for (who, give, ahead, passes) in steps {
            today = today.saturating_add(passes.days());
            let from = today.saturating_add(ahead.days());
            let next = if give {
                give_seat(&team, bob(who), true, from, today, &all).map(|fact| team.after(fact))
            } else {
                take_seat(&team, bob(who), from, today).map(|fact| team.after(fact))
            };
            team = next.unwrap_or(team);
            for day in 0..160 {
                let day = date("2026-01-20").saturating_add(day.days());
                prop_assert!(team.people_on(day) <= seats, "{} on {}", team.people_on(day), day);
                let seated = (0..6).filter(|who| team.used_by(bob(*who), day)).count();
                prop_assert_eq!(team.people_on(day), 1 + i64::try_from(seated).unwrap(), "nobody counts twice");
            }
        }
    }
}
