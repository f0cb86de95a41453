use super::*;
use crate::{
    AssignmentId,
    membership::{Membership, MembershipEvent, NoticeGiven},
    testing::{ADA, MEMBERSHIP, PIER_ROOM, ROOM, at, chain, date, membership_from, when},
};
use jiff::Timestamp;

const DESK: AssignmentId = AssignmentId(uuid::Uuid::from_u128(1));

fn now() -> Timestamp {
    at("2026-01-20T09:00:00Z")
}

fn made(first: &str, last: Option<&str>) -> Result<AssignmentMade, crate::Refusal> {
    let all = chain();
    let days = (date(first), last.map(date));
    make(DESK, ROOM, &membership_from("2026-01-20", &all), days, now(), &all)
}

#[test]
fn whole_days_of_the_house_are_held_and_without_a_last_one_all_that_come() {
    let fact = made("2026-02-01", Some("2026-03-31")).unwrap();
    assert_eq!((fact.member_id, fact.membership_id), (ADA, MEMBERSHIP));
    // The clocks go forward on 29 March.
    assert_eq!(
        fact.held(),
        Some((at("2026-01-31T23:00:00Z"), at("2026-03-31T22:00:00Z")))
    );
    let open = made("2026-01-20", None).unwrap();
    assert_eq!(open.held(), Some((at("2026-01-19T23:00:00Z"), OPEN_END)));
    assert_eq!(OPEN_END, at("9000-01-01T00:00:00Z"));
}

#[test]
fn days_that_cannot_be_are_told() {
    when(made("2026-01-19", None)).then_faults(&["first_day"]);
    when(made("2026-02-01", Some("2026-01-31"))).then_faults(&["last_day"]);
    when(made("2037-02-01", None)).then_faults(&["first_day"]);
    let all = chain();
    let leaving = Membership::evolve(
        Some(membership_from("2026-01-20", &all)),
        MembershipEvent::from(NoticeGiven {
            membership_id: MEMBERSHIP,
            last_day: date("2026-01-31"),
        }),
    )
    .unwrap();
    let make = |first: &str, last: Option<&str>| make(DESK, ROOM, &leaving, (date(first), last.map(date)), now(), &all);
    when(make("2026-02-01", None)).then_faults(&["first_day"]);
    when(make("2026-01-25", Some("2026-02-01"))).then_faults(&["last_day"]);
    make("2026-01-25", None).unwrap();
    let elsewhere = super::make(DESK, PIER_ROOM, &leaving, (date("2026-01-25"), None), now(), &all);
    when(elsewhere).then_refused("other_legal_entity");
}

#[test]
fn it_ends_with_a_day_that_is_not_over_and_only_earlier_than_it_would() {
    let state = |fact: AssignmentMade| Assignment::evolve(None, fact.into()).unwrap();
    let open = state(made("2026-01-20", None).unwrap());
    when(end(&open, date("2026-01-19"), now())).then_refused("invalid");
    let ended = end(&open, date("2026-01-20"), now()).unwrap();
    assert_eq!(ended.ends_at, at("2026-01-20T23:00:00Z"));
    let over = Assignment::evolve(Some(open.clone()), ended.into()).unwrap();
    when(end(&over, date("2026-01-20"), now())).then_refused("invalid");
    when(end(&over, date("2026-01-22"), at("2026-01-22T09:00:00Z"))).then_refused("already_ended");

    // One that has not begun is taken back.
    let ahead = state(made("2026-02-01", Some("2026-02-28")).unwrap());
    let ended = end(&ahead, date("2026-01-20"), now()).unwrap();
    assert_eq!(ended.last_day, date("2026-01-31"));
    let gone = Assignment::evolve(Some(ahead.clone()), ended.into()).unwrap();
    assert_eq!(gone.fact.held(), None);
    when(end(&gone, date("2026-01-20"), now())).then_refused("already_ended");

    assert_eq!(end_with_membership(&ahead, date("2026-02-28")), Ok(None));
    let with = end_with_membership(&open, date("2026-01-31")).unwrap().unwrap();
    assert_eq!(
        (with.last_day, with.ends_at),
        (date("2026-01-31"), at("2026-01-31T23:00:00Z"))
    );
}
