//! Memberships that change: what is given back and charged, when it is invoiced, what becomes of allowances, and that the
//! database itself lets no day be charged twice.

use coterie_app::{
    App,
    company::{self, RegisterCompany},
    invoice,
    membership::{self, ChangePlan, Changed, OverridePrice},
    plan,
};
use coterie_domain::{
    MembershipId, Payer, PlanVersionId,
    invoice::InvoiceIssued,
    plan::{Allowance, NewPlanVersion, PlanTerms},
};
use coterie_tests::{
    Database,
    chain::{self, Chain, eur},
    guards::guards_agree,
};
use jiff::civil::{Date, date};

use super::opened;

pub(super) struct Place {
    pub(super) db: Database,
    pub(super) app: App,
    pub(super) chain: Chain,
    pub(super) membership: MembershipId,
}

/// Ada has Flex (300.00 with five hours of rooms) since 20 January; Team costs 500.00 with ten.
pub(super) async fn place() -> (Place, PlanVersionId) {
    let (db, app, chain) = opened().await;
    let team = publish(&app, &chain, 50_000, PlanTerms::default()).await;
    let membership = chain::subscribe(&app, &chain).await.membership_id;
    let place = Place {
        db,
        app,
        chain,
        membership,
    };
    (place, team)
}

async fn publish(app: &App, chain: &Chain, minor: i64, terms: PlanTerms) -> PlanVersionId {
    let team = NewPlanVersion {
        name: "Team".to_owned(),
        legal_entity_id: chain.legal_entity,
        price: eur(minor),
        tax_included: false,
        billing_day: 1,
        terms,
        tax_category: "standard".to_owned(),
        allowances: vec![Allowance {
            resource_type_id: chain.room_type,
            minutes: 600,
        }],
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let done = plan::publish(app, &chain.owner, None, team).await.unwrap();
    done.outcome.plan_version_id
}

impl Place {
    pub(super) fn change(&self, version: PlanVersionId, at_renewal: bool) -> ChangePlan {
        ChangePlan {
            membership_id: self.membership,
            plan_version_id: version,
            at_renewal,
            from: None,
            agreed_gross_minor: None,
        }
    }

    pub(super) async fn until(&self, day: Date) -> Vec<String> {
        let noon = day.at(11, 0, 0, 0).in_tz("Europe/Berlin").unwrap().timestamp();
        let before = self.issued().await;
        chain::live_until(&self.app, &self.db.worker, &self.chain, noon).await;
        let invoices: Vec<_> = self
            .issued()
            .await
            .into_iter()
            .filter(|id| !before.contains(id))
            .collect();
        let mut said = Vec::new();
        for id in invoices {
            said.push(printed(&self.invoice(id).await));
        }
        said
    }

    pub(super) async fn issued(&self) -> Vec<coterie_domain::InvoiceId> {
        let ids: Vec<uuid::Uuid> =
            sqlx::query_scalar("select stream_id from event where event_type = 'InvoiceIssued' order by position")
                .fetch_all(&self.db.owner)
                .await
                .unwrap();
        ids.into_iter().map(coterie_domain::InvoiceId).collect()
    }

    pub(super) async fn invoice(&self, id: coterie_domain::InvoiceId) -> InvoiceIssued {
        let mut op = coterie_app::Operation::open(&self.app, &self.chain.owner)
            .await
            .unwrap();
        invoice::load(&mut op, id).await.unwrap().unwrap()
    }

    async fn invoiced(&self, changed: &Changed) -> Vec<String> {
        let mut said = Vec::new();
        for id in &changed.invoices {
            said.push(printed(&self.invoice(*id).await));
        }
        said
    }

    /// Minutes left of the lots of rooms, by when they begin.
    async fn lots(&self) -> Vec<(String, i64)> {
        sqlx::query_as(
            "select to_char(valid_from at time zone 'Europe/Berlin', 'MM-DD'), amount_left from credit_lot
             where amount_left > 0 order by valid_from, amount_left",
        )
        .fetch_all(&self.db.owner)
        .await
        .unwrap()
    }

    pub(super) async fn agree(&self) {
        guards_agree(&self.db.worker, self.chain.tenant).await;
        let off: i64 = sqlx::query_scalar(
            "select count(*) from (
                 select payload->>'entry_id' as entry, sum((posting->>'amount_minor')::bigint) as sum
                 from event, json_array_elements(payload->'postings') as posting
                 where event_type = 'JournalEntryPosted' group by 1) e where sum <> 0",
        )
        .fetch_one(&self.db.owner)
        .await
        .unwrap();
        assert_eq!(off, 0, "every entry sums to zero");
    }
}

/// `number: description net; .. = gross`
fn printed(invoice: &InvoiceIssued) -> String {
    let lines: Vec<_> = invoice
        .lines
        .iter()
        .map(|line| format!("{} {}", line.description, eur(line.net_minor).amount()))
        .collect();
    format!("{} = {}", lines.join("; "), eur(invoice.gross_minor).amount())
}

#[tokio::test]
async fn an_upgrade_is_invoiced_at_once_and_its_hours_can_be_used_today() {
    let (place, team) = place().await;
    let quote = membership::quote_plan_change(&place.app, &place.chain.as_ada(), &place.change(team, false))
        .await
        .unwrap();
    assert_eq!((quote.net, quote.gross), (eur(7_742), eur(9_213)));
    let stale = ChangePlan {
        agreed_gross_minor: Some(9_212),
        ..place.change(team, false)
    };
    let refused = membership::change_plan(&place.app, &place.chain.as_ada(), stale)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("price_changed"));
    assert_eq!(
        place.lots().await,
        [("01-20".to_owned(), 300), ("02-01".to_owned(), 300)]
    );
    let agreed = ChangePlan {
        agreed_gross_minor: Some(9_213),
        ..place.change(team, false)
    };
    let changed = membership::change_plan(&place.app, &place.chain.as_ada(), agreed)
        .await
        .unwrap()
        .outcome;
    assert_eq!(
        place.invoiced(&changed).await,
        ["Flex given back, 2026-01-20 to 2026-01-31 -116.13; Team, 2026-01-20 to 2026-01-31 193.55 = 92.13"]
    );
    // Five more hours in each cycle that Flex had granted for already.
    let lots = place.lots().await;
    assert_eq!(lots.iter().map(|(_, minutes)| minutes).sum::<i64>(), 1_200, "{lots:?}");
    place.agree().await;
    assert_eq!(
        place.until(date(2026, 2, 2)).await,
        ["Team, 2026-02-01 to 2026-02-28 500.00 = 595.00"]
    );
    place.agree().await;
}

#[tokio::test]
async fn what_is_given_back_beyond_what_is_owed_waits_for_the_next_invoice() {
    let (place, team) = place().await;
    membership::change_plan(&place.app, &place.chain.as_ada(), place.change(team, false))
        .await
        .unwrap();
    let flex: uuid::Uuid = sqlx::query_scalar(
        "select (payload->>'plan_version_id')::uuid from event where event_type = 'MembershipStarted'",
    )
    .fetch_one(&place.db.owner)
    .await
    .unwrap();
    let down = place.change(PlanVersionId(flex), false);
    let changed = membership::change_plan(&place.app, &place.chain.as_ada(), down)
        .await
        .unwrap()
        .outcome;
    assert_eq!((changed.net, changed.invoices.len()), (eur(-7_742), 0));
    let lots = place.lots().await;
    assert_eq!(lots.iter().map(|(_, minutes)| minutes).sum::<i64>(), 600, "{lots:?}");
    assert_eq!(
        place.until(date(2026, 2, 2)).await,
        [
            "Team given back, 2026-01-20 to 2026-01-31 -193.55; Flex, 2026-01-20 to 2026-01-31 116.13; Flex, 2026-02-01 to 2026-02-28 300.00 = 264.87"
        ]
    );
    place.agree().await;
}

#[tokio::test]
async fn a_change_at_renewal_costs_nothing_before_and_can_be_called_off() {
    let (place, _) = place().await;
    let quarter = PlanTerms {
        length: coterie_domain::period::CycleLength::Quarter,
        ..PlanTerms::default()
    };
    let yearly = publish(&place.app, &place.chain, 120_000, quarter).await;
    let ada = place.chain.as_ada();
    let refused = membership::change_plan(&place.app, &ada, place.change(yearly, false))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("only_at_renewal"));
    membership::change_plan(&place.app, &ada, place.change(yearly, true))
        .await
        .unwrap();
    let lots = place.lots().await;
    assert_eq!(lots, [("01-20".to_owned(), 300), ("02-01".to_owned(), 600)]);
    place.agree().await;
    membership::call_plan_change_off(&place.app, &ada, place.membership)
        .await
        .unwrap();
    assert_eq!(place.lots().await.iter().map(|(_, minutes)| minutes).sum::<i64>(), 600);
    membership::change_plan(&place.app, &ada, place.change(yearly, true))
        .await
        .unwrap();
    assert_eq!(
        place.until(date(2026, 2, 2)).await,
        ["Team, 2026-02-01 to 2026-04-30 1200.00 = 1428.00"]
    );
    assert_eq!(place.until(date(2026, 4, 30)).await, [""; 0]);
    place.agree().await;
}

#[tokio::test]
async fn a_pause_is_given_back_and_nothing_can_be_booked_in_it() {
    let (place, _) = place().await;
    let ada = place.chain.as_ada();
    let backdated = membership::pause(&place.app, &ada, place.membership, date(2026, 1, 19), None).await;
    assert_eq!(backdated.unwrap_err().code(), Some("day_is_over"));
    membership::pause(
        &place.app,
        &ada,
        place.membership,
        date(2026, 1, 25),
        Some(date(2026, 2, 11)),
    )
    .await
    .unwrap();
    place.agree().await;
    let booked = coterie_app::booking::Book {
        member_id: place.chain.ada,
        resource_id: place.chain.elbe,
        start: date(2026, 2, 4).at(10, 0, 0, 0),
        end: date(2026, 2, 4).at(11, 0, 0, 0),
        people: None,
    };
    let refused = coterie_app::booking::book(&place.app, &ada, booked).await.unwrap_err();
    assert_eq!(refused.code(), Some("no_membership"));
    assert_eq!(
        place.until(date(2026, 2, 2)).await,
        ["Flex given back, 2026-01-25 to 2026-01-31 -67.74; Flex, 2026-02-11 to 2026-02-28 192.86 = 148.89"]
    );
    let back = membership::resume(&place.app, &ada, place.membership, None)
        .await
        .unwrap()
        .outcome;
    assert_eq!(
        place.invoiced(&back).await,
        ["Flex, 2026-02-02 to 2026-02-10 96.43 = 114.75"]
    );
    place.agree().await;
}

#[tokio::test]
async fn an_end_that_is_over_gives_back_and_one_before_the_cycle_s_ends_it_on_its_day() {
    let (place, _) = place().await;
    place.until(date(2026, 2, 10)).await;
    let owner = &place.chain.owner;
    let hers = membership::give_notice(
        &place.app,
        &place.chain.as_ada(),
        place.membership,
        Some(date(2026, 2, 1)),
    )
    .await;
    assert!(hers.is_err(), "members leave by the plan's terms");
    let given = membership::give_notice(&place.app, owner, place.membership, Some(date(2026, 2, 20)))
        .await
        .unwrap()
        .outcome;
    assert_eq!(given.changed.net, eur(-8_571));
    place.agree().await;
    let stays = membership::withdraw_notice(&place.app, owner, place.membership)
        .await
        .unwrap()
        .outcome;
    assert_eq!(stays.net, eur(8_571));
    assert_eq!(place.invoiced(&stays).await.len(), 0, "the two make nothing");
    place.agree().await;
    membership::give_notice(&place.app, owner, place.membership, Some(date(2026, 2, 20)))
        .await
        .unwrap();
    place.until(date(2026, 2, 21)).await;
    place.agree().await;
    let ended: bool = sqlx::query_scalar("select ended from membership_guard")
        .fetch_one(&place.db.owner)
        .await
        .unwrap();
    assert!(ended);
    let other = membership::withdraw_notice(&place.app, owner, place.membership)
        .await
        .unwrap_err();
    assert_eq!(other.code(), Some("membership_over"));
    place.until(date(2026, 3, 5)).await;
    place.agree().await;
}

#[tokio::test]
async fn another_price_and_another_payer_count_from_their_day() {
    let (place, _) = place().await;
    let owner = &place.chain.owner;
    let agreed = OverridePrice {
        membership_id: place.membership,
        price: eur(15_000),
        from: None,
        until: Some(date(2026, 3, 1)),
        reason: "Building works".to_owned(),
    };
    let hers = membership::override_price(&place.app, &place.chain.as_ada(), &agreed).await;
    assert!(hers.is_err());
    let changed = membership::override_price(&place.app, owner, &agreed)
        .await
        .unwrap()
        .outcome;
    assert_eq!(changed.net, eur(-5_807));
    let firm = RegisterCompany {
        name: "Engines Ltd".to_owned(),
        billing_email: "bills@example.test".to_owned(),
        ..RegisterCompany::default()
    };
    let firm = company::register(&place.app, owner, firm).await.unwrap().outcome;
    membership::change_payer(
        &place.app,
        owner,
        place.membership,
        Payer::Company(firm),
        Some(date(2026, 2, 1)),
    )
    .await
    .unwrap();
    assert_eq!(
        place.until(date(2026, 2, 2)).await,
        ["Flex, 2026-02-01 to 2026-02-28 150.00 = 178.50"],
        "Ada's 58.06 wait for her"
    );
    place.agree().await;
}

/// The guard itself: taken away, the same wrong write goes through.
#[tokio::test]
async fn the_database_lets_no_day_stand_charged_twice() {
    let (place, _) = place().await;
    let twice = "insert into billed_days (tenant_id, membership_id, first_day, end_day)
                 select tenant_id, membership_id, first_day + 3, end_day + 3 from billed_days";
    let refused = sqlx::raw_sql(twice).execute(&place.db.owner).await.unwrap_err();
    let constraint = refused
        .as_database_error()
        .and_then(|error| error.constraint().map(str::to_owned));
    assert_eq!(constraint.as_deref(), Some("billed_once"));
    sqlx::raw_sql("alter table billed_days drop constraint billed_once")
        .execute(&place.db.owner)
        .await
        .unwrap();
    sqlx::raw_sql(twice).execute(&place.db.owner).await.unwrap();
}
