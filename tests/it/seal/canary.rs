//! One person lives a whole life in the house, is forgotten, and is looked for everywhere.

use super::{lines::Lines, scan};
use crate::cli::{coterie, environment};
use crate::journey::member::{agrees, saves_a_card, signs_up};
use crate::journey::operator::opens_a_chain;
use crate::journey::{Chain, says, text};
use coterie_app::{Actor, Caller, member, membership, organization, page::PageRequest};
use coterie_domain::{MemberId, organization::Role};
use coterie_tests::{OpenedChain, Person, TestStack, stack};
use jiff::Timestamp;
use uuid::Uuid;

const NAME: &str = "Zephyrine Quillfeather";
const EMAIL: &str = "zephyrine.quillfeather@canary.example";
/// What is personal of the one who signs up, and of the one who is imported.
const CANARIES: [&str; 4] = [NAME, EMAIL, "Quillfeather", "canary.example"];
const IMPORTED: [&str; 3] = [
    "Ottoline Brambleweave",
    "ottoline@brambleweave.example",
    "ROW-OTTOLINE-1888",
];

/// The house at rest, with somebody in it who has done everything that a member can do.
struct Life {
    house: TestStack,
    chain: Chain,
    opened: OpenedChain,
    her: Person,
    id: MemberId,
    imported: MemberId,
}

async fn at(house: &TestStack, chain: &Chain) -> OpenedChain {
    let found = organization::by_host(house.app(), &format!("{}.localhost", chain.slug)).await;
    let tenant = found.unwrap().unwrap().tenant;
    let owner: Uuid = sqlx::query_scalar("select staff_id from staff where tenant_id = $1 limit 1")
        .bind(tenant)
        .fetch_one(&house.db.owner)
        .await
        .unwrap();
    OpenedChain {
        tenant,
        slug: chain.slug.to_owned(),
        url: house.house.chain_url(chain.slug),
        owner: owner.into(),
        owner_email: String::new(),
    }
}

async fn member_named(house: &TestStack, tenant: Uuid, name: &str) -> MemberId {
    let filter = member::page::MemberFilter {
        search: Some(name.to_owned()),
    };
    let page = member::page::list(house.app(), tenant, filter, &PageRequest::default()).await;
    page.unwrap().items.first().expect("she is found").member_id
}

/// Signs up, confirms, saves a card, subscribes, pays, gives notice, and leaves; somebody else is imported.
async fn lives() -> Life {
    let house = stack().await;
    let chain = opens_a_chain(&house).await;
    let her = signs_up(&house, &chain, NAME, EMAIL).await;
    saves_a_card(&house, &her, "works").await;
    agrees(&her, &["138.19"]).await;
    let opened = at(&house, &chain).await;
    house.settle(opened.tenant).await;
    let id = member_named(&house, opened.tenant, NAME).await;
    let (running,): (Uuid,) = sqlx::query_as("select membership_id from membership_guard where member_id = $1")
        .bind(id.0)
        .fetch_one(&house.db.owner)
        .await
        .unwrap();
    let as_her = Caller::new(opened.tenant, Actor::Member(id));
    membership::give_notice(house.app(), &as_her, running.into(), None)
        .await
        .unwrap();
    let row = member::ImportMember {
        external_id: IMPORTED[2].to_owned(),
        name: IMPORTED[0].to_owned(),
        email: IMPORTED[1].to_owned(),
        home_location_id: None,
        password: None,
    };
    let imported = member::import(house.app(), &opened.owner(), row).await.unwrap().outcome;
    house
        .advance(&opened, "2026-02-03T12:00:00Z".parse::<Timestamp>().unwrap())
        .await;
    Life {
        house,
        chain,
        opened,
        her,
        id,
        imported,
    }
}

#[tokio::test]
async fn after_she_was_forgotten_she_is_nowhere() {
    let (lines, _keeping) = Lines::keep();
    let life = lives().await;
    let owner = &life.house.db.owner;

    // Control: while she is here, the scan finds her where people search and where mail is kept, and nowhere else.
    let before = scan::places(owner, &[&CANARIES[..], &IMPORTED[..]].concat()).await;
    let expected = [
        "public.mail_outbox.message",
        "public.mail_outbox.recipient",
        "public.member_view.email",
        "public.member_view.name",
    ];
    assert_eq!(before.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    let letter: (Uuid, Vec<u8>) =
        sqlx::query_as("select mail_id, message from mail_outbox where recipient = $1 and kind like '%receipt%'")
            .bind(EMAIL)
            .fetch_one(owner)
            .await
            .unwrap();

    forgets(&life).await;

    let after = scan::places(owner, &[&CANARIES[..], &IMPORTED[..]].concat()).await;
    assert!(after.is_empty(), "she is still in {after:?}");
    let said = lines.text();
    assert!(said.contains("coterie"), "lines were kept");
    let told: Vec<&str> = said.lines().filter(|line| scan::holds(line, &CANARIES)).collect();
    assert!(told.is_empty(), "log lines tell of her: {told:#?}");

    // Control: with one guard taken away, here the outbox's, the same scan turns red.
    let put_back = sqlx::query("update mail_outbox set message = $2 where mail_id = $1");
    put_back.bind(letter.0).bind(&letter.1).execute(owner).await.unwrap();
    let leaking = scan::places(owner, &CANARIES).await;
    assert_eq!(
        leaking.iter().map(String::as_str).collect::<Vec<_>>(),
        ["public.mail_outbox.message"]
    );

    reads_as_forgotten(&life).await;
    life.house.shutdown().await;
}

/// The owner forgets her on the page, and the imported one by the command line.
async fn forgets(life: &Life) {
    let (house, owner) = (&life.house, &life.chain.owner);
    let path = format!("/operator/members/{}/forget", life.id);
    let asked = owner.get(&path).await;
    for words in ["Forget Zephyrine Quillfeather?", "BER-000001", "31 Dec"] {
        says(&asked, words);
    }
    let unticked = owner.post(&path, &[]).await;
    assert_eq!(unticked.status.as_u16(), 422, "{}", unticked.body);
    let done = owner.submit(&path, &[("confirm", "on")]).await;
    says(&done, "She is forgotten.");
    let variables = environment(&house.db, &[]);
    let id = life.imported.to_string();
    let ended = coterie(&["forget", "--organization", "harbour", "--member", &id], &variables).await;
    assert!(ended.code == 0 && ended.out.contains("is forgotten"), "{ended:?}");
    house.settle(life.opened.tenant).await;
}

/// What people see of her from now on.
async fn reads_as_forgotten(life: &Life) {
    let (house, owner) = (&life.house, &life.chain.owner);
    let page = owner.get(&format!("/operator/members/{}", life.id)).await;
    says(&page, "(forgotten)");
    let searched = owner.get("/operator/members?search=Quillfeather").await;
    assert!(
        !text(&searched.body).contains("(forgotten)"),
        "{}",
        text(&searched.body)
    );
    // Her invoice is kept whole: the law wants the buyer on it.
    let listed = owner.get("/finance/invoices").await;
    says(&listed, NAME);
    let invoice: Uuid = sqlx::query_scalar("select invoice_id from invoice_guard limit 1")
        .fetch_one(&house.db.owner)
        .await
        .unwrap();
    says(&owner.get(&format!("/finance/invoices/{invoice}")).await, NAME);
    // Her session is over, her password opens nothing, and her address is free.
    let gone = life.her.get("/invoices").await;
    assert!(!gone.status.is_success(), "{}", gone.body);
    let again = signs_up(house, &life.chain, "Somebody Else", EMAIL).await;
    assert!(again.get("/invoices").await.status.is_success());
    // The gateway knows nobody of that name either.
    let deleted = house.house.sim.recorded();
    let deleted = deleted.iter().filter(|exchange| exchange.method == "DELETE");
    assert_eq!(deleted.map(|exchange| exchange.status).collect::<Vec<_>>(), [200]);
    // The chain of hashes, which covers sealed texts, is what it was.
    house.settle(life.opened.tenant).await;
    let verified = coterie(
        &["log", "verify", "--organization", "harbour"],
        &environment(&house.db, &[]),
    )
    .await;
    assert_eq!(verified.code, 0, "{verified:?}");
    // Importing her row again changes nothing.
    let row = member::ImportMember {
        external_id: IMPORTED[2].to_owned(),
        name: IMPORTED[0].to_owned(),
        email: IMPORTED[1].to_owned(),
        home_location_id: None,
        password: None,
    };
    let same = member::import(house.app(), &life.opened.owner(), row).await.unwrap();
    assert_eq!(same.outcome, life.imported);
    assert!(scan::places(&house.db.owner, &IMPORTED).await.is_empty());
    // Forgetting again changes nothing either, and staff who do not operate may not.
    let before = same.position;
    let again = member::forget(house.app(), &life.opened.owner(), life.id)
        .await
        .unwrap();
    assert_eq!(again.position, before);
    let mut finance = life.opened.owner();
    if let Actor::Staff { role, .. } = &mut finance.actor {
        *role = Role::Finance;
    }
    assert!(member::forget(house.app(), &finance, life.id).await.is_err());
}
