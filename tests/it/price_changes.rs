//! Announced price changes with the worker beside them: the letters, the pages of operator and member, and members who are told
//! once each while steps die and meet.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy sees only the functions marked so"
)]

use crate::{
    api::client::{Client, id, set_up, subscribed},
    member_pages::house::{assert_says, send},
};
use coterie_app::{credit_note, member, membership, plan, price_change, session};
use coterie_domain::{
    ChargeId, InvoiceId, MemberId, MembershipId, PriceChangeId,
    credit_note::{NewCreditNote, WantedLine},
    plan::{NewPlanVersion, PlanTerms},
    price_change::{NewPriceChange, Phase},
};
use coterie_server::{Stack, StackConfig};
use coterie_tests::{
    Person, TestStack,
    chain::{self, eur},
    guards::guards_agree,
    stack,
};
use jiff::civil::date;
use serde_json::{Value, json};
use uuid::Uuid;

/// Harbour at 20 January, with Ada and Bob on Flex for 300.00; from a second version on it costs 333.00 with ten hours.
struct House {
    stack: TestStack,
    api: Client,
    ada: Value,
    bob: Value,
    newer: Value,
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let bob = subscribed(&api, &harbour, "Bob").await;
    let plans: Value = api.get("/v1/plans").await.expect(200).json();
    let dearer = json!({ "plan_id": plans["data"][0]["plan_id"], "name": "Flex", "legal_entity_id": harbour.legal_entity,
        "price": { "minor": 33300, "currency": "EUR" }, "billing_day": 1, "tax_category": "standard",
        "allowances": [{ "resource_type_id": harbour.room_type, "minutes": 600 }] });
    let newer = api.made("/v1/plans", &dearer).await["plan_version_id"].clone();
    stack.settle(api.chain.tenant).await;
    House {
        stack,
        api,
        ada,
        bob,
        newer,
    }
}

impl House {
    async fn settle(&self) {
        self.stack.settle(self.api.chain.tenant).await;
    }

    fn ask(&self) -> Value {
        json!({ "plan_version_id": self.newer, "effective_from": "2026-03-01", "message": "The rent <went> up.\nSee you!" })
    }

    async fn announced(&self) -> String {
        let shown: Value = self
            .api
            .post("/v1/price_changes/preview", &self.ask())
            .await
            .expect(200)
            .json();
        let mut ask = self.ask();
        ask["preview_sha256"] = shown["preview_sha256"].clone();
        let made = self.api.made("/v1/price_changes", &ask).await;
        self.settle().await;
        id(&made["price_change_id"]).to_owned()
    }

    async fn membership(&self, member: &Value) -> String {
        let path = format!("/v1/memberships?member_id={}", id(member));
        let found: Value = self.api.get(&path).await.expect(200).json();
        id(&found["data"][0]["membership_id"]).to_owned()
    }

    /// What letters of a kind say to somebody: subject and text, the oldest first.
    fn letters(&self, to: &str, subject: &str) -> Vec<(String, String)> {
        let all = self.stack.house.inbox.messages();
        let hers = all.iter().filter(|mail| mail.to.iter().any(|address| address == to));
        hers.filter(|mail| mail.subject().contains(subject))
            .map(|mail| (mail.subject(), mail.text().replace("\r\n", "\n")))
            .collect()
    }

    /// Takes back all that somebody was invoiced.
    async fn credits(&self, member: MemberId) {
        let lines: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "select invoice_id, charge_id from charge_guard where payer_id = $1 and invoice_id is not null",
        )
        .bind(member.0)
        .fetch_all(&self.stack.db.owner)
        .await
        .unwrap();
        for (invoice, charge) in lines {
            let note = NewCreditNote {
                reason: "A favour.".to_owned(),
                lines: vec![WantedLine {
                    charge_id: ChargeId(charge),
                    net_minor: None,
                }],
                bill_again: false,
            };
            credit_note::issue(self.stack.app(), &self.api.chain.owner(), InvoiceId(invoice), &note)
                .await
                .unwrap();
        }
        self.settle().await;
    }

    async fn signed_in(&self, kind: &str, person: Uuid) -> Person {
        let tenant = self.api.chain.tenant;
        let token = session::open_session(self.stack.app(), tenant, kind, person)
            .await
            .unwrap();
        let at = self.stack.person_at("harbour");
        at.set_cookie("session", &token);
        at
    }

    async fn member(&self, member: &Value) -> Person {
        self.signed_in("member", id(member).parse().unwrap()).await
    }

    async fn owner(&self) -> Person {
        self.signed_in("staff", self.api.chain.owner.0).await
    }

    async fn advance(&self, to: &str) {
        self.stack.advance(&self.api.chain, to.parse().unwrap()).await;
        self.settle().await;
    }
}

#[tokio::test]
async fn she_reads_the_letter_sees_it_on_her_page_and_leaves_by_it() {
    let house = house().await;
    house.announced().await;
    let letters = house.letters("ada@example.test", "another price");
    assert_eq!(letters.len(), 1, "{letters:?}");
    let (subject, text) = &letters[0];
    assert_eq!(subject, "Flex at Speicher: another price from 1 March 2026");
    for line in [
        "Until 28 February 2026: EUR 300.00 a month, plus VAT",
        "From 1 March 2026: EUR 333.00 a month, plus VAT",
        "- Meeting room: 10 h in each cycle instead of 5 h.",
        "The rent <went> up.",
        "give notice until 28 February 2026",
    ] {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
    let membership = house.membership(&house.ada).await;
    assert!(text.contains(&format!("/memberships/{membership}")));

    let ada = house.member(&house.ada).await;
    let here = format!("/memberships/{membership}");
    let page = ada.get(&here).await.expect(200);
    assert_says(&page, "Another price from 1 March 2026");
    assert_says(&page, "EUR 333.00 plus VAT a month");
    assert_says(&page, "If you do not want it, give notice until");
    assert!(!page.body.contains("/plan/call-off"), "it is not hers to call off");
    let refused = ada.post(&format!("{here}/plan/call-off"), &[("confirm", "yes")]).await;
    assert_eq!(refused.status.as_u16(), 409, "{}", refused.body);
    // By the very form that the letter leads to.
    let answer = send(&ada, &format!("{here}/notice"), &format!("{here}/notice"), &[]).await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    house.advance("2026-03-02T12:00:00Z").await;
    let rows: Value = house.api.get("/v1/memberships").await.expect(200).json();
    let of = |member: &Value| {
        let mut all = rows["data"].as_array().unwrap().iter();
        all.find(|row| row["member_id"] == *member).unwrap().clone()
    };
    assert_eq!(of(&house.ada)["state"], json!("ended"));
    assert_eq!(of(&house.bob)["price"]["minor"], json!(33_300));

    // Forgotten, her letters are nobody's; Bob's stands. What she was invoiced is taken back before, for nobody owes anything then.
    let owner = house.api.chain.owner();
    let ada: MemberId = id(&house.ada).parse().unwrap();
    house.credits(ada).await;
    member::forget(house.stack.app(), &owner, ada).await.unwrap();
    let left: Vec<(String, i64)> = sqlx::query_as(
        "select recipient, length(message)::bigint from mail_outbox where kind = 'price_change' order by length(message)",
    )
    .fetch_all(&house.stack.db.owner)
    .await
    .unwrap();
    assert_eq!(left.len(), 2);
    assert_eq!(left[0].1, 0, "{left:?}");
    assert!(!left[0].0.contains("ada@"));
    assert_eq!((left[1].0.as_str(), left[1].1 > 0), ("bob@example.test", true));
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    house.stack.shutdown().await;
}

#[tokio::test]
async fn an_operator_announces_on_her_pages_and_calls_it_off() {
    let house = house().await;
    let olive = house.owner().await;
    let plans = olive.get("/operator/plans").await.expect(200);
    assert!(plans.body.contains("/operator/price-changes"));
    let new = "/operator/price-changes/new";
    assert_says(
        &olive.get(new).await.expect(200),
        "Flex (version 2), EUR 333.00 plus VAT a month",
    );
    let faulty = format!(
        "{new}?plan_version_id={}&effective_from=2026-01-20&notice_days=999",
        id(&house.newer)
    );
    let faulty = olive.get(&faulty).await.expect(422);
    assert_says(&faulty, "Please choose a day after today");
    assert_says(&faulty, "Please give 0 to 365 days.");
    let asked = format!(
        "{new}?plan_version_id={}&effective_from=2026-03-01&notice_days=30",
        id(&house.newer)
    );
    let page = olive.get(&asked).await.expect(200);
    assert_says(&page, "EUR 666.00 instead of EUR 600.00");
    assert_says(&page, "Announce it to 2 memberships");
    // Bob gives notice before she presses the button: it is shown anew, with what she typed.
    let hidden = crate::member_pages::house::hidden(&page.body, "/operator/price-changes");
    let mut form: Vec<(&str, &str)> = hidden
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    form.push(("message", "The rent went up."));
    let bob: MembershipId = house.membership(&house.bob).await.parse().unwrap();
    membership::give_notice(house.stack.app(), &house.api.chain.owner(), bob, None)
        .await
        .unwrap();
    let again = olive.post("/operator/price-changes", &form).await.expect(409);
    assert_says(&again, "memberships changed meanwhile");
    assert_says(&again, "Announce it to one membership");
    assert_says(&again, "The rent went up.");
    let hidden = crate::member_pages::house::hidden(&again.body, "/operator/price-changes");
    let mut form: Vec<(&str, &str)> = hidden
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    form.push(("message", "The rent went up."));
    let done = olive.post("/operator/price-changes", &form).await;
    assert_eq!(done.status.as_u16(), 303, "{}", done.body);
    let here = done.location().path().to_owned();
    house.settle().await;
    let page = olive.get(&here).await.expect(200);
    for sentence in [
        "Announced",
        "1 of 1",
        "The rent went up.",
        "notice is given",
        "EUR 333.00 instead of EUR 300.00",
    ] {
        assert_says(&page, sentence);
    }
    assert_says(
        &olive.get("/operator/price-changes").await.expect(200),
        "Flex version 2",
    );
    assert_eq!(house.letters("ada@example.test", "another price").len(), 1);
    assert!(house.letters("bob@example.test", "another price").is_empty());

    assert_says(
        &olive.get(&format!("{here}/call-off")).await.expect(200),
        "1 memberships were told of it",
    );
    let off = olive.post(&format!("{here}/call-off"), &[("confirm", "yes")]).await;
    assert_eq!(off.status.as_u16(), 303, "{}", off.body);
    house.settle().await;
    assert_says(&olive.get(&here).await.expect(200), "Called off");
    let letters = house.letters("ada@example.test", "stays as it is");
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(
        letters[0]
            .1
            .contains("It is off: the price stays EUR 300.00 a month, plus VAT.")
    );
    house.stack.shutdown().await;
}

#[tokio::test]
async fn for_one_membership_staff_call_it_off_on_its_page_and_she_is_told() {
    let house = house().await;
    house.announced().await;
    let olive = house.owner().await;
    let membership = house.membership(&house.ada).await;
    let here = format!("/operator/members/{}/memberships/{membership}", id(&house.ada));
    assert_says(&olive.get(&here).await.expect(200), "Call the change off");
    let off = olive
        .post(&format!("{here}/plan/call-off"), &[("confirm", "yes")])
        .await;
    assert_eq!(off.status.as_u16(), 303, "{}", off.body);
    house.settle().await;
    assert_eq!(house.letters("ada@example.test", "stays as it is").len(), 1);
    assert!(house.letters("bob@example.test", "stays as it is").is_empty());
    // A change that she chooses herself and calls off is no letter's.
    let ada = house.api.chain.owner();
    let ada = coterie_app::Caller::new(ada.tenant, coterie_app::Actor::Member(id(&house.ada).parse().unwrap()));
    let chosen = membership::ChangePlan {
        membership_id: membership.parse().unwrap(),
        plan_version_id: id(&house.newer).parse().unwrap(),
        at_renewal: true,
        from: None,
        agreed_gross_minor: None,
    };
    membership::change_plan(house.stack.app(), &ada, chosen).await.unwrap();
    membership::call_plan_change_off(house.stack.app(), &ada, membership.parse().unwrap())
        .await
        .unwrap();
    house.settle().await;
    assert_eq!(house.letters("ada@example.test", "stays as it is").len(), 1);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn everybody_is_told_once_while_steps_die_and_meet() {
    told_once(120).await;
}

/// The same with many, whose letters take their time.
#[tokio::test]
#[ignore = "it takes minutes: make soak"]
async fn twelve_hundred_have_one_letter_each() {
    told_once(1_200).await;
}

/// Memberships told by the worker's job while steps by hand die beside it and meet it: each has one change and one letter.
async fn told_once(many: u32) {
    let db = coterie_tests::database().await;
    let app = chain::app(db.app.clone());
    let opened = chain::open_chain(&app, "harbour").await;
    // Before there is a worker: what happens before it first looks is not reacted to, so that no invoice is set and mailed.
    for number in 0..many {
        chain::another_member(&app, &opened, number).await;
    }
    let url = |role| db.url(Some(role)).parse().unwrap();
    let config = StackConfig::new(
        url("coterie_app"),
        url("coterie_worker"),
        app.config.secret.clone(),
        app.config.keys.clone(),
    );
    let house = Stack::start(config).await.unwrap();
    let stack = TestStack { house, db };
    stack
        .settle_within(opened.tenant, std::time::Duration::from_mins(30))
        .await;
    let id = announced(&app, &opened, many).await;
    let mut steps = 0;
    loop {
        let (dying, _) = price_change::step(&app, &opened.owner, id, 20).await.unwrap();
        drop(dying);
        let (one, other) = tokio::join!(
            price_change::advance(&app, &opened.owner, id, 20),
            price_change::advance(&app, &opened.owner, id, 20),
        );
        steps += 1;
        if !one.unwrap().outcome && !other.unwrap().outcome {
            break;
        }
        assert!(steps < 100, "it does not come to an end");
    }
    let row = price_change::page::find(&app, opened.tenant, id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.phase, row.counts.told), (Phase::Told, i64::from(many)));
    stack
        .settle_within(opened.tenant, std::time::Duration::from_mins(30))
        .await;
    assert_eq!(letters(&stack).await, (i64::from(many), i64::from(many)));
    let twice: i64 = sqlx::query_scalar(
        "select count(*) from (select stream_id from event where event_type in ('PlanChanged', 'PlanChangeAnnounced')
         group by stream_id, event_type having count(*) > 1) t",
    )
    .fetch_one(&stack.db.owner)
    .await
    .unwrap();
    assert_eq!(twice, 0);
    let told: i64 = sqlx::query_scalar(
        "select sum(jsonb_array_length(payload::jsonb->'told'))::bigint from event where event_type = 'MembershipsTold'",
    )
    .fetch_one(&stack.db.owner)
    .await
    .unwrap();
    assert_eq!(told, i64::from(many));
    guards_agree(&stack.db.worker, opened.tenant).await;
    stack.shutdown().await;
}

/// Letters in the outbox, and those whom they are to.
async fn letters(stack: &TestStack) -> (i64, i64) {
    sqlx::query_as("select count(*), count(distinct recipient) from mail_outbox where kind = 'price_change'")
        .fetch_one(&stack.db.owner)
        .await
        .unwrap()
}

async fn announced(app: &coterie_app::App, opened: &chain::Chain, many: u32) -> PriceChangeId {
    let dearer = NewPlanVersion {
        name: "Flex".to_owned(),
        legal_entity_id: opened.legal_entity,
        price: eur(33_300),
        tax_included: false,
        billing_day: 1,
        terms: PlanTerms::default(),
        tax_category: "standard".to_owned(),
        allowances: Vec::new(),
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let newer = plan::publish(app, &opened.owner, Some(opened.plan), dearer)
        .await
        .unwrap();
    let new = NewPriceChange {
        plan_version_id: newer.outcome.plan_version_id,
        effective_from: date(2026, 3, 1),
        notice_days: 30,
        message: String::new(),
    };
    let shown = price_change::preview(app, &opened.owner, &new).await.unwrap();
    assert_eq!(shown.moves.len(), usize::try_from(many).unwrap());
    price_change::announce(app, &opened.owner, &new, &shown.sha256())
        .await
        .unwrap()
        .outcome
}
