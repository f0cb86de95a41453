//! Saving a card on the hosted page, by its forms.

use coterie_gateway::{Gateway, GatewayError, NewPaymentSession, PaymentState, SessionStatus};
use coterie_tests::stripe::{Inbox, PATIENCE, Shop, browser, press, save_card, shop};

#[tokio::test]
async fn a_saved_card_can_be_charged() {
    let shop = shop().await;
    let inbox = Inbox::open(&shop.sim, 0).await;
    let page = shop
        .gateway
        .create_setup_session(&shop.account, "s1", &shop.session())
        .await
        .expect("a page");
    let open = shop
        .gateway
        .retrieve_setup_session(&shop.account, &page.id)
        .await
        .expect("read");
    assert_eq!((open.status, open.method), (SessionStatus::Open, None));

    let back = save_card(&page.url, "works").await;
    assert_eq!(back, format!("https://chain.example/cards?session={}", page.id));
    let done = shop
        .gateway
        .retrieve_setup_session(&shop.account, &page.id)
        .await
        .expect("read");
    assert_eq!(done.status, SessionStatus::Complete);
    assert_eq!(done.customer.as_deref(), Some(shop.customer.as_str()));
    let method = done.method.expect("a card");
    let card = method.card.as_ref().expect("a card");
    assert_eq!(
        (card.brand.as_str(), card.last4.as_str(), card.exp_month),
        ("visa", "4242", 12)
    );
    assert_eq!(method.customer.as_deref(), Some(shop.customer.as_str()));

    let paid = shop
        .gateway
        .create_payment_intent(&shop.account, "k", &shop.charge(&method.id, "1"))
        .await
        .expect("paid");
    assert!(matches!(paid.state, PaymentState::Succeeded { .. }));
    assert_eq!(shop.sim.idle(PATIENCE).await, 0);
    let kinds = inbox.kinds();
    for kind in [
        "setup_intent.succeeded",
        "checkout.session.completed",
        "payment_intent.succeeded",
    ] {
        assert!(kinds.iter().any(|taken| taken == kind), "{kind} in {kinds:?}");
    }
    let (status, ..) = (browser().get(&page.url).send().await.expect("an answer").status(), ());
    assert_eq!(status, 410, "a finished page does not open again");
}

#[tokio::test]
async fn a_declined_card_leaves_the_page_open_with_a_sentence() {
    let shop = shop().await;
    let page = shop
        .gateway
        .create_setup_session(&shop.account, "s1", &shop.session())
        .await
        .expect("a page");
    let (status, location, text) = press(&page.url, "choice", "decline").await;
    assert_eq!((status, location), (422, None));
    assert!(text.contains(r#"role="alert""#) && text.contains("declined"), "{text}");
    assert!(
        text.contains(r#"href="https://chain.example/cards?canceled=1""#),
        "{text}"
    );
    let open = shop
        .gateway
        .retrieve_setup_session(&shop.account, &page.id)
        .await
        .expect("read");
    assert_eq!((open.status, open.method), (SessionStatus::Open, None));
    save_card(&page.url, "works").await;
}

#[tokio::test]
async fn three_d_secure_stands_between_and_can_fail() {
    let shop = shop().await;
    let page = shop
        .gateway
        .create_setup_session(&shop.account, "s1", &shop.session())
        .await
        .expect("a page");
    for (button, saved) in [("fail", false), ("complete", true)] {
        let (_, next, _) = press(&page.url, "choice", "authenticate").await;
        let bank = format!("{}{}", shop.sim.url, next.expect("the bank's page"));
        let (status, location, _) = press(&bank, "outcome", button).await;
        assert_eq!((status, location.is_some()), (if saved { 303 } else { 422 }, saved));
    }
    let done = shop
        .gateway
        .retrieve_setup_session(&shop.account, &page.id)
        .await
        .expect("read");
    assert_eq!(done.method.and_then(|method| method.last4).as_deref(), Some("3184"));
}

#[tokio::test]
async fn the_pages_hold_no_inline_script_or_style() {
    let shop = shop().await;
    let page = shop
        .gateway
        .create_setup_session(&shop.account, "s1", &shop.session())
        .await
        .expect("a page");
    let answer = browser().get(&page.url).send().await.expect("a page");
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .expect("text")
        .to_owned();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("style-src 'self'"),
        "{policy}"
    );
    let html = answer.text().await.expect("text");
    for banned in ["<script", "<style", "style=", "onclick"] {
        assert!(!html.contains(banned), "{banned}");
    }
    assert!(html.contains("Save a card for Chain a"), "{html}");
}

#[tokio::test]
async fn a_card_that_cannot_be_attached_says_why() {
    let shop = shop().await;
    let refused = shop
        .gateway
        .attach_payment_method(&shop.account, "k", "pm_card_attachDeclined", &shop.customer)
        .await;
    assert!(matches!(refused, Err(GatewayError::Declined { .. })), "{refused:?}");
}

fn once(shop: &Shop) -> NewPaymentSession {
    NewPaymentSession {
        email: "vera@example.test".into(),
        description: "Elbe, 2026-01-22 10:00".into(),
        amount_minor: 4_760,
        currency: "EUR".into(),
        success_url: "https://chain.example/visits/x?session={CHECKOUT_SESSION_ID}".into(),
        cancel_url: "https://chain.example/visits/x".into(),
        expires_at: shop.state()["now"].as_i64().expect("seconds") + 31 * 60,
        metadata: [("invoice".to_owned(), "i1".to_owned())].into(),
    }
}

#[tokio::test]
async fn somebody_without_an_account_pays_once_and_no_customer_is_left() {
    let shop = shop().await;
    let inbox = Inbox::open(&shop.sim, 0).await;
    let session = once(&shop);
    let customers = shop.state()["customers"].clone();
    let open = |key| shop.gateway.create_payment_session(&shop.account, key, &session);
    let page = open("s1").await.expect("a page");
    assert_eq!(
        open("s1").await.expect("a page"),
        page,
        "the same key opens the same page"
    );
    let (status, _, text) = press(&page.url, "choice", "decline").await;
    assert!(status == 422 && text.contains("insufficient funds"), "{text}");
    let read = || shop.gateway.retrieve_payment_session(&shop.account, &page.id);
    let tried = read().await.expect("read");
    assert_eq!((tried.status, tried.paid), (SessionStatus::Open, false));
    let back = save_card(&page.url, "works").await;
    assert_eq!(back, format!("https://chain.example/visits/x?session={}", page.id));
    let paid = read().await.expect("read");
    assert_eq!(
        (&paid.status, paid.paid, paid.amount_minor),
        (&SessionStatus::Complete, true, 4_760)
    );
    assert_eq!(
        paid.payment_intent, tried.payment_intent,
        "one intent, however often she tries"
    );
    let intent = paid.payment_intent.expect("an intent");
    let intent = shop
        .gateway
        .retrieve_payment_intent(&shop.account, &intent)
        .await
        .expect("read");
    assert_eq!(intent.metadata["invoice"], "i1");
    assert_eq!((intent.customer, &shop.state()["customers"]), (None, &customers));
    assert_eq!(shop.state()["captured_minor"]["eur"], 4_760);
    assert_eq!(shop.sim.idle(PATIENCE).await, 0);
    assert!(inbox.kinds().iter().any(|kind| kind == "checkout.session.completed"));
}

#[tokio::test]
async fn a_page_to_pay_on_closes_when_it_said_it_would() {
    let shop = shop().await;
    let now = shop.state()["now"].as_i64().expect("seconds");
    assert!(shop.sim.move_clock(&shop.account, now));
    let mut session = once(&shop);
    session.expires_at = now + 29 * 60;
    let refused = shop
        .gateway
        .create_payment_session(&shop.account, "short", &session)
        .await;
    assert!(matches!(refused, Err(GatewayError::Invalid { .. })), "{refused:?}");
    session.expires_at = now + 30 * 60;
    let page = shop
        .gateway
        .create_payment_session(&shop.account, "s1", &session)
        .await
        .expect("a page");
    let inbox = Inbox::open(&shop.sim, 0).await;
    assert!(shop.sim.move_clock(&shop.account, now + 30 * 60));
    assert_eq!(shop.sim.idle(PATIENCE).await, 0);
    assert_eq!(inbox.kinds(), ["checkout.session.expired"]);
    let closed = shop.gateway.retrieve_payment_session(&shop.account, &page.id).await;
    assert_eq!(closed.expect("read").status, SessionStatus::Expired);
    let (status, ..) = (browser().get(&page.url).send().await.expect("an answer").status(), ());
    assert_eq!(status, 410);
}
