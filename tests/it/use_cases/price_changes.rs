//! Announced price changes on a real database: what was shown is what is announced, each membership is told once whatever dies in
//! between, and what changed meanwhile is left out and named.

use super::opened;
use coterie_app::{
    App, Caller,
    company::{self, RegisterCompany},
    membership::{self, ChangePlan, OverridePrice},
    page::PageRequest,
    plan,
    price_change::{
        self, BATCH,
        page::{self, MembershipRow, PriceChangeRow},
    },
};
use coterie_domain::{
    MemberId, MembershipId, Payer, PlanVersionId, PriceChangeId,
    plan::{Allowance, NewPlanVersion, PlanTerms},
    price_change::{NOTICE_DAYS, NewPriceChange, Phase, Preview, Reason},
};
use coterie_tests::{
    Database,
    chain::{self, Chain, eur},
    guards::guards_agree,
};
use jiff::civil::{Date, date};
use std::collections::BTreeMap;
use uuid::Uuid;

struct House {
    db: Database,
    app: App,
    chain: Chain,
    members: Vec<MemberId>,
    /// Flex for 333.00 with ten hours instead of 300.00 with five.
    newer: PlanVersionId,
}

/// Members with Flex since 20 January, and a newer version of it.
async fn house(members: u32) -> House {
    let (db, app, chain) = opened().await;
    let mut all = Vec::new();
    for number in 0..members {
        all.push(chain::another_member(&app, &chain, number).await);
    }
    let newer = publish(&app, &chain, 33_300).await;
    House {
        db,
        app,
        chain,
        members: all,
        newer,
    }
}

async fn publish(app: &App, chain: &Chain, minor: i64) -> PlanVersionId {
    let new = NewPlanVersion {
        name: "Flex".to_owned(),
        legal_entity_id: chain.legal_entity,
        price: eur(minor),
        tax_included: false,
        billing_day: 1,
        terms: PlanTerms::default(),
        tax_category: "standard".to_owned(),
        allowances: vec![Allowance {
            resource_type_id: chain.room_type,
            minutes: 600,
        }],
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let done = plan::publish(app, &chain.owner, Some(chain.plan), new).await.unwrap();
    done.outcome.plan_version_id
}

impl House {
    fn dearer_from(&self, from: Date) -> NewPriceChange {
        NewPriceChange {
            plan_version_id: self.newer,
            effective_from: from,
            notice_days: NOTICE_DAYS,
            message: "The rent went up.".to_owned(),
        }
    }
    async fn preview(&self, from: Date) -> Preview {
        price_change::preview(&self.app, &self.chain.owner, &self.dearer_from(from))
            .await
            .unwrap()
    }
    async fn announce(&self, from: Date) -> PriceChangeId {
        let shown = self.preview(from).await.sha256();
        price_change::announce(&self.app, &self.chain.owner, &self.dearer_from(from), &shown)
            .await
            .unwrap()
            .outcome
    }
    async fn advance(&self, id: PriceChangeId, limit: i64) -> bool {
        price_change::advance(&self.app, &self.chain.owner, id, limit)
            .await
            .unwrap()
            .outcome
    }
    async fn told(&self, from: Date) -> PriceChangeId {
        let id = self.announce(from).await;
        while self.advance(id, BATCH).await {}
        id
    }
    async fn row(&self, id: PriceChangeId) -> PriceChangeRow {
        page::find(&self.app, self.chain.tenant, id).await.unwrap().unwrap()
    }
    async fn of_standing(&self, id: PriceChangeId, standing: &str) -> Vec<MembershipRow> {
        let request = PageRequest {
            limit: Some(100),
            after: None,
        };
        page::memberships(&self.app, self.chain.tenant, id, Some(standing), &request)
            .await
            .unwrap()
            .items
    }
    /// Each member's membership, by the guard.
    async fn memberships(&self) -> BTreeMap<MemberId, MembershipId> {
        let rows: Vec<(Uuid, Uuid)> = sqlx::query_as("select member_id, membership_id from membership_guard")
            .fetch_all(&self.db.owner)
            .await
            .unwrap();
        rows.into_iter()
            .map(|(member, membership)| (MemberId(member), MembershipId(membership)))
            .collect()
    }
    async fn of(&self, number: usize) -> MembershipId {
        self.memberships().await[&self.members[number]]
    }
    /// How often each membership has an event of a type.
    async fn events(&self, event_type: &str) -> Vec<(Uuid, i64)> {
        sqlx::query_as("select stream_id, count(*) from event where event_type = $1 group by 1 order by 1")
            .bind(event_type)
            .fetch_all(&self.db.owner)
            .await
            .unwrap()
    }
    async fn until(&self, day: Date) {
        let noon = day.at(11, 0, 0, 0).in_tz(chain::ZONE).unwrap().timestamp();
        chain::live_until(&self.app, &self.db.worker, &self.chain, noon).await;
    }
    fn as_member(&self, number: usize) -> Caller {
        let actor = coterie_app::Actor::Member(self.members[number]);
        Caller::new(self.chain.tenant, actor)
    }
    /// What each cycle of a membership is charged at, by its first day.
    async fn charged(&self, id: MembershipId) -> Vec<(String, i64)> {
        sqlx::query_as(
            "select payload->>'service_from', (payload->'net'->>'minor')::bigint from event
             where event_type = 'ChargeMade' and payload->>'membership_id' = $1 and payload->>'kind' = 'recurring' order by position",
        )
        .bind(id.to_string())
        .fetch_all(&self.db.owner)
        .await
        .unwrap()
    }
}

#[tokio::test]
async fn what_is_announced_is_billed_from_its_day_on_and_not_before() {
    let house = house(2).await;
    let shown = house.preview(date(2026, 3, 1)).await;
    assert_eq!(shown.sums(), (eur(60_000), eur(66_600)));
    let head = |house: &House| {
        let pool = house.db.owner.clone();
        async move {
            sqlx::query_scalar::<_, i64>("select max(position) from event")
                .fetch_one(&pool)
                .await
                .unwrap()
        }
    };
    let before = head(&house).await;
    house.preview(date(2026, 3, 1)).await;
    assert_eq!(head(&house).await, before, "a preview decides nothing");
    let id = house.told(date(2026, 3, 1)).await;
    let row = house.row(id).await;
    assert_eq!((row.phase, row.counts.told, row.counts.moves()), (Phase::Told, 2, 2));
    assert_eq!((row.before, row.after), (eur(60_000), eur(66_600)));
    house.until(date(2026, 4, 1)).await;
    let charged = house.charged(house.of(0).await).await;
    let expected = [
        ("2026-01-20", 11_613),
        ("2026-02-01", 30_000),
        ("2026-03-01", 33_300),
        ("2026-04-01", 33_300),
    ];
    assert_eq!(charged, expected.map(|(day, minor)| (day.to_owned(), minor)));
    // Hours follow: five in February, ten from March on.
    let granted: Vec<i64> = sqlx::query_scalar(
        "select sum(amount_granted)::bigint from credit_lot where membership_id = $1 and valid_from >= '2026-01-31' group by valid_from order by valid_from",
    )
    .bind(house.of(0).await.0)
    .fetch_all(&house.db.owner)
    .await
    .unwrap();
    assert_eq!(granted, [300, 600, 600, 600]);
    // The invoice before the day has the old price, the one after it the new one.
    let issued: Vec<(String, i64)> = sqlx::query_as(
        "select payload->>'issue_date', (payload->>'net_minor')::bigint from event
         where event_type = 'InvoiceIssued' and payload->'payer'->>'member' = $1 order by position",
    )
    .bind(house.members[0].to_string())
    .fetch_all(&house.db.owner)
    .await
    .unwrap();
    let expected = [
        ("2026-01-20", 11_613),
        ("2026-02-01", 30_000),
        ("2026-03-01", 33_300),
        ("2026-04-01", 33_300),
    ];
    assert_eq!(issued, expected.map(|(day, minor)| (day.to_owned(), minor)));
    guards_agree(&house.db.worker, house.chain.tenant).await;
}

#[tokio::test]
async fn a_job_that_dies_between_batches_and_two_at_once_tell_everybody_once() {
    let house = house(9).await;
    let id = house.announce(date(2026, 3, 1)).await;
    assert!(house.advance(id, 2).await);
    let (dying, more) = price_change::step(&house.app, &house.chain.owner, id, 2).await.unwrap();
    assert!(more);
    drop(dying);
    assert_eq!(house.row(id).await.counts.told, 2);
    guards_agree(&house.db.worker, house.chain.tenant).await;
    loop {
        let (one, other) = tokio::join!(house.advance(id, 2), house.advance(id, 2));
        if !one && !other {
            break;
        }
    }
    assert!(!house.advance(id, 2).await, "there is nothing left to do");
    let row = house.row(id).await;
    assert_eq!((row.phase, row.counts.told, row.counts.waiting), (Phase::Told, 9, 0));
    for event in ["PlanChanged", "PlanChangeAnnounced"] {
        let all = house.events(event).await;
        assert_eq!(all.len(), 9);
        assert!(all.iter().all(|(_, times)| *times == 1), "{event}: {all:?}");
    }
    assert_eq!(house.events("PriceChangeCompleted").await, [(id.0, 1)]);
    guards_agree(&house.db.worker, house.chain.tenant).await;
}

/// Many, in steps of the size that the job takes, every second of which dies first.
#[tokio::test]
async fn twelve_hundred_are_told_in_bounded_steps() {
    let house = house(1_200).await;
    let id = house.announce(date(2026, 3, 1)).await;
    let mut steps = 0;
    loop {
        let (dying, _) = price_change::step(&house.app, &house.chain.owner, id, BATCH)
            .await
            .unwrap();
        drop(dying);
        let (one, other) = tokio::join!(house.advance(id, BATCH), house.advance(id, BATCH));
        steps += 1;
        if !one && !other {
            break;
        }
    }
    assert!(steps <= 5, "{steps} rounds of two steps of {BATCH}");
    assert_eq!(house.row(id).await.counts.told, 1_200);
    for event in ["PlanChanged", "PlanChangeAnnounced"] {
        let all = house.events(event).await;
        assert_eq!(all.len(), 1_200);
        assert!(all.iter().all(|(_, times)| *times == 1), "{event}");
    }
    guards_agree(&house.db.worker, house.chain.tenant).await;
}

/// The control: with the rows made to wait again, a second walk finds that everybody has been told and leaves them out, rather than
/// telling them twice.
#[tokio::test]
async fn control_who_waits_again_is_not_told_twice() {
    let house = house(2).await;
    let id = house.told(date(2026, 3, 1)).await;
    sqlx::query("update price_change_membership set standing = 'waiting'")
        .execute(&house.db.owner)
        .await
        .unwrap();
    sqlx::query("update price_change set phase = 'telling'")
        .execute(&house.db.owner)
        .await
        .unwrap();
    while house.advance(id, BATCH).await {}
    assert!(house.events("PlanChanged").await.iter().all(|(_, times)| *times == 1));
    assert_eq!(house.row(id).await.counts.left_out, 2);
}

#[tokio::test]
async fn another_set_than_was_shown_is_not_announced() {
    let house = house(3).await;
    let (from, owner) = (date(2026, 3, 1), &house.chain.owner);
    let shown = house.preview(from).await;
    membership::give_notice(&house.app, &house.as_member(1), house.of(1).await, None)
        .await
        .unwrap();
    let refused = price_change::announce(&house.app, owner, &house.dearer_from(from), &shown.sha256()).await;
    assert_eq!(refused.unwrap_err().code(), Some("preview_changed"));
    let now = house.preview(from).await;
    assert_eq!((now.moves.len(), now.reasons()), (2, vec![(Reason::NoticeGiven, 1)]));
    let id = price_change::announce(&house.app, owner, &house.dearer_from(from), &now.sha256())
        .await
        .unwrap()
        .outcome;
    // While its members are told, nobody announces another change of the plan.
    let later = house.preview(date(2026, 4, 1)).await.sha256();
    let second = price_change::announce(&house.app, owner, &house.dearer_from(date(2026, 4, 1)), &later).await;
    assert_eq!(second.unwrap_err().code(), Some("being_told"));
    while house.advance(id, BATCH).await {}
    // And then everybody is planned for already.
    let again = house.preview(date(2026, 4, 1)).await;
    assert_eq!(
        (again.moves.len(), again.reasons()),
        (0, vec![(Reason::ChangePlanned, 2), (Reason::NoticeGiven, 1)])
    );
    let nobody = price_change::announce(&house.app, owner, &house.dearer_from(date(2026, 4, 1)), &again.sha256()).await;
    assert_eq!(nobody.unwrap_err().code(), Some("nobody_moves"));
    // Members announce nothing, and neither does finance.
    let member = house.as_member(0);
    for outcome in [
        price_change::announce(&house.app, &member, &house.dearer_from(from), "")
            .await
            .map(|_| ()),
        price_change::advance(&house.app, &member, id, 1).await.map(|_| ()),
        price_change::call_off(&house.app, &member, id).await.map(|_| ()),
        price_change::preview(&house.app, &member, &house.dearer_from(from))
            .await
            .map(|_| ()),
    ] {
        assert!(
            matches!(outcome, Err(coterie_app::UseCaseError::Forbidden)),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_membership_that_changed_after_it_was_announced_is_left_out_and_named() {
    let house = house(4).await;
    let id = house.announce(date(2026, 3, 1)).await;
    let agreed = OverridePrice {
        membership_id: house.of(0).await,
        price: eur(20_000),
        from: Some(date(2026, 2, 1)),
        until: None,
        reason: "Agreed".to_owned(),
    };
    membership::override_price(&house.app, &house.chain.owner, &agreed)
        .await
        .unwrap();
    membership::give_notice(&house.app, &house.as_member(1), house.of(1).await, None)
        .await
        .unwrap();
    let chosen = ChangePlan {
        membership_id: house.of(2).await,
        plan_version_id: house.newer,
        at_renewal: false,
        from: None,
        agreed_gross_minor: None,
    };
    membership::change_plan(&house.app, &house.as_member(2), chosen)
        .await
        .unwrap();
    while house.advance(id, BATCH).await {}
    let row = house.row(id).await;
    assert_eq!((row.phase, row.counts.told, row.counts.left_out), (Phase::Told, 1, 3));
    let mut why: BTreeMap<MembershipId, Reason> = BTreeMap::new();
    for row in house.of_standing(id, "left_out").await {
        why.insert(row.membership_id, row.why.unwrap().reason);
    }
    let expected = [
        (house.of(0).await, Reason::AgreedPrice),
        (house.of(1).await, Reason::NoticeGiven),
        (house.of(2).await, Reason::AlreadyOnIt),
    ];
    assert_eq!(why, BTreeMap::from(expected));
    guards_agree(&house.db.worker, house.chain.tenant).await;
}

#[tokio::test]
async fn whoever_is_told_too_late_is_left_out() {
    let house = house(1).await;
    let id = house.announce(date(2026, 3, 1)).await;
    // The worker stood still for two weeks.
    house.until(date(2026, 2, 3)).await;
    while house.advance(id, BATCH).await {}
    let row = &house.of_standing(id, "left_out").await[0];
    assert_eq!(row.why, Some(Reason::TooLate.on(date(2026, 3, 1))));
    assert!(house.events("PlanChanged").await.is_empty());
}

#[tokio::test]
async fn she_leaves_on_the_day_before_and_cannot_call_it_off() {
    let (db, app, chain) = opened().await;
    let long = NewPlanVersion {
        name: "Long".to_owned(),
        legal_entity_id: chain.legal_entity,
        price: eur(30_000),
        tax_included: false,
        billing_day: 1,
        terms: PlanTerms {
            notice_days: 90,
            ..PlanTerms::default()
        },
        tax_category: "standard".to_owned(),
        allowances: Vec::new(),
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let first = plan::publish(&app, &chain.owner, None, long.clone())
        .await
        .unwrap()
        .outcome;
    let member = MemberChain {
        plan: first.plan_version_id,
    };
    let ada = member.subscribes(&app, &chain).await;
    let dearer = NewPlanVersion {
        price: eur(33_300),
        ..long
    };
    let newer = plan::publish(&app, &chain.owner, Some(first.plan_id), dearer).await;
    let house = House {
        members: vec![chain.ada],
        newer: newer.unwrap().outcome.plan_version_id,
        db,
        app,
        chain,
    };
    let id = house.told(date(2026, 3, 1)).await;
    let refused = membership::call_plan_change_off(&house.app, &house.as_member(0), ada).await;
    assert_eq!(refused.unwrap_err().code(), Some("announced_change"));
    let notice = membership::give_notice(&house.app, &house.as_member(0), ada, None).await;
    assert_eq!(notice.unwrap().outcome.last_day, date(2026, 2, 28));
    house.until(date(2026, 4, 2)).await;
    let charged = house.charged(ada).await;
    assert_eq!(charged.last(), Some(&("2026-02-01".to_owned(), 30_000)));
    // Too late to call the whole of it off.
    let late = price_change::call_off(&house.app, &house.chain.owner, id).await;
    assert_eq!(late.unwrap_err().code(), Some("has_come"));
    guards_agree(&house.db.worker, house.chain.tenant).await;
}

struct MemberChain {
    plan: PlanVersionId,
}

impl MemberChain {
    async fn subscribes(&self, app: &App, chain: &Chain) -> MembershipId {
        let command = membership::Subscribe {
            member_id: chain.ada,
            plan_version_id: self.plan,
            location_id: chain.location,
            agreed_gross_minor: None,
            without_card: true,
            coupon: None,
        };
        let done = membership::subscribe(app, &chain.owner, command).await.unwrap();
        done.outcome.membership_id
    }
}

#[tokio::test]
async fn staff_call_it_off_for_one_and_then_for_all() {
    let house = house(5).await;
    let id = house.announce(date(2026, 3, 1)).await;
    assert!(house.advance(id, 3).await);
    let told = house.of_standing(id, "told").await;
    let one = told[0].membership_id;
    membership::call_plan_change_off(&house.app, &house.chain.owner, one)
        .await
        .unwrap();
    assert_eq!(house.row(id).await.counts.released, 1);
    guards_agree(&house.db.worker, house.chain.tenant).await;
    let again = membership::call_plan_change_off(&house.app, &house.chain.owner, one).await;
    assert_eq!(again.unwrap_err().code(), Some("no_change_ahead"));
    // Another of them pays from April on by a company: that stays.
    let payer = company_of(&house).await;
    let paid = told[1].membership_id;
    membership::change_payer(&house.app, &house.chain.owner, paid, payer, Some(date(2026, 4, 1)))
        .await
        .unwrap();

    price_change::call_off(&house.app, &house.chain.owner, id)
        .await
        .unwrap();
    let row = house.row(id).await;
    assert_eq!(
        (row.phase, row.counts.waiting, row.counts.left_out),
        (Phase::CallingOff, 0, 2)
    );
    let twice = price_change::call_off(&house.app, &house.chain.owner, id).await;
    assert_eq!(twice.unwrap_err().code(), Some("already_called_off"));
    let (dying, _) = price_change::step(&house.app, &house.chain.owner, id, 1).await.unwrap();
    drop(dying);
    loop {
        let (one, other) = tokio::join!(house.advance(id, 1), house.advance(id, 1));
        if !one && !other {
            break;
        }
    }
    let row = house.row(id).await;
    assert_eq!(
        (row.phase, row.counts.released, row.counts.left_out),
        (Phase::CalledOff, 3, 2)
    );
    let off = house.events("PlanChangeCalledOff").await;
    assert!(off.len() == 3 && off.iter().all(|(_, times)| *times == 1), "{off:?}");
    guards_agree(&house.db.worker, house.chain.tenant).await;
    house.until(date(2026, 4, 1)).await;
    for number in 0..5 {
        let charged = house.charged(house.of(number).await).await;
        assert!(charged[1..].iter().all(|(_, minor)| *minor == 30_000), "{charged:?}");
    }
    let agreement = membership::agreement(&house.app, house.chain.tenant, paid)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(agreement.term_on(date(2026, 4, 1)).payer, payer);
    guards_agree(&house.db.worker, house.chain.tenant).await;
}

async fn company_of(house: &House) -> Payer {
    let company = RegisterCompany {
        name: "Engines".to_owned(),
        billing_email: "bills@engines.test".to_owned(),
        ..RegisterCompany::default()
    };
    let done = company::register(&house.app, &house.chain.owner, company)
        .await
        .unwrap();
    Payer::Company(done.outcome)
}

/// Somebody else's chain does not know of it.
#[tokio::test]
async fn another_chain_knows_nothing_of_it() {
    let house = house(1).await;
    let id = house.told(date(2026, 3, 1)).await;
    let next_door = chain::open_chain(&house.app, "quayside").await;
    assert_eq!(page::find(&house.app, next_door.tenant, id).await.unwrap(), None);
    let theirs = page::list(&house.app, next_door.tenant, &PageRequest::default())
        .await
        .unwrap();
    assert!(theirs.items.is_empty());
    let off = price_change::call_off(&house.app, &next_door.owner, id).await;
    assert!(matches!(off, Err(coterie_app::UseCaseError::NotFound)));
    let foreign = price_change::preview(&house.app, &next_door.owner, &house.dearer_from(date(2026, 3, 1))).await;
    assert_eq!(foreign.unwrap_err().code(), Some("unknown_plan"));
}
