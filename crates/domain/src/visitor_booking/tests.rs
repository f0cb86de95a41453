use super::*;
use crate::{
    CreditNoteId, Currency, InvoiceId, JournalEntryId, LegalEntityId, MemberId, Money, PaymentId, ResourceId,
    VisitorBookingId,
    booking::{Slot, WaitsFor, slot},
    catalogue::Catalogue,
    charge::SourceRef,
    ledger::{self, LedgerAccount, imbalance},
    legal_entity::{LegalEntityEvent, StripeConnected},
    refusal::Refusal,
    resource::{NewTerms, ResourceEvent, set_terms},
    testing::{BERLIN, BOOKING, CHARGE, ENTRY, ROOM, at, chain, date, eur, given, id, record, wall, when},
};

/// Tuesday 20 January, 10:00 in Berlin.
const NOW: &str = "2026-01-20T09:00Z";
const VISITOR: MemberId = MemberId(uuid::Uuid::from_u128(0x77));

fn ids() -> VisitIds {
    VisitIds {
        visitor_booking: VisitorBookingId(id(0x98)),
        visitor: VISITOR,
        booking: BOOKING,
        charge: CHARGE,
        invoice: InvoiceId(id(0xb7)),
        payment: PaymentId(id(0xc7)),
    }
}

fn connect(all: &mut Catalogue, entity: LegalEntityId) {
    let connected = StripeConnected {
        legal_entity_id: entity,
        account_id: "acct_1".into(),
    };
    record::<LegalEntityEvent>(all, connected);
}

fn with_terms(room: ResourceId, terms: &NewTerms) -> Catalogue {
    let mut all = chain();
    connect(&mut all, BERLIN);
    let set = set_terms(room, terms, &all).unwrap();
    record::<ResourceEvent>(&mut all, set);
    all
}

fn open_room() -> Catalogue {
    let terms = NewTerms {
        visitors: true,
        check_in_minutes: Some(15),
        no_show_fee_minor: 1_500,
        ..NewTerms::default()
    };
    with_terms(ROOM, &terms)
}

/// Thursday, 13:00 to 15:00 in Berlin: EUR 40.00 net, 47.60 with 19 % VAT.
fn wanted(all: &Catalogue) -> Slot {
    slot(ROOM, wall("2026-01-22T13:00"), wall("2026-01-22T15:00"), at(NOW), all).unwrap()
}

fn opening(all: &Catalogue) -> Result<Opening, Refusal> {
    let slot = wanted(all);
    let visit = visit(ids(), &slot, at(NOW), all)?;
    open(ids(), ("Vera Visitor", "Vera@Example.com"), visit, &slot, at(NOW))
}

fn opened() -> VisitorBooking {
    let opened = opening(&open_room()).unwrap().opened;
    given(VisitorBooking::evolve, [VisitorBookingEvent::from(opened)]).state()
}

#[test]
fn a_time_is_held_longer_than_it_can_be_paid_for() {
    let Opening {
        registered,
        held,
        opened,
    } = opening(&open_room()).unwrap();
    assert_eq!(
        (registered.member_id, registered.email.as_str()),
        (VISITOR, "vera@example.com")
    );
    assert_eq!(
        (held.waits_for, held.expires_at),
        (WaitsFor::Payment, at("2026-01-20T09:40Z"))
    );
    assert_eq!(opened.pay_by, at("2026-01-20T09:31Z"));
    assert!(opened.pay_by < held.expires_at);
    // She pays the price of the rules with tax, is invoiced today, and owes nothing for not coming.
    assert_eq!((opened.charge.net, opened.amount), (eur(4_000), eur(4_760)));
    assert_eq!(opened.charge.billable_on, date("2026-01-20"));
    assert_eq!((held.as_asked.check_in_by, held.as_asked.no_show_fee), (None, None));
    assert_eq!(opened.charge.because[0].text, "2 h at EUR 20.00 an hour");
}

#[test]
fn visitors_book_what_is_open_to_them_and_nothing_else() {
    let closed = with_terms(ROOM, &NewTerms::default());
    when(opening(&closed)).then_refused("not_open_to_visitors");
    // Without an account at the gateway nobody can pay.
    let mut unpaid = chain();
    let terms = NewTerms {
        visitors: true,
        ..NewTerms::default()
    };
    let set = set_terms(ROOM, &terms, &unpaid).unwrap();
    record::<ResourceEvent>(&mut unpaid, set);
    assert!(!open_to_visitors(ROOM, &unpaid));
    when(opening(&unpaid)).then_refused("not_open_to_visitors");
    let asking = NewTerms {
        visitors: true,
        approval: true,
        ..NewTerms::default()
    };
    when(set_terms(ROOM, &asking, &chain())).then_faults(&["visitors"]);
}

#[test]
fn what_begins_before_she_could_have_paid_is_too_soon() {
    let all = open_room();
    let soon = slot(ROOM, wall("2026-01-20T10:30"), wall("2026-01-20T11:30"), at(NOW), &all).unwrap();
    when(visit(ids(), &soon, at(NOW), &all)).then_refused("too_short_notice");
}

#[test]
fn a_form_says_all_that_is_wrong_with_it() {
    let all = open_room();
    let slot = wanted(&all);
    let visit = visit(ids(), &slot, at(NOW), &all).unwrap();
    when(open(ids(), ("", "nobody"), visit, &slot, at(NOW))).then_faults(&["name", "email"]);
}

#[test]
fn money_for_a_time_that_is_hers_makes_a_booking_once() {
    let visit = opened();
    let event = paid(&visit, "pi_1", eur(4_760), true).unwrap();
    assert!(matches!(event, VisitorBookingEvent::VisitorBookingPaid(_)));
    let after = VisitorBooking::evolve(Some(visit), event).unwrap();
    assert_eq!(paid(&after, "pi_1", eur(4_760), true), None);
    assert_eq!(lapse(&after), None);
}

#[test]
fn money_for_a_time_that_is_gone_goes_back_once() {
    let visit = opened();
    for (amount, kept, why) in [
        (eur(4_760), false, WhyRefunded::TimeGone),
        (eur(4_759), true, WhyRefunded::AnotherAmount),
        (
            Money::new(4_760, "USD".parse::<Currency>().unwrap()),
            true,
            WhyRefunded::AnotherAmount,
        ),
    ] {
        let Some(VisitorBookingEvent::VisitorPaidLate(late)) = paid(&visit, "pi_1", amount, kept) else {
            panic!("{amount} {kept}");
        };
        assert_eq!((late.amount, late.why), (amount, why));
    }
    let late = paid(&visit, "pi_1", eur(4_760), false).unwrap();
    let due = VisitorBooking::evolve(Some(visit), late).unwrap();
    assert_eq!(paid(&due, "pi_1", eur(4_760), true), None);
    let back = refunded(&due, "re_1").unwrap();
    assert_eq!(back.amount, eur(4_760));
    let done = VisitorBooking::evolve(Some(due), back.into()).unwrap();
    assert_eq!(refunded(&done, "re_1"), None);
}

#[test]
fn what_is_not_due_of_the_price_is_taken_back() {
    for (net, percent_due, left, back) in [
        (4_000, 0, 4_000, 4_000),
        (4_000, 50, 4_000, 2_000),
        (4_000, 100, 4_000, 0),
        // Half a cent that is due is rounded up.
        (1, 50, 1, 0),
        (3, 50, 3, 1),
        // The house took some of it back before.
        (4_000, 0, 1_500, 1_500),
        (4_000, 50, 0, 0),
    ] {
        assert_eq!(
            net_back(eur(net), percent_due, left),
            back,
            "{net} {percent_due} {left}"
        );
    }
}

#[test]
fn what_is_given_up_goes_back_once_as_far_as_it_is_not_due() {
    let visit = opened();
    when(cancel(&visit, 0, None)).then_refused("not_paid");
    let event = paid(&visit, "pi_1", eur(4_760), true).unwrap();
    let booked = VisitorBooking::evolve(Some(visit), event).unwrap();
    let note = CreditNoteId(id(0xe1));
    let given_up = cancel(&booked, 50, Some((note, eur(2_380)))).unwrap();
    assert_eq!(
        (given_up.intent_id.as_str(), given_up.credit_note_id),
        ("pi_1", Some(note))
    );
    let due = VisitorBooking::evolve(Some(booked.clone()), given_up.into()).unwrap();
    assert!(due.live());
    let owed = due.due_back().unwrap();
    assert_eq!(
        (owed.amount, owed.all, owed.of_invoice),
        (eur(2_380), false, Some(due.fact.invoice_id))
    );
    when(cancel(&due, 0, None)).then_refused("already_cancelled");
    let back = refunded(&due, "re_1").unwrap();
    let done = VisitorBooking::evolve(Some(due), back.into()).unwrap();
    assert_eq!((done.standing.name(), refunded(&done, "re_2")), ("given_back", None));
    when(cancel(&done, 0, None)).then_refused("already_cancelled");
    // Where all of the price is due nothing is to come any more.
    let kept = cancel(&booked, 100, None).unwrap();
    let kept = VisitorBooking::evolve(Some(booked), kept.into()).unwrap();
    assert!(!kept.live());
    assert_eq!((kept.standing.name(), refunded(&kept, "re_1")), ("cancelled", None));
}

#[test]
fn a_page_that_closed_unpaid_leaves_nothing_but_late_money_is_seen() {
    let visit = opened();
    let closed = lapse(&visit).unwrap();
    let lapsed = VisitorBooking::evolve(Some(visit), closed.into()).unwrap();
    assert!(!lapsed.live());
    assert_eq!(lapse(&lapsed), None);
    assert_eq!(page_made(&lapsed, "cs_1", "https://pay"), None);
    let late = paid(&lapsed, "pi_1", eur(4_760), true);
    assert!(
        matches!(late, Some(VisitorBookingEvent::VisitorPaidLate(_))),
        "{late:?}"
    );
}

#[test]
fn what_came_too_late_and_went_back_leaves_the_books_as_they_were() {
    let visit = opened();
    let Some(VisitorBookingEvent::VisitorPaidLate(late)) = paid(&visit, "pi_1", eur(4_760), false) else {
        panic!("it is late");
    };
    let source = SourceRef {
        category: "visitor_booking".into(),
        stream_id: visit.fact.visitor_booking_id.0,
        version: 2,
        event_type: "VisitorPaidLate".into(),
    };
    let came = ledger::visitor_paid_late(ENTRY, &visit.fact, &late, date("2026-01-20"), source.clone()).unwrap();
    let due = VisitorBooking::evolve(Some(visit), late.into()).unwrap();
    let back = refunded(&due, "re_1").unwrap();
    let entry = JournalEntryId(id(0xd1));
    let went = ledger::visitor_refunded(entry, &due.fact, &back, None, date("2026-01-20"), source).unwrap();
    for account in [LedgerAccount::StripeBalance, LedgerAccount::CustomerCredit] {
        let of = |entry: &ledger::JournalEntryPosted| -> i64 {
            let on = entry.postings.iter().filter(|posting| posting.account == account);
            on.map(|posting| posting.amount_minor).sum()
        };
        assert_eq!(of(&came) + of(&went), 0, "{account:?}");
        assert_eq!(of(&came).abs(), 4_760);
    }
    assert_eq!((imbalance(&came), imbalance(&went)), (0, 0));
}
