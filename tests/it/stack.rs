//! The harness itself: a house starts, serves a chain under its own name, comes to rest and stops in order.

use coterie_tests::stack;
use jiff::ToSpan;

#[tokio::test]
async fn a_house_starts_follows_moves_its_clock_and_stops() {
    let house = stack().await;
    let clock = "2026-01-20T09:00:00Z".parse().expect("an instant");
    let chain = house.open_chain("harbour", clock).await;
    house.settle(chain.tenant).await;
    house.person().get("/readyz").await.expect(200);
    house.person_at("harbour").get("/no-such-page").await.expect(404);
    // Control: a name that nobody has is not a chain.
    let stranger = house.person_at("nobody").get("/").await;
    assert!(stranger.status.is_client_error(), "{stranger:?}");
    house.advance(&chain, clock + 48.hours()).await;

    let url = house.house.public_url.clone();
    let port: u16 = url
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    house.shutdown().await;
    assert!(
        std::net::TcpStream::connect(("127.0.0.1", port)).is_err(),
        "nobody listens any more"
    );
}
