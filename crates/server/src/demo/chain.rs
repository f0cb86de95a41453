//! The chain itself: the organization, its staff, what the files bring, and everybody's saved card.

use super::error::{asking, doing};
use super::samples::{CompanyRow, MemberRow, Samples, test_card};
use super::{DemoError, SignIn, crew, floors, visitors};
use crate::{RunningStack, wiring};
use coterie_app::import::{self, Mode, People, Report};
use coterie_app::organization::{self, AddStaff, CreateOrganization};
use coterie_app::{Actor, App, Caller, Operation, catalogue, location, member, session};
use coterie_domain::catalogue::Catalogue;
use coterie_domain::location::NewDayPasses;
use coterie_domain::member::PaymentMethodSaved;
use coterie_domain::organization::Role;
use coterie_domain::{CompanyId, LegalEntityId, LocationId, MemberId, Money, Payer, PlanVersionId, StaffId};
use coterie_gateway::{Gateway, NewCustomer};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The demo chain's label in host names.
pub const SLUG: &str = "harbour";
/// Everybody's password. The demo listens on loopback only and holds nothing real.
pub const PASSWORD: &str = "harbour-demo";
/// The platform's key at the simulator, which takes any test key.
const SIMULATOR_KEY: &str = "sk_test_coterie";
/// How long the worker may take to connect the legal entities.
const PATIENCE: Duration = Duration::from_secs(30);

/// A member who will subscribe.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub id: MemberId,
    pub plan: PlanVersionId,
    pub home: LocationId,
    /// Days after the demo's first.
    pub starts_after_days: i64,
}

/// The chain before its first day.
pub(super) struct Chain {
    pub tenant: Uuid,
    pub owner: Caller,
    pub catalogue: Arc<Catalogue>,
    pub people: Vec<Person>,
    pub sign_ins: Vec<SignIn>,
    pub api_key: String,
}

/// Opens the chain and brings everybody in.
pub(super) async fn open(house: &RunningStack, samples: &Samples, starts_at: Timestamp) -> Result<Chain, DemoError> {
    let app = &house.app;
    let (tenant, owner_id) = organization(app, starts_at).await?;
    let owner = Caller::new(
        tenant,
        Actor::Staff {
            id: owner_id,
            role: Role::Owner,
        },
    );
    let mut sign_ins = vec![sign_in("owner", "Olivia Hartmann", "owner@harbour.example")];
    for (role, says, name, email) in [
        (Role::Operator, "operator", "Marco Silva", "operator@harbour.example"),
        (Role::Finance, "finance", "Ruth Adebayo", "finance@harbour.example"),
    ] {
        let command = AddStaff {
            name: name.to_owned(),
            email: email.to_owned(),
            role,
            password: Some(PASSWORD.to_owned()),
        };
        organization::add_staff(app, &owner, command)
            .await
            .map_err(doing("adding staff"))?;
        sign_ins.push(sign_in(says, name, email));
    }
    let (_, api_key) = session::create_api_key(app, &owner, Role::Owner)
        .await
        .map_err(doing("making an API key"))?;
    let imported = import::catalogue(app, &owner, &samples.catalogue, Mode::Apply).await;
    sound(&imported.map_err(doing("importing the catalogue"))?)?;
    floors::draw(app, &owner).await?;
    visitors::let_in(app, &owner).await?;
    let files = People {
        companies: Some(&samples.companies),
        members: Some(&samples.members),
    };
    let imported = import::people(app, &owner, files, Mode::Apply).await;
    sound(&imported.map_err(doing("importing the members"))?)?;
    sell_passes(app, &owner).await?;
    let catalogue = connected(house, tenant).await?;
    let (people, payers) = people(app, &owner, samples, &catalogue).await?;
    if let Some(name) = give_password(app, tenant, &people, samples).await? {
        sign_ins.push(name);
    }
    save_cards(house, tenant, &catalogue, payers).await?;
    Ok(Chain {
        tenant,
        owner,
        catalogue,
        people,
        sign_ins,
        api_key,
    })
}

/// Every house sells day passes: twenty a day at 25 of its currency.
async fn sell_passes(app: &App, owner: &Caller) -> Result<(), DemoError> {
    let offer = catalogue::read(app, owner.tenant)
        .await
        .map_err(doing("reading the catalogue"))?;
    for place in offer.locations.values() {
        let Some(entity) = offer.legal_entities.get(&place.legal_entity_id) else {
            continue;
        };
        let terms = NewDayPasses {
            price: Money::new(2_500, entity.fact.currency),
            tax_included: false,
            capacity: 20,
            tax_category: "standard".to_owned(),
            horizon_days: 60,
        };
        location::set_day_passes(app, owner, place.location_id, &terms)
            .await
            .map_err(doing("selling day passes"))?;
    }
    Ok(())
}

fn sign_in(role: &str, name: &str, email: &str) -> SignIn {
    SignIn {
        role: role.to_owned(),
        name: name.to_owned(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
    }
}

async fn organization(app: &App, starts_at: Timestamp) -> Result<(Uuid, StaffId), DemoError> {
    let command = CreateOrganization {
        name: "Harbour Works".to_owned(),
        slug: SLUG.to_owned(),
        sandbox: true,
        clock_starts_at: Some(starts_at),
        host: RunningStack::chain_host(SLUG),
        owner_name: "Olivia Hartmann".to_owned(),
        owner_email: "owner@harbour.example".to_owned(),
        owner_password: PASSWORD.to_owned(),
    };
    let opened = organization::create(app, command)
        .await
        .map_err(doing("opening the organization"))?
        .outcome;
    Ok((opened.organization_id.0, opened.owner_id))
}

fn sound(report: &Report) -> Result<(), DemoError> {
    let Some(error) = report.errors.first() else {
        return Ok(());
    };
    let text = format!("{} row {} {}: {}", error.file, error.row, error.column, error.message);
    Err(DemoError::Samples(text))
}

/// The catalogue once the worker has opened every legal entity's account at the simulator.
async fn connected(house: &RunningStack, tenant: Uuid) -> Result<Arc<Catalogue>, DemoError> {
    let started = Instant::now();
    loop {
        let catalogue = catalogue::read(&house.app, tenant)
            .await
            .map_err(doing("reading the catalogue"))?;
        let mut entities = catalogue.legal_entities.values();
        if entities.all(|entity| entity.stripe_account.is_some()) {
            return Ok(catalogue);
        }
        if started.elapsed() > PATIENCE {
            return Err(DemoError::NotConnected);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whoever settles invoices, with the card that she will have.
struct PayerCard {
    payer: Payer,
    entity: LegalEntityId,
    name: String,
    email: String,
    card: &'static str,
}

async fn people(
    app: &App,
    owner: &Caller,
    samples: &Samples,
    catalogue: &Catalogue,
) -> Result<(Vec<Person>, Vec<PayerCard>), DemoError> {
    let companies: BTreeMap<String, CompanyRow> = samples
        .company_rows()?
        .into_iter()
        .map(|row| (row.external_id.clone(), row))
        .collect();
    let mut op = Operation::open(app, owner).await.map_err(doing("looking up members"))?;
    let mut people = Vec::new();
    let mut payers = BTreeMap::new();
    for row in samples.member_rows()? {
        let id = imported(&mut op, "member", &row.external_id).await?;
        let (plan, entity, home) = subscription(&row, catalogue)?;
        let (payer, name, email, card) = match companies.get(&row.company) {
            Some(company) => {
                let id = CompanyId(imported(&mut op, "company", &row.company).await?);
                (Payer::Company(id), &company.name, &company.billing_email, &company.card)
            }
            None => (Payer::Member(MemberId(id)), &row.name, &row.email, &row.card),
        };
        payers.entry((payer, entity)).or_insert_with(|| PayerCard {
            payer,
            entity,
            name: name.clone(),
            email: email.clone(),
            card: test_card(card),
        });
        people.push(Person {
            id: MemberId(id),
            plan,
            home,
            starts_after_days: row.starts_after_days,
        });
    }
    Ok((people, payers.into_values().collect()))
}

async fn imported(op: &mut Operation, kind: &str, external_id: &str) -> Result<Uuid, DemoError> {
    member::find_import(op, kind, external_id)
        .await
        .map_err(doing("looking up members"))?
        .ok_or_else(|| DemoError::Samples(format!("{kind} {external_id} was not imported")))
}

/// The import has checked that the plan is offered at the member's location.
fn subscription(
    row: &MemberRow,
    catalogue: &Catalogue,
) -> Result<(PlanVersionId, LegalEntityId, LocationId), DemoError> {
    let plan = catalogue
        .plans_on_offer()
        .into_iter()
        .find(|plan| plan.name == row.plan);
    let mut locations = catalogue.locations.values();
    let home = locations.find(|location| location.name == row.home_location);
    match (plan, home) {
        (Some(plan), Some(home)) => Ok((plan.plan_version_id, plan.legal_entity_id, home.location_id)),
        _ => Err(DemoError::Samples(format!(
            "{} has no plan or no location",
            row.external_id
        ))),
    }
}

/// The first member who pays for herself gets the password that is printed.
async fn give_password(
    app: &App,
    tenant: Uuid,
    people: &[Person],
    samples: &Samples,
) -> Result<Option<SignIn>, DemoError> {
    let rows = samples.member_rows()?;
    let Some((person, row)) = people.iter().zip(&rows).find(|(_, row)| row.company.is_empty()) else {
        return Ok(None);
    };
    let token = session::set_password_token(app, tenant, person.id.0);
    session::set_password(app, tenant, &token, PASSWORD.to_owned())
        .await
        .map_err(doing("setting a member's password"))?;
    Ok(Some(sign_in("member", &row.name, &row.email)))
}

async fn save_cards(
    house: &RunningStack,
    tenant: Uuid,
    catalogue: &Catalogue,
    payers: Vec<PayerCard>,
) -> Result<(), DemoError> {
    let gateway = wiring::gateway(SIMULATOR_KEY, &house.sim.url).map_err(asking("starting the client"))?;
    let accounts: BTreeMap<LegalEntityId, String> = catalogue
        .legal_entities
        .iter()
        .filter_map(|(id, entity)| Some((*id, entity.stripe_account.clone()?)))
        .collect();
    crew::each(payers, |payer| {
        let (app, gateway) = (house.app.clone(), gateway.clone());
        let account = accounts.get(&payer.entity).cloned().unwrap_or_default();
        async move { save_card(&app, gateway.as_ref(), tenant, &account, payer).await }
    })
    .await?;
    Ok(())
}

async fn save_card(
    app: &App,
    gateway: &dyn Gateway,
    tenant: Uuid,
    account: &str,
    who: PayerCard,
) -> Result<(), DemoError> {
    let caller = match who.payer {
        Payer::Member(id) => Caller::new(tenant, Actor::Member(id)),
        Payer::Company(_) => Caller::system(tenant, "demo"),
    };
    let customer = NewCustomer {
        email: who.email,
        name: who.name,
        metadata: BTreeMap::from([("organization".to_owned(), tenant.to_string())]),
    };
    let key = format!("demo:{}", who.payer.account_stream(who.entity));
    let customer = gateway
        .create_customer(account, &key, &customer)
        .await
        .map_err(asking("registering a customer"))?;
    member::register_customer(app, &caller, who.payer, who.entity, &customer)
        .await
        .map_err(doing("registering a customer"))?;
    let saved = gateway
        .attach_payment_method(account, &format!("{key}:card"), who.card, &customer)
        .await
        .map_err(asking("saving a card"))?;
    let card = saved.card.as_ref();
    let fact = PaymentMethodSaved {
        payer: who.payer,
        legal_entity_id: who.entity,
        payment_method_id: saved.id.clone(),
        brand: card.map_or_else(|| saved.kind.clone(), |card| card.brand.clone()),
        last4: card.map_or_else(String::new, |card| card.last4.clone()),
        expires: card.map_or_else(String::new, |card| format!("{:02}/{}", card.exp_month, card.exp_year)),
    };
    member::save_payment_method(app, &caller, fact)
        .await
        .map_err(doing("saving a card"))?;
    Ok(())
}
