//! A member of one legal entity uses a room of another: invoiced by hers, earned by the other, and due between them.

use super::client::{Client, id, set_up, subscribed};
use coterie_tests::{guards::guards_agree, stack};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What each account of an entity's books has come to.
async fn books(api: &Client, entity: &Value) -> BTreeMap<String, i64> {
    let all: Value = api
        .get(&format!("/v1/journal_entries?legal_entity_id={}&limit=100", id(entity)))
        .await
        .expect(200)
        .json();
    let mut sums = BTreeMap::new();
    for entry in all["data"].as_array().expect("entries") {
        for posting in entry["postings"].as_array().expect("postings") {
            let amount = posting["amount"]["minor"].as_i64().expect("minor units");
            *sums.entry(id(&posting["account"]["path"]).to_owned()).or_insert(0) += amount;
        }
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

#[tokio::test]
async fn a_room_of_another_company_is_invoiced_by_ones_own_and_due_between_them() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let address = json!({ "street": "Elbchaussee 1", "postcode": "22765", "city": "Hamburg", "country": "DE" });
    let entity = |currency: &str, series: &str| {
        json!({ "name": format!("Harbour {series} GmbH"), "address": address, "tax_id": "", "currency": currency,
            "time_zone": "Europe/Berlin", "invoice_series": series })
    };
    let hamburg = api.made("/v1/legal_entities", &entity("EUR", "HAM")).await["legal_entity_id"].clone();
    let zurich = api.made("/v1/legal_entities", &entity("CHF", "ZRH")).await["legal_entity_id"].clone();
    let (mut rooms, mut places) = (Vec::new(), Vec::new());
    for (entity, name) in [(&hamburg, "Kontor"), (&zurich, "Limmat")] {
        let place = json!({ "legal_entity_id": entity, "name": name, "address": address,
            "time_zone": "Europe/Berlin", "opening_hours": "Mon-Sun 07:00-22:00" });
        let place = api.made("/v1/locations", &place).await["location_id"].clone();
        let room = json!({ "resource_type_id": harbour.room_type, "location_id": place, "name": name, "capacity": 4 });
        places.push(place.clone());
        rooms.push(api.made("/v1/resources", &room).await["resource_id"].clone());
    }
    let francs = json!({ "resource_type_id": harbour.room_type, "per_hour": { "minor": 2500, "currency": "CHF" } });
    api.made("/v1/price_rules", &francs).await;
    let wish = |room: &Value, from: &str, until: &str| json!({ "member_id": ada, "resource_id": room, "starts_at": format!("2026-01-22T{from}"), "ends_at": format!("2026-01-22T{until}") });
    let refused: Value = api
        .post("/v1/bookings", &wish(&rooms[1], "08:00", "09:00"))
        .await
        .expect(409)
        .json();
    assert_eq!(
        refused["detail"],
        "Your membership is with Harbour Berlin GmbH, which invoices in EUR; Limmat belongs to Harbour ZRH GmbH and has its prices in CHF."
    );

    // Five hours are hers, one is charged; another booking is given up in time.
    let booked = api.made("/v1/bookings", &wish(&rooms[0], "09:00", "15:00")).await;
    assert_eq!(
        (&booked["allowance_minutes"], &booked["charged"]["minor"]),
        (&json!(300), &json!(2000))
    );
    let given_up = api.made("/v1/bookings", &wish(&rooms[0], "16:00", "18:00")).await;
    let path = format!("/v1/bookings/{}/cancel", id(&given_up["booking_id"]));
    api.post(&path, &json!({})).await.expect(200);
    let passes = json!({ "price": { "minor": 2500, "currency": "EUR" }, "capacity": 3, "tax_category": "standard", "horizon_days": 60 });
    api.post(&format!("/v1/locations/{}/day_passes", id(&places[0])), &passes)
        .await
        .expect(200);
    let pass = json!({ "member_id": ada, "location_id": places[0], "day": "2026-01-23" });
    api.made("/v1/passes", &pass).await;
    stack.settle(api.chain.tenant).await;
    let theirs = books(&api, &hamburg).await;
    assert_eq!(
        theirs,
        BTreeMap::from([
            ("Assets:DueFromEntities".to_owned(), 4500),
            ("Income:Bookings".to_owned(), -4500)
        ])
    );
    let own = books(&api, &harbour.legal_entity).await;
    assert_eq!(
        (own["Liabilities:DueToEntities"], own["Assets:Unbilled"]),
        (-4500, 4500)
    );
    assert!(!own.contains_key("Income:Bookings"), "{own:?}");

    // The invoice of February is her own company's, with the hour on it.
    stack
        .advance(&api.chain, "2026-02-01T12:00:00Z".parse().expect("an instant"))
        .await;
    let invoices: Value = api.get("/v1/invoices").await.expect(200).json();
    let invoices = invoices["data"].as_array().expect("invoices");
    assert!(
        invoices
            .iter()
            .all(|invoice| invoice["legal_entity_id"] == harbour.legal_entity),
        "{invoices:?}"
    );
    assert!(
        invoices.iter().any(|invoice| invoice["net"]["minor"] == 34_500),
        "{invoices:?}"
    );
    let own = books(&api, &harbour.legal_entity).await;
    assert_eq!(
        (own.get("Assets:Unbilled"), own["Liabilities:DueToEntities"]),
        (None, -4500)
    );
    assert_eq!(books(&api, &zurich).await, BTreeMap::new());
    guards_agree(&stack.db.worker, api.chain.tenant).await;
    stack.shutdown().await;
}
