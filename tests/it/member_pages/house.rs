//! A chain with one house, and what a person does at its pages: fill in forms, press buttons, follow links of emails.

use coterie_app::{legal_entity, location, plan, resource, tax};
use coterie_domain::{
    Currency, LocationId, Money, PlanVersionId, ResourceId,
    legal_entity::NewLegalEntity,
    location::NewLocation,
    plan::{Allowance, NewPlanVersion},
    resource::{NewPriceRule, NewResource},
};
use coterie_tests::{Answer, OpenedChain, Person, TestStack, stack, stripe::press};
use std::time::Duration;

/// 20 January 2026, 10:00 in Berlin.
const CLOCK: &str = "2026-01-20T09:00:00Z";
const PATIENCE: Duration = Duration::from_mins(1);
pub const PASSWORD: &str = "ada member password";

/// The house, its chain and what is on offer there.
pub struct House {
    pub stack: TestStack,
    pub chain: OpenedChain,
    pub location: LocationId,
    pub elbe: ResourceId,
    pub plan: PlanVersionId,
}

fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse::<Currency>().expect("EUR is known"))
}

/// "Harbour": Berlin, 19 % VAT, the room Elbe at EUR 20 an hour, the plan Flex at EUR 300 a month with 5 room hours.
pub async fn house() -> House {
    let stack = stack().await;
    let chain = stack.open_chain("harbour", CLOCK.parse().expect("an instant")).await;
    let (app, owner) = (stack.app(), chain.owner());
    let entity = NewLegalEntity {
        name: "Harbour Berlin GmbH".to_owned(),
        street: "Hafenstrasse 1".to_owned(),
        postcode: "10115".to_owned(),
        city: "Berlin".to_owned(),
        country: "DE".to_owned(),
        tax_id: "DE123456788".to_owned(),
        currency: "EUR".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        invoice_series: "BER".to_owned(),
        payment_terms_days: 14,
    };
    let entity = legal_entity::create(app, &owner, entity)
        .await
        .expect("an entity")
        .outcome;
    let from = "2021-01-01".parse().expect("a date");
    tax::set_rate(app, &owner, "DE", "standard", 19.into(), from)
        .await
        .expect("a rate");
    let place = NewLocation {
        name: "Speicher".to_owned(),
        street: "Hafenstrasse 1".to_owned(),
        postcode: "10115".to_owned(),
        city: "Berlin".to_owned(),
        country: "DE".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        opening_hours: "Mon-Sun 07:00-22:00".to_owned(),
    };
    let location = location::open(app, &owner, entity, place)
        .await
        .expect("a location")
        .outcome;
    let kind = resource::create_type(app, &owner, "Meeting room", "standard")
        .await
        .expect("a type")
        .outcome;
    let price = NewPriceRule::by_the_hour(kind, eur(2000));
    resource::publish_price(app, &owner, price).await.expect("a price");
    let elbe = NewResource {
        name: "Elbe".to_owned(),
        capacity: 8,
        ..NewResource::default()
    };
    let elbe = resource::add(app, &owner, kind, location, elbe)
        .await
        .expect("a room")
        .outcome;
    let flex = NewPlanVersion {
        name: "Flex".to_owned(),
        legal_entity_id: entity,
        price: eur(30_000),
        tax_included: false,
        billing_day: 1,
        terms: coterie_domain::plan::PlanTerms::default(),
        tax_category: "standard".to_owned(),
        allowances: vec![Allowance {
            resource_type_id: kind,
            minutes: 300,
        }],
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let plan = plan::publish(app, &owner, None, flex)
        .await
        .expect("a plan")
        .outcome
        .plan_version_id;
    // The sandbox gets its account at the simulator by itself.
    stack.settle(chain.tenant).await;
    House {
        stack,
        chain,
        location,
        elbe,
        plan,
    }
}

impl House {
    pub fn person(&self) -> Person {
        self.stack.person_at("harbour")
    }

    pub fn quote_path(&self) -> String {
        format!("/plans/{}?location={}", self.plan, self.location)
    }

    /// Signs up, confirms by the link of the email, and is left at the plans.
    pub async fn sign_up(&self, name: &str, email: &str) -> Person {
        let person = self.person();
        let form = [("name", name), ("email", email), ("password", PASSWORD)];
        send(&person, "/sign-up", "/sign-up", &form).await.expect(303);
        let link = self.link_for(email, "/confirm-email/").await;
        assert_eq!(person.get(&link).await.expect(303).location().path(), "/plans");
        person
    }

    /// The link in the latest email to somebody.
    pub async fn link_for(&self, email: &str, path: &str) -> String {
        let inbox = &self.stack.house.inbox;
        let mail = inbox.wait_for(
            |mail| mail.to.iter().any(|to| to == email) && mail.text().contains(path),
            PATIENCE,
        );
        let text = mail.await.expect("an email comes").text();
        let word = text.split_whitespace().find(|word| word.contains(path));
        word.expect("a link").trim_matches(['<', '>', '(', ')']).to_owned()
    }

    /// Saves a card on the hosted page, with the button that says how it will behave; ends where `from` wanted to go.
    pub async fn save_card(&self, person: &Person, from: &str, choice: &str) -> Answer {
        let page = send(person, from, "/card", &[]).await.expect(200);
        let hosted = link(&page.body, "Continue to the card page");
        let (status, location, text) = press(&hosted, "choice", choice).await;
        if status == 303 && choice == "authenticate" {
            let bank = format!("{}{}", self.stack.house.sim.url, location.expect("the bank's page"));
            let (status, location, text) = press(&bank, "outcome", "complete").await;
            assert_eq!(status, 303, "{text}");
            return person.visit(&location.expect("a way back")).await;
        }
        assert_eq!(status, 303, "{text}");
        person.visit(&location.expect("a way back")).await
    }

    /// Agrees to the plan; ends at the invoice.
    pub async fn subscribe(&self, person: &Person) -> Answer {
        let done = send(person, &self.quote_path(), "/memberships", &[]).await.expect(303);
        person.get(done.location().as_str()).await.expect(200)
    }

    /// Books Elbe by its form; ends at the booking, or at the form again.
    pub async fn book(&self, person: &Person, date: &str, from: &str, to: &str) -> Answer {
        let form = format!(
            "/bookings/new?location={}&date={date}&resource={}",
            self.location, self.elbe
        );
        let elbe = self.elbe.to_string();
        let times = [
            ("resource", elbe.as_str()),
            ("date", date),
            ("starts_at", from),
            ("ends_at", to),
        ];
        let answer = send(person, &form, "/bookings", &times).await;
        if answer.status.is_redirection() {
            return person.get(answer.location().as_str()).await.expect(200);
        }
        answer
    }
}

/// Opens a page, finds the form with this action on it, and sends it with its hidden values and what is typed.
pub async fn send(person: &Person, page: &str, action: &str, typed: &[(&str, &str)]) -> Answer {
    let page = person.get(page).await.expect(200);
    let hidden = hidden(&page.body, action);
    let mut form: Vec<(&str, &str)> = hidden
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    form.extend(typed);
    person.post(action, &form).await
}

/// The hidden values of the form with this action.
pub fn hidden(html: &str, action: &str) -> Vec<(String, String)> {
    let start = html
        .find(&format!("method=\"post\" action=\"{action}\""))
        .unwrap_or_else(|| panic!("no form posts to {action} in\n{html}"));
    let form = html[start..].split("</form>").next().unwrap_or_default();
    let inputs = form.split("<input type=\"hidden\"").skip(1);
    inputs
        .map(|input| (attribute(input, "name"), attribute(input, "value")))
        .collect()
}

/// Where the link that says `text` leads.
#[track_caller]
pub fn link(html: &str, text: &str) -> String {
    let tag = html
        .split("<a ")
        .skip(1)
        .find(|tag| tag.split("</a>").next().is_some_and(|tag| tag.contains(text)))
        .unwrap_or_else(|| panic!("no link says {text:?} in\n{html}"));
    attribute(tag, "href")
}

/// The first value of an attribute in a piece of HTML, unescaped.
fn attribute(html: &str, name: &str) -> String {
    let value = html
        .split(&format!("{name}=\""))
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    value.unwrap_or_default().replace("&#38;", "&").replace("&#34;", "\"")
}

/// The value that a field of a page shows.
#[track_caller]
pub fn value(html: &str, field: &str) -> String {
    let mark = format!("id=\"field-{field}\"");
    let tag = html
        .split(&mark)
        .nth(1)
        .unwrap_or_else(|| panic!("no field {field} in\n{html}"));
    attribute(tag.split('>').next().unwrap_or_default(), "value")
}

/// The words of a page, without its tags.
pub fn words(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
        text.push(' ');
    }
    let text = text.replace("&#38;", "&").replace('\u{a0}', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
pub fn assert_says(answer: &Answer, sentence: &str) {
    let words = words(&answer.body);
    assert!(
        words.contains(sentence),
        "{} does not say {sentence:?}: {words}",
        answer.url
    );
}
