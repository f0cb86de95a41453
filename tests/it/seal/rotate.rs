//! Changing the master key by command, and what happens to whoever forgets to bring the old one.

use crate::cli::{MASTER_KEYS, coterie, environment};
use coterie_app::{App, AppConfig, Operation, member, secret::Keyring};
use coterie_tests::chain;

const NEW: &str = "new:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";

fn with_keys(app: &App, keys: &str) -> App {
    let config = AppConfig::new(app.config.secret.clone(), Keyring::parse(keys).unwrap());
    App::new(app.pool.clone(), config)
}

#[tokio::test]
async fn keys_are_wrapped_anew_and_the_old_master_key_can_go() {
    let db = coterie_tests::database().await;
    let app = chain::app(db.app.clone());
    let chain = chain::open_chain(&app, "harbour").await;
    chain::subscribe(&app, &chain).await;
    let name = async |app: &App| {
        let mut op = Operation::open(app, &chain.owner).await?;
        member::load(&mut op, chain.ada).await.map(|(member, _)| member.name)
    };
    let before = name(&app).await.unwrap();
    let masters = async || -> Vec<String> {
        sqlx::query_scalar("select distinct master_key_id from subject_key order by 1")
            .fetch_all(&db.owner)
            .await
            .unwrap()
    };
    // Without the old key nothing can be wrapped anew, and nothing is half done.
    let early = coterie(&["keys", "rotate"], &environment(&db, &[("COTERIE_MASTER_KEYS", NEW)])).await;
    assert_eq!(early.code, 1, "{early:?}");
    assert!(
        early.err.contains("the master key test is not in COTERIE_MASTER_KEYS"),
        "{early:?}"
    );
    assert_eq!(masters().await, ["test"]);
    assert!(
        name(&with_keys(&app, NEW)).await.is_err(),
        "control: the new key alone opens nothing yet"
    );

    let both = format!("{NEW},{MASTER_KEYS}");
    let variables = environment(&db, &[("COTERIE_MASTER_KEYS", &both)]);
    let keys: i64 = sqlx::query_scalar("select count(*) from subject_key")
        .fetch_one(&db.owner)
        .await
        .unwrap();
    let rotated = coterie(&["keys", "rotate"], &variables).await;
    assert!(
        rotated.code == 0 && rotated.out.contains(&format!("harbour: {keys} keys are wrapped anew.")),
        "{rotated:?}"
    );
    assert_eq!(masters().await, ["new"]);
    let again = coterie(&["keys", "rotate"], &variables).await;
    assert!(again.out.contains("harbour: 0 keys are wrapped anew."), "{again:?}");
    assert_eq!(name(&with_keys(&app, NEW)).await.unwrap(), before);
    // A forgotten one has nothing to wrap, and stays forgotten.
    let app = with_keys(&app, NEW);
    let row = member::ImportMember {
        external_id: "7".to_owned(),
        name: "Grace".to_owned(),
        email: "grace@example.test".to_owned(),
        home_location_id: None,
        password: None,
    };
    let grace = member::import(&app, &chain.owner, row).await.unwrap().outcome;
    member::forget(&app, &chain.owner, grace).await.unwrap();
    let third = format!("third:CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo=,{NEW}");
    let rotated = coterie(
        &["keys", "rotate"],
        &environment(&db, &[("COTERIE_MASTER_KEYS", &third)]),
    )
    .await;
    assert!(
        rotated.out.contains(&format!("harbour: {keys} keys are wrapped anew.")),
        "{rotated:?}"
    );
}

#[tokio::test]
async fn commands_say_what_is_wrong_with_them() {
    let db = coterie_tests::database().await;
    let app = chain::app(db.app.clone());
    let chain = chain::open_chain(&app, "harbour").await;
    chain::subscribe(&app, &chain).await;
    let variables = environment(&db, &[]);
    let (ada, nobody) = (chain.ada.to_string(), uuid::Uuid::nil().to_string());
    for (words, code, sentence) in [
        (&["keys"][..], 2, "Usage"),
        (
            &["forget", "--organization", "harbour", "--member", "ada"],
            2,
            "invalid value",
        ),
        (
            &["forget", "--organization", "nowhere", "--member", &ada],
            1,
            "There is no organization",
        ),
        (
            &["forget", "--organization", "harbour", "--member", &nobody],
            1,
            "harbour has no member",
        ),
        (
            &["forget", "--organization", "harbour", "--member", &ada],
            1,
            "This member has a membership. End it",
        ),
    ] {
        let ended = coterie(words, &variables).await;
        assert_eq!(ended.code, code, "{words:?}: {ended:?}");
        assert!(ended.err.contains(sentence), "{words:?}: {ended:?}");
    }
    let missing = coterie(&["keys", "rotate"], &environment(&db, &[("COTERIE_MASTER_KEYS", "")])).await;
    assert!(
        missing.code == 1 && missing.err.contains("COTERIE_MASTER_KEYS is not set"),
        "{missing:?}"
    );
}
