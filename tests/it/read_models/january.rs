use coterie_app::{
    booking::page::{self as bookings, BookingFilter, BookingState, BusyWith},
    charge::page as charges,
    invoice::page::{self as invoices, InvoiceFilter, InvoiceState},
    ledger::page as books,
    log::page as log,
    member::page::{self as members, MemberFilter},
    membership::page::{self as memberships, MembershipFilter, MembershipState},
    page::PageRequest,
    today::today,
};
use coterie_domain::ledger::LedgerAccount;
use coterie_tests::chain::{self, eur};

use super::{first_page, january};

#[tokio::test]
async fn a_subscription_shows_as_member_membership_lots_and_invoice() {
    let here = january().await;
    here.follow().await;
    let (app, tenant) = (&here.app, here.chain.tenant);

    let ada = members::find(app, tenant, here.chain.ada).await.unwrap().unwrap();
    assert_eq!(
        (ada.name.as_str(), ada.email.as_str()),
        ("Ada Lovelace", chain::MEMBER_EMAIL)
    );
    assert!(ada.confirmed && ada.active);
    assert_eq!(ada.home_location_name.as_deref(), Some("Speicher"));
    assert_eq!(ada.joined_at.to_string(), chain::CLOCK);
    for (search, found) in [("LOVE", 1), (" example.test ", 1), ("babbage", 0)] {
        let filter = MemberFilter {
            search: Some(search.to_owned()),
        };
        let page = members::list(app, tenant, filter, &first_page()).await.unwrap();
        assert_eq!(page.items.len(), found, "{search}");
    }
    let accounts = members::accounts(app, tenant, here.chain.ada_pays()).await.unwrap();
    let card = accounts[0].card.as_ref().unwrap();
    assert_eq!(
        (card.brand.as_str(), card.last4.as_str(), card.expires.as_str()),
        ("visa", "4242", "12/2030")
    );
    assert_eq!(accounts[0].customer_id.as_deref(), Some("cus_ada"));
    assert_eq!(accounts[0].legal_entity_name, "Harbour Berlin GmbH");

    let filter = MembershipFilter {
        member: Some(here.chain.ada),
        state: Some(MembershipState::Active),
    };
    let page = memberships::list(app, tenant, filter, &first_page()).await.unwrap();
    let [membership] = page.items.as_slice() else {
        panic!("one membership: {page:?}")
    };
    assert_eq!(membership.plan_name, "Flex");
    assert_eq!(membership.member_name, "Ada Lovelace");
    assert_eq!(membership.price, eur(30_000));
    assert_eq!(membership.start.to_string(), "2026-01-20");
    assert_eq!(membership.cycle.unwrap().end.to_string(), "2026-02-01");
    assert_eq!(
        memberships::find(app, tenant, membership.membership_id)
            .await
            .unwrap()
            .as_ref(),
        Some(membership)
    );

    let lots = memberships::allowances(app, tenant, here.chain.ada).await.unwrap();
    let left: Vec<_> = lots.iter().map(|lot| (lot.granted, lot.left, lot.current)).collect();
    assert_eq!(left, [(300, 0, true), (300, 300, false)]);
    assert_eq!(lots[0].type_name, "Meeting room");
    assert_eq!(lots[0].valid_until.to_string(), "2026-01-31T23:00:00Z");
}

#[tokio::test]
async fn the_first_days_are_invoiced_and_every_line_can_be_explained() {
    let here = january().await;
    here.follow().await;
    let (app, tenant) = (&here.app, here.chain.tenant);

    let filter = InvoiceFilter {
        member: Some(here.chain.ada),
        ..InvoiceFilter::default()
    };
    let page = invoices::list(app, tenant, filter, &first_page()).await.unwrap();
    let [row] = page.items.as_slice() else {
        panic!("one invoice: {page:?}")
    };
    assert_eq!(row.number, "BER-000001");
    assert_eq!((row.net, row.tax, row.gross), (eur(11_613), eur(2_206), eur(13_819)));
    assert_eq!(
        (row.paid, row.open(), row.state),
        (eur(0), eur(13_819), InvoiceState::Open)
    );
    assert_eq!(
        (row.issue_date.to_string(), row.due_date.to_string()),
        ("2026-01-20".into(), "2026-02-03".into())
    );

    let detail = invoices::find(app, tenant, here.invoice).await.unwrap().unwrap();
    assert_eq!(&detail.row, row);
    assert_eq!(detail.document.gross_minor, 13_819);
    assert_eq!(detail.entries.len(), 1);
    let charge = detail.document.lines[0].charge_id;
    let why = invoices::explain(app, tenant, here.invoice, charge)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(why.charge.net, eur(11_613));
    assert!(
        why.charge.because[1].text.starts_with("12 of the 31 days"),
        "{:?}",
        why.charge.because
    );
    let types = |events: &[log::EventRow]| events.iter().map(|event| event.event_type.clone()).collect::<Vec<_>>();
    assert_eq!(types(&why.source_events), ["MembershipStarted", "CycleOpened"]);
    assert_eq!(types(&why.plan_or_rule_event), ["PlanVersionPublished"]);
    assert_eq!(why.charge_event.event_type, "ChargeMade");
    assert_eq!(why.charge_event.hash_hex.len(), 64);
    assert_eq!(why.charge_event.actor, format!("member:{}", here.chain.ada));
    let of_nothing = invoices::explain(app, tenant, here.invoice, uuid::Uuid::nil().into())
        .await
        .unwrap();
    assert_eq!(of_nothing, None);
}

#[tokio::test]
async fn bookings_use_five_hours_and_charge_one() {
    let here = january().await;
    here.follow().await;
    let (app, tenant) = (&here.app, here.chain.tenant);

    let find = async |id| bookings::find(app, tenant, id).await.unwrap().unwrap();
    let two = find(here.two_hours).await;
    assert_eq!((two.allowance_minutes, two.charged, two.charge_id), (120, eur(0), None));
    assert_eq!(
        (two.resource_name.as_str(), two.location_name.as_str()),
        ("Elbe", "Speicher")
    );
    assert_eq!(two.member_name, "Ada Lovelace");
    let four = find(here.four_hours).await;
    assert_eq!(
        (four.allowance_minutes, four.charged, four.full_price),
        (180, eur(2_000), eur(8_000))
    );
    assert_eq!(four.starts_at.to_string(), "2026-01-23T08:00:00Z");
    let cancelled = find(here.cancelled).await;
    assert_eq!(cancelled.state, BookingState::Cancelled);
    assert_eq!(cancelled.cancelled.as_ref().unwrap().percent_due, 0);
    assert_eq!(cancelled.cancelled.as_ref().unwrap().voided_charge, cancelled.charge_id);

    let filter = BookingFilter {
        states: vec![BookingState::Confirmed],
        ..BookingFilter::default()
    };
    let page = bookings::list(app, tenant, filter, &first_page()).await.unwrap();
    assert_eq!(page.items, [two.clone(), four.clone()]);
    let history = BookingFilter {
        member: Some(here.chain.ada),
        latest_first: true,
        ..BookingFilter::default()
    };
    let mut request = PageRequest {
        limit: Some(2),
        after: None,
    };
    let first = bookings::list(app, tenant, history.clone(), &request).await.unwrap();
    assert_eq!(first.items, [cancelled, four.clone()]);
    request.after = first.next;
    let second = bookings::list(app, tenant, history, &request).await.unwrap();
    assert_eq!((second.items, second.next), (vec![two], None));

    let open = charges::open_for_payer(app, tenant, here.chain.ada_pays())
        .await
        .unwrap();
    let [hour] = open.as_slice() else {
        panic!("one open charge: {open:?}")
    };
    assert_eq!((hour.charge.net, hour.charge.quantity.as_str()), (eur(2_000), "1"));
    assert_eq!(Some(hour.charge.charge_id), four.charge_id);
}

#[tokio::test]
async fn a_day_is_current_before_any_follower_ran() {
    let here = january().await;
    let date = "2026-01-23".parse().unwrap();
    let read = || bookings::day(&here.app, here.chain.tenant, here.chain.location, date);
    let before = read().await.unwrap();
    assert_eq!(before.hours.unwrap().to.to_string(), "22:00:00");
    let names: Vec<_> = before.rows.iter().map(|row| row.resource.name.as_str()).collect();
    assert_eq!(names, ["Elbe", "Spree"]);
    assert_eq!(before.rows[0].busy, []);
    assert_eq!(before.rows[1].price.as_ref().unwrap().per_hour, eur(2_000));
    let [busy] = before.rows[1].busy.as_slice() else {
        panic!("one booking: {before:?}")
    };
    let BusyWith::Booking {
        booking_id,
        member_name,
        ..
    } = &busy.what
    else {
        panic!("a booking: {busy:?}")
    };
    assert_eq!((*booking_id, member_name.as_str()), (here.four_hours, "Ada Lovelace"));
    here.follow().await;
    assert_eq!(read().await.unwrap(), before);
}

#[tokio::test]
async fn the_books_balance_and_receivables_are_the_open_invoices() {
    let here = january().await;
    here.follow().await;
    let (app, tenant, entity) = (&here.app, here.chain.tenant, here.chain.legal_entity);

    let balances = here.balances(None).await;
    assert_eq!(balances.values().sum::<i64>(), 0);
    assert_eq!(balances[&LedgerAccount::AccountsReceivable], 13_819);
    assert_eq!(balances[&LedgerAccount::DeferredRevenue], -11_613);
    assert_eq!(balances[&LedgerAccount::VatPayable], -2_206);
    assert_eq!(balances[&LedgerAccount::UnbilledReceivable], 2_000);
    assert_eq!(balances[&LedgerAccount::BookingRevenue], -2_000);
    let until_the_22nd = here.balances(Some("2026-01-22")).await;
    assert_eq!(
        until_the_22nd.get(&LedgerAccount::BookingRevenue),
        None,
        "usage is earned on the day of the booking"
    );

    // Issued, charged, charged again, taken back.
    let mut request = PageRequest {
        limit: Some(3),
        after: None,
    };
    let newest = books::journal(app, tenant, Some(entity), &request).await.unwrap();
    let rules: Vec<_> = newest.items.iter().map(|row| row.entry.rule.as_str()).collect();
    assert_eq!(rules, ["charge_voided@1", "booking_charged@1", "booking_charged@1"]);
    request.after = newest.next;
    let rest = books::journal(app, tenant, None, &request).await.unwrap();
    assert_eq!(
        (rest.items.len(), rest.items[0].entry.rule.as_str(), rest.next),
        (1, "invoice_issued@1", None)
    );

    let export = books::entries_for_export(app, tenant, entity).await.unwrap();
    let days: Vec<_> = export.iter().map(|entry| entry.effective_date.to_string()).collect();
    assert_eq!(days, ["2026-01-20", "2026-01-23", "2026-01-28", "2026-01-28"]);
    let periods = books::periods(app, tenant, entity).await.unwrap();
    assert_eq!(
        (periods.len(), periods[0].period.as_str(), periods[0].entries),
        (1, "2026-01", 4)
    );
}

#[tokio::test]
async fn today_counts_by_the_organizations_clock() {
    let here = january().await;
    let tenant = here.chain.tenant;
    let before = today(&here.app, tenant, None).await.unwrap();
    let head = log::head(&here.app, tenant).await.unwrap().unwrap();
    assert_eq!(before.lagging.len(), 4, "no follower has run");
    assert!(before.lagging.iter().all(|(_, behind)| *behind == head.position));
    here.follow().await;
    // 10:30 on the 23rd: the four hours in Spree are under way.
    let moment = "2026-01-23T09:30:00Z".parse().unwrap();
    chain::live_until(&here.app, &here.database.worker, &here.chain, moment).await;
    let today = today(&here.app, tenant, Some(here.chain.location)).await.unwrap();
    let [there] = today.locations.as_slice() else {
        panic!("one location: {today:?}")
    };
    assert_eq!(there.now_local.to_string(), "2026-01-23T10:30:00");
    assert_eq!((there.free_now, there.resources), (1, 2));
    assert_eq!(
        there.bookings.iter().map(|row| row.booking_id).collect::<Vec<_>>(),
        [here.four_hours]
    );
    assert_eq!((today.members, today.active_memberships), (1, 1));
    let owed: Vec<_> = today.open_invoices.iter().map(|owed| (owed.count, owed.open)).collect();
    assert_eq!(owed, [(1, eur(13_819))]);
    assert_eq!(
        (today.lagging, today.parked, today.failed_payments),
        (vec![], vec![], vec![])
    );
}

#[tokio::test]
async fn the_log_reads_backwards_by_pages_and_forwards_by_stream() {
    let here = january().await;
    let (app, tenant) = (&here.app, here.chain.tenant);
    let head = log::head(app, tenant).await.unwrap().unwrap();
    let mut request = PageRequest {
        limit: Some(7),
        after: None,
    };
    let mut seen = Vec::new();
    loop {
        let page = log::recent(app, tenant, &request).await.unwrap();
        seen.extend(page.items.iter().map(|event| event.position));
        request.after = page.next;
        if request.after.is_none() {
            break;
        }
    }
    assert_eq!(seen, (1..=head.position).rev().collect::<Vec<_>>());
    let stream = log::stream(app, tenant, here.cancelled.0, 0).await.unwrap();
    let types: Vec<_> = stream.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["BookingConfirmed", "BookingCancelled"]);
    let later = log::stream(app, tenant, here.cancelled.0, 1).await.unwrap();
    assert_eq!(later, stream[1..]);
    let followed = log::correlation(app, tenant, stream[1].correlation_id).await.unwrap();
    let types: Vec<_> = followed.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["BookingCancelled", "ChargeVoided", "JournalEntryPosted"]);
}

#[tokio::test]
async fn another_organization_sees_nothing_of_it() {
    let here = january().await;
    let other = chain::open_chain(&here.app, "elsewhere").await;
    here.follow().await;
    let (app, tenant) = (&here.app, other.tenant);
    assert_eq!(bookings::find(app, tenant, here.two_hours).await.unwrap(), None);
    assert_eq!(members::find(app, tenant, here.chain.ada).await.unwrap(), None);
    assert_eq!(invoices::find(app, tenant, here.invoice).await.unwrap(), None);
    assert_eq!(log::stream(app, tenant, here.chain.ada.0, 0).await.unwrap(), []);
    let books = books::trial_balance(app, tenant, here.chain.legal_entity, None)
        .await
        .unwrap();
    assert_eq!(books, []);
    let page = bookings::list(app, tenant, BookingFilter::default(), &first_page())
        .await
        .unwrap();
    assert_eq!(page.items, []);
    bookings::day(app, tenant, here.chain.location, "2026-01-23".parse().unwrap())
        .await
        .expect_err("the location is not known there");
}
