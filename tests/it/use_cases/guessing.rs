//! Whoever guesses waits, whether or not there is anything to be found.

use super::opened;
use coterie_app::{
    App, Caller, coupon,
    member::{self, SignUp},
    membership::{self, WithCoupon},
    session,
};
use coterie_tests::{
    Database,
    chain::{self, Chain},
};
use futures::future::join_all;

const RIGHT: &str = "a long enough one";

async fn sign_in(app: &App, chain: &Chain, email: &str, password: &str) -> &'static str {
    match session::sign_in(app, chain.tenant, email, password.to_owned()).await {
        Ok(_) => "signed in",
        Err(error) => error.code().unwrap(),
    }
}

async fn five_wrong(app: &App, chain: &Chain, email: &str) -> Vec<&'static str> {
    let mut said = Vec::new();
    for _ in 0..5 {
        said.push(sign_in(app, chain, email, "wrong wrong wrong").await);
    }
    said
}

async fn kept(db: &Database) -> i64 {
    sqlx::query_scalar("select count(*) from wrong_try")
        .fetch_one(&db.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn nobody_guesses_a_password_without_end() {
    let (db, app, chain) = opened().await;
    let new = SignUp {
        name: "Grace Hopper".to_owned(),
        email: "grace@example.test".to_owned(),
        password: RIGHT.to_owned(),
        home_location_id: None,
    };
    let visitor = Caller::system(chain.tenant, "sign_up");
    let grace = member::sign_up(&app, &visitor, new).await.unwrap().outcome;
    // A right one wipes out what was wrong before it.
    for _ in 0..2 {
        for _ in 0..4 {
            assert_eq!(
                sign_in(&app, &chain, "grace@example.test", "wrong wrong wrong").await,
                "wrong_credentials"
            );
        }
        assert_eq!(sign_in(&app, &chain, "grace@example.test", RIGHT).await, "signed in");
    }
    assert_eq!(kept(&db).await, 0);

    let known = five_wrong(&app, &chain, "grace@example.test").await;
    assert_eq!(known[3..], ["wrong_credentials", "sign_in_waits"]);
    // What is answered does not tell who is known.
    assert_eq!(known, five_wrong(&app, &chain, "nobody@example.test").await);
    assert_eq!(
        sign_in(&app, &chain, "Grace@Example.test", RIGHT).await,
        "sign_in_waits"
    );
    let owner = sign_in(&app, &chain, chain::OWNER_EMAIL, chain::OWNER_PASSWORD).await;
    assert_eq!(owner, "signed in", "nobody else waits");

    // Control: it is the row that keeps her out.
    sqlx::query("update wrong_try set waits_until = null")
        .execute(&db.owner)
        .await
        .unwrap();
    assert_eq!(sign_in(&app, &chain, "grace@example.test", RIGHT).await, "signed in");

    // Whoever has a link to set a new one need not wait.
    five_wrong(&app, &chain, "grace@example.test").await;
    let link = session::set_password_token(&app, chain.tenant, grace.0);
    session::set_password(&app, chain.tenant, &link, "another long one".to_owned())
        .await
        .unwrap();
    assert_eq!(
        sign_in(&app, &chain, "grace@example.test", "another long one").await,
        "signed in"
    );

    // Tries at one moment are counted like others.
    let at_once = join_all((0..12).map(|_| sign_in(&app, &chain, "grace@example.test", "wrong wrong wrong"))).await;
    let looked_at = at_once.iter().filter(|said| **said == "wrong_credentials").count();
    assert!(looked_at <= 4, "{at_once:?}");

    // What is kept of her goes with her; only the address that nobody has is left.
    assert_eq!(kept(&db).await, 2);
    member::forget(&app, &chain.owner, grace).await.unwrap();
    assert_eq!(kept(&db).await, 1);
}

#[tokio::test]
async fn a_member_does_not_try_codes_without_end() {
    let (db, app, chain) = opened().await;
    chain::make_coupon(&app, &chain, "SPRING", 50, None).await;
    let begun = chain::subscribe(&app, &chain).await;
    let ada = chain.as_ada();
    let redeem = async |caller: &Caller, code: &str| match coupon::redeem(&app, caller, begun.membership_id, code).await
    {
        Ok(_) => "redeemed",
        Err(error) => error.code().unwrap(),
    };
    for code in ["AUTUMN", "WINTER", "SUMMER"] {
        assert_eq!(redeem(&ada, code).await, "unknown_coupon");
    }
    // A price that is asked for with a code is a try as well.
    let quoted = async |code: &str| {
        let with = WithCoupon {
            code,
            member_id: chain.ada,
        };
        let told = membership::quote(
            &app,
            &ada,
            Some(chain.ada),
            chain.plan_version,
            chain.location,
            None,
            Some(with),
        )
        .await;
        told.unwrap_err().code().unwrap()
    };
    assert_eq!(quoted("EASTER").await, "unknown_coupon");
    assert_eq!(quoted("XMAS").await, "coupon_waits");
    assert_eq!(quoted("SPRING").await, "coupon_waits");
    assert_eq!(redeem(&ada, "SPRING").await, "coupon_waits");
    // Staff know the codes and do not wait.
    assert_eq!(redeem(&chain.owner, "HARVEST").await, "unknown_coupon");
    assert_eq!(kept(&db).await, 1);
    // Control: it is the row that makes her wait.
    sqlx::query("update wrong_try set waits_until = null")
        .execute(&db.owner)
        .await
        .unwrap();
    assert_eq!(redeem(&ada, "SPRING").await, "redeemed");
}
