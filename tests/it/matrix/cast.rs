//! Two chains with the same names, people and addresses in one installation: "harbour", whose doors are tried, and
//! "quayside" next door.

use super::{ids::Ids, judge::Who, request::Proof};
use coterie_app::{
    App, assignment, blocker, booking,
    company::{self, RegisterCompany},
    credit_note, floor,
    legal_entity::{self, LogoChange},
    location,
    member::{self, ImportMember},
    membership::{self, Subscribe},
    organization::{self, AddStaff},
    photo, plan, price_change, resource, session, visitor_booking,
};
use coterie_domain::{
    CompanyId, LegalEntityId, MemberId, MembershipId, PlanVersionId, PriceChangeId, ResourceId, VisitorBookingId,
    credit_note::{NewCreditNote, WantedLine},
    floor::NewFloor,
    legal_entity::{NewLegalEntity, NewLetterhead},
    organization::Role,
    plan::{NewPlanVersion, PlanTerms},
    price_change::NewPriceChange,
    resource::{NewResource, NewTerms},
    series,
};
use coterie_server::{Stack, StackConfig};
use coterie_tests::{TestStack, chain};
use sqlx::PgPool;
use std::collections::BTreeMap;
use uuid::Uuid;

/// One of the two.
#[derive(Debug)]
pub struct Chain {
    pub slug: &'static str,
    pub tenant: Uuid,
    /// What stands for the parameters of paths and for the placeholders of bodies.
    pub ids: Ids,
    /// Session tokens of Ada, Bob and the staff.
    ada: String,
    bob: String,
    staff: BTreeMap<&'static str, String>,
    keys: BTreeMap<&'static str, String>,
}

/// Everybody.
#[derive(Debug)]
pub struct Cast {
    pub harbour: Chain,
    pub quayside: Chain,
    /// Her session.
    administrator: String,
    pool: PgPool,
}

impl Cast {
    pub fn proof(&self, who: Who) -> Proof {
        match who {
            Who::Stranger => Proof::Nothing,
            Who::Ada => Proof::Session(self.harbour.ada.clone()),
            Who::Bob => Proof::Session(self.harbour.bob.clone()),
            Who::Staff(role) => Proof::Session(self.harbour.staff[role.name()].clone()),
            Who::Key(role) => Proof::Key(self.harbour.keys[role.name()].clone()),
            Who::UnknownKey => Proof::Key("ck_nobody".to_owned()),
            Who::ForeignMember => Proof::Session(self.quayside.ada.clone()),
            Who::ForeignOwner => Proof::Session(self.quayside.staff["owner"].clone()),
            Who::Administrator => Proof::Administrator(self.administrator.clone()),
            Who::ForeignKey => Proof::Key(self.quayside.keys["owner"].clone()),
        }
    }

    /// How many events each chain has.
    pub async fn heads(&self) -> [i64; 2] {
        let mut heads = [0; 2];
        for (head, chain) in heads.iter_mut().zip([&self.harbour, &self.quayside]) {
            *head = one(
                &self.pool,
                "select position from event_head where tenant_id = $1",
                chain.tenant,
            )
            .await;
        }
        heads
    }
}

/// Opens both chains, starts the house over them and waits until nothing is on its way, so that every later event has a
/// culprit.
pub async fn assemble() -> (TestStack, Cast) {
    let db = coterie_tests::database().await;
    let app = chain::app(db.app.clone());
    // Before there is a worker, which would connect their companies to accounts of its own.
    let opened = [
        chain::open_chain(&app, "harbour").await,
        chain::open_chain(&app, "quayside").await,
    ];
    let url = |role| db.url(Some(role)).parse().expect("a database URL");
    let config = StackConfig::new(
        url("coterie_app"),
        url("coterie_worker"),
        app.config.secret.clone(),
        app.config.keys.clone(),
    );
    let house = Stack::start(config).await.expect("the house starts");
    let stack = TestStack { house, db };
    let [harbour, quayside] = &opened;
    // What is issued before the worker has seen its chain would never be collected.
    stack.settle(harbour.tenant).await;
    stack.settle(quayside.tenant).await;
    let administrator = stack.person();
    let token = [("token", stack.house.platform_token.as_str())];
    administrator.post("/sign-in", &token).await;
    let cast = Cast {
        administrator: administrator.cookie("platform").expect("the token signs in"),
        harbour: furnish(&stack, "harbour", harbour).await,
        quayside: furnish(&stack, "quayside", quayside).await,
        pool: stack.db.owner.clone(),
    };
    (stack, cast)
}

async fn furnish(stack: &TestStack, slug: &'static str, opened: &chain::Chain) -> Chain {
    let app = stack.app();
    let (tenant, owner) = (opened.tenant, &opened.owner);
    let subscribed = chain::subscribe(app, opened).await;
    let booking = chain::book(app, opened, opened.elbe, "2026-01-22T10:00", "2026-01-22T12:00").await;
    chain::book(app, opened, opened.spree, "2026-01-23T09:00", "2026-01-23T13:00").await;

    let bob = ImportMember {
        external_id: "member-2".to_owned(),
        name: "Bob Baker".to_owned(),
        email: "bob@example.test".to_owned(),
        home_location_id: Some(opened.location),
        password: None,
    };
    let bob = member::import(app, owner, bob).await.expect("Bob is imported").outcome;
    let company = RegisterCompany {
        name: "Analytical Engines Ltd".to_owned(),
        billing_email: "bills@engines.test".to_owned(),
        address: serde_json::from_value(serde_json::json!({
            "street": "Kai 1", "postcode": "10115", "city": "Berlin", "country": "DE",
        }))
        .expect("an address"),
        ..RegisterCompany::default()
    };
    let company = company::register(app, owner, company)
        .await
        .expect("a company is registered")
        .outcome;

    let (team, seated) = teamed(app, opened, company).await;
    let (price_change, newer) = announced(app, opened).await;

    // The sample's own company has an account that the simulator never heard of; this one's is opened by the worker.
    let till = NewLegalEntity {
        name: "Harbour Kai GmbH".to_owned(),
        street: "Kai 1".to_owned(),
        postcode: "10115".to_owned(),
        city: "Berlin".to_owned(),
        country: "DE".to_owned(),
        tax_id: String::new(),
        currency: "EUR".to_owned(),
        time_zone: chain::ZONE.to_owned(),
        invoice_series: "KAI".to_owned(),
        payment_terms_days: 14,
    };
    let till = legal_entity::create(app, owner, till)
        .await
        .expect("a legal entity is created")
        .outcome;

    let (visit, visitor_booking) = visited(stack, opened, till).await;
    let closure = location::NewClosure {
        first_day: jiff::civil::date(2026, 10, 3),
        last_day: jiff::civil::date(2026, 10, 3),
        reason: "Day of German Unity".to_owned(),
        external_id: None,
    };
    let closed = location::close(app, owner, opened.location, closure)
        .await
        .expect("a day is closed")
        .outcome;
    let closure = closed.closures[0];

    let floor = floor::add(
        app,
        owner,
        opened.location,
        NewFloor {
            name: "Ground floor".to_owned(),
            level: 0,
        },
    )
    .await
    .expect("a floor is added")
    .outcome;
    let drawing = b"<svg viewBox='0 0 10 5'><rect width='9' height='4'/></svg>";
    floor::set_plan(app, owner, floor, drawing)
        .await
        .expect("it has a plan");

    let assignment = assignment::NewAssignment {
        resource_id: opened.spree,
        membership_id: subscribed.membership_id,
        first_day: jiff::civil::date(2030, 1, 1),
        last_day: Some(jiff::civil::date(2030, 12, 31)),
    };
    let assignment = assignment::make(app, owner, assignment)
        .await
        .expect("a room is assigned")
        .outcome;

    let photo = photo::NewPhoto {
        resource_id: opened.spree,
        alt: "A table".to_owned(),
        image: crate::pictures::png(80, 80),
    };
    let photo = photo::add(app, owner, photo).await.expect("a photo is added").outcome;

    let letterhead = NewLetterhead {
        iban: "DE02120300000000202051".to_owned(),
        ..NewLetterhead::default()
    };
    let logo = LogoChange::Take(crate::pictures::png(80, 80));
    legal_entity::set_letterhead(app, owner, opened.legal_entity, &letterhead, logo)
        .await
        .expect("a letterhead is set");

    let blocker = blocker::NewBlocker {
        resource_id: opened.spree,
        start: jiff::civil::date(2026, 7, 1).at(8, 0, 0, 0),
        end: jiff::civil::date(2026, 7, 2).at(18, 0, 0, 0),
        reason: "Painting".to_owned(),
    };
    let blocker = blocker::place(app, owner, blocker)
        .await
        .expect("a room is taken out of service")
        .outcome;
    let wait = booking::Book {
        member_id: opened.ada,
        resource_id: opened.spree,
        start: jiff::civil::date(2026, 7, 1).at(10, 0, 0, 0),
        end: jiff::civil::date(2026, 7, 1).at(11, 0, 0, 0),
        people: None,
    };
    let entry = coterie_app::waitlist::join(app, &opened.as_ada(), wait)
        .await
        .expect("a member waits")
        .outcome;
    chain::sell_passes(app, opened, 20).await;
    let pass = chain::buy_pass(app, opened, "2026-02-10").await;
    let meter = chain::print_pages(app, opened, "print-1", "12").await;
    let locker = chain::define_locker(app, opened).await;
    let credit_pack = chain::define_pack(app, opened, None).await;
    let coupon = chain::make_coupon(app, opened, "AUTUMN", 10, None).await;
    let start = jiff::civil::date(2026, 3, 2).at(16, 0, 0, 0);
    let again = booking::BookSeries {
        wish: series::Wish {
            member_id: opened.ada,
            resource_id: opened.spree,
            starts_at: start,
            ends_at: start.saturating_add(jiff::Span::new().hours(1)),
            rule: "FREQ=WEEKLY;COUNT=8".to_owned(),
            people: None,
        },
        leaving_out: false,
        agreed: None,
    };
    let series = booking::book_series(app, &opened.as_ada(), again)
        .await
        .expect("Ada books a series")
        .outcome
        .series_id
        .0;

    let billed = subscribed.invoice_id.expect("the first days cost something");
    let part = NewCreditNote {
        reason: "A cent too much.".to_owned(),
        lines: vec![WantedLine {
            charge_id: chain::charge_of(app, opened, billed).await,
            net_minor: Some(1),
        }],
        bill_again: false,
    };
    let credit_note = credit_note::issue(app, owner, billed, &part).await;
    let credit_note = credit_note.expect("a cent is taken back").outcome;
    chain::sell(app, opened, opened.ada, 1_000, jiff::civil::date(2026, 1, 20)).await;
    let today = jiff::civil::date(2026, 1, 20);
    let run = coterie_app::invoice_run::open(app, owner, opened.legal_entity, today)
        .await
        .expect("an invoice run opens")
        .outcome;

    let mut staff = BTreeMap::new();
    let mut keys = BTreeMap::new();
    let mut colleague = opened.owner_id;
    for role in Role::ALL {
        let command = AddStaff {
            name: format!("Sam {}", role.name()),
            email: format!("sam-{}@example.test", role.name()),
            role,
            password: None,
        };
        colleague = organization::add_staff(app, owner, command)
            .await
            .expect("a colleague is added")
            .outcome;
        staff.insert(role.name(), session_of(stack, tenant, "staff", colleague.0).await);
        let (_, key) = session::create_api_key(app, owner, role).await.expect("a key is made");
        keys.insert(role.name(), key);
    }
    // A key and a colleague that nobody uses: routes may revoke them.
    let (spare_key, _) = session::create_api_key(app, owner, Role::Operator)
        .await
        .expect("a key is made");

    stack.settle(tenant).await;
    let pool = &stack.db.owner;
    let charge: Uuid = one(
        pool,
        "select charge_id from charge_view where tenant_id = $1 and invoice_id is not null limit 1",
        tenant,
    )
    .await;
    let payment: Uuid = one(
        pool,
        "select payment_id from payment_view where tenant_id = $1 limit 1",
        tenant,
    )
    .await;
    let correlation: Uuid = one(
        pool,
        "select correlation_id from event where tenant_id = $1 and position = 1",
        tenant,
    )
    .await;
    let command: Uuid = one(
        pool,
        "select command_id from event where tenant_id = $1 and position = 1",
        tenant,
    )
    .await;
    let deposit: Uuid = one(
        pool,
        "select deposit_id from deposit_guard where tenant_id = $1 limit 1",
        tenant,
    )
    .await;
    let ids = [
        ("api_key", spare_key.to_string()),
        ("deposit", deposit.to_string()),
        ("assignment", assignment.to_string()),
        ("blocker", blocker.to_string()),
        ("booking", booking.to_string()),
        ("charge", charge.to_string()),
        ("closure", closure.to_string()),
        ("colleague", seated.to_string()),
        ("company", company.to_string()),
        ("team", team.to_string()),
        ("entry", entry.to_string()),
        ("waitlist", entry.to_string()),
        ("floor", floor.to_string()),
        ("hash", "no-such-hash".to_owned()),
        ("credit_note", credit_note.to_string()),
        ("command", command.to_string()),
        ("correlation", correlation.to_string()),
        ("date", "2026-01-23".to_owned()),
        ("invoice", billed.to_string()),
        ("invoice_run", run.to_string()),
        ("payer", opened.ada.to_string()),
        ("key", spare_key.to_string()),
        ("legal_entity", opened.legal_entity.to_string()),
        ("location", opened.location.to_string()),
        ("member", opened.ada.to_string()),
        ("membership", subscribed.membership_id.to_string()),
        ("meter", meter.to_string()),
        ("coupon", coupon.to_string()),
        ("add_on", locker.to_string()),
        ("credit_pack", credit_pack.to_string()),
        ("name", "no-such-name".to_owned()),
        ("pass", pass.to_string()),
        ("payment", payment.to_string()),
        ("position", "1".to_owned()),
        ("photo", photo.to_string()),
        ("plan", opened.plan.to_string()),
        ("plan_version", opened.plan_version.to_string()),
        ("price_change", price_change.to_string()),
        ("newer_version", newer.to_string()),
        ("price_rule", opened.price.to_string()),
        ("resource", opened.spree.to_string()),
        ("resource_type", opened.room_type.to_string()),
        ("series", series.to_string()),
        ("sign", booking::sign(stack.app(), tenant, opened.spree)),
        ("staff", colleague.to_string()),
        ("stream", booking.to_string()),
        ("till", till.to_string()),
        ("token", "no-such-token".to_owned()),
        ("visit", visit.to_string()),
        ("visitor_booking", visitor_booking.to_string()),
    ];
    Chain {
        slug,
        tenant,
        ids: ids.into_iter().collect(),
        ada: session_of(stack, tenant, "member", opened.ada.0).await,
        bob: session_of(stack, tenant, "member", bob.0).await,
        staff,
        keys,
    }
}

/// Ada manages the company; a colleague of hers holds a membership that it pays for, another has a seat of it.
async fn teamed(app: &App, opened: &chain::Chain, company: CompanyId) -> (MembershipId, MemberId) {
    let owner = &opened.owner;
    let mut people = vec![opened.ada];
    for name in ["Grace", "Cleo"] {
        let row = ImportMember {
            external_id: name.to_owned(),
            name: name.to_owned(),
            email: format!("{}@example.test", name.to_lowercase()),
            home_location_id: Some(opened.location),
            password: None,
        };
        people.push(member::import(app, owner, row).await.expect("she is imported").outcome);
    }
    for person in &people {
        company::add_member(app, owner, company, *person, None)
            .await
            .expect("she joins");
    }
    company::set_manager(app, owner, company, opened.ada, true)
        .await
        .expect("Ada manages it");
    let plan = plan::publish(app, owner, None, a_team(opened))
        .await
        .expect("a plan is published");
    let starts = Subscribe {
        member_id: people[1],
        plan_version_id: plan.outcome.plan_version_id,
        location_id: opened.location,
        agreed_gross_minor: None,
        without_card: true,
        coupon: None,
    };
    let team = membership::subscribe(app, owner, starts)
        .await
        .expect("she subscribes")
        .outcome
        .membership_id;
    membership::give_seat(app, owner, team, people[2], None)
        .await
        .expect("a seat is given");
    (team, people[2])
}

/// The plan of the team is dearer, which is announced to who has it.
async fn announced(app: &App, opened: &chain::Chain) -> (PriceChangeId, PlanVersionId) {
    let owner = &opened.owner;
    let catalogue = coterie_app::catalogue::read(app, opened.tenant)
        .await
        .expect("a catalogue");
    let team = catalogue.plans_on_offer().into_iter().find(|plan| plan.name == "Team");
    let team = team.expect("there is a team's plan").plan_id;
    let plan = NewPlanVersion {
        price: chain::eur(95_000),
        ..a_team(opened)
    };
    let newer = plan::publish(app, owner, Some(team), plan)
        .await
        .expect("a version is published")
        .outcome
        .plan_version_id;
    let new = NewPriceChange {
        plan_version_id: newer,
        effective_from: jiff::civil::date(2026, 5, 1),
        notice_days: 30,
        message: String::new(),
    };
    let preview = price_change::preview(app, owner, &new).await.expect("it is shown");
    let announced = price_change::announce(app, owner, &new, &preview.sha256()).await;
    (announced.expect("it is announced").outcome, newer)
}

fn a_team(opened: &chain::Chain) -> NewPlanVersion {
    NewPlanVersion {
        name: "Team".to_owned(),
        legal_entity_id: opened.legal_entity,
        price: chain::eur(90_000),
        tax_included: false,
        billing_day: 1,
        terms: PlanTerms {
            seats: 3,
            deposit_minor: 60_000,
            ..PlanTerms::default()
        },
        tax_category: "standard".to_owned(),
        allowances: Vec::new(),
        locations: Vec::new(),
        access_hours: String::new(),
    }
}

/// A room that is open to visitors, at a house whose company can take cards, and a visit to it.
async fn visited(stack: &TestStack, opened: &chain::Chain, till: LegalEntityId) -> (ResourceId, VisitorBookingId) {
    let (app, owner) = (stack.app(), &opened.owner);
    // Its account is opened by the worker.
    stack.settle(opened.tenant).await;
    let place = location::open(app, owner, till, chain::a_house("Kai"))
        .await
        .expect("a location opens")
        .outcome;
    let foyer = NewResource {
        name: "Foyer".to_owned(),
        ..NewResource::default()
    };
    let foyer = resource::add(app, owner, opened.room_type, place, foyer)
        .await
        .expect("a room is added")
        .outcome;
    let terms = NewTerms {
        visitors: true,
        ..NewTerms::default()
    };
    resource::set_terms(app, owner, foyer, terms)
        .await
        .expect("it is open to visitors");
    let day = jiff::civil::date(2026, 1, 25);
    let wish = visitor_booking::OpenVisit {
        time: visitor_booking::VisitTime {
            resource_id: foyer,
            start: day.at(10, 0, 0, 0),
            end: day.at(11, 0, 0, 0),
        },
        name: "Walter".to_owned(),
        email: "walter@example.test".to_owned(),
    };
    let visit = visitor_booking::open(app, owner, wish).await.expect("a visit opens");
    (foyer, visit.outcome)
}

async fn session_of(stack: &TestStack, tenant: Uuid, kind: &str, person: Uuid) -> String {
    session::open_session(stack.app(), tenant, kind, person)
        .await
        .expect("a session opens")
}

/// One value of a chain, as the superuser sees it.
async fn one<T>(pool: &PgPool, sql: &'static str, tenant: Uuid) -> T
where
    T: Send + Unpin + sqlx::Type<sqlx::Postgres> + for<'r> sqlx::Decode<'r, sqlx::Postgres>,
{
    let value = sqlx::query_scalar(sql).bind(tenant).fetch_one(pool).await;
    value.unwrap_or_else(|error| panic!("{sql}: {error}"))
}
