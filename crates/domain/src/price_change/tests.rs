use super::*;
use crate::{
    CompanyId, MemberId, MembershipId, Money, Payer, PlanVersionId, PriceChangeId,
    catalogue::Catalogue,
    membership::{
        Membership, When, call_plan_change_off, change_payer, end_on, give_notice, override_price, withdraw_notice,
    },
    period::CycleLength,
    plan::{self, Allowance, NewPlanVersion, PlanEvent, PlanTerms},
    testing::{BERLIN, FLEX, FLEX_1, Life, MITTE, NIGHT, ROOM_TYPE, at, chain, date, eur, id, record, when},
};
use jiff::civil::Date;
use proptest::prelude::*;

const CHANGE: PriceChangeId = PriceChangeId(uuid::Uuid::from_u128(0xe8));
const FLEX_2: PlanVersionId = PlanVersionId(uuid::Uuid::from_u128(0x62));

fn version(price: Money, terms: PlanTerms) -> NewPlanVersion {
    NewPlanVersion {
        name: "Flex".into(),
        legal_entity_id: BERLIN,
        price,
        tax_included: false,
        billing_day: 1,
        terms,
        tax_category: "standard".into(),
        allowances: vec![],
        locations: vec![MITTE, NIGHT],
        access_hours: String::new(),
    }
}

fn publish(all: &mut Catalogue, number: PlanVersionId, new: NewPlanVersion) {
    let published = plan::publish(FLEX, number, new, all).unwrap();
    record::<PlanEvent>(all, published);
}

/// The chain, once its Flex costs EUR 333.
fn dearer() -> Catalogue {
    let mut all = chain();
    publish(&mut all, FLEX_2, version(eur(33_300), PlanTerms::default()));
    all
}

fn new(from: &str) -> NewPriceChange {
    NewPriceChange {
        plan_version_id: FLEX_2,
        effective_from: date(from),
        notice_days: NOTICE_DAYS,
        message: String::new(),
    }
}

/// Announced at noon of 20 January.
fn terms(from: &str, all: &Catalogue) -> Terms {
    propose(&new(from), at("2026-01-20T11:00Z"), all).unwrap()
}

/// Ada's since 1 January, on 20 January.
fn life() -> Life {
    lived("2026-01-01", "2026-01-20", &chain())
}

fn lived(start: &str, today: &str, all: &Catalogue) -> Life {
    let mut life = Life::begin(FLEX_1, MITTE, date(start), all).unwrap();
    while life.today < date(today) {
        life.tomorrow(all).unwrap();
    }
    life
}

fn told(membership: &Membership, from: &str) -> Result<Move, Why> {
    let all = dearer();
    verdict(membership, &terms(from, &all), date("2026-01-20"), &all)
        .unwrap()
        .unwrap()
}

fn announced(life: &mut Life, from: &str, all: &Catalogue) {
    let terms = terms(from, all);
    let planned = verdict(&life.membership, &terms, life.today, all)
        .unwrap()
        .unwrap()
        .unwrap();
    let events = tell(CHANGE, &terms, &planned, &life.membership, life.today, all);
    life.agrees(events.unwrap().unwrap(), all).unwrap();
}

#[test]
fn it_applies_from_the_first_cycle_that_begins_on_the_day_or_later_and_not_before_the_notice_is_over() {
    let of = |from: &str| told(&life().membership, from).unwrap().from;
    // The very day, and one before it, and one after.
    assert_eq!(of("2026-03-01"), date("2026-03-01"));
    assert_eq!(of("2026-02-28"), date("2026-03-01"));
    assert_eq!(of("2026-03-02"), date("2026-04-01"));
    // Thirty days from 20 January are over on 19 February: the cycle of February begins too early.
    assert_eq!(of("2026-01-21"), date("2026-03-01"));
    let all = dearer();
    let at_once = NewPriceChange {
        notice_days: 0,
        ..new("2026-01-21")
    };
    let terms = propose(&at_once, at("2026-01-20T11:00Z"), &all).unwrap();
    let planned = verdict(&life().membership, &terms, date("2026-01-20"), &all);
    assert_eq!(planned.unwrap().unwrap().unwrap().from, date("2026-02-01"));
}

/// The house of the membership is a day ahead of the legal entity, as Tokyo is of Berlin in the evening.
#[test]
fn the_days_of_notice_are_whole_days_where_she_is() {
    let all = dearer();
    let thirty = terms("2026-02-19", &all);
    let of = |today: &str| {
        let found = verdict(&life().membership, &thirty, date(today), &all);
        found.unwrap().unwrap().unwrap().from
    };
    assert_eq!(
        (thirty.announced_on, of("2026-01-30"), of("2026-01-31")),
        (date("2026-01-20"), date("2026-03-01"), date("2026-04-01"))
    );
}

#[test]
fn who_is_bound_moves_when_the_term_is_over() {
    let mut all = chain();
    let term = PlanTerms {
        term_cycles: 6,
        ..PlanTerms::default()
    };
    publish(&mut all, PlanVersionId(id(0x63)), version(eur(31_000), term));
    let bound = Life::begin(PlanVersionId(id(0x63)), MITTE, date("2026-01-01"), &all).unwrap();
    publish(&mut all, FLEX_2, version(eur(33_300), PlanTerms::default()));
    let planned = verdict(&bound.membership, &terms("2026-03-01", &all), date("2026-01-20"), &all);
    let planned = planned.unwrap().unwrap().unwrap();
    assert_eq!(
        (planned.from, planned.bound_until),
        (date("2026-07-01"), Some(date("2026-07-01")))
    );
    // A term that is over by then puts nothing off.
    let planned = verdict(&bound.membership, &terms("2026-08-01", &all), date("2026-01-20"), &all);
    let planned = planned.unwrap().unwrap().unwrap();
    assert_eq!((planned.from, planned.bound_until), (date("2026-08-01"), None));
}

#[test]
fn who_agreed_on_something_else_stays_and_it_says_why() {
    let (all, today) = (dearer(), date("2026-01-20"));
    let with = |decide: &dyn Fn(&mut Life)| {
        let mut life = life();
        decide(&mut life);
        told(&life.membership, "2026-03-01")
    };
    let agrees = |from: &'static str, until: Option<&'static str>| {
        move |life: &mut Life| {
            let until = until.map(date);
            life.decide(
                |one| override_price(one, eur(25_000), date(from), until, "Agreed"),
                &dearer(),
            )
            .unwrap();
        }
    };
    let stays = |why: Result<Move, Why>| why.unwrap_err();
    assert_eq!(stays(with(&agrees("2026-02-01", None))), Reason::AgreedPrice.into());
    assert_eq!(
        stays(with(&agrees("2026-02-01", Some("2026-06-01")))),
        Reason::AgreedPrice.on(date("2026-06-01"))
    );
    // A price that is over by then, or begins later, is in nobody's way.
    assert!(with(&agrees("2026-02-01", Some("2026-03-01"))).is_ok());
    assert!(with(&agrees("2026-05-01", None)).is_ok());
    let notice = |life: &mut Life| life.decide(|one| end_on(one, date("2026-05-31")), &dearer()).unwrap();
    assert_eq!(stays(with(&notice)), Reason::NoticeGiven.on(date("2026-05-31")));
    let changes = |life: &mut Life| {
        life.change_plan(FLEX_2, When::AtRenewal(date("2026-02-01")), &dearer())
            .unwrap();
    };
    assert_eq!(stays(with(&changes)), Reason::ChangePlanned.on(date("2026-02-01")));
    let on_it = |life: &mut Life| {
        life.change_plan(FLEX_2, When::On(date("2026-01-20")), &dearer())
            .unwrap();
    };
    assert_eq!(stays(with(&on_it)), Reason::AlreadyOnIt.into());
    // Over, or another plan's: it is none of hers.
    let mut gone = life();
    gone.decide(|one| end_on(one, date("2026-01-15")), &all).unwrap();
    assert_eq!(
        verdict(&gone.membership, &terms("2026-03-01", &all), today, &all).unwrap(),
        None
    );
    let other = Terms {
        plan_id: crate::PlanId(id(0x6f)),
        ..terms("2026-03-01", &all)
    };
    assert_eq!(verdict(&life().membership, &other, today, &all).unwrap(), None);
}

#[test]
fn a_version_of_other_cycles_or_of_other_houses_is_for_her_to_choose() {
    let today = date("2026-01-20");
    let of = |new: NewPlanVersion| {
        let mut all = chain();
        publish(&mut all, FLEX_2, new);
        let found = verdict(&life().membership, &terms("2026-03-01", &all), today, &all);
        found.unwrap().unwrap()
    };
    let quarterly = PlanTerms {
        length: CycleLength::Quarter,
        ..PlanTerms::default()
    };
    assert_eq!(of(version(eur(90_000), quarterly)), Err(Reason::OtherCycles.into()));
    let mut fifteenth = version(eur(33_300), PlanTerms::default());
    fifteenth.billing_day = 15;
    assert_eq!(of(fifteenth), Err(Reason::OtherCycles.into()));
    let elsewhere = NewPlanVersion {
        locations: vec![NIGHT],
        ..version(eur(33_300), PlanTerms::default())
    };
    assert_eq!(of(elsewhere), Err(Reason::NotOffered.into()));
}

#[test]
fn what_cannot_be_announced_is_refused() {
    let (all, now) = (dearer(), at("2026-01-20T11:00Z"));
    let faults = NewPriceChange {
        effective_from: date("2026-01-20"),
        notice_days: 366,
        message: "x".repeat(MESSAGE_MAX_CHARS + 1),
        ..new("2026-03-01")
    };
    when(propose(&faults, now, &all)).then_faults(&["effective_from", "notice_days", "message"]);
    when(propose(&new("2028-03-01"), now, &all)).then_faults(&["effective_from"]);
    let first = NewPriceChange {
        plan_version_id: FLEX_1,
        ..new("2026-03-01")
    };
    when(propose(&first, now, &chain())).then_refused("first_version");
    let mut newer = dearer();
    publish(
        &mut newer,
        PlanVersionId(id(0x64)),
        version(eur(35_000), PlanTerms::default()),
    );
    when(propose(&new("2026-03-01"), now, &newer)).then_refused("plan_superseded");
    let message = NewPriceChange {
        message: " The rent\r\nwent up. ".into(),
        ..new("2026-03-01")
    };
    let terms = propose(&message, now, &all).unwrap();
    assert_eq!(terms.message.as_deref(), Some("The rent\nwent up."));
}

fn preview(lives: &[Life], from: &str, all: &Catalogue) -> Preview {
    let terms = terms(from, all);
    let (mut moves, mut stays) = (Vec::new(), Vec::new());
    for life in lives {
        let membership_id = life.membership.fact.membership_id;
        match verdict(&life.membership, &terms, date("2026-01-20"), all).unwrap() {
            Some(Ok(planned)) => moves.push(planned),
            Some(Err(why)) => stays.push(LeftOut { membership_id, why }),
            None => {}
        }
    }
    Preview::new(terms, moves, stays)
}

fn several() -> Vec<Life> {
    let all = chain();
    (0..5)
        .map(|number| {
            let member = crate::member::Member {
                member_id: MemberId(id(0x700 + number)),
                ..crate::testing::ada()
            };
            let (payer, membership) = (Payer::Member(member.member_id), MembershipId(id(0x800 + number)));
            let begin = (FLEX_1, MITTE, date("2026-01-01"));
            let mut life = Life::begin_as(&member, payer, membership, begin, &all).unwrap();
            while life.today < date("2026-01-20") {
                life.tomorrow(&all).unwrap();
            }
            life
        })
        .collect()
}

#[test]
fn exactly_what_was_shown_is_announced() {
    let (all, mut lives) = (dearer(), several());
    lives[4].decide(|one| end_on(one, date("2026-05-31")), &all).unwrap();
    let shown = preview(&lives, "2026-03-01", &all);
    assert_eq!(shown.sums(), (eur(120_000), eur(133_200)));
    assert_eq!(shown.reasons(), [(Reason::NoticeGiven, 1)]);
    let groups: Vec<_> = shown
        .groups()
        .iter()
        .map(|group| (group.from, group.memberships))
        .collect();
    assert_eq!(groups, [(date("2026-03-01"), 4)]);
    // Somebody gives notice meanwhile.
    let agreed = shown.sha256();
    lives[0].decide(|one| end_on(one, date("2026-01-31")), &all).unwrap();
    let now = preview(&lives, "2026-03-01", &all);
    let refused = when(announce(CHANGE, &now, &agreed)).then_refused("preview_changed");
    assert_eq!(refused.extra["preview_sha256"], now.sha256());
    let events = announce(CHANGE, &now, &now.sha256()).unwrap();
    let known = events.into_iter().fold(None, PriceChange::evolve).unwrap();
    assert_eq!(
        (known.phase, known.fact.memberships, known.memberships.len()),
        (Phase::Telling, 3, 5)
    );
    // Another day is another announcement, whoever moves by it.
    assert_ne!(preview(&lives, "2026-02-25", &all).sha256(), now.sha256());
    when(announce(CHANGE, &preview(&[], "2026-03-01", &all), "")).then_refused("nobody_moves");
}

#[test]
fn what_changed_after_the_preview_is_left_out_and_named() {
    let (all, today) = (dearer(), date("2026-01-20"));
    let terms = terms("2026-03-01", &all);
    let planned = told(&life().membership, "2026-03-01").unwrap();
    let mut dearer_already = life();
    dearer_already
        .decide(
            |one| override_price(one, eur(1), date("2026-02-01"), None, "Agreed"),
            &all,
        )
        .unwrap();
    let left_out = |life: &Life, today: Date| {
        tell(CHANGE, &terms, &planned, &life.membership, today, &all)
            .unwrap()
            .unwrap_err()
    };
    assert_eq!(left_out(&dearer_already, today), Reason::AgreedPrice.into());
    let mut ended = life();
    ended.decide(|one| end_on(one, date("2026-01-15")), &all).unwrap();
    assert_eq!(left_out(&ended, today), Reason::Changed.into());
    let other = Move {
        price: eur(29_000),
        ..planned
    };
    let changed = tell(CHANGE, &terms, &other, &life().membership, today, &all);
    assert_eq!(changed.unwrap().unwrap_err(), Reason::Changed.into());
    // Nobody is told less than thirty days before: the worker stood still until 31 January.
    let late = lived("2026-01-01", "2026-01-31", &chain());
    assert_eq!(
        left_out(&late, date("2026-01-31")),
        Reason::TooLate.on(date("2026-03-01"))
    );
    assert!(
        tell(CHANGE, &terms, &planned, &late.membership, date("2026-01-30"), &all)
            .unwrap()
            .is_ok()
    );
}

#[test]
fn she_is_billed_the_old_price_before_the_day_and_the_new_one_from_it_on() {
    let (all, mut life) = (dearer(), life());
    announced(&mut life, "2026-03-01", &all);
    while life.today < date("2026-03-31") {
        life.tomorrow(&all).unwrap();
    }
    for (day, charged) in life.covered() {
        let price = if day < date("2026-03-01") {
            (FLEX_1, 30_000)
        } else {
            (FLEX_2, 33_300)
        };
        assert_eq!(charged, [price], "{day}");
    }
}

#[test]
fn she_can_leave_on_the_day_before_whatever_the_notice_says_and_cannot_call_it_off() {
    let mut all = chain();
    let long = PlanTerms {
        notice_days: 90,
        ..PlanTerms::default()
    };
    let before = PlanVersionId(id(0x63));
    publish(&mut all, before, version(eur(31_000), long.clone()));
    let mut life = Life::begin(before, MITTE, date("2026-01-01"), &all).unwrap();
    publish(&mut all, FLEX_2, version(eur(33_300), long));
    while life.today < date("2026-01-20") {
        life.tomorrow(&all).unwrap();
    }
    let plan = all.plan_version(before).unwrap().clone();
    let leaves = |life: &Life, day: &str| give_notice(&life.membership, &plan, date(day)).unwrap().last_day;
    assert_eq!(leaves(&life, "2026-01-20"), date("2026-04-30"));
    announced(&mut life, "2026-03-01", &all);
    assert_eq!(leaves(&life, "2026-01-20"), date("2026-02-28"));
    assert_eq!(leaves(&life, "2026-02-28"), date("2026-02-28"));
    when(call_plan_change_off(&life.membership, life.today)).then_refused("announced_change");
    // From the day on, notice is what the plan says again.
    assert_eq!(leaves(&life, "2026-03-01"), date("2026-05-31"));
    // Whoever takes her notice back is moved.
    life.decide(|one| give_notice(one, &plan, date("2026-01-20")), &all)
        .unwrap();
    life.decide(withdraw_notice, &all).unwrap();
    assert_eq!(life.membership.term_on(date("2026-03-01")).plan_version_id, FLEX_2);
}

#[test]
fn notice_that_leads_to_an_earlier_day_does() {
    let (all, mut life) = (dearer(), life());
    announced(&mut life, "2026-05-01", &all);
    let plan = all.plan_version(FLEX_1).unwrap();
    let notice = give_notice(&life.membership, plan, life.today).unwrap();
    assert_eq!(notice.last_day, date("2026-01-31"));
}

#[test]
fn who_pays_from_a_later_day_on_does_so_after_the_change_too() {
    let (all, mut life) = (dearer(), life());
    let company = Payer::Company(CompanyId(id(0x600)));
    life.decide(|one| change_payer(one, company, date("2026-04-01")), &all)
        .unwrap();
    announced(&mut life, "2026-03-01", &all);
    let term = |life: &Life, day: &str| {
        let term = life.membership.term_on(date(day));
        (term.plan_version_id, term.payer == company)
    };
    assert_eq!(term(&life, "2026-03-15"), (FLEX_2, false));
    assert_eq!(term(&life, "2026-04-01"), (FLEX_2, true));
    // And before it, and once it is off.
    let events = release(CHANGE, &life.membership, life.today).unwrap();
    life.agrees(events, &all).unwrap();
    assert_eq!(term(&life, "2026-03-15"), (FLEX_1, false));
    assert_eq!(term(&life, "2026-04-01"), (FLEX_1, true));
    assert_eq!(life.membership.announced_ahead(life.today), None);
    assert_eq!(
        release(CHANGE, &life.membership, life.today),
        Err(Reason::Changed.into())
    );
}

#[test]
fn what_she_chose_for_later_stays_when_the_announcement_is_off_and_is_hers_to_call_off() {
    let mut all = dearer();
    let mut life = life();
    announced(&mut life, "2026-03-01", &all);
    let desk = PlanVersionId(id(0x66));
    let new = NewPlanVersion {
        name: "Desk".into(),
        ..version(eur(40_000), PlanTerms::default())
    };
    let published = plan::publish(crate::PlanId(id(0x65)), desk, new, &all).unwrap();
    record::<PlanEvent>(&mut all, published);
    life.change_plan(desk, When::AtRenewal(date("2026-05-01")), &all)
        .unwrap();
    let versions =
        |life: &Life| ["2026-03-01", "2026-05-01"].map(|day| life.membership.term_on(date(day)).plan_version_id);
    assert_eq!(versions(&life), [FLEX_2, desk]);
    // Her own is hers to call off, and leaves the announced one where it is.
    let own = call_plan_change_off(&life.membership, life.today).unwrap();
    assert_eq!(own.from, date("2026-05-01"));
    assert!(life.membership.after(own).announced_ahead(life.today).is_some());
    let events = release(CHANGE, &life.membership, life.today).unwrap();
    life.agrees(events, &all).unwrap();
    assert_eq!(versions(&life), [FLEX_1, desk]);
}

#[test]
fn a_change_that_she_chooses_for_an_earlier_day_replaces_the_announced_one() {
    let (all, mut life) = (dearer(), life());
    announced(&mut life, "2026-03-01", &all);
    life.change_plan(FLEX_2, When::AtRenewal(date("2026-02-01")), &all)
        .unwrap();
    assert_eq!(life.membership.announced_ahead(life.today), None);
    let hers = call_plan_change_off(&life.membership, life.today).unwrap();
    assert_eq!(hers.from, date("2026-02-01"));
}

#[test]
fn the_whole_of_it_is_called_off_before_its_day() {
    let (all, lives) = (dearer(), several());
    let shown = preview(&lives, "2026-03-01", &all);
    let ids: Vec<MembershipId> = shown.moves.iter().map(|planned| planned.membership_id).collect();
    let mut events = announce(CHANGE, &shown, &shown.sha256()).unwrap();
    events.push(
        MembershipsTold {
            price_change_id: CHANGE,
            told: ids[..2].to_vec(),
            left_out: vec![LeftOut {
                membership_id: ids[2],
                why: Reason::Changed.into(),
            }],
        }
        .into(),
    );
    let known = events.clone().into_iter().fold(None, PriceChange::evolve).unwrap();
    when(call_off(&known, date("2026-03-01"))).then_refused("has_come");
    let off = call_off(&known, date("2026-02-28")).unwrap();
    events.push(off.into());
    let known = events.clone().into_iter().fold(None, PriceChange::evolve).unwrap();
    let names = |known: &PriceChange| known.memberships.values().map(Standing::name).collect::<Vec<_>>();
    assert_eq!(known.phase, Phase::CallingOff);
    assert_eq!(names(&known), ["told", "told", "left_out", "left_out", "left_out"]);
    when(call_off(&known, date("2026-02-28"))).then_refused("already_called_off");
    let released = MembershipsReleased {
        price_change_id: CHANGE,
        released: ids[..2].to_vec(),
        left_out: vec![],
    };
    let completed = PriceChangeCompleted {
        price_change_id: CHANGE,
    };
    events.extend([released.into(), completed.into()]);
    let known = events.into_iter().fold(None, PriceChange::evolve).unwrap();
    assert_eq!(known.phase, Phase::CalledOff);
    assert_eq!(
        names(&known),
        ["released", "released", "left_out", "left_out", "left_out"]
    );
}

#[test]
fn what_else_differs_is_said() {
    let all = dearer();
    let [mut before, mut after] = [FLEX_1, FLEX_2].map(|id| all.plan_version(id).unwrap().clone());
    before.allowances = vec![Allowance {
        resource_type_id: ROOM_TYPE,
        minutes: 300,
    }];
    after.allowances = vec![Allowance {
        resource_type_id: ROOM_TYPE,
        minutes: 600,
    }];
    before.day_passes = 1;
    after.money = Some(eur(2_000));
    after.notice_days = 30;
    after.locations = vec![MITTE];
    assert_eq!(
        differences(&before, &after, &all),
        [
            "Meeting room: 10 h in each cycle instead of 5 h.",
            "Day passes: nothing in each cycle instead of 1 day pass.",
            "Money for bookings: EUR 20.00 in each cycle instead of nothing.",
            "Days of notice: 30 instead of 0.",
            "Where: Mitte instead of Mitte, Nachtwerk.",
        ]
    );
    assert_eq!(differences(&after, &after, &all), [""; 0]);
    assert_eq!(more_or_less(eur(30_000), eur(33_300)), "+EUR 33.00");
    assert_eq!(more_or_less(eur(33_300), eur(30_000)), "-EUR 33.00");
}

proptest! {
    /// Whatever day she begins on and however long her cycles are: the change comes with one of her cycles, in time, and with the
    /// first that is.
    #[test]
    fn it_comes_with_the_first_cycle_that_is_in_time(
        began in 0_i64..400,
        length in prop_oneof![
            Just(CycleLength::Week), Just(CycleLength::Month), Just(CycleLength::Quarter), Just(CycleLength::Year),
            (1_i64..40).prop_map(|days| CycleLength::Days { days }),
        ],
        billing_day in 1_i8..=31,
        ahead in 1_i64..500,
        notice_days in 0_i64..100,
    ) {
        use jiff::ToSpan as _;
        let mut all = chain();
        let terms = PlanTerms { length, ..PlanTerms::default() };
        let new = NewPlanVersion { billing_day, ..version(eur(30_000), terms) };
        let before = PlanVersionId(id(0x63));
        publish(&mut all, before, new.clone());
        let today = date("2026-01-20");
        let start = today.saturating_sub(began.days());
        let mut life = Life::begin(before, MITTE, start, &all).unwrap();
        while life.today < today {
            life.tomorrow(&all).unwrap();
        }
        publish(&mut all, FLEX_2, NewPlanVersion { price: eur(33_300), ..new });
        let asked = NewPriceChange {
            plan_version_id: FLEX_2,
            effective_from: today.saturating_add(ahead.days()),
            notice_days,
            message: String::new(),
        };
        let terms = propose(&asked, at("2026-01-20T11:00Z"), &all).unwrap();
        let planned = verdict(&life.membership, &terms, today, &all).unwrap().unwrap().unwrap();
        let earliest = asked.effective_from.max(today.saturating_add(notice_days.days()));
        prop_assert!(earliest <= planned.from);
        let events = tell(CHANGE, &terms, &planned, &life.membership, today, &all).unwrap().unwrap();
        life.agrees(events, &all).unwrap();
        let mut starts = Vec::new();
        while life.today < planned.from {
            if life.tomorrow(&all).unwrap() {
                starts.push(life.today);
            }
        }
        prop_assert_eq!(starts.pop(), Some(planned.from));
        prop_assert!(starts.iter().all(|start| *start < earliest));
        let last = life.covered().into_iter().next_back().unwrap();
        prop_assert_eq!(last.1, vec![(FLEX_2, 33_300)]);
    }
}
