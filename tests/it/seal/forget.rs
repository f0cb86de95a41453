//! What stands against forgetting, and who wins when somebody writes of her at the same moment.

use coterie_app::{
    App, Caller, Operation, UseCaseError,
    calendar_feed::{self, Subject},
    door,
    member::{self, ImportMember},
    membership::{self, Subscribe},
};
use coterie_domain::{MemberId, Payer, member::PaymentMethodSaved, personal::FORGOTTEN};
use coterie_eventlog::{read_stream, set_tenant_in_op};
use coterie_tests::{
    Database,
    chain::{self, Chain},
};
use sqlx::PgPool;

async fn opened() -> (Database, App, Chain) {
    let database = coterie_tests::database().await;
    let app = chain::app(database.app.clone());
    let chain = chain::open_chain(&app, "harbour").await;
    (database, app, chain)
}

fn code<T: std::fmt::Debug>(outcome: Result<T, UseCaseError>) -> &'static str {
    outcome.expect_err("it is refused").code().expect("with a code")
}

fn card(chain: &Chain, number: usize) -> PaymentMethodSaved {
    PaymentMethodSaved {
        payer: Payer::Member(chain.ada),
        legal_entity_id: chain.legal_entity,
        payment_method_id: format!("pm_{number}"),
        brand: "visa".to_owned(),
        last4: "1881".to_owned(),
        expires: "11/2031".to_owned(),
    }
}

/// Sessions that wait for a lock in this database.
async fn waiting(owner: &PgPool) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    .fetch_one(owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn whoever_is_still_tied_to_the_chain_is_not_forgotten() {
    let (database, app, chain) = opened().await;
    let subscribed = chain::subscribe(&app, &chain).await;
    assert_eq!(
        code(member::forget(&app, &chain.owner, chain.ada).await),
        "membership_active"
    );
    membership::give_notice(&app, &chain.as_ada(), subscribed.membership_id, None)
        .await
        .unwrap();
    chain::live_until(&app, &database.worker, &chain, "2026-02-03T00:00:00Z".parse().unwrap()).await;
    assert_eq!(
        code(member::forget(&app, &chain.owner, chain.ada).await),
        "invoices_open"
    );
    // She may not do it herself, and nobody of another chain can.
    assert!(matches!(
        member::forget(&app, &chain.as_ada(), chain.ada).await,
        Err(UseCaseError::Forbidden)
    ));
    let elsewhere = chain::open_chain(&app, "quay").await;
    let refused = member::forget(&app, &elsewhere.owner, chain.ada).await;
    assert!(matches!(refused, Err(UseCaseError::NotFound)), "{refused:?}");
    let before = member::before_forgetting(&app, &chain.owner, chain.ada).await.unwrap();
    assert!(before.obstacle.unwrap().contains("not settled"), "the page says why");
    assert_eq!(before.kept[0].1.to_string(), "2036-12-31");
}

#[tokio::test]
async fn nothing_personal_is_written_of_whoever_was_forgotten() {
    let (database, app, chain) = opened().await;
    member::forget(&app, &chain.owner, chain.ada).await.unwrap();
    assert_eq!(
        code(member::save_payment_method(&app, &chain.owner, card(&chain, 1)).await),
        "forgotten"
    );
    let subscribe = Subscribe {
        member_id: chain.ada,
        plan_version_id: chain.plan_version,
        location_id: chain.location,
        agreed_gross_minor: None,
        without_card: true,
        coupon: None,
    };
    assert_eq!(
        code(membership::subscribe(&app, &chain.owner, subscribe).await),
        "forgotten"
    );
    // Not even the owner of the table brings a key back.
    let back = sqlx::query("update subject_key set wrapped = 'x', destroyed_at = null where subject_id = $1")
        .bind(chain.ada.0)
        .execute(&database.owner)
        .await;
    assert!(back.unwrap_err().to_string().contains("was destroyed and stays so"));
    let mut tx = database.app.begin().await.unwrap();
    set_tenant_in_op(&mut tx, chain.tenant).await.unwrap();
    let mut events = read_stream(&mut tx, chain.tenant, chain.ada.0, 0, 10).await.unwrap();
    app.config
        .keys
        .open_in_op(&mut tx, chain.tenant, &mut events)
        .await
        .unwrap();
    assert!(events[0].plain().contains(FORGOTTEN) && events[0].payload.contains("$sealed"));
}

#[tokio::test]
async fn forgetting_waits_for_whoever_writes_of_her_and_forgets_that_too() {
    let (database, app, chain) = opened().await;
    let mut writing = Operation::open(&app, &chain.owner).await.unwrap();
    writing.hold_person(chain.ada.0).await.unwrap();
    let forgetting = {
        let (app, owner, ada) = (app.clone(), chain.owner.clone(), chain.ada);
        tokio::spawn(async move { member::forget(&app, &owner, ada).await })
    };
    while waiting(&database.owner).await == 0 {
        assert!(!forgetting.is_finished(), "it did not wait");
        tokio::task::yield_now().await;
    }
    writing.commit(()).await.unwrap();
    forgetting.await.unwrap().unwrap();
    // Control: without anybody writing it does not wait.
    let imported = somebody(&app, &chain.owner, 1).await;
    member::forget(&app, &chain.owner, imported).await.unwrap();
}

#[tokio::test]
async fn the_address_of_her_calendar_goes_with_her() {
    let (database, app, chain) = opened().await;
    let hers = Subject::Member(chain.ada);
    let feed = calendar_feed::make(&app, &chain.as_ada(), hers).await.unwrap();
    let room = Subject::Resource(chain.elbe);
    let of_room = calendar_feed::make(&app, &chain.owner, room).await.unwrap();
    let found = async |path: &str| {
        let token = path.trim_start_matches("/calendars/").trim_end_matches(".ics");
        calendar_feed::find(&app, chain.tenant, token).await.unwrap().is_some()
    };
    assert!(found(&feed.path).await && found(&of_room.path).await);
    member::forget(&app, &chain.owner, chain.ada).await.unwrap();
    assert!(!found(&feed.path).await, "it does not work any more");
    assert!(found(&of_room.path).await, "control: others do");
    let rows: i64 = sqlx::query_scalar("select count(*) from calendar_feed where subject_id = $1")
        .bind(chain.ada.0)
        .fetch_one(&database.owner)
        .await
        .unwrap();
    assert_eq!(rows, 0);
    assert_eq!(code(calendar_feed::make(&app, &chain.owner, hers).await), "forgotten");
}

#[tokio::test]
async fn her_door_code_goes_with_her() {
    let (_database, app, chain) = opened().await;
    let made = door::make_code(&app, &chain.as_ada(), chain.ada).await.unwrap();
    let path = door::make(&app, &chain.owner, chain.elbe).await.unwrap().path;
    let token = path.trim_start_matches("/door/");
    let entered = door::enter(&app, chain.tenant, token, &made.code).await.unwrap();
    assert_eq!((entered.member_id, entered.resource_id), (chain.ada, chain.elbe));
    member::forget(&app, &chain.owner, chain.ada).await.unwrap();
    let refused = door::enter(&app, chain.tenant, token, &made.code).await;
    assert_eq!(refused.unwrap_err().code(), Some("wrong_code"));
    assert_eq!(
        code(door::make_code(&app, &chain.as_ada(), chain.ada).await),
        "forgotten"
    );
}

async fn somebody(app: &App, owner: &Caller, number: usize) -> MemberId {
    let row = ImportMember {
        external_id: format!("row-{number}"),
        name: format!("Member {number}"),
        email: format!("member{number}@example.test"),
        home_location_id: None,
        password: None,
    };
    member::import(app, owner, row).await.unwrap().outcome
}

/// Whatever order they come in: a card is either saved before and forgotten with her, or refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_between_a_card_and_forgetting_leaves_nothing_readable() {
    let (database, app, chain) = opened().await;
    let mut saving = Vec::new();
    for number in 0..8 {
        let (house, owner, card) = (app.clone(), chain.owner.clone(), card(&chain, number));
        saving.push(tokio::spawn(async move {
            member::save_payment_method(&house, &owner, card).await
        }));
        if number == 4 {
            let (app, owner, ada) = (app.clone(), chain.owner.clone(), chain.ada);
            let forgetting = tokio::spawn(async move { member::forget(&app, &owner, ada).await });
            forgetting.await.unwrap().unwrap();
        }
    }
    let mut refused = 0;
    for saved in saving {
        match saved.await.unwrap() {
            Ok(_) | Err(UseCaseError::Busy(_)) => {}
            Err(error) => {
                assert_eq!(error.code(), Some("forgotten"), "{error:?}");
                refused += 1;
            }
        }
    }
    assert!(refused >= 1, "those who came after her were refused");
    let stream = Payer::Member(chain.ada).account_stream(chain.legal_entity);
    let mut tx = database.app.begin().await.unwrap();
    set_tenant_in_op(&mut tx, chain.tenant).await.unwrap();
    let mut events = read_stream(&mut tx, chain.tenant, stream, 0, 100).await.unwrap();
    app.config
        .keys
        .open_in_op(&mut tx, chain.tenant, &mut events)
        .await
        .unwrap();
    for event in events.iter().filter(|event| event.event_type == "PaymentMethodSaved") {
        assert!(
            !event.plain().contains("1881") && event.plain().contains(FORGOTTEN),
            "{}",
            event.plain()
        );
    }
}
