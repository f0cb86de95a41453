use super::{Written, catalogue::address, written};
use crate::{
    AssignmentId, BlockerId, CompanyId, CreditPackId, GuestId, LotId, PassId, Payer, SeriesId, WaitlistEntryId,
    assignment::{AssignmentEnded, AssignmentEvent, AssignmentMade},
    blocker::{BlockerEvent, BlockerLifted, BlockerPlaced},
    booking::{
        BookingCancelled, BookingConfirmed, BookingDeclined, BookingEvent, BookingHeld, BookingMoved, CheckInBy,
        CheckedIn, GuestInvited, GuestUninvited, HoldExpired, NoShowRecorded, WaitsFor,
    },
    charge::Because,
    company::{
        CompanyCorrected, CompanyEvent, CompanyManagerDismissed, CompanyManagerNamed, CompanyRegistered,
        MemberJoinedCompany, MemberLeftCompany,
    },
    credit::{
        CourtesyGranted, CreditEvent, CreditExpired, CreditGranted, CreditPackBought, CreditPackTakenBack,
        CreditRestored, CreditUse, CreditUsed, Earned, Holds, MoneyUse, UsedBy,
    },
    member::{
        CustomerRegistered, EmailConfirmed, MemberEvent, MemberForgotten, MemberImported, MemberSignedUp,
        PayerAccountEvent, PaymentMethodSaved, VisitorRegistered,
    },
    membership::{
        CycleOpened, DaysSettled, Item, MembershipEnded, MembershipEvent, MembershipPaused, MembershipResumed,
        MembershipStarted, NoticeGiven, NoticeWithdrawn, PayerChanged, PlanChangeCalledOff, PlanChanged,
        PriceOverridden, SeatGiven, SeatTaken, SplitSet, Stretch, Term,
    },
    pass::{PassBought, PassEvent, PassGivenBack},
    period::CycleLength,
    period::Days,
    series::{LeftOut, Occurrence, SeriesBooked, SeriesCancelled, SeriesEvent},
    testing::{ADA, BERLIN, BOOKING, CHARGE, FEE, FLEX, FLEX_1, MEMBERSHIP, MITTE, ROOM, ROOM_TYPE, at, date, eur, id},
    waitlist::{WaitlistEnd, WaitlistEnded, WaitlistEvent, WaitlistJoined, WaitlistOffered},
};

const LOT: LotId = LotId(uuid::Uuid::from_u128(0xe0));
pub(super) const ACME: CompanyId = CompanyId(uuid::Uuid::from_u128(0xf0));

fn days(start: &str, end: &str) -> Days {
    Days {
        start: date(start),
        end: date(end),
    }
}

fn credit() -> CreditUse {
    CreditUse {
        lot_id: LOT,
        minutes: 180,
    }
}

fn money() -> MoneyUse {
    MoneyUse {
        lot_id: LOT,
        amount: eur(1_000),
    }
}

pub fn all() -> Vec<Written> {
    [
        members(),
        memberships(),
        credits(),
        bookings(),
        blockers_and_series(),
        passes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn blockers_and_series() -> Vec<Written> {
    let placed = BlockerPlaced {
        blocker_id: BlockerId(id(0x91)),
        resource_id: ROOM,
        location_id: MITTE,
        starts_at: at("2026-03-02T07:00:00Z"),
        ends_at: at("2026-03-04T17:00:00Z"),
        time_zone: "Europe/Berlin".into(),
        reason: "Painting".into(),
    };
    let lifted = BlockerLifted {
        blocker_id: placed.blocker_id,
    };
    let first = date("2026-03-03").at(10, 0, 0, 0);
    let booked = SeriesBooked {
        series_id: SeriesId(id(0x92)),
        member_id: ADA,
        resource_id: ROOM,
        rule: "FREQ=WEEKLY;COUNT=2".into(),
        starts_at: first,
        ends_at: date("2026-03-03").at(11, 30, 0, 0),
        time_zone: "Europe/Berlin".into(),
        bookings: vec![Occurrence {
            starts_at: first,
            booking_id: BOOKING,
        }],
        left_out: vec![LeftOut {
            starts_at: date("2026-03-10").at(10, 0, 0, 0),
            reason: "Room Spree is already taken then.".into(),
        }],
    };
    let cancelled = SeriesCancelled {
        series_id: booked.series_id,
        from: date("2026-03-03"),
        bookings: vec![BOOKING],
    };
    let joined = WaitlistJoined {
        entry_id: WaitlistEntryId(id(0x93)),
        member_id: ADA,
        resource_id: ROOM,
        location_id: MITTE,
        starts_at: at("2026-03-03T09:00:00Z"),
        ends_at: at("2026-03-03T10:30:00Z"),
        blocked_from: at("2026-03-03T08:50:00Z"),
        blocked_until: at("2026-03-03T10:45:00Z"),
        time_zone: "Europe/Berlin".into(),
        people: Some(4),
    };
    let offered = WaitlistOffered {
        entry_id: joined.entry_id,
        booking_id: BOOKING,
        expires_at: at("2026-03-02T14:00:00Z"),
    };
    let ended = WaitlistEnded {
        entry_id: joined.entry_id,
        why: WaitlistEnd::Booked,
    };
    vec![
        written(&BlockerEvent::from(placed)),
        written(&BlockerEvent::from(lifted)),
        written(&SeriesEvent::from(booked)),
        written(&SeriesEvent::from(cancelled)),
        written(&WaitlistEvent::from(joined)),
        written(&WaitlistEvent::from(offered)),
        written(&WaitlistEvent::from(ended)),
    ]
}

fn passes() -> Vec<Written> {
    let bought = PassBought {
        pass_id: PassId(id(0x93)),
        location_id: MITTE,
        member_id: ADA,
        payer: Payer::Member(ADA),
        membership_id: MEMBERSHIP,
        day: date("2026-01-22"),
        opens_at: at("2026-01-22T07:00:00Z"),
        closes_at: at("2026-01-22T19:00:00Z"),
        time_zone: "Europe/Berlin".into(),
        price: eur(2_500),
        charge_id: Some(CHARGE),
        because: vec![Because {
            text: "A day pass for Mitte costs EUR 25.00 net, as set when it was bought".into(),
            rule: None,
        }],
        catalogue_position: 13,
        pass_lot: Some(LOT),
        money_uses: vec![money()],
    };
    let given_back = PassGivenBack {
        pass_id: bought.pass_id,
        percent_due: 50,
        voided_charge: Some(CHARGE),
        fee_charge: Some(FEE),
        restored_pass: Some(LOT),
        restored_money: vec![money()],
    };
    vec![written(&PassEvent::from(bought)), written(&PassEvent::from(given_back))]
}

fn members() -> Vec<Written> {
    let signed_up = MemberSignedUp {
        member_id: ADA,
        name: "Ada Lovelace".into(),
        email: "ada@example.com".into(),
        home_location_id: Some(MITTE),
    };
    let imported = MemberImported {
        member_id: ADA,
        name: "Ada Lovelace".into(),
        email: "ada@example.com".into(),
        home_location_id: None,
        external_id: "7".into(),
    };
    let customer = CustomerRegistered {
        payer: Payer::Member(ADA),
        legal_entity_id: BERLIN,
        customer_id: "cus_1".into(),
    };
    let card = PaymentMethodSaved {
        payer: Payer::Company(ACME),
        legal_entity_id: BERLIN,
        payment_method_id: "pm_1".into(),
        brand: "visa".into(),
        last4: "4242".into(),
        expires: "12/2030".into(),
    };
    let company = CompanyRegistered {
        company_id: ACME,
        name: "Acme GmbH".into(),
        billing_email: "bills@acme.example".into(),
        address: address(),
        tax_id: "DE1".into(),
    };
    let joined = MemberJoinedCompany {
        company_id: ACME,
        member_id: ADA,
        from: Some(date("2026-01-20")),
    };
    let corrected = CompanyCorrected {
        company_id: ACME,
        name: "Acme AG".into(),
        billing_email: "bills@acme.example".into(),
        address: address(),
        tax_id: "DE2".into(),
    };
    let left = MemberLeftCompany {
        company_id: ACME,
        member_id: ADA,
        from: date("2026-02-10"),
    };
    let named = CompanyManagerNamed {
        company_id: ACME,
        member_id: ADA,
    };
    let dismissed = CompanyManagerDismissed {
        company_id: ACME,
        member_id: ADA,
    };
    let visitor = VisitorRegistered {
        member_id: ADA,
        name: "Ada Lovelace".into(),
        email: "ada@example.com".into(),
    };
    vec![
        written(&MemberEvent::from(signed_up)),
        written(&MemberEvent::from(visitor)),
        written(&MemberEvent::from(imported)),
        written(&MemberEvent::from(EmailConfirmed { member_id: ADA })),
        written(&MemberEvent::from(MemberForgotten { member_id: ADA })),
        written(&PayerAccountEvent::from(customer)),
        written(&PayerAccountEvent::from(card)),
        written(&CompanyEvent::from(company)),
        written(&CompanyEvent::from(joined)),
        written(&CompanyEvent::from(corrected)),
        written(&CompanyEvent::from(left)),
        written(&CompanyEvent::from(named)),
        written(&CompanyEvent::from(dismissed)),
    ]
}

fn memberships() -> Vec<Written> {
    let started = MembershipStarted {
        membership_id: MEMBERSHIP,
        member_id: ADA,
        payer: Payer::Member(ADA),
        plan_id: FLEX,
        plan_version_id: FLEX_1,
        plan_name: "Flex".into(),
        legal_entity_id: BERLIN,
        home_location_id: MITTE,
        start: date("2026-01-20"),
        price: eur(30_000),
        tax_included: true,
        billing_day: 1,
        length: CycleLength::Month,
        free_until: Some(date("2026-02-03")),
        bound_until: Some(date("2026-03-01")),
    };
    let stretch = |charge| Stretch {
        cycle: days("2026-01-01", "2026-02-01"),
        days: days("2026-01-20", "2026-02-01"),
        plan_version_id: FLEX_1,
        add_on: Some(crate::AddOnId(id(0x9a))),
        price: eur(30_000),
        tax_included: true,
        tax_percent: Some("19".parse().unwrap()),
        payer: Payer::Member(ADA),
        taxed_on: date("2026-01-20"),
        charge_id: Some(charge),
    };
    let opened = CycleOpened {
        membership_id: MEMBERSHIP,
        cycle: days("2026-01-01", "2026-02-01"),
        days: days("2026-01-20", "2026-02-01"),
        billed: Some(vec![stretch(CHARGE)]),
        lots: vec![LOT],
    };
    let changed = PlanChanged {
        membership_id: MEMBERSHIP,
        term: Term {
            from: date("2026-02-01"),
            plan_id: FLEX,
            plan_version_id: FLEX_1,
            plan_name: "Flex".into(),
            price: eur(33_000),
            tax_included: true,
            length: CycleLength::Days { days: 10 },
            billing_day: 1,
            anchor: date("2026-02-01"),
            payer: Payer::Member(ADA),
        },
        announced: true,
    };
    let called_off = PlanChangeCalledOff {
        membership_id: MEMBERSHIP,
        from: date("2026-02-01"),
    };
    let payer = PayerChanged {
        membership_id: MEMBERSHIP,
        payer: Payer::Member(ADA),
        from: date("2026-02-01"),
    };
    let paused = MembershipPaused {
        membership_id: MEMBERSHIP,
        from: date("2026-02-01"),
        until: Some(date("2026-03-01")),
    };
    let resumed = MembershipResumed {
        membership_id: MEMBERSHIP,
        on: date("2026-02-14"),
    };
    let overridden = PriceOverridden {
        membership_id: MEMBERSHIP,
        price: eur(25_000),
        tax_included: true,
        from: date("2026-02-01"),
        until: Some(date("2026-05-01")),
        reason: "Building works".into(),
    };
    let settled = DaysSettled {
        membership_id: MEMBERSHIP,
        given_back: vec![stretch(CHARGE)],
        billed: vec![stretch(FEE)],
    };
    let withdrawn = NoticeWithdrawn {
        membership_id: MEMBERSHIP,
    };
    let notice = NoticeGiven {
        membership_id: MEMBERSHIP,
        last_day: date("2026-01-31"),
    };
    let ended = MembershipEnded {
        membership_id: MEMBERSHIP,
        last_day: date("2026-01-31"),
    };
    let seat = SeatGiven {
        membership_id: MEMBERSHIP,
        member_id: ADA,
        from: date("2026-02-01"),
    };
    let no_seat = SeatTaken {
        membership_id: MEMBERSHIP,
        member_id: ADA,
        from: date("2026-03-01"),
    };
    let split = SplitSet {
        membership_id: MEMBERSHIP,
        from: date("2026-02-01"),
        own: vec![Item::Bookings, Item::OneOff],
    };
    vec![
        written(&MembershipEvent::from(started)),
        written(&MembershipEvent::from(opened)),
        written(&MembershipEvent::from(changed)),
        written(&MembershipEvent::from(called_off)),
        written(&MembershipEvent::from(payer)),
        written(&MembershipEvent::from(paused)),
        written(&MembershipEvent::from(resumed)),
        written(&MembershipEvent::from(overridden)),
        written(&MembershipEvent::from(settled)),
        written(&MembershipEvent::from(withdrawn)),
        written(&MembershipEvent::from(notice)),
        written(&MembershipEvent::from(ended)),
        written(&MembershipEvent::from(seat)),
        written(&MembershipEvent::from(no_seat)),
        written(&MembershipEvent::from(split)),
    ]
}

fn credits() -> Vec<Written> {
    let granted = CreditGranted {
        lot_id: LOT,
        membership_id: MEMBERSHIP,
        member_id: ADA,
        holds: Holds::Money {
            currency: eur(0).currency,
        },
        amount: 3_000,
        valid_from: at("2025-12-31T23:00:00Z"),
        valid_until: at("2026-01-31T23:00:00Z"),
    };
    let courtesy = CourtesyGranted {
        lot_id: LOT,
        membership_id: MEMBERSHIP,
        member_id: ADA,
        resource_type_id: ROOM_TYPE,
        minutes: 120,
        valid_from: at("2026-01-22T12:00:00Z"),
        valid_until: at("2026-02-28T23:00:00Z"),
        reason: "The heating was off".into(),
    };
    let earned = Earned {
        amount: eur(4_500),
        on: date("2026-01-22"),
    };
    let used = CreditUsed {
        lot_id: LOT,
        used_by: UsedBy::Booking(BOOKING),
        amount: 1_800,
        earned: Some(earned),
    };
    let restored = CreditRestored {
        lot_id: LOT,
        used_by: UsedBy::Pass(PassId(id(0x93))),
        amount: 1_800,
        earned: Some(earned),
    };
    let expired = CreditExpired {
        lot_id: LOT,
        amount: 1_200,
        earned: Some(earned),
    };
    let bought = CreditPackBought {
        lot_id: LOT,
        credit_pack_id: CreditPackId(id(0x9c)),
        legal_entity_id: BERLIN,
        membership_id: MEMBERSHIP,
        member_id: ADA,
        charge_id: CHARGE,
        name: "10 hours of meeting room".into(),
        holds: Holds::Minutes {
            resource_type_id: ROOM_TYPE,
        },
        amount: 600,
        price: eur(15_000),
        valid_from: at("2026-01-22T12:00:00Z"),
        valid_until: at("2026-07-22T22:00:00Z"),
        last_day: date("2026-07-22"),
    };
    let taken_back = CreditPackTakenBack {
        lot_id: LOT,
        amount: 600,
    };
    vec![
        written(&CreditEvent::from(granted)),
        written(&CreditEvent::from(used)),
        written(&CreditEvent::from(restored)),
        written(&CreditEvent::from(expired)),
        written(&CreditEvent::from(courtesy)),
        written(&CreditEvent::from(bought)),
        written(&CreditEvent::from(taken_back)),
    ]
}

fn bookings() -> Vec<Written> {
    let confirmed = BookingConfirmed {
        booking_id: BOOKING,
        resource_id: ROOM,
        location_id: MITTE,
        member_id: ADA,
        payer: Payer::Member(ADA),
        membership_id: Some(MEMBERSHIP),
        starts_at: at("2026-01-22T12:00:00Z"),
        ends_at: at("2026-01-22T16:00:00Z"),
        blocked_from: at("2026-01-22T11:50:00Z"),
        blocked_until: at("2026-01-22T16:15:00Z"),
        time_zone: "Europe/Berlin".into(),
        people: Some(4),
        full_price: eur(8_000),
        charged: eur(2_000),
        credit_uses: vec![credit()],
        money_uses: vec![money()],
        charge_id: Some(CHARGE),
        because: vec![Because {
            text: "4 h at EUR 20.00 an hour".into(),
            rule: Some(id(0x50)),
        }],
        catalogue_position: 13,
        check_in_by: Some(at("2026-01-22T12:15:00Z")),
        no_show_fee: Some(eur(1_500)),
    };
    let held = BookingHeld {
        booking_id: BOOKING,
        waits_for: WaitsFor::Payment,
        asked_at: at("2026-01-20T09:00:00Z"),
        expires_at: at("2026-01-22T12:00:00Z"),
        as_asked: BookingConfirmed {
            charge_id: None,
            ..confirmed.clone()
        },
    };
    let declined = BookingDeclined {
        booking_id: BOOKING,
        member_id: ADA,
        reason: "We need the hall ourselves, Ada.".into(),
    };
    let invited = GuestInvited {
        booking_id: BOOKING,
        guest_id: GuestId(id(0x94)),
        member_id: ADA,
        name: "Grace Hopper".into(),
        email: "grace@example.com".into(),
    };
    let checked_in = CheckedIn {
        booking_id: BOOKING,
        at: at("2026-01-22T12:05:00Z"),
        how: CheckInBy::Sign,
    };
    let no_show = NoShowRecorded {
        booking_id: BOOKING,
        at: at("2026-01-22T12:15:00Z"),
        fee_charge: Some(FEE),
    };
    let moved = BookingMoved {
        booking_id: BOOKING,
        restored: vec![credit()],
        restored_money: vec![money()],
        voided_charge: Some(CHARGE),
        now: BookingConfirmed {
            starts_at: at("2026-01-23T12:00:00Z"),
            ends_at: at("2026-01-23T13:00:00Z"),
            blocked_from: at("2026-01-23T11:50:00Z"),
            blocked_until: at("2026-01-23T13:15:00Z"),
            charge_id: None,
            ..confirmed.clone()
        },
    };
    let cancelled = BookingCancelled {
        booking_id: BOOKING,
        percent_due: 50,
        restored: vec![credit()],
        restored_money: vec![money()],
        voided_charge: Some(CHARGE),
        fee_charge: Some(FEE),
    };
    let assigned = AssignmentMade {
        assignment_id: AssignmentId(id(0x95)),
        resource_id: ROOM,
        location_id: MITTE,
        membership_id: MEMBERSHIP,
        member_id: ADA,
        first_day: date("2026-02-01"),
        last_day: Some(date("2026-02-28")),
        starts_at: at("2026-01-31T23:00:00Z"),
        ends_at: Some(at("2026-02-28T23:00:00Z")),
        time_zone: "Europe/Berlin".into(),
    };
    let assignment_ended = AssignmentEnded {
        assignment_id: assigned.assignment_id,
        last_day: date("2026-02-14"),
        ends_at: at("2026-02-14T23:00:00Z"),
    };
    vec![
        written(&BookingEvent::from(held)),
        written(&BookingEvent::from(HoldExpired { booking_id: BOOKING })),
        written(&BookingEvent::from(declined)),
        written(&BookingEvent::from(checked_in)),
        written(&BookingEvent::from(no_show)),
        written(&BookingEvent::from(invited)),
        written(&BookingEvent::from(GuestUninvited {
            booking_id: BOOKING,
            guest_id: GuestId(id(0x94)),
        })),
        written(&AssignmentEvent::from(assigned)),
        written(&AssignmentEvent::from(assignment_ended)),
        written(&BookingEvent::from(confirmed)),
        written(&BookingEvent::from(moved)),
        written(&BookingEvent::from(cancelled)),
    ]
}
