//! Day passes and money that a plan grants: drawn on after hours, given back to the same lots, spent once, and brought to what
//! another plan grants.

use super::opened;
use coterie_app::{App, Operation, booking, membership, pass, plan, projections};
use coterie_domain::{
    MembershipId, PlanVersionId, ResourceId,
    credit::Holds,
    plan::{NewPlanVersion, PlanTerms},
};
use coterie_tests::{
    Database,
    chain::{self, Chain, eur},
    guards::guards_agree,
};
use jiff::civil::date;

/// Publishes a plan with passes and money and no hours.
async fn publish(app: &App, chain: &Chain, (day_passes, money_minor): (i64, i64)) -> PlanVersionId {
    let new = NewPlanVersion {
        name: format!("Purse {money_minor}"),
        legal_entity_id: chain.legal_entity,
        price: eur(10_000),
        tax_included: false,
        billing_day: 1,
        terms: PlanTerms {
            day_passes,
            money_minor,
            ..PlanTerms::default()
        },
        tax_category: "standard".to_owned(),
        allowances: Vec::new(),
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let done = plan::publish(app, &chain.owner, None, new).await.unwrap();
    done.outcome.plan_version_id
}

/// Ada has a plan with these passes and this money since 20 January.
async fn place(granted: (i64, i64)) -> (Database, App, Chain, MembershipId) {
    let (database, app, mut chain) = opened().await;
    chain.plan_version = publish(&app, &chain, granted).await;
    let membership = chain::subscribe(&app, &chain).await.membership_id;
    (database, app, chain, membership)
}

fn wish(chain: &Chain, room: ResourceId, hours: u8) -> booking::Book {
    booking::Book {
        member_id: chain.ada,
        resource_id: room,
        start: date(2026, 1, 22).at(10, 0, 0, 0),
        end: date(2026, 1, 22).at(10 + i8::try_from(hours).unwrap(), 0, 0, 0),
        people: None,
    }
}

/// What is left now, as `day_passes 2`, `money 3000`.
async fn left(app: &App, chain: &Chain) -> Vec<String> {
    let lots = membership::page::allowances(app, chain.tenant, chain.ada)
        .await
        .unwrap();
    let mut left: Vec<_> = lots
        .iter()
        .filter(|lot| lot.current && lot.left > 0)
        .map(|lot| format!("{} {}", lot.holds.name(), lot.left))
        .collect();
    left.sort();
    left
}

#[tokio::test]
async fn money_and_passes_pay_and_come_back_to_the_same_lots() {
    let (database, app, chain, _) = place((1, 3_000)).await;
    chain::sell_passes(&app, &chain, 5).await;
    let ada = chain.as_ada();
    assert_eq!(left(&app, &chain).await, ["day_passes 1", "money 3000"]);
    // Two hours cost 40.00: 30.00 are paid by the plan.
    let id = booking::book(&app, &ada, wish(&chain, chain.elbe, 2))
        .await
        .unwrap()
        .outcome;
    assert_eq!(left(&app, &chain).await, ["day_passes 1"]);
    chain::follow_until_idle(&database.worker, &projections::all(&chain::keys())).await;
    let row = booking::page::find(&app, chain.tenant, id).await.unwrap().unwrap();
    assert_eq!(
        (row.full_price, row.charged, row.allowance_money),
        (eur(4_000), eur(1_000), eur(3_000))
    );
    assert_eq!(
        row.because.last().unwrap().text,
        "EUR 30.00 of it paid from the money that the plan grants"
    );
    let passes: Vec<_> = [22, 23]
        .map(|day| pass::BuyPass {
            member_id: chain.ada,
            location_id: chain.location,
            day: date(2026, 1, day),
        })
        .into();
    let granted = pass::buy(&app, &ada, passes[0].clone()).await.unwrap().outcome;
    assert!(left(&app, &chain).await.is_empty());
    let paid = pass::quote(&app, &ada, &passes[1]).await.unwrap();
    assert!(paid.charge.is_some() && paid.fact.pass_lot.is_none());
    guards_agree(&database.worker, chain.tenant).await;
    // In the free window both come back, to the lots that they were taken from.
    booking::cancel(&app, &ada, id).await.unwrap();
    pass::give_back(&app, &ada, granted).await.unwrap();
    assert_eq!(left(&app, &chain).await, ["day_passes 1", "money 3000"]);
    // A move gives back first: the longer booking draws on the same money.
    let id = booking::book(&app, &ada, wish(&chain, chain.elbe, 1))
        .await
        .unwrap()
        .outcome;
    assert_eq!(left(&app, &chain).await, ["day_passes 1", "money 1000"]);
    let longer = wish(&chain, chain.elbe, 2);
    let moved = booking::Move {
        booking_id: id,
        resource_id: longer.resource_id,
        start: longer.start,
        end: longer.end,
        agreed: Some(eur(1_000)),
        people: None,
    };
    booking::move_booking(&app, &ada, moved).await.unwrap();
    assert_eq!(left(&app, &chain).await, ["day_passes 1"]);
    guards_agree(&database.worker, chain.tenant).await;
}

#[tokio::test]
async fn what_is_not_used_lapses_with_its_cycle_and_the_next_one_grants_anew() {
    let (database, app, chain, _) = place((1, 3_000)).await;
    booking::book(&app, &chain.as_ada(), wish(&chain, chain.elbe, 1))
        .await
        .unwrap();
    let noon = date(2026, 2, 1).at(11, 0, 0, 0).in_tz("Europe/Berlin").unwrap();
    chain::live_until(&app, &database.worker, &chain, noon.timestamp()).await;
    assert_eq!(left(&app, &chain).await, ["day_passes 1", "money 3000"]);
    let lapsed: i64 = sqlx::query_scalar("select count(*) from event where event_type = 'CreditExpired'")
        .fetch_one(&database.owner)
        .await
        .unwrap();
    assert_eq!(lapsed, 2, "the pass and the rest of the money of January");
    guards_agree(&database.worker, chain.tenant).await;
}

#[tokio::test]
async fn another_plan_brings_the_difference() {
    let (database, app, chain, membership_id) = place((1, 3_000)).await;
    booking::book(&app, &chain.as_ada(), wish(&chain, chain.elbe, 1))
        .await
        .unwrap();
    for (granted, now) in [
        (
            (3, 5_000),
            ["day_passes 1", "day_passes 2", "money 1000", "money 2000"].as_slice(),
        ),
        ((0, 2_500), ["money 500"].as_slice()),
    ] {
        let plan_version_id = publish(&app, &chain, granted).await;
        let change = membership::ChangePlan {
            membership_id,
            plan_version_id,
            at_renewal: false,
            from: None,
            agreed_gross_minor: None,
        };
        membership::change_plan(&app, &chain.owner, change).await.unwrap();
        assert_eq!(left(&app, &chain).await, now, "{granted:?}");
        guards_agree(&database.worker, chain.tenant).await;
    }
}

/// Rule 5: whoever comes first gets the money, and nobody gets it twice.
#[tokio::test]
async fn two_at_once_cannot_spend_the_same_money() {
    let (database, app, chain, _) = place((0, 5_000)).await;
    let racing: Vec<_> = [chain.elbe, chain.spree]
        .map(|room| {
            let (app, caller, command) = (app.clone(), chain.as_ada(), wish(&chain, room, 4));
            tokio::spawn(async move { booking::book(&app, &caller, command).await })
        })
        .into();
    let mut charged = 0;
    for racer in racing {
        let id = racer.await.unwrap().unwrap().outcome;
        let mut op = Operation::open(&app, &chain.owner).await.unwrap();
        let (found, _) = booking::load(&mut op, id).await.unwrap();
        charged += found.fact.charged.minor;
    }
    assert_eq!(charged, 2 * 8_000 - 5_000);
    let lots = membership::page::allowances(&app, chain.tenant, chain.ada)
        .await
        .unwrap();
    let now: Vec<_> = lots
        .iter()
        .filter(|lot| lot.current)
        .map(|lot| (lot.holds, lot.left))
        .collect();
    assert_eq!(
        now,
        [(
            Holds::Money {
                currency: eur(0).currency
            },
            0
        )]
    );
    guards_agree(&database.worker, chain.tenant).await;
}

/// The lock is what makes the second one wait; should it be forgotten, the row itself refuses to go below nothing.
#[tokio::test]
async fn control_a_lot_goes_below_nothing_in_no_way() {
    let (database, _app, _chain, _) = place((0, 5_000)).await;
    let spend = "update credit_lot set amount_left = amount_left - 4000";
    sqlx::query(spend).execute(&database.owner).await.unwrap();
    let twice = sqlx::query(spend).execute(&database.owner).await.unwrap_err();
    assert!(twice.to_string().contains("check constraint"), "{twice}");
}
