use coterie_app::{Caller, UseCaseError, booking, log::page as log};
use coterie_tests::chain;

use super::opened;

fn book(chain: &chain::Chain, end: &str) -> booking::Book {
    booking::Book {
        member_id: chain.ada,
        resource_id: chain.elbe,
        start: "2026-01-22T10:00".parse().unwrap(),
        end: end.parse().unwrap(),
        people: None,
    }
}

#[tokio::test]
async fn a_key_carries_out_one_request_once() {
    let (_database, app, chain) = opened().await;
    chain::subscribe(&app, &chain).await;
    let caller = |body: &[u8]| -> Caller { chain.as_ada().with_key("key-1", body) };
    let first = booking::book(&app, &caller(b"one"), book(&chain, "2026-01-22T12:00"))
        .await
        .unwrap();
    let again = booking::book(&app, &caller(b"one"), book(&chain, "2026-01-22T12:00"))
        .await
        .unwrap();
    assert_eq!(
        (again.outcome, again.position, again.replayed),
        (first.outcome, first.position, true)
    );
    let head = log::head(&app, chain.tenant).await.unwrap().unwrap();
    assert_eq!(head.position, first.position);
    let other = booking::book(&app, &caller(b"two"), book(&chain, "2026-01-22T13:00"))
        .await
        .unwrap_err();
    assert!(matches!(other, UseCaseError::KeyReused), "{other:?}");
    // A cancellation's answer is a fact and not an id: it is remembered whole too.
    let cancel = || chain.as_ada().with_key("key-2", b"cancel");
    let first = booking::cancel(&app, &cancel(), first.outcome).await.unwrap();
    let again = booking::cancel(&app, &cancel(), first.outcome.booking_id)
        .await
        .unwrap();
    assert_eq!((again.outcome, again.replayed), (first.outcome, true));
}

#[tokio::test]
async fn twice_at_the_same_moment_is_once() {
    let (_database, app, chain) = opened().await;
    chain::subscribe(&app, &chain).await;
    let caller = chain.as_ada().with_key("key-1", b"one");
    let racing: Vec<_> = (0..8)
        .map(|_| {
            let (app, caller, command) = (app.clone(), caller.clone(), book(&chain, "2026-01-22T12:00"));
            tokio::spawn(async move { booking::book(&app, &caller, command).await })
        })
        .collect();
    let mut fresh = Vec::new();
    for racer in racing {
        match racer.await.unwrap() {
            Ok(done) => fresh.extend((!done.replayed).then_some(done.outcome)),
            // A twin that lost is told to ask again, or that the slot is taken by its own twin: asking again replays.
            Err(UseCaseError::Contended(_) | UseCaseError::Busy(_)) => {}
            Err(error) => assert_eq!(error.code(), Some("slot_taken")),
        }
    }
    assert_eq!(fresh.len(), 1);
    let again = booking::book(&app, &caller, book(&chain, "2026-01-22T12:00"))
        .await
        .unwrap();
    assert_eq!((again.outcome, again.replayed), (fresh[0], true));
}
