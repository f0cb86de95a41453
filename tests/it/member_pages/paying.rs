//! Paying at her own page: a card that fails, another one, a bank that asks for her.

use super::house::{assert_says, house, link, send};
use coterie_tests::stripe::press;

#[tokio::test]
async fn a_failed_invoice_is_paid_with_another_card_and_the_banks_blessing() {
    let house = house().await;
    let ada = house.sign_up("Ada", "ada@example.test").await;
    house.save_card(&ada, "/card", "declines_later").await.expect(200);
    let invoice = house.subscribe(&ada).await;
    let path = invoice.url.path().to_owned();
    let pay = format!("{path}/pay");
    house.stack.settle(house.chain.tenant).await;
    let failed = ada.get(&path).await.expect(200);
    assert_says(&failed, "Payment failed");
    assert_says(&failed, "EUR 138.19 open");

    // The same card says no again, and so it is told.
    let again = send(&ada, &path, &pay, &[]).await.expect(303);
    assert_says(&ada.visit(again.location().as_str()).await, "The payment failed.");

    // Another card, whose bank wants to see her: the first time she fails there, the second time she passes.
    let back = house
        .save_card(&ada, &link(&failed.body, "Use another card"), "authenticate")
        .await;
    assert_eq!(back.url.path(), path, "the card page leads back to the invoice");
    // What is open is tried with a new card by itself; her own try comes after.
    house.stack.settle(house.chain.tenant).await;
    for (button, sentence) in [
        ("fail", "The payment failed."),
        ("complete", "Paid. The receipt comes by email."),
    ] {
        let asked = send(&ada, &path, &pay, &[]).await.expect(303);
        let asked = ada.visit(asked.location().as_str()).await;
        assert_says(&asked, "Your bank wants to see that it is you.");
        let (status, location, text) = press(&link(&asked.body, "Continue at your bank"), "outcome", button).await;
        assert_eq!(status, 303, "{text}");
        let back = location.expect("a way back");
        assert!(back.contains(&pay), "{back}");
        assert_says(&ada.visit(&back).await, sentence);
        house.stack.settle(house.chain.tenant).await;
    }
    let paid = ada.get(&path).await.expect(200);
    assert_says(&paid, "Paid EUR 138.19 Open EUR 0.00");
    // Whoever presses an old page's button is not charged twice.
    let twice = ada.post(&pay, &[]).await.expect(303);
    assert_says(
        &ada.visit(twice.location().as_str()).await,
        "This invoice is paid already.",
    );
    let receipts = house.stack.house.inbox.messages();
    let receipts = receipts
        .iter()
        .filter(|mail| mail.text().contains("thank you: we received EUR 138.19"))
        .count();
    assert_eq!(receipts, 1, "one receipt");
    house.stack.shutdown().await;
}
