//! Packs of credits: bought once and invoiced at once, drawn on by their buyer alone, given back to the same lot, lapsed on their day,
//! taken back while nothing of them is used; and what the books say after each of it.

use super::opened;
use coterie_app::{
    App, UseCaseError, booking, charge, credit_note,
    credit_pack::{self, Bought, BuyPack, page::PackRow},
    membership, pass, plan,
};
use coterie_domain::{
    BookingId, CreditPackId, MemberId, MembershipId, ResourceId,
    credit_note::NewCreditNote,
    plan::{NewPlanVersion, PlanTerms},
};
use coterie_tests::{
    Database,
    chain::{self, Chain, eur},
    guards::guards_agree,
};
use futures::future::join_all;
use jiff::civil::date;

struct Place {
    db: Database,
    app: App,
    chain: Chain,
    membership: MembershipId,
    /// 10 hours of the rooms for 150.00.
    pack: CreditPackId,
}

/// A plan that grants nothing, at 100.00 a month.
async fn bare_plan(app: &App, chain: &Chain, seats: i64) -> coterie_domain::PlanVersionId {
    let new = NewPlanVersion {
        name: format!("Bare {seats}"),
        legal_entity_id: chain.legal_entity,
        price: eur(10_000),
        tax_included: false,
        billing_day: 1,
        terms: PlanTerms {
            seats,
            ..PlanTerms::default()
        },
        tax_category: "standard".to_owned(),
        allowances: Vec::new(),
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let done = plan::publish(app, &chain.owner, None, new).await.unwrap();
    done.outcome.plan_version_id
}

/// Ada has a plan without hours since 20 January, and there is a pack on offer.
async fn place() -> Place {
    let (db, app, mut chain) = opened().await;
    chain.plan_version = bare_plan(&app, &chain, 1).await;
    let membership = chain::subscribe(&app, &chain).await.membership_id;
    let pack = chain::define_pack(&app, &chain, Some(chain.room_type)).await;
    Place {
        db,
        app,
        chain,
        membership,
        pack,
    }
}

impl Place {
    async fn buy(&self) -> Bought {
        chain::buy_pack(&self.app, &self.chain, self.pack).await
    }

    async fn bought(&self) -> Vec<PackRow> {
        let caller = self.chain.as_ada();
        credit_pack::page::of_member(&self.app, &caller, self.chain.ada)
            .await
            .unwrap()
    }

    /// Minutes left of the one pack, and what of its price is not earned.
    async fn left(&self) -> (i64, i64) {
        let rows = self.bought().await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        (rows[0].left, rows[0].value_left_minor)
    }

    fn wish(&self, room: ResourceId, day: i8, hours: i8) -> booking::Book {
        let day = date(2026, 1, day);
        booking::Book {
            member_id: self.chain.ada,
            resource_id: room,
            start: day.at(10, 0, 0, 0),
            end: day.at(10 + hours, 0, 0, 0),
            people: None,
        }
    }

    async fn book(&self, day: i8, hours: i8) -> BookingId {
        let wish = self.wish(self.chain.elbe, day, hours);
        let done = booking::book(&self.app, &self.chain.as_ada(), wish).await;
        done.unwrap().outcome
    }

    /// Credit balance of an account, from the log.
    async fn owed_by(&self, account: &str) -> i64 {
        sqlx::query_scalar(
            "select coalesce(-sum((posting->>'amount_minor')::bigint), 0)::bigint
             from event cross join lateral json_array_elements(payload->'postings') as posting
             where event_type = 'JournalEntryPosted' and posting->>'account' = $1",
        )
        .bind(account)
        .fetch_one(&self.db.owner)
        .await
        .unwrap()
    }

    /// Rule 9: every entry balances, and what is owed for packs is what the lots say; guards are what the log calls for.
    async fn books(&self) -> [i64; 3] {
        let off: i64 = sqlx::query_scalar(
            "select coalesce(sum((posting->>'amount_minor')::bigint), 0)::bigint
             from event cross join lateral json_array_elements(payload->'postings') as posting
             where event_type = 'JournalEntryPosted'",
        )
        .fetch_one(&self.db.owner)
        .await
        .unwrap();
        assert_eq!(off, 0);
        let unused: i64 = sqlx::query_scalar("select coalesce(sum(value_left), 0)::bigint from credit_lot")
            .fetch_one(&self.db.owner)
            .await
            .unwrap();
        let prepaid = self.owed_by("prepaid_credit").await;
        assert_eq!(prepaid, unused);
        guards_agree(&self.db.worker, self.chain.tenant).await;
        [
            prepaid,
            self.owed_by("booking_revenue").await,
            self.owed_by("breakage").await,
        ]
    }

    async fn live_until(&self, day: jiff::civil::Date) {
        let noon = day.at(12, 0, 0, 0).in_tz("Europe/Berlin").unwrap();
        chain::live_until(&self.app, &self.db.worker, &self.chain, noon.timestamp()).await;
    }
}

fn code<T: std::fmt::Debug>(outcome: Result<T, UseCaseError>) -> &'static str {
    outcome.unwrap_err().code().unwrap()
}

#[tokio::test]
async fn it_is_bought_used_given_back_and_lapses() {
    let place = place().await;
    let before = place.owed_by("vat_payable").await;
    let bought = place.buy().await;
    assert_eq!(bought.invoices.len(), 1, "it is invoiced at once");
    assert_eq!(
        place.owed_by("vat_payable").await - before,
        2_850,
        "its VAT is due when it is sold"
    );
    assert_eq!(place.left().await, (600, 15_000));
    assert_eq!(place.books().await, [15_000, 0, 0]);

    let two_hours = place.book(22, 2).await;
    assert_eq!(place.left().await, (480, 12_000));
    assert_eq!(place.books().await, [12_000, 3_000, 0]);
    let mut op = coterie_app::Operation::open(&place.app, &place.chain.owner)
        .await
        .unwrap();
    let (known, _) = booking::load(&mut op, two_hours).await.unwrap();
    drop(op);
    let texts: Vec<_> = known.fact.because.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "2 h at EUR 20.00 an hour",
            "2 h from the pack \u{201c}10 hours of meeting room\u{201d}, which is paid",
            "0 h charged"
        ]
    );
    assert_eq!((known.fact.charged.minor, known.fact.charge_id), (0, None));

    // More than is left: the rest is charged.
    let nine_hours = place.book(23, 9).await;
    assert_eq!(place.left().await, (0, 0));
    assert_eq!(place.books().await, [0, 15_000 + 2_000, 0]);
    booking::cancel(&place.app, &place.chain.as_ada(), nine_hours)
        .await
        .unwrap();
    assert_eq!(place.left().await, (480, 12_000));
    assert_eq!(place.books().await, [12_000, 3_000, 0]);
    let longer = place.wish(place.chain.spree, 22, 3);
    let moved = booking::Move {
        booking_id: two_hours,
        resource_id: longer.resource_id,
        start: longer.start,
        end: longer.end,
        agreed: Some(eur(0)),
        people: None,
    };
    booking::move_booking(&place.app, &place.chain.as_ada(), moved)
        .await
        .unwrap();
    assert_eq!(place.left().await, (420, 10_500));
    assert_eq!(place.books().await, [10_500, 4_500, 0]);

    // On the eve of the booking it costs something to give it up, and the hours stay used.
    place.live_until(date(2026, 1, 21)).await;
    let cancelled = booking::cancel(&place.app, &place.chain.as_ada(), two_hours)
        .await
        .unwrap();
    assert!(cancelled.outcome.percent_due > 0, "{cancelled:?}");
    assert_eq!(place.left().await, (420, 10_500));

    // Its last day is 20 July; then what nobody used is earned, dated that day.
    place.live_until(date(2026, 7, 20)).await;
    assert_eq!(place.left().await, (420, 10_500));
    place.live_until(date(2026, 7, 21)).await;
    assert_eq!(place.left().await, (0, 0));
    assert_eq!(place.bought().await[0].state.name(), "lapsed");
    assert_eq!(place.books().await, [0, 4_500, 10_500]);
    let on: String = sqlx::query_scalar(
        "select payload->>'effective_date' from event where event_type = 'JournalEntryPosted' and payload->>'rule' = 'credit_pack_expired@1'",
    )
    .fetch_one(&place.db.owner)
    .await
    .unwrap();
    assert_eq!(on, "2026-07-20");
}

#[tokio::test]
async fn the_same_command_buys_it_once() {
    let place = place().await;
    let wish = BuyPack {
        member_id: place.chain.ada,
        credit_pack_id: place.pack,
    };
    let clicks = (0..4).map(|_| {
        let (app, caller) = (place.app.clone(), place.chain.as_ada().with_key("buy", b"buy"));
        tokio::spawn(async move { credit_pack::buy(&app, &caller, wish).await })
    });
    let lots: std::collections::BTreeSet<_> = join_all(clicks)
        .await
        .into_iter()
        .map(|click| click.unwrap().unwrap().outcome.lot_id)
        .collect();
    assert_eq!(lots.len(), 1);
    assert_eq!(place.left().await, (600, 15_000));
}

/// Rule 5: two bookings at once cannot spend one hour twice.
#[tokio::test]
async fn two_at_once_cannot_spend_the_same_hours() {
    let place = place().await;
    place.buy().await;
    let racing = [place.chain.elbe, place.chain.spree].map(|room| {
        let (app, caller, wish) = (place.app.clone(), place.chain.as_ada(), place.wish(room, 22, 8));
        tokio::spawn(async move { booking::book(&app, &caller, wish).await })
    });
    for racer in racing {
        racer.await.unwrap().unwrap();
    }
    assert_eq!(place.left().await, (0, 0));
    let (used, earned): (i64, i64) = sqlx::query_as(
        "select sum((payload->>'amount')::bigint)::bigint, sum((payload->'earned'->'amount'->>'minor')::bigint)::bigint
         from event where event_type = 'CreditUsed'",
    )
    .fetch_one(&place.db.owner)
    .await
    .unwrap();
    assert_eq!((used, earned), (600, 15_000));
    // 16 hours at 20.00, of which 10 are paid: 6 are charged.
    assert_eq!(place.books().await, [0, 15_000 + 12_000, 0]);
}

/// The lock makes the second one wait; should it be forgotten, the row itself refuses to be worth less than nothing.
#[tokio::test]
async fn control_a_pack_is_never_worth_less_than_nothing() {
    let place = place().await;
    place.buy().await;
    let earn = "update credit_lot set value_left = value_left - 8000 where credit_pack_id is not null";
    sqlx::query(earn).execute(&place.db.owner).await.unwrap();
    let twice = sqlx::query(earn).execute(&place.db.owner).await.unwrap_err();
    assert!(twice.to_string().contains("bought_has_value"), "{twice}");
}

#[tokio::test]
async fn the_earliest_expiry_is_drawn_on_first_across_plan_and_packs() {
    let (db, app, chain) = opened().await;
    // Flex grants 5 hours a cycle, which end with it.
    let membership = chain::subscribe(&app, &chain).await.membership_id;
    let pack = chain::define_pack(&app, &chain, Some(chain.room_type)).await;
    let place = Place {
        db,
        app,
        chain,
        membership,
        pack,
    };
    place.buy().await;
    place.book(22, 4).await;
    assert_eq!(place.left().await, (600, 15_000));
    place.book(23, 3).await;
    assert_eq!(place.left().await, (480, 12_000));
    assert_eq!(place.books().await, [12_000, 3_000, 0]);
    // Neither another plan nor the end of the membership takes what she bought.
    let bare = bare_plan(&place.app, &place.chain, 1).await;
    let change = membership::ChangePlan {
        membership_id: place.membership,
        plan_version_id: bare,
        at_renewal: false,
        from: None,
        agreed_gross_minor: None,
    };
    membership::change_plan(&place.app, &place.chain.owner, change)
        .await
        .unwrap();
    assert_eq!(place.left().await, (480, 12_000));
    membership::give_notice(
        &place.app,
        &place.chain.owner,
        place.membership,
        Some(date(2026, 1, 31)),
    )
    .await
    .unwrap();
    place.live_until(date(2026, 2, 5)).await;
    assert_eq!(place.left().await, (480, 12_000));
    let wish = BuyPack {
        member_id: place.chain.ada,
        credit_pack_id: place.pack,
    };
    let refused = credit_pack::buy(&place.app, &place.chain.as_ada(), wish).await;
    assert_eq!(code(refused), "no_membership");
    place.books().await;
}

#[tokio::test]
async fn a_purchase_is_undone_while_nothing_of_it_is_used() {
    let place = place().await;
    let bought = place.buy().await;
    let owner = &place.chain.owner;
    let invoice = bought.invoices[0];
    let all = |reason: &str| NewCreditNote {
        reason: reason.to_owned(),
        lines: Vec::new(),
        bill_again: false,
    };
    let used = place.book(22, 1).await;
    let refused = credit_note::issue(&place.app, owner, invoice, &all("She moves away.")).await;
    let UseCaseError::Refused(refusal) = refused.unwrap_err() else {
        panic!("it is refused");
    };
    assert_eq!(refusal.code, "pack_used");
    assert!(
        refusal.sentence.contains("1 h are used. Cancel what drew on it"),
        "{}",
        refusal.sentence
    );
    booking::cancel(&place.app, &place.chain.as_ada(), used).await.unwrap();
    let line = chain::charge_of(&place.app, &place.chain, invoice).await;
    let part = NewCreditNote {
        lines: vec![coterie_domain::credit_note::WantedLine {
            charge_id: line,
            net_minor: Some(1_000),
        }],
        ..all("A discount.")
    };
    assert_eq!(
        code(credit_note::issue(&place.app, owner, invoice, &part).await),
        "part_of_a_pack"
    );
    // Billed again it stays hers; then no invoice has it, and taking the charge back takes the hours.
    let again = NewCreditNote {
        bill_again: true,
        ..all("The address was wrong.")
    };
    credit_note::issue(&place.app, owner, invoice, &again).await.unwrap();
    assert_eq!(place.left().await, (600, 15_000));
    assert_eq!(place.books().await, [15_000, 0, 0]);
    let used = place.book(22, 1).await;
    assert_eq!(
        code(charge::void(&place.app, owner, line, "A mistake").await),
        "pack_used"
    );
    booking::cancel(&place.app, &place.chain.as_ada(), used).await.unwrap();
    charge::void(&place.app, owner, line, "A mistake").await.unwrap();
    assert_eq!(place.left().await, (0, 0));
    assert_eq!(place.books().await, [0, 0, 0]);
    // And by a credit note alone.
    let second = place.buy().await;
    let note = credit_note::issue(&place.app, owner, second.invoices[0], &all("Not wanted.")).await;
    note.unwrap();
    let states: Vec<_> = place.bought().await.iter().map(|row| row.state.name()).collect();
    assert_eq!(states, ["taken_back", "taken_back"]);
    assert_eq!(place.books().await, [0, 0, 0]);
    // Nothing is left to lapse.
    place.live_until(date(2026, 7, 22)).await;
    assert_eq!(place.books().await, [0, 0, 0]);
}

/// Whoever has a seat of the membership draws on the plan's lots and not on what its holder bought.
#[tokio::test]
async fn what_one_bought_nobody_else_draws_on() {
    let (db, app, mut chain) = opened().await;
    chain.plan_version = bare_plan(&app, &chain, 2).await;
    let membership = chain::subscribe(&app, &chain).await.membership_id;
    let pack = chain::define_pack(&app, &chain, Some(chain.room_type)).await;
    let company = coterie_app::company::RegisterCompany {
        name: "Difference Engines Ltd".to_owned(),
        billing_email: "bills@example.test".to_owned(),
        ..coterie_app::company::RegisterCompany::default()
    };
    let company = coterie_app::company::register(&app, &chain.owner, company)
        .await
        .unwrap()
        .outcome;
    let mut people: Vec<MemberId> = vec![chain.ada];
    let row = coterie_app::member::ImportMember {
        external_id: "grace".to_owned(),
        name: "Grace".to_owned(),
        email: "grace@example.test".to_owned(),
        home_location_id: Some(chain.location),
        password: None,
    };
    people.push(
        coterie_app::member::import(&app, &chain.owner, row)
            .await
            .unwrap()
            .outcome,
    );
    for member in &people {
        coterie_app::company::add_member(&app, &chain.owner, company, *member, None)
            .await
            .unwrap();
    }
    membership::change_payer(
        &app,
        &chain.owner,
        membership,
        coterie_domain::Payer::Company(company),
        None,
    )
    .await
    .unwrap();
    let place = Place {
        db,
        app,
        chain,
        membership,
        pack,
    };
    membership::give_seat(&place.app, &place.chain.owner, membership, people[1], None)
        .await
        .unwrap();
    let bought = place.buy().await;
    assert_eq!(
        bought.invoices.len(),
        1,
        "the company pays for what falls under the membership"
    );
    let wish = booking::Book {
        member_id: people[1],
        ..place.wish(place.chain.spree, 22, 2)
    };
    let hers = booking::book(&place.app, &place.chain.owner, wish)
        .await
        .unwrap()
        .outcome;
    let mut op = coterie_app::Operation::open(&place.app, &place.chain.owner)
        .await
        .unwrap();
    let (known, _) = booking::load(&mut op, hers).await.unwrap();
    drop(op);
    assert_eq!(known.fact.charged, eur(4_000));
    assert_eq!(place.left().await, (600, 15_000));
    let seen = membership::page::allowances(&place.app, place.chain.tenant, people[1])
        .await
        .unwrap();
    assert!(seen.is_empty(), "{seen:?}");
    // What Grace buys herself is hers.
    let caller = place.chain.owner.clone();
    let wish = BuyPack {
        member_id: people[1],
        credit_pack_id: place.pack,
    };
    credit_pack::buy(&place.app, &caller, wish).await.unwrap();
    let wish = booking::Book {
        member_id: people[1],
        ..place.wish(place.chain.spree, 23, 2)
    };
    let paid = booking::quote(&place.app, &caller, &wish).await.unwrap();
    assert_eq!(paid.charged, eur(0));
    place.books().await;
}

#[tokio::test]
async fn a_pack_of_day_passes_pays_for_passes() {
    let (db, app, mut chain) = opened().await;
    chain.plan_version = bare_plan(&app, &chain, 1).await;
    let membership = chain::subscribe(&app, &chain).await.membership_id;
    let pack = chain::define_pack(&app, &chain, None).await;
    chain::sell_passes(&app, &chain, 5).await;
    let place = Place {
        db,
        app,
        chain,
        membership,
        pack,
    };
    place.buy().await;
    let bought = chain::buy_pass(&place.app, &place.chain, "2026-01-23").await;
    assert_eq!(place.left().await, (4, 8_000));
    assert_eq!(place.books().await, [8_000, 2_000, 0]);
    pass::give_back(&place.app, &place.chain.as_ada(), bought)
        .await
        .unwrap();
    assert_eq!(place.left().await, (5, 10_000));
    assert_eq!(place.books().await, [10_000, 0, 0]);
}

#[tokio::test]
async fn what_is_withdrawn_or_the_houses_to_sell_is_not_for_members_to_buy() {
    let place = place().await;
    let new = coterie_domain::credit_pack::NewCreditPack {
        legal_entity_id: place.chain.legal_entity,
        name: "Quiet".to_owned(),
        holds: coterie_domain::credit::Holds::DayPasses,
        amount: 1,
        price: eur(1_000),
        tax_category: "standard".to_owned(),
        valid_for: coterie_domain::credit_pack::ValidFor::Days(30),
        self_service: false,
    };
    let quiet = credit_pack::define(&place.app, &place.chain.owner, &new)
        .await
        .unwrap()
        .outcome;
    let wish = BuyPack {
        member_id: place.chain.ada,
        credit_pack_id: quiet,
    };
    assert_eq!(
        code(credit_pack::buy(&place.app, &place.chain.as_ada(), wish).await),
        "ask_the_house"
    );
    credit_pack::buy(&place.app, &place.chain.owner, wish).await.unwrap();
    credit_pack::withdraw(&place.app, &place.chain.owner, quiet)
        .await
        .unwrap();
    assert_eq!(
        code(credit_pack::buy(&place.app, &place.chain.owner, wish).await),
        "withdrawn"
    );
    let mine = credit_pack::define(&place.app, &place.chain.as_ada(), &new).await;
    assert!(matches!(mine, Err(UseCaseError::Forbidden)));
    assert_eq!(place.bought().await.len(), 1, "what was bought stays");
}
