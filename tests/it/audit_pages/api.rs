//! The same for programs.

use super::house::{House, house};
use coterie_app::session;
use coterie_domain::organization::Role;
use coterie_tests::{Answer, Person};
use reqwest::Method;
use serde_json::Value;

struct Program {
    person: Person,
    key: String,
}

impl Program {
    async fn of(house: &House, role: Role) -> Self {
        let (_, key) = session::create_api_key(house.stack.app(), &house.chain.owner, role)
            .await
            .expect("an owner makes keys");
        Self {
            person: house.stack.person(),
            key,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.person
            .send(self.person.request(Method::GET, path).bearer_auth(&self.key))
            .await
    }
}

#[tokio::test]
async fn a_program_reads_the_log_page_by_page() {
    let house = house().await;
    let program = Program::of(&house, Role::Finance).await;
    let head = program.get("/v1/log/head").await.expect(200).json::<Value>()["position"]
        .as_i64()
        .expect("a position");

    // From the first to the last, each once.
    let mut seen = Vec::new();
    let mut next = Some(String::new());
    while let Some(after) = next {
        let cursor = if after.is_empty() {
            after
        } else {
            format!("&after={after}")
        };
        let page: Value = program
            .get(&format!("/v1/log?order=oldest_first&limit=20{cursor}"))
            .await
            .expect(200)
            .json();
        let events = page["data"].as_array().expect("events");
        assert!(events.len() <= 20);
        seen.extend(events.iter().filter_map(|event| event["position"].as_i64()));
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, (1..=head).collect::<Vec<_>>());

    let booked = house.recorded(house.cancelled.0).await;
    let (confirmed, _, command, correlation) = &booked[0];
    let found = |query: String| {
        let program = &program;
        async move {
            let page: Value = program
                .get(&format!("/v1/log?limit=100&{query}"))
                .await
                .expect(200)
                .json();
            let events = page["data"].as_array().expect("events").clone();
            events
                .iter()
                .filter_map(|event| event["position"].as_i64())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(found("type=BookingCancelled".to_owned()).await, [booked[1].0]);
    let of_command = found(format!("command={command}")).await;
    assert!(of_command.contains(confirmed) && of_command.len() > 3, "{of_command:?}");
    assert!(found(format!("correlation={correlation}")).await.contains(confirmed));
    assert_eq!(
        found("category=booking&from=2026-01-21T11:30:00Z".to_owned()).await,
        [booked[1].0]
    );
    assert!(found("actor=key".to_owned()).await.is_empty());

    let event: Value = program.get(&format!("/v1/log/{confirmed}")).await.expect(200).json();
    assert_eq!(event["event_type"], "BookingConfirmed");
    assert_eq!(event["actor"], format!("member:{}", house.chain.ada));
    assert_eq!(event["command_id"], command.to_string());
    assert!(event["led_to"].is_array() && event["hash"].as_str().is_some_and(|hash| hash.len() == 64));
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_program_asks_how_a_thing_stood() {
    let house = house().await;
    let program = Program::of(&house, Role::Finance).await;
    let booked = house.recorded(house.cancelled.0).await;
    let at = |query: String| format!("/v1/log/streams/{}{query}", house.cancelled);
    for (query, step, state) in [
        (String::new(), 2, "cancelled"),
        (format!("?as_of={}", booked[1].0), 2, "cancelled"),
        (format!("?as_of={}", booked[0].0), 1, "confirmed"),
        ("?as_of=2026-01-20T09:00:00Z".to_owned(), 1, "confirmed"),
    ] {
        let stood: Value = program.get(&at(query)).await.expect(200).json();
        assert_eq!(
            (&stood["step"], &stood["steps"]),
            (&Value::from(step), &Value::from(2)),
            "{stood}"
        );
        assert_eq!(stood["state"]["state"], state);
        assert_eq!(stood["events"].as_array().map(Vec::len), usize::try_from(step).ok());
    }
    let before: Value = program
        .get(&at(format!("?as_of={}", booked[0].0 - 1)))
        .await
        .expect(200)
        .json();
    assert_eq!((&before["step"], &before["state"]), (&Value::from(0), &Value::Null));
    house.stack.shutdown().await;
}

#[tokio::test]
async fn what_is_misspelt_is_refused_and_what_is_foreign_is_not_found() {
    let house = house().await;
    let program = Program::of(&house, Role::Finance).await;
    for (query, field) in [
        ("category=bookings", "category"),
        ("type=Booked", "type"),
        ("actor=ada", "actor"),
        ("command=7", "command"),
        ("from=yesterday", "from"),
        ("order=sideways", "order"),
        ("limit=0", "limit"),
        ("after=%22", "after"),
        ("after=InN0YWZmIg", "after"),
    ] {
        let refused = program.get(&format!("/v1/log?{query}")).await.expect(422);
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        assert_eq!(refused.json::<Value>()["errors"][0]["field"], field, "{query}");
    }
    let stream = format!("/v1/log/streams/{}?as_of=yesterday", house.kept);
    assert_eq!(
        program.get(&stream).await.expect(422).json::<Value>()["errors"][0]["field"],
        "as_of"
    );
    for path in ["/v1/log/0", "/v1/log/999999", "/v1/log/x", "/v1/log/streams/x"] {
        program.get(path).await.expect(404);
    }
    let operator = Program::of(&house, Role::Operator).await;
    for path in ["/v1/log", "/v1/log/1", &stream] {
        operator.get(path).await.expect(403);
    }
    house.stack.shutdown().await;
}
