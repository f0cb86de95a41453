//! Step 1: the operator's forms.

use super::{Chain, PASSWORD, between, choice, says};
use coterie_tests::{Person, TestStack};

pub(crate) async fn opens_a_chain(house: &TestStack) -> Chain {
    let slug = "harbour";
    let form = [
        ("name", "Harbour Works"),
        ("slug", slug),
        ("sandbox", "on"),
        ("clock_starts_at", "2026-01-20T09:00"),
        ("owner_name", "Olive Owner"),
        ("owner_email", "olive@harbour.example"),
        ("owner_password", PASSWORD),
    ];
    let opened = house.person().post("/organizations", &form).await;
    assert!(opened.status.is_redirection(), "{}", opened.body);
    assert!(
        opened.location().as_str().starts_with(&house.house.chain_url(slug)),
        "{}",
        opened.location()
    );

    let owner = house.person_at(slug);
    let home = owner
        .submit(
            "/sign-in",
            &[("email", "olive@harbour.example"), ("password", PASSWORD)],
        )
        .await;
    says(&home, "Harbour Works");
    fills_in(&owner).await;
    let made = owner.post("/operator/api-keys", &[("role", "owner")]).await;
    let key = format!(
        "ck_{}",
        between(&made.body, "ck_", "<")
            .split('"')
            .next()
            .unwrap_or_default()
            .trim()
    );
    Chain { slug, owner, key }
}

/// Posts a form of the set-up and reads the page it leads to.
async fn add(owner: &Person, path: &str, form: &[(&str, &str)], then: &str) {
    let answer = owner.submit(path, form).await;
    says(&answer, then);
}

async fn fills_in(owner: &Person) {
    let entity = [
        ("name", "Harbour Works GmbH"),
        ("street", "Kaistr. 1"),
        ("postcode", "10115"),
        ("city", "Berlin"),
        ("country", "DE"),
        ("tax_id", "DE123456788"),
        ("currency", "EUR"),
        ("time_zone", "Europe/Berlin"),
        ("invoice_series", "BER"),
        ("payment_terms_days", "14"),
    ];
    add(owner, "/operator/legal-entities", &entity, "Harbour Works GmbH").await;
    let page = owner.get("/operator/locations/new").await.body;
    let entity_id = choice(&page, "Harbour Works GmbH");
    let location = [
        ("legal_entity_id", entity_id.as_str()),
        ("name", "Mitte"),
        ("street", "Torstr. 1"),
        ("postcode", "10119"),
        ("city", "Berlin"),
        ("country", "DE"),
        ("time_zone", "Europe/Berlin"),
        ("opening_hours", "Mon-Fri 08:00-20:00; Sat 09:00-18:00"),
    ];
    add(owner, "/operator/locations", &location, "Mitte").await;
    let rate = [
        ("country", "DE"),
        ("category", "standard"),
        ("rate_percent", "19"),
        ("effective_from", "2007-01-01"),
    ];
    add(owner, "/operator/tax-rates", &rate, "19").await;
    add(
        owner,
        "/operator/resource-types",
        &[("name", "Meeting room"), ("tax_category", "standard")],
        "Meeting room",
    )
    .await;
    let page = owner.get("/operator/resources/new").await.body;
    let (kind, mitte) = (choice(&page, "Meeting room"), choice(&page, "Mitte"));
    let price = [
        ("resource_type_id", kind.as_str()),
        ("location_id", ""),
        ("currency", "EUR"),
        ("per_hour", "20.00"),
        ("day_cap", ""),
    ];
    add(owner, "/operator/prices", &price, "20.00").await;
    for room in ["Elbe", "Spree"] {
        let room = [
            ("name", room),
            ("resource_type_id", &kind),
            ("location_id", &mitte),
            ("capacity", "8"),
        ];
        add(owner, "/operator/resources", &room, room[0].1).await;
    }
    let plan = [
        ("name", "Resident"),
        ("legal_entity_id", &entity_id),
        ("currency", "EUR"),
        ("price", "300.00"),
        ("billing_day", "1"),
        ("tax_category", "standard"),
        ("allowance_type_1", &kind),
        ("allowance_hours_1", "5"),
    ];
    add(owner, "/operator/plans", &plan, "Resident").await;
    // A plan in a currency that is not the entity's is refused at its field, and the form comes back as it was typed.
    let wrong: Vec<_> = plan
        .iter()
        .map(|&(name, value)| {
            if name == "currency" {
                (name, "GBP")
            } else {
                (name, value)
            }
        })
        .collect();
    let refused = owner.post("/operator/plans", &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("bills in EUR, not in GBP") && refused.body.contains("value=\"300.00\""),
        "{}",
        refused.body
    );
}
