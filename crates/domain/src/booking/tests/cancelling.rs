use crate::{
    ClosureId,
    booking::{Booking, BookingEvent, Cancelled, cancel, confirm, slot},
    catalogue::Catalogue,
    charge::{ChargeKind, ChargeMade},
    location::{self, CancellationPolicy, CancellationStep, LocationEvent},
    refusal::Refusal,
    testing::{
        BOOKING, CHARGE, FEE, MITTE, ROOM, ada, at, chain, date, eur, given, id, lot, membership_from, record, wall,
        when,
    },
};
use proptest::prelude::*;

/// Thursday 22 January, 13:00 to 17:00 in Berlin: 3 h from the allowance, 1 h charged.
fn booked(all: &Catalogue) -> (Booking, ChargeMade) {
    let slot = slot(
        ROOM,
        wall("2026-01-22T13:00"),
        wall("2026-01-22T17:00"),
        at("2026-01-20T06:00Z"),
        all,
    )
    .unwrap();
    let lots = [
        lot(1, 120, "2025-12-31T23:00Z", "2026-01-31T23:00Z"),
        lot(2, 60, "2025-12-31T23:00Z", "2026-02-28T23:00Z"),
    ];
    let membership = membership_from("2026-01-20", all);
    let booked = confirm(BOOKING, CHARGE, &ada(), Some(&membership), &slot, &lots, all).unwrap();
    let booking = given(Booking::evolve, [BookingEvent::from(booked.fact)]).state();
    (booking, booked.charge.unwrap())
}

fn cancel_at(now: &str, invoiced: bool, all: &Catalogue) -> Result<Cancelled, Refusal> {
    let (booking, charge) = booked(all);
    cancel(&booking, Some(&charge), invoiced, FEE, at(now), all)
}

fn half_in_the_last_day() -> Catalogue {
    in_the_last_day(50)
}

/// Free until a day before, then so many percent until two hours before.
fn in_the_last_day(percent: u8) -> Catalogue {
    let mut all = chain();
    let steps = [(120, percent), (24 * 60, 0)].map(|(at_least_minutes_before, percent_due)| CancellationStep {
        at_least_minutes_before,
        percent_due,
    });
    let set = location::set_cancellation(MITTE, &steps, &all).unwrap();
    record::<LocationEvent>(&mut all, set);
    all
}

/// Rule 5: the same lots, with their old expiry, because only their ids and minutes are named.
#[test]
fn in_the_free_window_the_same_lots_come_back_and_the_charge_goes() {
    let all = chain();
    for now in ["2026-01-20T06:00Z", "2026-01-21T12:00:00Z"] {
        let cancelled = cancel_at(now, false, &all).unwrap();
        assert_eq!(cancelled.fact.percent_due, 0);
        assert_eq!(cancelled.fact.restored, booked(&all).0.fact.credit_uses);
        assert_eq!(
            cancelled
                .fact
                .restored
                .iter()
                .map(|part| part.minutes)
                .collect::<Vec<_>>(),
            [120, 60]
        );
        assert_eq!(cancelled.fact.voided_charge, Some(CHARGE));
        assert_eq!((cancelled.fee, cancelled.fact.fee_charge), (None, None));
    }
}

#[test]
fn outside_the_window_everything_stays_due() {
    let all = chain();
    for now in ["2026-01-21T12:00:00.5Z", "2026-01-21T12:00:01Z", "2026-01-22T11:59:59Z"] {
        let cancelled = cancel_at(now, false, &all).unwrap();
        assert_eq!(cancelled.fact.percent_due, 100, "{now}");
        assert_eq!(cancelled.fact.restored, []);
        assert_eq!((cancelled.fact.voided_charge, cancelled.fee), (None, None));
    }
}

#[test]
fn a_part_still_due_replaces_the_charge_by_a_fee() {
    let cancelled = cancel_at("2026-01-22T09:00Z", false, &half_in_the_last_day()).unwrap();
    let fee = cancelled.fee.unwrap();
    assert_eq!(
        (cancelled.fact.percent_due, cancelled.fact.voided_charge),
        (50, Some(CHARGE))
    );
    assert_eq!((fee.charge_id, cancelled.fact.fee_charge), (FEE, Some(FEE)));
    assert_eq!(
        (fee.kind, fee.net, fee.unit_price),
        (ChargeKind::CancellationFee, eur(1_000), eur(1_000))
    );
    assert_eq!(
        (fee.source.version, fee.source.event_type.as_str()),
        (2, "BookingCancelled")
    );
    assert_eq!(cancelled.fact.restored, []);
    assert_eq!(
        fee.because[0].text,
        "50 % of EUR 20.00 is due when cancelled 180 minutes before the start"
    );
    let last_minute = cancel_at("2026-01-22T10:00:01Z", false, &half_in_the_last_day()).unwrap();
    assert_eq!(last_minute.fact.percent_due, 100);
}

/// Rule 7: what stands on an issued invoice is taken back by a credit note only.
#[test]
fn an_invoiced_charge_stays() {
    for (now, percent_due) in [("2026-01-20T06:00Z", 0), ("2026-01-22T09:00Z", 50)] {
        let cancelled = cancel_at(now, true, &half_in_the_last_day()).unwrap();
        assert_eq!(cancelled.fact.percent_due, percent_due);
        assert_eq!(
            (cancelled.fact.voided_charge, cancelled.fact.fee_charge, cancelled.fee),
            (None, None, None)
        );
    }
}

#[test]
fn a_booking_without_a_charge_makes_no_fee() {
    let all = half_in_the_last_day();
    let cancelled = cancel(&booked(&all).0, None, false, FEE, at("2026-01-22T09:00Z"), &all).unwrap();
    assert_eq!((cancelled.fact.percent_due, cancelled.fee), (50, None));
}

#[test]
fn a_fee_that_rounds_to_nothing_is_not_made() {
    let all = in_the_last_day(10);
    let (booking, mut charge) = booked(&all);
    charge.net = eur(4);
    let cancelled = cancel(&booking, Some(&charge), false, FEE, at("2026-01-22T09:00Z"), &all).unwrap();
    assert_eq!(
        (cancelled.fact.voided_charge, cancelled.fact.fee_charge, cancelled.fee),
        (Some(CHARGE), None, None)
    );
}

#[test]
fn what_is_over_cannot_be_cancelled() {
    let all = chain();
    for now in ["2026-01-22T12:00Z", "2026-01-23T12:00Z"] {
        when(cancel_at(now, false, &all)).then_refused("already_begun");
    }
    let (booking, charge) = booked(&all);
    let gone = cancel(&booking, Some(&charge), false, FEE, at("2026-01-20T06:00Z"), &all).unwrap();
    given(Booking::evolve, [BookingEvent::from(booking.fact), gone.fact.into()])
        .when(|booking| cancel(booking, Some(&charge), false, FEE, at("2026-01-20T06:00Z"), &all))
        .then_refused("already_cancelled");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    /// Waiting never makes a cancellation cheaper, as long as the steps themselves do not.
    #[test]
    fn the_longest_notice_met_counts(mut notices in prop::collection::vec(0i64..5_000, 1..5), minutes in 0i64..6_000) {
        notices.sort_unstable_by(|a, b| b.cmp(a));
        notices.dedup();
        let steps = notices.iter().zip([0u8, 20, 40, 60, 80]).map(|(at_least_minutes_before, percent_due)| {
            CancellationStep { at_least_minutes_before: *at_least_minutes_before, percent_due }
        });
        let mut policy = CancellationPolicy { steps: steps.collect() };
        let due = policy.percent_due(minutes);
        prop_assert!(due <= policy.percent_due(minutes - 1));
        prop_assert!(due <= 100);
        policy.steps.reverse();
        prop_assert_eq!(due, policy.percent_due(minutes), "the order of the steps does not matter");
    }
}

/// What she saw when she booked is what counts.
#[test]
fn terms_that_were_set_later_do_not_touch_an_earlier_booking() {
    let mut all = chain();
    let (booking, charge) = booked(&all);
    let strict = [CancellationStep {
        at_least_minutes_before: 7 * 24 * 60,
        percent_due: 50,
    }];
    let set = location::set_cancellation(MITTE, &strict, &all).unwrap();
    record::<LocationEvent>(&mut all, set);
    let now = at("2026-01-20T06:00Z");
    let earlier = cancel(&booking, Some(&charge), false, FEE, now, &all).unwrap();
    assert_eq!(earlier.fact.percent_due, 0);
    let (booking, charge) = booked(&all);
    let later = cancel(&booking, Some(&charge), false, FEE, now, &all).unwrap();
    assert_eq!(
        later.fact.percent_due, 100,
        "two days before, and even a week would leave half of it due"
    );
}

#[test]
fn nothing_is_due_of_a_day_on_which_the_house_is_closed() {
    let mut all = chain();
    let (booking, charge) = booked(&all);
    let now = at("2026-01-22T11:00Z");
    let late = cancel(&booking, Some(&charge), false, FEE, now, &all).unwrap();
    assert_eq!(late.fact.percent_due, 100);
    let days = (date("2026-01-21"), date("2026-01-22"));
    let closed = location::close(ClosureId(id(90)), MITTE, days, "Burst pipe", None, &all).unwrap();
    record::<LocationEvent>(&mut all, closed);
    let free = cancel(&booking, Some(&charge), false, FEE, now, &all).unwrap();
    assert_eq!((free.fact.percent_due, free.fact.voided_charge), (0, Some(CHARGE)));
    assert_eq!(free.fact.restored, booking.fact.credit_uses);
}
