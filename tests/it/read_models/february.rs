use coterie_app::{
    invoice::page::{self as invoices, InvoiceFilter, InvoiceState},
    membership::page as memberships,
};
use coterie_domain::{charge::ChargeKind, ledger::LedgerAccount};
use coterie_tests::chain::{self, eur};

use super::{first_page, january};

/// Midnight of 1 February in Berlin.
const FEBRUARY: &str = "2026-01-31T23:00:00Z";

#[tokio::test]
async fn the_next_cycle_bills_the_month_ahead_and_the_hour_behind() {
    let here = january().await;
    let (app, tenant) = (&here.app, here.chain.tenant);
    let collect = chain::live_until(app, &here.database.worker, &here.chain, FEBRUARY.parse().unwrap()).await;
    assert_eq!(collect, [], "nothing was tried, so nothing is tried again");
    here.follow().await;

    let page = invoices::list(app, tenant, InvoiceFilter::default(), &first_page())
        .await
        .unwrap();
    let [second, first] = page.items.as_slice() else {
        panic!("two invoices: {page:?}")
    };
    assert_eq!(
        (second.number.as_str(), first.number.as_str()),
        ("BER-000002", "BER-000001")
    );
    assert_eq!(
        (second.net, second.tax, second.gross),
        (eur(32_000), eur(6_080), eur(38_080))
    );
    assert_eq!(
        (second.issue_date.to_string(), second.state),
        ("2026-02-01".into(), InvoiceState::Open)
    );

    let detail = invoices::find(app, tenant, second.invoice_id).await.unwrap().unwrap();
    let lines: Vec<_> = detail
        .document
        .lines
        .iter()
        .map(|line| (line.kind, line.net_minor))
        .collect();
    assert_eq!(lines, [(ChargeKind::Recurring, 30_000), (ChargeKind::Booking, 2_000)]);
    let charge = detail.document.lines[1].charge_id;
    let why = invoices::explain(app, tenant, second.invoice_id, charge)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(why.source_events[0].event_type, "BookingConfirmed");
    assert_eq!(why.plan_or_rule_event[0].stream_id, here.chain.price.0);

    let lots = memberships::allowances(app, tenant, here.chain.ada).await.unwrap();
    let left: Vec<_> = lots.iter().map(|lot| (lot.left, lot.current)).collect();
    assert_eq!(left, [(300, true), (300, false)]);
}

#[tokio::test]
async fn january_is_earned_and_the_books_balance() {
    let here = january().await;
    chain::live_until(&here.app, &here.database.worker, &here.chain, FEBRUARY.parse().unwrap()).await;
    here.follow().await;

    let all = here.balances(None).await;
    assert_eq!(all.values().sum::<i64>(), 0);
    assert_eq!(all[&LedgerAccount::MembershipRevenue], -11_613);
    assert_eq!(all[&LedgerAccount::BookingRevenue], -2_000);
    assert_eq!(all[&LedgerAccount::DeferredRevenue], -30_000);
    assert_eq!(all[&LedgerAccount::UnbilledReceivable], 0);
    assert_eq!(all[&LedgerAccount::VatPayable], -2_206 - 6_080);
    assert_eq!(all[&LedgerAccount::AccountsReceivable], 13_819 + 38_080);

    let january = here.balances(Some("2026-01-31")).await;
    assert_eq!(january.values().sum::<i64>(), 0);
    assert_eq!(january[&LedgerAccount::MembershipRevenue], -11_613);
    assert_eq!(january[&LedgerAccount::DeferredRevenue], 0);
    assert_eq!(january[&LedgerAccount::UnbilledReceivable], 2_000);

    // A year on, every cycle is billed once and earned to the cent.
    let collect = chain::live_until(
        &here.app,
        &here.database.worker,
        &here.chain,
        "2027-01-31T23:00:00Z".parse().unwrap(),
    )
    .await;
    assert_eq!(collect, []);
    here.follow().await;
    let year = here.balances(None).await;
    assert_eq!(year.values().sum::<i64>(), 0);
    assert_eq!(year[&LedgerAccount::MembershipRevenue], -11_613 - 12 * 30_000);
    assert_eq!(year[&LedgerAccount::DeferredRevenue], -30_000);
}
