//! "Harbour" on 20 January 2026: Ada subscribed, booked two rooms and cancelled one of them a day later; her first invoice
//! was declined and then paid.

use coterie_app::{
    booking,
    organization::{self, AddStaff},
    session, test_clock,
};
use coterie_domain::{BookingId, StaffId, organization::Role};
use coterie_tests::{
    Answer, Person, TestStack,
    chain::{self, Chain},
    stack,
};
use jiff::Timestamp;
use uuid::Uuid;

pub struct House {
    pub stack: TestStack,
    pub chain: Chain,
    pub invoice: Uuid,
    pub kept: BookingId,
    pub cancelled: BookingId,
}

/// When the booking was cancelled, by the chain's clock: 21 January, 12:30 in Berlin.
pub const CANCELLED_AT: &str = "2026-01-21T11:30:00Z";

pub async fn house() -> House {
    let stack = stack().await;
    let chain = chain::open_chain(stack.app(), "harbour").await;
    let subscribed = chain::subscribe(stack.app(), &chain).await;
    let kept = chain::book(stack.app(), &chain, chain.elbe, "2026-01-22T10:00", "2026-01-22T12:00").await;
    let cancelled = chain::book(stack.app(), &chain, chain.spree, "2026-01-23T09:00", "2026-01-23T13:00").await;
    let at: Timestamp = CANCELLED_AT.parse().expect("an instant");
    test_clock::set(stack.app(), chain.tenant, at, true, None)
        .await
        .expect("the clock moves");
    booking::cancel(stack.app(), &chain.as_ada(), cancelled)
        .await
        .expect("Ada cancels");
    stack.settle(chain.tenant).await;
    House {
        invoice: subscribed.invoice_id.expect("the first days cost something").0,
        stack,
        chain,
        kept,
        cancelled,
    }
}

impl House {
    /// A browser in which a colleague with this role is signed in.
    pub async fn colleague(&self, role: Role) -> Person {
        let colleague = AddStaff {
            name: format!("Fritz {}", role.name()),
            email: format!("{}@harbour.test", role.name()),
            role,
            password: None,
        };
        let added = organization::add_staff(self.stack.app(), &self.chain.owner, colleague).await;
        let StaffId(id) = added.expect("a colleague is added").outcome;
        self.signed_in("staff", id).await
    }

    pub async fn owner(&self) -> Person {
        self.signed_in("staff", self.chain.owner_id.0).await
    }

    pub async fn signed_in(&self, kind: &str, id: Uuid) -> Person {
        let token = session::open_session(self.stack.app(), self.chain.tenant, kind, id)
            .await
            .expect("a session opens");
        self.stack.settle(self.chain.tenant).await;
        let person = self.stack.person_at("harbour");
        person.set_cookie("session", &token);
        person
    }

    /// The events of a stream as the database has them: position, type, command and correlation.
    pub async fn recorded(&self, stream: Uuid) -> Vec<(i64, String, Uuid, Uuid)> {
        let rows: Result<Vec<(i64, String, Uuid, Uuid)>, _> = sqlx::query_as(
            "select position, event_type, command_id, correlation_id from event
             where tenant_id = $1 and stream_id = $2 order by version",
        )
        .bind(self.chain.tenant)
        .bind(stream)
        .fetch_all(&self.stack.db.owner)
        .await;
        rows.expect("the log can be read")
    }
}

#[track_caller]
pub fn shows(page: &Answer, expected: &[&str]) {
    for text in expected {
        assert!(
            page.body.contains(text),
            "{} does not show {text}: {}",
            page.url,
            page.body
        );
    }
}

#[track_caller]
pub fn hides(page: &Answer, unexpected: &[&str]) {
    for text in unexpected {
        assert!(!page.body.contains(text), "{} shows {text}: {}", page.url, page.body);
    }
}

/// Whether the page has a link to exactly this address.
#[track_caller]
pub fn links_to(page: &Answer, address: &str) {
    let escaped = address.replace('&', "&#38;");
    assert!(
        page.body.contains(&format!("href=\"{escaped}\"")),
        "{} does not lead to {address}: {}",
        page.url,
        page.body
    );
}
