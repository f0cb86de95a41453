//! The sample chain that journeys share: "Harbour", one legal entity in Berlin, one location with two rooms, one plan
//! with five room hours, and a member who joined on 20 January 2026 with a saved card. All of it is made by the use cases
//! themselves, as the application role.

use coterie_app::{
    Actor, App, AppConfig, Caller, Operation, add_on,
    alarm::{self, Fired},
    booking, charge, coupon, credit_pack, legal_entity, location,
    member::{self, ImportMember},
    membership::{self, Subscribe, Subscribed},
    meter,
    organization::{self, CreateOrganization},
    pass, plan, resource,
    secret::{Keyring, SecretKey},
    tax, test_clock, usage,
};
use coterie_domain::{
    AddOnId, BookingId, ChargeId, CouponId, CreditPackId, Currency, InvoiceId, LegalEntityId, LocationId, MemberId,
    MeterId, Money, PassId, Payer, PlanId, PlanVersionId, PriceRuleId, ResourceId, ResourceTypeId, StaffId,
    add_on::NewAddOn,
    charge::{ChargeKind, ChargeMade, SourceRef},
    coupon::{NewCoupon, NewOff},
    credit::Holds,
    credit_pack::{NewCreditPack, ValidFor},
    legal_entity::NewLegalEntity,
    location::{NewDayPasses, NewLocation},
    member::PaymentMethodSaved,
    meter::NewMeter,
    organization::Role,
    plan::{Allowance, NewPlanVersion},
    resource::{NewPriceRule, NewResource},
    usage::NewUsage,
};
use coterie_eventlog::{Follower, follow_once};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use sqlx::PgPool;
use std::sync::Arc;
use uuid::Uuid;

/// 20 January 2026, 10:00 in Berlin.
pub const CLOCK: &str = "2026-01-20T09:00:00Z";
pub const ZONE: &str = "Europe/Berlin";
pub const OWNER_EMAIL: &str = "owner@harbour.test";
pub const OWNER_PASSWORD: &str = "harbour owner password";
pub const MEMBER_EMAIL: &str = "ada@example.test";
pub const MEMBER_PASSWORD: &str = "ada member password";
pub const STRIPE_ACCOUNT: &str = "acct_harbour";

/// An open chain. Its names are told in `chain.rs`'s constants and in `open_chain`.
#[derive(Debug, Clone)]
pub struct Chain {
    pub tenant: Uuid,
    pub host: String,
    pub owner_id: StaffId,
    pub owner: Caller,
    pub legal_entity: LegalEntityId,
    pub location: LocationId,
    pub room_type: ResourceTypeId,
    pub price: PriceRuleId,
    /// "Elbe" for 8 people.
    pub elbe: ResourceId,
    /// "Spree" for 4 people.
    pub spree: ResourceId,
    pub plan: PlanId,
    pub plan_version: PlanVersionId,
    /// Ada, who has a saved card and no membership yet.
    pub ada: MemberId,
}

impl Chain {
    /// Ada herself, as she calls from her own pages.
    pub fn as_ada(&self) -> Caller {
        Caller::new(self.tenant, Actor::Member(self.ada))
    }
    pub fn ada_pays(&self) -> Payer {
        Payer::Member(self.ada)
    }
}

/// Euro cents.
///
/// # Panics
/// Never: the euro is known.
pub fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse::<Currency>().expect("EUR is known"))
}

/// The master keys of every test.
///
/// # Panics
/// Never: one key is a list of keys.
pub fn keys() -> Keyring {
    Keyring::new([("test".to_owned(), [8; 32])]).expect("one key")
}

/// An application over a test's database, with a fixed secret and cheap password hashes.
pub fn app(pool: PgPool) -> App {
    let mut config = AppConfig::new(SecretKey::new([7; 32]), keys());
    config.password_memory_kib = 64;
    config.password_passes = 1;
    App::new(pool, config)
}

/// Opens a sandbox chain under `{slug}.localhost`, whose clock stands at [`CLOCK`].
///
/// # Panics
/// When a use case refuses.
pub async fn open_chain(app: &App, slug: &str) -> Chain {
    let host = format!("{slug}.localhost");
    let opened = organization::create(
        app,
        CreateOrganization {
            name: "Harbour".to_owned(),
            slug: slug.to_owned(),
            sandbox: true,
            clock_starts_at: Some(CLOCK.parse::<Timestamp>().expect("an instant")),
            host: host.clone(),
            owner_name: "Olga Owner".to_owned(),
            owner_email: OWNER_EMAIL.to_owned(),
            owner_password: OWNER_PASSWORD.to_owned(),
        },
    )
    .await
    .expect("an organization opens")
    .outcome;
    let tenant = opened.organization_id.0;
    let owner = Caller::new(
        tenant,
        Actor::Staff {
            id: opened.owner_id,
            role: Role::Owner,
        },
    );
    let legal_entity = open_entity(app, &owner, slug).await;
    let location = open_location(app, &owner, legal_entity).await;
    let (room_type, price, [elbe, spree]) = furnish(app, &owner, location).await;
    let published = plan::publish(app, &owner, None, flex(legal_entity, room_type))
        .await
        .expect("a plan is published")
        .outcome;
    let ada = import_ada(app, &owner, legal_entity, location).await;
    Chain {
        tenant,
        host,
        owner_id: opened.owner_id,
        owner,
        legal_entity,
        location,
        room_type,
        price,
        elbe,
        spree,
        plan: published.plan_id,
        plan_version: published.plan_version_id,
        ada,
    }
}

/// "Harbour Berlin GmbH": EUR, Berlin, 19 % from 2021 on, invoices `BER-000001` and on, a Stripe account of its own.
async fn open_entity(app: &App, owner: &Caller, slug: &str) -> LegalEntityId {
    let new = NewLegalEntity {
        name: "Harbour Berlin GmbH".to_owned(),
        street: "Hafenstrasse 1".to_owned(),
        postcode: "10115".to_owned(),
        city: "Berlin".to_owned(),
        country: "DE".to_owned(),
        tax_id: "DE123456788".to_owned(),
        currency: "EUR".to_owned(),
        time_zone: ZONE.to_owned(),
        invoice_series: "BER".to_owned(),
        payment_terms_days: 14,
    };
    let id = legal_entity::create(app, owner, new)
        .await
        .expect("a legal entity is created")
        .outcome;
    // Accounts are unique in the installation, so two chains of one database need two.
    let account = format!("{STRIPE_ACCOUNT}_{slug}");
    legal_entity::connect_stripe(app, owner, id, &account)
        .await
        .expect("Stripe is connected");
    let from = "2021-01-01".parse().expect("a date");
    tax::set_rate(app, owner, "DE", "standard", 19.into(), from)
        .await
        .expect("a tax rate is set");
    id
}

/// "Speicher", open every day from 07:00 to 22:00.
/// A house in Berlin, open from seven to ten.
pub fn a_house(name: &str) -> NewLocation {
    NewLocation {
        name: name.to_owned(),
        street: "Hafenstrasse 1".to_owned(),
        postcode: "10115".to_owned(),
        city: "Berlin".to_owned(),
        country: "DE".to_owned(),
        time_zone: ZONE.to_owned(),
        opening_hours: "Mon-Sun 07:00-22:00".to_owned(),
    }
}

async fn open_location(app: &App, owner: &Caller, entity: LegalEntityId) -> LocationId {
    location::open(app, owner, entity, a_house("Speicher"))
        .await
        .expect("a location opens")
        .outcome
}

/// Meeting rooms at EUR 20.00 an hour: Elbe for 8, Spree for 4, no buffers.
async fn furnish(app: &App, owner: &Caller, location: LocationId) -> (ResourceTypeId, PriceRuleId, [ResourceId; 2]) {
    let kind = resource::create_type(app, owner, "Meeting room", "standard")
        .await
        .expect("a type is created")
        .outcome;
    let price = NewPriceRule::by_the_hour(kind, eur(2000));
    let price = resource::publish_price(app, owner, price)
        .await
        .expect("a price is published")
        .outcome;
    let mut rooms = [ResourceId(Uuid::nil()); 2];
    for (room, (name, capacity)) in rooms.iter_mut().zip([("Elbe", 8), ("Spree", 4)]) {
        let new = NewResource {
            name: name.to_owned(),
            capacity,
            ..NewResource::default()
        };
        *room = resource::add(app, owner, kind, location, new)
            .await
            .expect("a room is added")
            .outcome;
    }
    (kind, price, rooms)
}

/// "Flex": EUR 300.00 net a month, billed on the 1st, with 5 hours of meeting rooms.
fn flex(legal_entity_id: LegalEntityId, room_type: ResourceTypeId) -> NewPlanVersion {
    NewPlanVersion {
        name: "Flex".to_owned(),
        legal_entity_id,
        price: eur(30_000),
        tax_included: false,
        billing_day: 1,
        terms: coterie_domain::plan::PlanTerms::default(),
        tax_category: "standard".to_owned(),
        allowances: vec![Allowance {
            resource_type_id: room_type,
            minutes: 300,
        }],
        locations: Vec::new(),
        access_hours: String::new(),
    }
}

/// The next version of Flex, which asks for a deposit.
///
/// # Panics
/// When it is refused.
pub async fn with_deposit(app: &App, chain: &Chain, deposit_minor: i64) -> PlanVersionId {
    let mut new = flex(chain.legal_entity, chain.room_type);
    new.terms.deposit_minor = deposit_minor;
    plan::publish(app, &chain.owner, Some(chain.plan), new)
        .await
        .expect("a version is published")
        .outcome
        .plan_version_id
}

async fn import_ada(app: &App, owner: &Caller, entity: LegalEntityId, location: LocationId) -> MemberId {
    let row = ImportMember {
        external_id: "member-1".to_owned(),
        name: "Ada Lovelace".to_owned(),
        email: MEMBER_EMAIL.to_owned(),
        home_location_id: Some(location),
        password: Some(MEMBER_PASSWORD.to_owned()),
    };
    let ada = member::import(app, owner, row)
        .await
        .expect("a member is imported")
        .outcome;
    let payer = Payer::Member(ada);
    member::register_customer(app, owner, payer, entity, "cus_ada")
        .await
        .expect("a customer is registered");
    let card = PaymentMethodSaved {
        payer,
        legal_entity_id: entity,
        payment_method_id: "pm_ada".to_owned(),
        brand: "visa".to_owned(),
        last4: "4242".to_owned(),
        expires: "12/2030".to_owned(),
    };
    member::save_payment_method(app, owner, card)
        .await
        .expect("a card is saved");
    ada
}

/// Ada subscribes to Flex at the location's today.
///
/// # Panics
/// When it is refused.
pub async fn subscribe(app: &App, chain: &Chain) -> Subscribed {
    let command = Subscribe {
        member_id: chain.ada,
        plan_version_id: chain.plan_version,
        location_id: chain.location,
        agreed_gross_minor: None,
        without_card: false,
        coupon: None,
    };
    membership::subscribe(app, &chain.as_ada(), command)
        .await
        .expect("Ada subscribes")
        .outcome
}

/// The first charge on an invoice, by its guard.
///
/// # Panics
/// When there is none.
pub async fn charge_of(app: &App, chain: &Chain, invoice: InvoiceId) -> ChargeId {
    let mut tx = app.pool.begin().await.expect("a transaction");
    coterie_eventlog::set_tenant_in_op(&mut tx, chain.tenant)
        .await
        .expect("the tenant is set");
    let id = sqlx::query_scalar("select charge_id from charge_guard where invoice_id = $1 order by charge_id limit 1")
        .bind(invoice.0)
        .fetch_one(&mut *tx)
        .await
        .expect("the invoice bills something");
    ChargeId(id)
}

/// A member of the owner's, who subscribes to Flex as Ada does; her invoices are settled outside.
///
/// # Panics
/// When it is refused.
pub async fn another_member(app: &App, chain: &Chain, number: u32) -> MemberId {
    let row = ImportMember {
        external_id: format!("M-{number}"),
        name: format!("Member {number}"),
        email: format!("member{number}@example.com"),
        home_location_id: None,
        password: None,
    };
    let member_id = member::import(app, &chain.owner, row)
        .await
        .expect("she is imported")
        .outcome;
    let command = Subscribe {
        member_id,
        plan_version_id: chain.plan_version,
        location_id: chain.location,
        agreed_gross_minor: None,
        without_card: true,
        coupon: None,
    };
    membership::subscribe(app, &chain.owner, command)
        .await
        .expect("she is subscribed");
    member_id
}

/// Ada books a room, in wall time at the location: `book(.., chain.elbe, "2026-01-22T10:00", "2026-01-22T12:00")`.
///
/// # Panics
/// When it is refused.
pub async fn book(app: &App, chain: &Chain, resource_id: ResourceId, start: &str, end: &str) -> BookingId {
    let command = booking::Book {
        member_id: chain.ada,
        resource_id,
        start: start.parse::<DateTime>().expect("a wall time"),
        end: end.parse::<DateTime>().expect("a wall time"),
        people: None,
    };
    booking::book(app, &chain.as_ada(), command)
        .await
        .expect("Ada books")
        .outcome
}

/// The location sells so many passes a day, at EUR 25.00.
///
/// # Panics
/// When it is refused.
pub async fn sell_passes(app: &App, chain: &Chain, capacity: i32) {
    let terms = NewDayPasses {
        price: eur(2_500),
        tax_included: false,
        capacity,
        tax_category: "standard".to_owned(),
        horizon_days: 60,
    };
    location::set_day_passes(app, &chain.owner, chain.location, &terms)
        .await
        .expect("passes are sold");
}

/// A locker for 15.00 a month, which members add and remove themselves.
///
/// # Panics
/// When it is refused.
pub async fn define_locker(app: &App, chain: &Chain) -> AddOnId {
    let new = NewAddOn {
        legal_entity_id: chain.legal_entity,
        name: "Locker".to_owned(),
        price: eur(1_500),
        tax_included: false,
        length: coterie_domain::period::CycleLength::Month,
        tax_category: "standard".to_owned(),
        self_service: true,
    };
    let defined = add_on::define(app, &chain.owner, &new).await;
    defined.expect("a locker is defined").outcome
}

/// A pack that members buy themselves: 10 hours of a room type for 150.00, or 5 day passes for 100.00, for 6 months.
///
/// # Panics
/// When it is refused.
pub async fn define_pack(app: &App, chain: &Chain, hours_of: Option<ResourceTypeId>) -> CreditPackId {
    let (name, amount, minor) = match hours_of {
        Some(_) => ("10 hours of meeting room", 600, 15_000),
        None => ("5 day passes", 5, 10_000),
    };
    let new = NewCreditPack {
        legal_entity_id: chain.legal_entity,
        name: name.to_owned(),
        holds: hours_of.map_or(Holds::DayPasses, |resource_type_id| Holds::Minutes { resource_type_id }),
        amount,
        price: eur(minor),
        tax_category: "standard".to_owned(),
        valid_for: ValidFor::Months(6),
        self_service: true,
    };
    let defined = credit_pack::define(app, &chain.owner, &new).await;
    defined.expect("a pack is defined").outcome
}

/// Ada buys a pack.
///
/// # Panics
/// When it is refused.
pub async fn buy_pack(app: &App, chain: &Chain, credit_pack_id: CreditPackId) -> credit_pack::Bought {
    let wish = credit_pack::BuyPack {
        member_id: chain.ada,
        credit_pack_id,
    };
    let bought = credit_pack::buy(app, &chain.as_ada(), wish).await;
    bought.expect("a pack is bought").outcome
}

/// A coupon that takes some percent off three cycles, so many times.
///
/// # Panics
/// When it is refused.
pub async fn make_coupon(app: &App, chain: &Chain, code: &str, percent: i64, limit: Option<i64>) -> CouponId {
    let new = NewCoupon {
        code: code.to_owned(),
        name: code.to_owned(),
        off: NewOff {
            percent: Some(percent.into()),
            amount: None,
        },
        cycles: Some(3),
        plans: Vec::new(),
        first_day: None,
        last_day: None,
        limit,
        once_per_member: true,
    };
    let made = coupon::create(app, &chain.owner, &new).await;
    made.expect("a coupon is made").outcome
}

/// Ada buys a pass for a day.
///
/// # Panics
/// When it is refused.
pub async fn buy_pass(app: &App, chain: &Chain, day: &str) -> PassId {
    let wish = pass::BuyPass {
        member_id: chain.ada,
        location_id: chain.location,
        day: day.parse().expect("a day"),
    };
    pass::buy(app, &chain.as_ada(), wish)
        .await
        .expect("Ada buys a pass")
        .outcome
}

/// A page is three and a half cents from now on, and Ada printed so many on the first day of her membership.
///
/// # Panics
/// When it is refused.
pub async fn print_pages(app: &App, chain: &Chain, event_id: &str, pages: &str) -> MeterId {
    let new = NewMeter {
        legal_entity_id: chain.legal_entity,
        name: "Pages printed".to_owned(),
        unit: "page".to_owned(),
        price: "0.035".to_owned(),
        tax_category: "standard".to_owned(),
    };
    let meter = meter::define(app, &chain.owner, &new)
        .await
        .expect("a meter is defined")
        .outcome;
    let printed = NewUsage {
        event_id: event_id.to_owned(),
        meter_id: meter,
        member_id: chain.ada,
        quantity: pages.to_owned(),
        used_on: jiff::civil::date(2026, 1, 20),
    };
    usage::report(app, &chain.owner, &[printed])
        .await
        .expect("usage is counted");
    meter
}

/// Ada subscribes and books Elbe.
///
/// # Panics
/// When it is refused.
pub async fn book_after_subscribing(app: &App, chain: &Chain) -> BookingId {
    subscribe(app, chain).await;
    book(app, chain, chain.elbe, "2026-01-22T10:00", "2026-01-22T12:00").await
}

/// Follows the log with every follower until none moves.
///
/// # Panics
/// When a follower parks or fails: the message names it.
pub async fn follow_until_idle(worker: &PgPool, followers: &[Arc<dyn Follower>]) {
    follow_in_batches(worker, followers, 500).await;
}

/// The same, with batches of so many events.
///
/// # Panics
/// When a follower parks or fails: the message names it.
pub async fn follow_in_batches(worker: &PgPool, followers: &[Arc<dyn Follower>], batch: i64) {
    loop {
        let mut events = 0;
        for follower in followers {
            let progress = follow_once(worker, follower.as_ref(), batch)
                .await
                .expect("a round goes through");
            let name = follower.name();
            assert_eq!((progress.parked, progress.failed), (0, 0), "{name} parked or failed");
            events += progress.events;
        }
        if events == 0 {
            return;
        }
    }
}

/// Fires every alarm of the chain that is due up to a time, in order, and leaves its clock there. What would have to be
/// collected outside the house comes back.
///
/// # Panics
/// When an alarm is refused.
pub async fn live_until(app: &App, worker: &PgPool, chain: &Chain, until: Timestamp) -> Vec<InvoiceId> {
    let mut to_collect = Vec::new();
    loop {
        let due = alarm::earliest(worker, chain.tenant, until)
            .await
            .expect("alarms can be read");
        if due.is_empty() {
            break;
        }
        test_clock::set(app, chain.tenant, due[0].due_at, false, None)
            .await
            .expect("the clock moves");
        let firing = alarm::fire(app, &due).await.expect("the alarms are fired");
        for (alarm, fired) in due.iter().zip(firing.commit().await.expect("the alarms are fired")) {
            match fired {
                Fired::Collect(invoice) => to_collect.push(invoice),
                Fired::Done => {}
                Fired::Gone => panic!("{alarm:?} is gone"),
            }
        }
    }
    test_clock::set(app, chain.tenant, until, true, None)
        .await
        .expect("the clock moves");
    to_collect
}

/// Fires one alarm.
///
/// # Errors
/// Whatever the use case behind it says.
pub async fn fire(app: &App, alarm: &alarm::Alarm) -> Result<Fired, coterie_app::UseCaseError> {
    let fired = alarm::fire(app, std::slice::from_ref(alarm)).await?.commit().await?;
    Ok(fired[0])
}

/// Something is sold once to a member who pays herself: a charge that can be billed from a day on.
///
/// # Panics
/// When it is refused.
pub async fn sell(app: &App, chain: &Chain, member: MemberId, net_minor: i64, billable_on: Date) -> ChargeId {
    let mut op = Operation::open(app, &chain.owner).await.expect("an operation opens");
    let charge = a_sale(ChargeId(op.new_id()), chain, member, net_minor, billable_on);
    charge::make_in_op(&mut op, &charge).await.expect("a charge is made");
    let id = charge.charge_id;
    op.commit(id).await.expect("it is recorded").outcome
}

/// A charge of one day for something sold once.
pub fn a_sale(id: ChargeId, chain: &Chain, member: MemberId, net_minor: i64, billable_on: Date) -> ChargeMade {
    ChargeMade {
        charge_id: id,
        kind: ChargeKind::OneOff,
        payer: Payer::Member(member),
        member_id: member,
        membership_id: None,
        legal_entity_id: chain.legal_entity,
        supplied_by: None,
        location_id: chain.location,
        description: "Postbox".to_owned(),
        quantity: "1".to_owned(),
        unit: String::new(),
        unit_price: eur(net_minor),
        net: eur(net_minor),
        tax_category: "standard".to_owned(),
        service_from: billable_on,
        service_to: billable_on.tomorrow().unwrap_or(billable_on),
        taxed_on: None,
        gives_back: None,
        billable_on,
        source: SourceRef {
            category: "charge".to_owned(),
            stream_id: id.0,
            version: 1,
            event_type: "ChargeMade".to_owned(),
        },
        because: Vec::new(),
        catalogue_position: 0,
    }
}
