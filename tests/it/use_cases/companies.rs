//! Companies: people who come and go, seats of one membership, a payer who settles a part, invoices for each house, and two
//! memberships of one member.

use coterie_app::{
    Actor, App, Caller, Operation, UseCaseError, billing, booking, charge,
    company::{self, RegisterCompany},
    invoice, invoice_run, location,
    member::{self, ImportMember},
    membership::{self, Subscribe},
    page::PageRequest,
    plan, projections, resource,
};
use coterie_domain::{
    BookingId, CompanyId, InvoiceId, LocationId, MemberId, MembershipId, Payer, PlanVersionId, ResourceId,
    billing::NewBillingDetails,
    charge::ChargeMade,
    invoice::InvoiceIssued,
    membership::Item,
    plan::{Allowance, NewPlanVersion, PlanTerms},
    resource::NewResource,
};
use coterie_tests::{
    Database,
    chain::{self, Chain, eur},
    guards::guards_agree,
};
use futures::future::join_all;
use jiff::civil::date;

use super::opened;

/// Grace holds Team (900.00, ten hours of rooms, three people); her company pays. Bob, Cleo and Dora are her colleagues.
struct Team {
    db: Database,
    app: App,
    chain: Chain,
    company: CompanyId,
    membership: MembershipId,
    grace: MemberId,
    bob: MemberId,
    cleo: MemberId,
    dora: MemberId,
}

async fn person(app: &App, chain: &Chain, name: &str) -> MemberId {
    let row = ImportMember {
        external_id: name.to_owned(),
        name: name.to_owned(),
        email: format!("{}@example.com", name.to_lowercase()),
        home_location_id: Some(chain.location),
        password: None,
    };
    member::import(app, &chain.owner, row).await.unwrap().outcome
}

async fn publish(app: &App, chain: &Chain, seats: i64, locations: Vec<LocationId>) -> PlanVersionId {
    let team = NewPlanVersion {
        name: "Team".to_owned(),
        legal_entity_id: chain.legal_entity,
        price: eur(90_000),
        tax_included: false,
        billing_day: 1,
        terms: PlanTerms {
            seats,
            ..PlanTerms::default()
        },
        tax_category: "standard".to_owned(),
        allowances: vec![Allowance {
            resource_type_id: chain.room_type,
            minutes: 600,
        }],
        locations,
        access_hours: String::new(),
    };
    let done = plan::publish(app, &chain.owner, None, team).await.unwrap();
    done.outcome.plan_version_id
}

async fn starts(app: &App, chain: &Chain, member: MemberId, plan: PlanVersionId, place: LocationId) -> MembershipId {
    let command = Subscribe {
        member_id: member,
        plan_version_id: plan,
        location_id: place,
        agreed_gross_minor: None,
        without_card: true,
        coupon: None,
    };
    let done = membership::subscribe(app, &chain.owner, command).await.unwrap();
    done.outcome.membership_id
}

async fn team() -> Team {
    let (db, app, chain) = opened().await;
    let acme = RegisterCompany {
        name: "Acme GmbH".to_owned(),
        billing_email: "bills@acme.test".to_owned(),
        ..RegisterCompany::default()
    };
    let company = company::register(&app, &chain.owner, acme).await.unwrap().outcome;
    let mut people = Vec::new();
    for name in ["Grace", "Bob", "Cleo", "Dora"] {
        let id = person(&app, &chain, name).await;
        company::add_member(&app, &chain.owner, company, id, None)
            .await
            .unwrap();
        people.push(id);
    }
    let plan = publish(&app, &chain, 3, Vec::new()).await;
    let membership = starts(&app, &chain, people[0], plan, chain.location).await;
    Team {
        db,
        app,
        company,
        membership,
        grace: people[0],
        bob: people[1],
        cleo: people[2],
        dora: people[3],
        chain,
    }
}

impl Team {
    async fn give(&self, member: MemberId) -> Result<(), UseCaseError> {
        membership::give_seat(&self.app, &self.chain.owner, self.membership, member, None)
            .await
            .map(drop)
    }

    async fn book(&self, member: MemberId, room: ResourceId, from: &str, to: &str) -> Result<BookingId, UseCaseError> {
        book(&self.app, &self.chain, member, room, from, to).await
    }

    /// What charges of a member were made, the latest first.
    async fn charges_of(&self, member: MemberId) -> Vec<ChargeMade> {
        let mut op = Operation::open(&self.app, &self.chain.owner).await.unwrap();
        let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
            "select stream_id from event where event_type = 'ChargeMade' and payload->>'member_id' = $1 order by position desc",
        )
        .bind(member.to_string())
        .fetch_all(&self.db.owner)
        .await
        .unwrap();
        let mut made = Vec::new();
        for id in ids {
            made.push(charge::made(&mut op, coterie_domain::ChargeId(id)).await.unwrap());
        }
        made
    }

    async fn invoices(&self) -> Vec<InvoiceIssued> {
        invoices(&self.app, &self.chain, &self.db).await
    }

    async fn lives_until(&self, day: jiff::civil::Date) {
        let noon = day.at(11, 0, 0, 0).in_tz("Europe/Berlin").unwrap().timestamp();
        chain::live_until(&self.app, &self.db.worker, &self.chain, noon).await;
    }

    async fn agree(&self) {
        guards_agree(&self.db.worker, self.chain.tenant).await;
    }
}

async fn book(
    app: &App,
    chain: &Chain,
    member_id: MemberId,
    resource_id: ResourceId,
    from: &str,
    to: &str,
) -> Result<BookingId, UseCaseError> {
    let wish = booking::Book {
        member_id,
        resource_id,
        start: from.parse().unwrap(),
        end: to.parse().unwrap(),
        people: None,
    };
    booking::book(app, &chain.owner, wish).await.map(|done| done.outcome)
}

async fn invoices(app: &App, chain: &Chain, db: &Database) -> Vec<InvoiceIssued> {
    let ids: Vec<uuid::Uuid> =
        sqlx::query_scalar("select stream_id from event where event_type = 'InvoiceIssued' order by position")
            .fetch_all(&db.owner)
            .await
            .unwrap();
    let mut op = Operation::open(app, &chain.owner).await.unwrap();
    let mut issued = Vec::new();
    for id in ids {
        issued.push(invoice::load(&mut op, InvoiceId(id)).await.unwrap().unwrap());
    }
    issued
}

fn told(invoice: &InvoiceIssued) -> Vec<(String, i64)> {
    let lines = invoice.told_lines();
    lines
        .into_iter()
        .map(|line| (line.description, line.net_minor))
        .collect()
}

#[tokio::test]
async fn whoever_has_a_seat_books_by_the_membership_and_its_payer_pays_with_her_name() {
    let team = team().await;
    let without = team
        .book(team.bob, team.chain.elbe, "2026-01-22T10:00", "2026-01-22T12:00")
        .await;
    assert_eq!(without.unwrap_err().code(), Some("no_membership"));
    team.give(team.bob).await.unwrap();
    // Eight of the team's ten hours, one for Grace, then three, of which two are to be paid.
    team.book(team.bob, team.chain.elbe, "2026-01-22T10:00", "2026-01-22T18:00")
        .await
        .unwrap();
    team.book(team.grace, team.chain.spree, "2026-01-23T10:00", "2026-01-23T11:00")
        .await
        .unwrap();
    team.book(team.bob, team.chain.spree, "2026-01-24T10:00", "2026-01-24T13:00")
        .await
        .unwrap();
    let [made] = &team.charges_of(team.bob).await[..] else {
        panic!("one charge of Bob's")
    };
    assert_eq!((made.payer, made.net), (Payer::Company(team.company), eur(4_000)));
    assert_eq!(made.membership_id, Some(team.membership));
    let why: Vec<_> = made.because.iter().map(|step| step.text.as_str()).collect();
    assert!(why.iter().any(|text| text.starts_with("Used with a seat")), "{why:?}");
    team.agree().await;
    team.lives_until(date(2026, 2, 1)).await;
    let issued = team.invoices().await;
    let last = issued.last().unwrap();
    assert_eq!(last.payer, Payer::Company(team.company));
    assert_eq!(
        told(last),
        [
            ("Grace: Team, 2026-02-01 to 2026-02-28".to_owned(), 90_000),
            ("Bob: Spree, 2026-01-24 10:00".to_owned(), 4_000),
        ]
    );
    // What stands in the log beside the lines is sealed.
    let open: i64 = sqlx::query_scalar(
        "select count(*) from event where event_type = 'InvoiceIssued' and payload::text like '%Bob%'",
    )
    .fetch_one(&team.db.owner)
    .await
    .unwrap();
    assert_eq!(open, 0);
    team.agree().await;
}

/// Everybody asks for a seat at once: how many got one.
async fn race(team: &Team, members: &[MemberId]) -> usize {
    let asking = members.iter().map(|member| {
        let (app, caller) = (team.app.clone(), team.chain.owner.clone());
        let (id, member) = (team.membership, *member);
        tokio::spawn(async move { membership::give_seat(&app, &caller, id, member, None).await })
    });
    let mut won = 0;
    for answer in join_all(asking).await {
        match answer.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error.code(), Some("no_seat_left"), "{error:?}"),
        }
    }
    won
}

async fn crowd(team: &Team) -> Vec<MemberId> {
    let mut members = Vec::new();
    for number in 0..12 {
        let id = person(&team.app, &team.chain, &format!("Colleague{number}")).await;
        company::add_member(&team.app, &team.chain.owner, team.company, id, None)
            .await
            .unwrap();
        members.push(id);
    }
    members
}

#[tokio::test]
async fn of_twelve_who_want_the_last_two_seats_two_get_one() {
    let team = team().await;
    let members = crowd(&team).await;
    assert_eq!(race(&team, &members).await, 2);
    let rows: i64 = sqlx::query_scalar("select count(*) from membership_seat")
        .fetch_one(&team.db.owner)
        .await
        .unwrap();
    assert_eq!(rows, 2);
    team.agree().await;
}

/// It is the membership's row that holds: whoever only looks before she writes lets more of them through.
#[tokio::test]
async fn control_looking_first_without_the_row_gives_more_seats_than_there_are() {
    let team = team().await;
    let members = crowd(&team).await;
    let asking = members.iter().map(|member| {
        let (pool, tenant) = (team.app.pool.clone(), team.chain.tenant);
        let (membership, member) = (team.membership, *member);
        tokio::spawn(async move {
            let mut tx = pool.begin().await.unwrap();
            coterie_eventlog::set_tenant_in_op(&mut tx, tenant).await.unwrap();
            let given: i64 = sqlx::query_scalar("select count(*) from membership_seat where membership_id = $1")
                .bind(membership.0)
                .fetch_one(&mut *tx)
                .await
                .unwrap();
            if given >= 2 {
                return;
            }
            sqlx::query("select pg_sleep(0.5)").execute(&mut *tx).await.unwrap();
            sqlx::query(
                "insert into membership_seat (tenant_id, membership_id, member_id, first_day) values ($1, $2, $3, '2026-01-20')",
            )
            .bind(tenant)
            .bind(membership.0)
            .bind(member.0)
            .execute(&mut *tx)
            .await
            .unwrap();
            tx.commit().await.unwrap();
        })
    });
    for done in join_all(asking).await {
        done.unwrap();
    }
    let rows: i64 = sqlx::query_scalar("select count(*) from membership_seat")
        .fetch_one(&team.db.owner)
        .await
        .unwrap();
    assert!(rows > 2, "{rows}");
}

#[tokio::test]
async fn two_of_a_team_at_once_cannot_spend_one_credit_twice() {
    let team = team().await;
    team.give(team.bob).await.unwrap();
    // Eight hours each at once of the ten: six must be charged, whoever comes first.
    let wishes = [(team.grace, team.chain.elbe), (team.bob, team.chain.spree)];
    let racing = wishes.map(|(member, room)| {
        let (app, chain) = (team.app.clone(), team.chain.clone());
        tokio::spawn(async move { book(&app, &chain, member, room, "2026-01-22T10:00", "2026-01-22T18:00").await })
    });
    for racer in racing {
        racer.await.unwrap().unwrap();
    }
    let left: Vec<i64> = sqlx::query_scalar("select amount_left from credit_lot order by valid_from")
        .fetch_all(&team.db.owner)
        .await
        .unwrap();
    assert_eq!(left, [0, 600]);
    let mut charged = 0;
    for member in [team.grace, team.bob] {
        let made = team.charges_of(member).await;
        charged += made
            .iter()
            .filter(|made| made.kind == coterie_domain::charge::ChargeKind::Booking)
            .map(|made| made.net.minor)
            .sum::<i64>();
    }
    assert_eq!(charged, 12_000);
    team.agree().await;
}

#[tokio::test]
async fn whoever_leaves_loses_her_seat_and_what_she_booked_beyond_it_and_pays_for_her_own() {
    let team = team().await;
    let (app, owner) = (&team.app, &team.chain.owner);
    team.give(team.bob).await.unwrap();
    let own = starts(app, &team.chain, team.bob, team.chain.plan_version, team.chain.location).await;
    let own_ends = membership::give_notice(app, owner, own, Some(date(2026, 1, 24))).await;
    assert!(own_ends.is_ok(), "{own_ends:?}");
    let before = team
        .book(team.bob, team.chain.elbe, "2026-01-25T10:00", "2026-01-25T12:00")
        .await
        .unwrap();
    let beyond = team
        .book(team.bob, team.chain.elbe, "2026-01-28T10:00", "2026-01-28T12:00")
        .await
        .unwrap();
    let cleos = starts(
        app,
        &team.chain,
        team.cleo,
        team.chain.plan_version,
        team.chain.location,
    )
    .await;
    let leaves = Some(date(2026, 1, 26));
    let quoted = company::quote_remove_member(app, owner, team.company, team.bob, leaves)
        .await
        .unwrap();
    let left = company::remove_member(app, owner, team.company, team.bob, leaves)
        .await
        .unwrap()
        .outcome;
    assert_eq!(quoted, left);
    let named: Vec<_> = left
        .given_up
        .iter()
        .map(|lost| (lost.booking_id, lost.resource_name.as_str()))
        .collect();
    assert_eq!(named, [(beyond, "Elbe")]);
    let mut op = Operation::open(app, owner).await.unwrap();
    assert!(booking::load(&mut op, before).await.unwrap().0.check_live().is_ok());
    assert!(booking::load(&mut op, beyond).await.unwrap().0.check_live().is_err());
    drop(op);
    let refused = team
        .book(team.bob, team.chain.elbe, "2026-01-28T10:00", "2026-01-28T12:00")
        .await;
    assert_eq!(refused.unwrap_err().code(), Some("no_membership"));
    // Her seat is another's from that day on; the last one is still to be had today.
    team.give(team.cleo).await.unwrap();
    let full = team.give(team.dora).await;
    assert_eq!(full.unwrap_err().code(), Some("no_seat_left"));
    membership::give_seat(app, owner, team.membership, team.dora, leaves)
        .await
        .unwrap();
    // Whoever pays for her own with the company does so herself from then on.
    let left = company::remove_member(app, owner, team.company, team.cleo, None)
        .await
        .unwrap()
        .outcome;
    assert_eq!(left.pays_herself, [cleos]);
    let mut op = Operation::open(app, owner).await.unwrap();
    let (now, _) = membership::load(&mut op, cleos).await.unwrap();
    assert_eq!(now.term_on(date(2026, 1, 20)).payer, Payer::Member(team.cleo));
    drop(op);
    // Whose membership others have seats of cannot leave it to them.
    let held = company::remove_member(app, owner, team.company, team.grace, None).await;
    assert_eq!(held.unwrap_err().code(), Some("seats_given"));
    team.agree().await;
}

#[tokio::test]
async fn who_pays_is_split_by_item_from_a_day_on_and_the_charge_says_why() {
    let team = team().await;
    let (app, owner) = (&team.app, &team.chain.owner);
    team.give(team.bob).await.unwrap();
    membership::set_split(app, owner, team.membership, &[Item::Bookings], None)
        .await
        .unwrap();
    let same = membership::set_split(app, owner, team.membership, &[Item::Bookings], None).await;
    assert_eq!(same.unwrap_err().code(), Some("same_split"));
    team.book(team.bob, team.chain.elbe, "2026-01-22T08:00", "2026-01-22T16:00")
        .await
        .unwrap();
    team.book(team.bob, team.chain.spree, "2026-01-23T10:00", "2026-01-23T14:00")
        .await
        .unwrap();
    let [made] = &team.charges_of(team.bob).await[..] else {
        panic!("one charge of Bob's")
    };
    assert_eq!((made.payer, made.net), (Payer::Member(team.bob), eur(4_000)));
    let why = &made.because.last().unwrap().text;
    assert_eq!(why, "By the split of 2026-01-20, the member pays for bookings");
    team.lives_until(date(2026, 2, 1)).await;
    let issued = team.invoices().await;
    let of_february: Vec<_> = issued[1..].iter().map(|one| (one.payer, one.net_minor)).collect();
    assert_eq!(
        of_february,
        [(Payer::Member(team.bob), 4_000), (Payer::Company(team.company), 90_000)]
    );
    // The plan's own days go from one to the other.
    let changed = membership::set_split(app, owner, team.membership, &[Item::Plan], Some(date(2026, 2, 15)))
        .await
        .unwrap();
    assert_eq!(changed.outcome.net, eur(0));
    team.lives_until(date(2026, 3, 1)).await;
    let issued = team.invoices().await;
    let march: Vec<_> = issued[3..].iter().map(|one| (one.payer, one.net_minor)).collect();
    assert_eq!(march, [(Payer::Member(team.grace), 45_000 + 90_000)]);
    team.agree().await;
}

/// Another house of the same legal entity, with a room.
async fn kai(app: &App, chain: &Chain) -> (LocationId, ResourceId) {
    let place = location::open(app, &chain.owner, chain.legal_entity, chain::a_house("Kai"))
        .await
        .unwrap()
        .outcome;
    let foyer = NewResource {
        name: "Foyer".to_owned(),
        ..NewResource::default()
    };
    let foyer = resource::add(app, &chain.owner, chain.room_type, place, foyer)
        .await
        .unwrap();
    (place, foyer.outcome)
}

async fn for_each_house(team: &Team) {
    let said = NewBillingDetails {
        street: "Kai 3".to_owned(),
        city: "Berlin".to_owned(),
        country: "DE".to_owned(),
        per_location: true,
        ..NewBillingDetails::default()
    };
    billing::set(&team.app, &team.chain.owner, Payer::Company(team.company), &said)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_company_that_wants_it_has_an_invoice_for_each_house() {
    let team = team().await;
    let (_, foyer) = kai(&team.app, &team.chain).await;
    for_each_house(&team).await;
    team.book(team.grace, team.chain.elbe, "2026-01-22T08:00", "2026-01-22T16:00")
        .await
        .unwrap();
    team.book(team.grace, foyer, "2026-01-23T10:00", "2026-01-23T14:00")
        .await
        .unwrap();
    team.lives_until(date(2026, 2, 1)).await;
    let issued = team.invoices().await;
    let mut sums: Vec<_> = issued[1..].iter().map(|one| (one.net_minor, one.lines.len())).collect();
    sums.sort_unstable();
    assert_eq!(sums, [(4_000, 1), (90_000, 1)]);
    let numbers: Vec<i64> = issued.iter().map(|one| one.sequence).collect();
    assert_eq!(numbers, [1, 2, 3]);
    team.agree().await;
}

#[tokio::test]
async fn a_run_previews_an_invoice_for_each_house_and_issues_what_it_previewed() {
    let team = team().await;
    let (app, owner, entity) = (&team.app, &team.chain.owner, team.chain.legal_entity);
    let (_, foyer) = kai(app, &team.chain).await;
    invoice_run::set_invoicing(app, owner, entity, true).await.unwrap();
    team.book(team.grace, team.chain.elbe, "2026-01-22T08:00", "2026-01-22T16:00")
        .await
        .unwrap();
    // 2 h beyond the allowance: at 20.00 it is 40.00, and taxed on an invoice of its own.
    team.book(team.grace, foyer, "2026-01-23T10:00", "2026-01-23T14:00")
        .await
        .unwrap();
    team.lives_until(date(2026, 2, 1)).await;
    let before = team.invoices().await.len();
    let run = invoice_run::open(app, owner, entity, date(2026, 2, 1))
        .await
        .unwrap()
        .outcome;
    let one = |run| invoice_run::page::draft(app, team.chain.tenant, run, team.company.0);
    let together = one(run).await.unwrap();
    assert!(!together.draft.per_location && together.changed.is_none());
    // She asks for it after it was drafted: that draft would be set aside, and the next run has it.
    for_each_house(&team).await;
    assert!(one(run).await.unwrap().changed.is_some());
    invoice_run::decide(app, owner, run, invoice_run::RunStep::Cancel)
        .await
        .unwrap();
    let run = invoice_run::open(app, owner, entity, date(2026, 2, 1))
        .await
        .unwrap()
        .outcome;
    let drafted = one(run).await.unwrap();
    assert!(drafted.draft.per_location);
    for step in [invoice_run::RunStep::Approve, invoice_run::RunStep::Issue] {
        invoice_run::decide(app, owner, run, step).await.unwrap();
    }
    while invoice_run::advance(app, owner, run, 100).await.unwrap().outcome {}
    let issued = team.invoices().await.split_off(before);
    assert_eq!(issued.len(), 2);
    let gross: i64 = issued.iter().map(|one| one.gross_minor).sum();
    assert_eq!(gross, drafted.draft.gross_minor);
    let row = invoice_run::page::find(app, team.chain.tenant, run)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.issued.count, row.set_aside.count), (1, 0));
    team.agree().await;
}

#[tokio::test]
async fn one_member_has_two_memberships_books_by_the_one_that_covers_the_house_and_gets_one_invoice() {
    let (db, app, chain) = opened().await;
    let (place, foyer) = kai(&app, &chain).await;
    let ada = chain.ada;
    let first = chain::subscribe(&app, &chain).await.membership_id;
    let there = publish(&app, &chain, 1, vec![place]).await;
    let second = starts(&app, &chain, ada, there, place).await;
    for (room, from, to) in [
        (chain.elbe, "2026-01-22T10:00", "2026-01-22T12:00"),
        (foyer, "2026-01-23T10:00", "2026-01-23T13:00"),
    ] {
        book(&app, &chain, ada, room, from, to).await.unwrap();
    }
    let mut by: Vec<(uuid::Uuid, i64)> = sqlx::query_as(
        "select membership_id, amount_granted - amount_left from credit_lot where amount_left < amount_granted",
    )
    .fetch_all(&db.owner)
    .await
    .unwrap();
    by.sort_unstable();
    let mut expected = vec![(first.0, 120), (second.0, 180)];
    expected.sort_unstable();
    assert_eq!(by, expected, "each draws on its own hours");
    let noon = date(2026, 2, 1).at(11, 0, 0, 0).in_tz("Europe/Berlin").unwrap();
    chain::live_until(&app, &db.worker, &chain, noon.timestamp()).await;
    let issued = invoices(&app, &chain, &db).await.split_off(2);
    let [february] = &issued[..] else {
        panic!("one invoice: {issued:?}")
    };
    assert_eq!((february.lines.len(), february.net_minor), (2, 30_000 + 90_000));
    assert!(february.people.is_empty(), "she is the payer herself");
    guards_agree(&db.worker, chain.tenant).await;
}

#[tokio::test]
async fn only_whoever_manages_a_company_today_acts_for_it() {
    let team = team().await;
    let (app, owner) = (&team.app, &team.chain.owner);
    let as_member = |id| Caller::new(team.chain.tenant, Actor::Member(id));
    let acts = |id: MemberId| {
        let caller = as_member(id);
        async move { company::check_acts_for(app, &caller, team.company).await }
    };
    assert!(matches!(acts(team.bob).await, Err(UseCaseError::NotFound)));
    company::set_manager(app, owner, team.company, team.bob, true)
        .await
        .unwrap();
    acts(team.bob).await.unwrap();
    let dora = team.dora;
    membership::give_seat(app, &as_member(team.bob), team.membership, dora, None)
        .await
        .unwrap();
    for stranger in [team.chain.ada, team.cleo] {
        assert!(matches!(acts(stranger).await, Err(UseCaseError::NotFound)));
        let given = membership::give_seat(app, &as_member(stranger), team.membership, stranger, None).await;
        assert!(matches!(given, Err(UseCaseError::NotFound)), "{given:?}");
    }
    company::set_manager(app, owner, team.company, team.bob, false)
        .await
        .unwrap();
    assert!(matches!(acts(team.bob).await, Err(UseCaseError::NotFound)));
    // Whoever leaves manages it no more, from that day on.
    company::set_manager(app, owner, team.company, team.bob, true)
        .await
        .unwrap();
    company::remove_member(app, owner, team.company, team.bob, Some(date(2026, 1, 21)))
        .await
        .unwrap();
    acts(team.bob).await.unwrap();
    team.lives_until(date(2026, 1, 21)).await;
    assert!(matches!(acts(team.bob).await, Err(UseCaseError::NotFound)));
    team.agree().await;
}

#[tokio::test]
async fn what_is_corrected_of_a_company_counts_for_later_invoices_only() {
    let team = team().await;
    let (app, owner) = (&team.app, &team.chain.owner);
    let right = RegisterCompany {
        name: "Acme AG".to_owned(),
        billing_email: "bills@acme.test".to_owned(),
        ..RegisterCompany::default()
    };
    company::correct(app, owner, team.company, right).await.unwrap();
    team.lives_until(date(2026, 2, 1)).await;
    let issued = team.invoices().await;
    let names: Vec<_> = issued.iter().map(|one| one.buyer.name.as_str()).collect();
    assert_eq!(names, ["Acme GmbH", "Acme AG"]);
    chain::follow_until_idle(&team.db.worker, &projections::all(&chain::keys())).await;
    let companies = company::page::companies(app, team.chain.tenant, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!(companies.items[0].name, "Acme AG");
    assert_eq!(companies.items[0].members, 4);
}
