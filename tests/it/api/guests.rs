//! Guests of a booking: invited by email, with a file for their calendar.

use super::client::{Client, Harbour, booking, id, set_up, subscribed};
use coterie_server::inbox::Mail;
use coterie_tests::{TestStack, skip::python, stack};
use serde_json::{Value, json};
use std::{io::Write as _, process::Stdio, time::Duration};

const PATIENCE: Duration = Duration::from_secs(20);

/// Reads a message to a calendar strictly, by a library that is not ours.
const READER: &str = r#"
import sys
from icalendar import Calendar
calendar = Calendar.from_ical(sys.stdin.buffer.read())
event, = calendar.walk("VEVENT")
assert not calendar.errors and not event.errors, (calendar.errors, event.errors)
attendee, organizer = event["ATTENDEE"], event["ORGANIZER"]
print("|".join([str(calendar["METHOD"]), str(event["STATUS"]), str(event["SEQUENCE"]), event["DTSTART"].dt.isoformat(),
    str(attendee), attendee.params["CN"], str(organizer).split(":")[0], str(event["SUMMARY"]), str(event["UID"])]))
"#;

fn read(file: &[u8]) -> Option<String> {
    let mut reader = std::process::Command::new(python()?)
        .args(["-c", READER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    reader
        .stdin
        .take()
        .expect("its input")
        .write_all(file)
        .expect("it reads");
    let done = reader.wait_with_output().expect("it ends");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(file));
    Some(String::from_utf8(done.stdout).expect("text").trim().to_owned())
}

struct House {
    stack: TestStack,
    api: Client,
    booked: String,
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour: Harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let made = api.made("/v1/bookings", &booking(&ada, &harbour.spree, 10, 12)).await;
    House {
        stack,
        booked: id(&made["booking_id"]).to_owned(),
        api,
    }
}

impl House {
    fn path(&self, rest: &str) -> String {
        format!("/v1/bookings/{}/{rest}", self.booked)
    }
    async fn invite(&self, name: &str) -> Value {
        let email = format!("{}@guests.test", name.to_lowercase());
        let guest = json!({ "name": name, "email": email });
        self.api.made(&self.path("guests"), &guest).await["guest_id"].clone()
    }
    async fn letter(&self, to: &str, subject: &str) -> Mail {
        let (to, subject) = (to.to_lowercase(), subject.to_owned());
        let mail = self.stack.house.inbox.wait_for(
            move |mail| mail.to.iter().any(|one| one.contains(&to)) && mail.subject().starts_with(&subject),
            PATIENCE,
        );
        mail.await.expect("the letter arrives")
    }
}

fn calendar_of(mail: &Mail) -> Option<String> {
    let files = mail.attachments();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].filename, "invitation.ics");
    read(&files[0].bytes)
}

#[tokio::test]
async fn a_guest_hears_of_a_booking_of_its_change_and_of_its_end() {
    let house = house().await;
    house.invite("Grace").await;
    let letter = house.letter("grace@", "Invitation: ").await;
    insta::assert_snapshot!(letter.text().split("About the house").next().expect("words"), @r"
    Hello Grace,

    Ada invites you:

    Spree, 22 January 2026, 10:00 to 12:00 (Europe/Berlin)
    Speicher, Hafenstrasse 1, 10115 Berlin

    The attached file puts it into your calendar.
    ");
    if let Some(read) = calendar_of(&letter) {
        let expected = format!(
            "REQUEST|CONFIRMED|2|2026-01-22T09:00:00+00:00|mailto:grace@guests.test|Grace|mailto|Spree: Ada|{}",
            house.booked
        );
        assert_eq!(read, expected);
    }
    let to = json!({ "starts_at": "2026-01-22T14:00", "ends_at": "2026-01-22T16:00" });
    house.api.post(&house.path("move"), &to).await.expect(200);
    let moved = house.letter("grace@", "Changed: ").await;
    if let Some(read) = calendar_of(&moved) {
        assert!(
            read.starts_with("REQUEST|CONFIRMED|3|2026-01-22T13:00:00+00:00|"),
            "{read}"
        );
    }
    let hal = house.invite("Hal").await;
    house.letter("hal@", "Invitation: ").await;
    house
        .api
        .post(&house.path("guests/uninvite"), &json!({ "guest_id": hal }))
        .await
        .expect(200);
    let gone = house.letter("hal@", "Cancelled: ").await;
    assert!(gone.text().contains("Ada took back the invitation"), "{}", gone.text());
    house.api.post(&house.path("cancel"), &json!({})).await.expect(200);
    let cancelled = house.letter("grace@", "Cancelled: ").await;
    if let Some(read) = calendar_of(&cancelled) {
        assert!(read.starts_with("CANCEL|CANCELLED|6|"), "{read}");
    }
    // Whoever was uninvited hears no more of it.
    house.stack.settle(house.api.chain.tenant).await;
    let to_hal = house.stack.house.inbox.messages();
    let to_hal = to_hal
        .iter()
        .filter(|mail| mail.to.iter().any(|one| one.contains("hal@")))
        .count();
    assert_eq!(to_hal, 2);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn no_more_are_invited_than_the_room_holds_and_faults_stand_at_their_fields() {
    let house = house().await;
    let faulty = json!({ "name": " ", "email": "nobody" });
    let refused: Value = house.api.post(&house.path("guests"), &faulty).await.expect(422).json();
    let fields: Vec<_> = refused["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|one| one["field"].clone())
        .collect();
    assert_eq!(fields, ["name", "email"]);
    for name in ["Grace", "Hal", "Ivy"] {
        house.invite(name).await;
    }
    let one_more = json!({ "name": "Joe", "email": "joe@guests.test" });
    let full: Value = house
        .api
        .post(&house.path("guests"), &one_more)
        .await
        .expect(409)
        .json();
    assert_eq!(full["detail"], "Spree holds 4 people, whoever booked it included.");
    let all: Value = house.api.get(&house.path("guests")).await.expect(200).json();
    assert_eq!(all["items"].as_array().expect("guests").len(), 3);
    house.stack.shutdown().await;
}
