//! An operator charges a member beside her plan, takes a charge back, defines a meter and sends a file of usage.

use super::forms::{Form, error_at};
use super::{form, owner_of_a_new_chain, set_up_entity_and_location, tenant_of};
use coterie_app::{member, page::PageRequest};
use coterie_tests::{Person, TestStack, stack};

/// A chain with a member who has a membership: who runs it, and the member's page.
pub async fn chain_with_mia(house: &TestStack) -> (Person, String) {
    let olive = owner_of_a_new_chain(house).await;
    set_up_entity_and_location(&olive).await;
    let rate = form(&olive, "/operator/tax-rates/new", "Set rate").await;
    rate.fill("rate_percent", "19").press_on(&olive).await;
    form(&olive, "/operator/plans/new", "Publish plan")
        .await
        .fill("name", "Full time")
        .fill("price", "300")
        .press_on(&olive)
        .await;
    form(&olive, "/operator/members/new", "Add member")
        .await
        .fill("name", "Mia Member")
        .fill("email", "mia@example.com")
        .fill("password", super::OWNER_PASSWORD)
        .press_on(&olive)
        .await;
    let tenant = tenant_of(house).await;
    house.settle(tenant).await;
    let filter = member::page::MemberFilter::default();
    let found = member::page::list(house.app(), tenant, filter, &PageRequest::default()).await;
    let mia = format!("/operator/members/{}", found.expect("members").items[0].member_id);
    let asked = form(&olive, &format!("{mia}/memberships/new"), "Show what it costs").await;
    let quote = asked
        .choose("plan_version_id", "Full time")
        .press(&olive)
        .await
        .expect(200);
    Form::with_button(&quote, "Start this membership")
        .press_on(&olive)
        .await;
    (olive, mia)
}

#[tokio::test]
async fn a_charge_is_made_seen_and_taken_back() {
    let house = stack().await;
    let (olive, mia) = chain_with_mia(&house).await;
    let wrong = form(&olive, &format!("{mia}/charges/new"), "Charge it")
        .await
        .fill("description", "Lost key")
        .fill("unit_price", "25,00")
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&wrong, "unit_price").is_some(), "{}", wrong.body);
    let again = Form::with_button(&wrong, "Charge it");
    assert_eq!(again.value("description"), Some("Lost key"));
    let wrong = again
        .fill("unit_price", "25.00")
        .fill("quantity", "none")
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&wrong, "quantity").is_some(), "{}", wrong.body);
    let made = Form::with_button(&wrong, "Charge it")
        .fill("quantity", "2")
        .press_on(&olive)
        .await;
    assert!(
        made.body.contains("It is charged.") && made.body.contains("EUR\u{a0}50.00"),
        "{}",
        made.body
    );
    let finance = olive.get("/finance/charges").await.expect(200);
    assert!(
        finance.body.contains("Lost key") && finance.body.contains("which makes EUR 50.00"),
        "{}",
        finance.body
    );
    let void = made
        .body
        .split('"')
        .find(|part| part.starts_with("/operator/charges/"))
        .expect("it can be taken back")
        .to_owned();
    let wrong = form(&olive, &void, "Take it back")
        .await
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&wrong, "reason").is_some(), "{}", wrong.body);
    let gone = Form::with_button(&wrong, "Take it back")
        .fill("reason", "It was found")
        .press_on(&olive)
        .await;
    assert!(
        gone.body.contains("The charge is taken back.") && !gone.body.contains("Lost key"),
        "{}",
        gone.body
    );
    house.shutdown().await;
}

#[tokio::test]
async fn a_file_of_usage_is_judged_before_it_counts() {
    let house = stack().await;
    let (olive, mia) = chain_with_mia(&house).await;
    let meters = form(&olive, "/operator/meters/new", "Define meter")
        .await
        .fill("name", "Pages printed")
        .fill("unit", "page")
        .fill("price", "0.035")
        .press_on(&olive)
        .await;
    assert!(meters.body.contains("EUR 0.035 a page"), "{}", meters.body);
    let send = form(&olive, "/operator/usage", "Send the file").await;
    let none = send.clone().press(&olive).await.expect(422);
    assert_eq!(error_at(&none, "file").as_deref(), Some("Please choose a file."));
    let faulty = "event_id,meter,member,quantity,used_on\np-1,Pages printed,mia@example.com,12,2026-01-20\n\
        p-2,Parcels,bob@example.com,many,2026-01-20\np-3,pages printed,mia@example.com,many,2026-01-20\n";
    let report = send
        .clone()
        .choose("mode", "Count it if nothing is wrong")
        .press_with_file(&olive, "file", "usage.csv", faulty.as_bytes())
        .await
        .expect(422);
    for said in [
        "3 faults. Nothing was counted.",
        "There is no meter of this name.",
        "No member has this address.",
        "Write a quantity such as 2 or 1.5",
    ] {
        assert!(report.body.contains(said), "{said}: {}", report.body);
    }
    let rows: Vec<String> = (0..600)
        .map(|number| format!("q-{number};pages printed;MIA@example.com;1;2026-01-20"))
        .collect();
    let file = format!("event_id;meter;member;quantity;used_on\n{}\n", rows.join("\n"));
    let dry = send
        .clone()
        .press_with_file(&olive, "file", "usage.csv", file.as_bytes())
        .await
        .expect(200);
    assert!(
        dry.body
            .contains("Nothing is wrong. 600 would count, 0 are known already."),
        "{}",
        dry.body
    );
    let page = olive.get(&mia).await.expect(200);
    assert!(
        page.body.contains("No usage"),
        "a dry run counts nothing: {}",
        page.body
    );
    for said in [
        "600 counted, 0 were known already.",
        "0 counted, 600 were known already.",
    ] {
        send.clone()
            .choose("mode", "Count it if nothing is wrong")
            .press_with_file(&olive, "file", "usage.csv", file.as_bytes())
            .await
            .expect(303);
        let page = olive.get("/operator/usage").await.expect(200);
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let page = olive.get(&mia).await.expect(200);
    assert!(page.body.contains("q-0"), "{}", page.body);
    house.shutdown().await;
}
