use coterie_app::{
    UseCaseError, booking,
    invoice::{self, page::InvoiceFilter},
    membership,
    page::PageRequest,
    projections,
};
use coterie_tests::chain;

use super::opened;

#[tokio::test]
async fn one_of_many_gets_the_room_and_the_others_hear_when_it_is_free() {
    let (database, app, chain) = opened().await;
    let mut members = Vec::new();
    for number in 0..12 {
        members.push(chain::another_member(&app, &chain, number).await);
    }
    let racing: Vec<_> = members
        .into_iter()
        .map(|member_id| {
            let (app, caller) = (app.clone(), chain.owner.clone());
            let command = booking::Book {
                member_id,
                resource_id: chain.elbe,
                start: "2026-01-22T10:00".parse().unwrap(),
                end: "2026-01-22T12:00".parse().unwrap(),
                people: None,
            };
            tokio::spawn(async move { booking::book(&app, &caller, command).await })
        })
        .collect();
    let mut won = 0;
    for racer in racing {
        match racer.await.unwrap() {
            Ok(_) => won += 1,
            Err(UseCaseError::Refused(refusal)) => {
                assert_eq!(refusal.code, "slot_taken");
                assert_eq!(refusal.extra["next_free"]["starts_at"], "2026-01-22T12:00");
            }
            Err(other) => panic!("a clean answer: {other:?}"),
        }
    }
    assert_eq!(won, 1);
    let held: i64 = sqlx::query_scalar("select count(*) from reservation")
        .fetch_one(&database.owner)
        .await
        .unwrap();
    assert_eq!(held, 1);
    // Twelve invoices at once took twelve numbers without a gap.
    chain::follow_until_idle(&database.worker, &projections::all(&chain::keys())).await;
    let page = invoice::page::list(&app, chain.tenant, InvoiceFilter::default(), &PageRequest::default())
        .await
        .unwrap();
    let mut numbers: Vec<_> = page.items.into_iter().map(|row| row.number).collect();
    numbers.sort();
    let expected: Vec<_> = (1..=12).map(|number| format!("BER-{number:06}")).collect();
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn two_bookings_at_once_cannot_spend_one_credit_twice() {
    let (_database, app, chain) = opened().await;
    chain::subscribe(&app, &chain).await;
    // Four hours in each room at once, five hours granted: three must be charged, whoever comes first.
    let racing: Vec<_> = [chain.elbe, chain.spree]
        .into_iter()
        .map(|resource_id| {
            let (app, caller) = (app.clone(), chain.as_ada());
            let command = booking::Book {
                member_id: chain.ada,
                resource_id,
                start: "2026-01-22T10:00".parse().unwrap(),
                end: "2026-01-22T14:00".parse().unwrap(),
                people: None,
            };
            tokio::spawn(async move { booking::book(&app, &caller, command).await })
        })
        .collect();
    for racer in racing {
        racer.await.unwrap().unwrap();
    }
    let lots = membership::page::allowances(&app, chain.tenant, chain.ada)
        .await
        .unwrap();
    assert_eq!(lots[0].left, 0);
    let day = booking::page::day(&app, chain.tenant, chain.location, "2026-01-22".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(day.rows.iter().map(|row| row.busy.len()).sum::<usize>(), 2);
}
