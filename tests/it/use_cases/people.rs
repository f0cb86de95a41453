use coterie_app::{
    Actor, Caller, UseCaseError,
    member::{self, ImportMember, SignUp},
    membership::{self, Subscribe},
    organization::{self, AddStaff},
    session::{self, Person},
};
use coterie_domain::organization::Role;
use coterie_tests::chain;

use super::opened;

fn grace() -> SignUp {
    SignUp {
        name: "Grace Hopper".to_owned(),
        email: "Grace@Example.test".to_owned(),
        password: "a long enough one".to_owned(),
        home_location_id: None,
    }
}

#[tokio::test]
async fn a_person_signs_up_confirms_signs_in_and_out() {
    let (_database, app, chain) = opened().await;
    let visitor = Caller::system(chain.tenant, "sign_up");
    let id = member::sign_up(&app, &visitor, grace()).await.unwrap().outcome;
    let again = member::sign_up(&app, &visitor, grace()).await.unwrap_err();
    assert_eq!(again.code(), Some("email_taken"));

    let caller = Caller::new(chain.tenant, Actor::Member(id));
    let command = Subscribe {
        member_id: id,
        plan_version_id: chain.plan_version,
        location_id: chain.location,
        agreed_gross_minor: None,
        without_card: false,
        coupon: None,
    };
    let no_card = membership::subscribe(&app, &caller, command.clone()).await.unwrap_err();
    assert_eq!(no_card.code(), Some("no_card"));
    let as_staff = Subscribe {
        without_card: true,
        ..command
    };
    let unconfirmed = membership::subscribe(&app, &chain.owner, as_staff.clone())
        .await
        .unwrap_err();
    assert_eq!(unconfirmed.code(), Some("email_not_confirmed"));

    let token = session::confirm_token(&app, chain.tenant, id.0);
    for _ in 0..2 {
        assert_eq!(
            member::confirm_email(&app, chain.tenant, &token).await.unwrap().outcome,
            id
        );
    }
    // One letter inside the signature is another one.
    let other = if &token[40..=40] == "A" { "B" } else { "A" };
    let forged = format!("{}{other}{}", &token[..40], &token[41..]);
    let refused = member::confirm_email(&app, chain.tenant, &forged).await.unwrap_err();
    assert_eq!(refused.code(), Some("link_expired"));
    membership::subscribe(&app, &chain.owner, as_staff).await.unwrap();

    let sign_in =
        async |password: &str| session::sign_in(&app, chain.tenant, "grace@example.test", password.to_owned()).await;
    assert_eq!(
        sign_in("wrong wrong wrong").await.unwrap_err().code(),
        Some("wrong_credentials")
    );
    let (token, person) = sign_in("a long enough one").await.unwrap();
    assert_eq!(person, Person::Member { id });
    let known = session::authenticate(&app, chain.tenant, &token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (known.name.as_str(), known.email.as_str()),
        ("Grace Hopper", "grace@example.test")
    );
    let elsewhere = session::authenticate(&app, uuid::Uuid::now_v7(), &token).await.unwrap();
    assert_eq!(elsewhere, None);
    session::sign_out(&app, &token).await.unwrap();
    assert_eq!(session::authenticate(&app, chain.tenant, &token).await.unwrap(), None);

    let (token, _) = sign_in("a long enough one").await.unwrap();
    let link = session::set_password_token(&app, chain.tenant, id.0);
    session::set_password(&app, chain.tenant, &link, "another long one".to_owned())
        .await
        .unwrap();
    assert_eq!(
        session::authenticate(&app, chain.tenant, &token).await.unwrap(),
        None,
        "signed out everywhere"
    );
    assert_eq!(
        sign_in("a long enough one").await.unwrap_err().code(),
        Some("wrong_credentials")
    );
    sign_in("another long one").await.unwrap();
}

#[tokio::test]
async fn staff_sign_in_with_their_role_and_keys_carry_theirs() {
    let (_database, app, chain) = opened().await;
    let (token, _) = session::sign_in(&app, chain.tenant, chain::OWNER_EMAIL, chain::OWNER_PASSWORD.to_owned())
        .await
        .unwrap();
    let owner = session::authenticate(&app, chain.tenant, &token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        owner.person,
        Person::Staff {
            id: chain.owner_id,
            role: Role::Owner
        }
    );

    let fiona = AddStaff {
        name: "Fiona Finance".to_owned(),
        email: "fiona@harbour.test".to_owned(),
        role: Role::Finance,
        password: None,
    };
    let id = organization::add_staff(&app, &chain.owner, fiona.clone())
        .await
        .unwrap()
        .outcome;
    let twice = organization::add_staff(&app, &chain.owner, fiona.clone())
        .await
        .unwrap_err();
    assert_eq!(twice.code(), Some("email_taken"));
    let caller = Caller::new(
        chain.tenant,
        Actor::Staff {
            id,
            role: Role::Finance,
        },
    );
    let refused = organization::add_staff(&app, &caller, fiona).await.unwrap_err();
    assert!(matches!(refused, UseCaseError::Forbidden), "{refused:?}");

    let (key_id, key) = session::create_api_key(&app, &chain.owner, Role::Finance)
        .await
        .unwrap();
    let found = session::find_api_key(&app, &key).await.unwrap().unwrap();
    assert_eq!(
        (found.tenant, found.key_id, found.role),
        (chain.tenant, key_id, Role::Finance)
    );
    assert_eq!(session::find_api_key(&app, "ck_nothing").await.unwrap(), None);
    let by_host = organization::by_host(&app, &chain.host).await.unwrap().unwrap();
    assert_eq!((by_host.tenant, by_host.sandbox), (chain.tenant, true));
}

#[tokio::test]
async fn importing_the_same_row_again_changes_nothing() {
    let (_database, app, chain) = opened().await;
    let row = ImportMember {
        external_id: "member-1".to_owned(),
        name: "Ada Lovelace".to_owned(),
        email: chain::MEMBER_EMAIL.to_owned(),
        home_location_id: None,
        password: None,
    };
    let again = member::import(&app, &chain.owner, row.clone()).await.unwrap();
    assert_eq!(again.outcome, chain.ada);
    let other = ImportMember {
        external_id: "member-2".to_owned(),
        ..row
    };
    let taken = member::import(&app, &chain.owner, other.clone()).await.unwrap_err();
    assert_eq!(taken.code(), Some("email_taken"));
    // The refused row left nothing behind that would make its second try a silent success.
    let repaired = ImportMember {
        email: "second@example.test".to_owned(),
        ..other
    };
    let imported = member::import(&app, &chain.owner, repaired).await.unwrap().outcome;
    assert_ne!(imported, chain.ada);
}
