//! Coupons with the database in them: redeemed as a membership starts and later, counted while many ask at once, and read in
//! the books by the day.

use super::opened;
use coterie_app::{
    App, UseCaseError, coupon, invoice,
    membership::{self, Subscribe, WithCoupon},
};
use coterie_domain::{
    InvoiceId, MemberId, MembershipId, Payer,
    coupon::{NewCoupon, NewOff},
    ledger::{JournalEntryPosted, JournalEvent, LedgerAccount},
};
use coterie_tests::{
    Database,
    chain::{self, Chain, eur},
    guards::guards_agree,
};
use futures::future::join_all;
use std::collections::BTreeMap;

const CLIENTS: u32 = 50;
const LAST: usize = 3;

fn subscribe(chain: &Chain, member_id: MemberId, code: &str) -> Subscribe {
    Subscribe {
        member_id,
        plan_version_id: chain.plan_version,
        location_id: chain.location,
        agreed_gross_minor: None,
        without_card: true,
        coupon: Some(code.to_owned()),
    }
}

async fn document(app: &App, chain: &Chain, id: InvoiceId) -> coterie_domain::invoice::InvoiceIssued {
    let mut op = coterie_app::Operation::open(app, &chain.owner).await.unwrap();
    invoice::load(&mut op, id).await.unwrap().unwrap()
}

/// Every invoice so far, in order.
async fn issued(db: &Database) -> Vec<InvoiceId> {
    let ids: Vec<uuid::Uuid> =
        sqlx::query_scalar("select stream_id from event where event_type = 'InvoiceIssued' order by position")
            .fetch_all(&db.owner)
            .await
            .unwrap();
    ids.into_iter().map(InvoiceId).collect()
}

fn lines(invoice: &coterie_domain::invoice::InvoiceIssued) -> Vec<(String, i64)> {
    let lines = invoice.lines.iter();
    lines.map(|line| (line.description.clone(), line.net_minor)).collect()
}

/// What the books of a chain say, account by account, of the entries of one month or of all.
async fn books(db: &Database, month: Option<&str>) -> BTreeMap<LedgerAccount, i64> {
    use coterie_domain::DomainEvent as _;
    let rows: Vec<(i16, String)> =
        sqlx::query_as("select event_version, payload::text from event where event_type = 'JournalEntryPosted'")
            .fetch_all(&db.owner)
            .await
            .unwrap();
    let mut sums = BTreeMap::new();
    for (version, payload) in rows {
        let JournalEvent::JournalEntryPosted(entry): JournalEvent =
            JournalEvent::decode("JournalEntryPosted", version, &payload).unwrap();
        let entry: JournalEntryPosted = entry;
        if month.is_none_or(|month| entry.period == month) {
            for posting in entry.postings {
                *sums.entry(posting.account).or_default() += posting.amount_minor;
            }
        }
    }
    sums
}

#[tokio::test]
async fn a_coupon_is_quoted_invoiced_and_earned_by_the_day() {
    let (db, app, chain) = opened().await;
    chain::make_coupon(&app, &chain, "SPRING", 50, None).await;
    let with = WithCoupon {
        code: "spring",
        member_id: chain.ada,
    };
    let caller = chain.as_ada();
    let (ada, plan) = (Some(chain.ada), chain.plan_version);
    let quote = membership::quote(&app, &caller, ada, plan, chain.location, None, Some(with)).await;
    let quote = quote.unwrap();
    assert_eq!((quote.net, quote.gross), (eur(5_807), eur(6_910)));
    let command = Subscribe {
        agreed_gross_minor: Some(6_910),
        without_card: false,
        ..subscribe(&chain, chain.ada, " Spring ")
    };
    let begun = membership::subscribe(&app, &caller, command).await.unwrap().outcome;
    let first = document(&app, &chain, begun.invoice_id.unwrap()).await;
    assert_eq!(
        lines(&first),
        [
            ("Flex, 2026-01-20 to 2026-01-31".to_owned(), 11_613),
            ("SPRING, 50 % off Flex, 2026-01-20 to 2026-01-31".to_owned(), -5_806)
        ]
    );
    assert_eq!(
        (first.net_minor, first.gross_minor),
        (quote.net.minor, quote.gross.minor)
    );
    guards_agree(&db.worker, chain.tenant).await;

    chain::live_until(&app, &db.worker, &chain, "2026-05-02T12:00:00Z".parse().unwrap()).await;
    let mut nets = Vec::new();
    for id in issued(&db).await.into_iter().skip(1) {
        nets.push(document(&app, &chain, id).await.net_minor);
    }
    assert_eq!(nets, [15_000, 15_000, 30_000, 30_000]);
    guards_agree(&db.worker, chain.tenant).await;
    let february = books(&db, Some("2026-02")).await;
    assert_eq!(february[&LedgerAccount::MembershipRevenue], -30_000);
    assert_eq!(february[&LedgerAccount::Discounts], 15_000);
    let all = books(&db, None).await;
    assert_eq!(all.values().sum::<i64>(), 0);
    assert_eq!(all[&LedgerAccount::Discounts], 5_806 + 30_000);
    // Of what is invoiced, May alone waits to be earned.
    assert_eq!(all[&LedgerAccount::DeferredRevenue], -30_000);
}

#[tokio::test]
async fn a_coupon_is_redeemed_later_once_and_goes_on_after_it_was_withdrawn() {
    let (db, app, chain) = opened().await;
    let id = chain::make_coupon(&app, &chain, "SPRING", 50, None).await;
    let begun = chain::subscribe(&app, &chain).await;
    let membership = begun.membership_id;
    let unknown = coupon::redeem(&app, &chain.as_ada(), membership, "AUTUMN")
        .await
        .unwrap_err();
    assert_eq!(unknown.code(), Some("unknown_coupon"));
    coupon::redeem(&app, &chain.as_ada(), membership, "spring")
        .await
        .unwrap();
    let again = coupon::redeem(&app, &chain.owner, membership, "SPRING")
        .await
        .unwrap_err();
    assert_eq!(again.code(), Some("coupon_used_before"));
    coupon::withdraw(&app, &chain.owner, id).await.unwrap();
    let bob = chain::another_member(&app, &chain, 1).await;
    let late = membership::subscribe(&app, &chain.owner, subscribe(&chain, bob, "SPRING")).await;
    assert_eq!(late.unwrap_err().code(), Some("coupon_withdrawn"));
    let taken = coupon::create(&app, &chain.owner, &new_coupon("Spring"))
        .await
        .unwrap_err();
    assert_eq!(taken.code(), Some("code_taken"));
    chain::live_until(&app, &db.worker, &chain, "2026-02-02T12:00:00Z".parse().unwrap()).await;
    // Bob's February is at the full price.
    let mut nets = BTreeMap::new();
    for id in issued(&db).await.into_iter().skip(2) {
        let february = document(&app, &chain, id).await;
        nets.insert(february.payer, february.net_minor);
    }
    let expected = [(Payer::Member(chain.ada), 15_000), (Payer::Member(bob), 30_000)];
    assert_eq!(nets, BTreeMap::from(expected));
    let agreed = membership::agreement(&app, chain.tenant, membership)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(agreed.cycles_left(&agreed.coupons[0]), Some(2));
    guards_agree(&db.worker, chain.tenant).await;
    // Somebody else's membership is not there for a member.
    let stranger = coupon::redeem(&app, &chain.as_ada(), MembershipId(uuid::Uuid::now_v7()), "SPRING").await;
    assert!(matches!(stranger, Err(UseCaseError::NotFound)));
}

fn new_coupon(code: &str) -> NewCoupon {
    NewCoupon {
        code: code.to_owned(),
        name: code.to_owned(),
        off: NewOff {
            percent: None,
            amount: Some(eur(5_000)),
        },
        cycles: None,
        plans: Vec::new(),
        first_day: None,
        last_day: None,
        limit: None,
        once_per_member: false,
    }
}

/// Fifty members start with a code at once: how many of them got it.
async fn race(app: &App, chain: &Chain, members: &[MemberId], code: &str) -> usize {
    let asking = members.iter().map(|member| {
        let (app, caller) = (app.clone(), chain.owner.clone());
        let wish = subscribe(chain, *member, code);
        tokio::spawn(async move { membership::subscribe(&app, &caller, wish).await })
    });
    let mut won = 0;
    for answer in join_all(asking).await {
        match answer.unwrap() {
            Ok(_) => won += 1,
            Err(UseCaseError::Refused(refusal)) => assert_eq!(refusal.code, "coupon_used_up", "{refusal:?}"),
            Err(other) => panic!("a clean answer: {other:?}"),
        }
    }
    won
}

async fn crowd(app: &App, chain: &Chain) -> Vec<MemberId> {
    let mut members = Vec::new();
    for number in 0..CLIENTS {
        members.push(chain::another_member(app, chain, number).await);
    }
    members
}

async fn used(db: &Database) -> i64 {
    sqlx::query_scalar("select count(*) from coupon_use")
        .fetch_one(&db.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn of_fifty_who_want_the_last_three_of_a_coupon_three_get_it() {
    let (db, app, chain) = opened().await;
    let members = crowd(&app, &chain).await;
    chain::make_coupon(&app, &chain, "FEW", 50, Some(3)).await;
    assert_eq!(race(&app, &chain, &members, "few").await, LAST);
    assert_eq!(used(&db).await, 3);
    guards_agree(&db.worker, chain.tenant).await;
}

/// It is the row of the code that holds: behind a view whose rows cannot be locked, counting first lets more of them through.
#[tokio::test]
async fn control_without_the_row_of_the_code_more_get_it() {
    let (db, app, chain) = opened().await;
    let members = crowd(&app, &chain).await;
    for round in 0..10 {
        chain::make_coupon(&app, &chain, &format!("FEW-{round}"), 50, Some(3)).await;
    }
    sqlx::raw_sql(
        "alter table coupon_guard rename to coupon_guard_itself;
         create view coupon_guard as with rows as materialized (select * from coupon_guard_itself) select * from rows;
         grant select, update on coupon_guard to coterie_app",
    )
    .execute(&db.owner)
    .await
    .unwrap();
    // On a busy machine they may come one after another: then they try for another one.
    for round in 0..10 {
        let ahead = &members[round * 5..round * 5 + 5];
        if race(&app, &chain, ahead, &format!("FEW-{round}")).await > LAST {
            return;
        }
    }
    panic!("nobody came through without the lock: the control shows nothing");
}
