use super::{coterie, environment, open};
use coterie_tests::database;
use coterie_worker::REACTIONS;

#[tokio::test]
async fn read_models_are_listed_rebuilt_compared_and_resumed_by_command() {
    let db = database().await;
    let harbour = open(&db, "harbour", true).await;
    open(&db, "quay", true).await;
    let variables = environment(&db, &[]);

    let listed = coterie(&["projections", "list"], &variables).await;
    assert_eq!(listed.code, 0, "{listed:?}");
    assert_eq!(
        listed.out.lines().count(),
        6,
        "a heading and five followers: {listed:?}"
    );
    let status = coterie(&["projections", "status"], &variables).await;
    assert_eq!(
        (status.code, status.out.as_str()),
        (0, "No read model was ever rebuilt.\n")
    );

    let rebuilt = coterie(&["projections", "rebuild", "people"], &variables).await;
    assert_eq!(rebuilt.code, 0, "{rebuilt:?}");
    assert!(rebuilt.out.starts_with("people is rebuilt from "), "{rebuilt:?}");
    let status = coterie(&["projections", "status"], &variables).await;
    assert!(status.out.starts_with("people: rebuilt from "), "{status:?}");
    let compared = coterie(&["projections", "compare", "--all"], &variables).await;
    assert_eq!((compared.code, compared.out.lines().count()), (0, 4), "{compared:?}");

    // Control: one row that nothing in the log accounts for.
    sqlx::query(
        "insert into member_view (tenant_id, member_id, name, email, confirmed, joined_at, position, changed_position)
         values ($1, '0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a11', 'Nobody', 'nobody@example.test', true, now(), 1, 1)",
    )
    .bind(harbour.tenant)
    .execute(&db.owner)
    .await
    .expect("a superuser may");
    let compared = coterie(&["projections", "compare", "people"], &variables).await;
    assert_eq!(compared.code, 1, "{compared:?}");
    assert!(
        compared.out.contains("people: harbour: member_view")
            && compared.out.contains("0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a11")
            && compared.out.contains("the log says no such row"),
        "{compared:?}"
    );
    assert_eq!(coterie(&["projections", "rebuild", "people"], &variables).await.code, 0);
    assert_eq!(coterie(&["projections", "compare", "people"], &variables).await.code, 0);

    // Parked by hand, listed with its reason, and let go on.
    sqlx::query(
        "update checkpoint set parked_at = now(), parked_reason = 'it reads badly', parked_position = position + 1
         where projection = 'people' and tenant_id = $1",
    )
    .bind(harbour.tenant)
    .execute(&db.owner)
    .await
    .expect("a superuser may");
    let listed = coterie(&["projections", "list"], &variables).await;
    assert!(
        listed.out.contains("people is parked in harbour at event "),
        "{listed:?}"
    );
    assert!(listed.out.contains("it reads badly"), "{listed:?}");
    let resume = ["projections", "resume", "people", "--organization", "harbour"];
    assert_eq!(coterie(&resume, &variables).await.code, 0);
    let again = coterie(&resume, &variables).await;
    assert_eq!(
        (again.code, again.out.as_str()),
        (1, "people of harbour is not parked.\n")
    );
}

#[tokio::test]
async fn bad_input_is_answered_with_a_sentence() {
    let db = database().await;
    let variables = environment(&db, &[]);
    for (words, sentence) in [
        (
            vec!["projections", "rebuild", REACTIONS],
            "Reactions are not rebuilt: what they sent and charged cannot be sent again.\n",
        ),
        (
            vec!["projections", "rebuild", "peeple"],
            "There is no projection \u{201c}peeple\u{201d}. There are: people, bookings, money, journal.\n",
        ),
        (
            vec!["projections", "compare", "peeple"],
            "There is no projection \u{201c}peeple\u{201d}. There are: people, bookings, money, journal.\n",
        ),
        (
            vec!["projections", "resume", "people", "--organization", "nowhere"],
            "There is no organization \u{201c}nowhere\u{201d}.\n",
        ),
    ] {
        let refused = coterie(&words, &variables).await;
        assert_eq!((refused.code, refused.err.as_str()), (1, sentence));
    }
    let cancelled = coterie(&["projections", "cancel", "people"], &variables).await;
    assert_eq!(
        (cancelled.code, cancelled.out.as_str()),
        (1, "people is not being rebuilt.\n")
    );
    for words in [
        vec!["projections"],
        vec!["projections", "compare"],
        vec!["projections", "resume", "people"],
    ] {
        assert_eq!(coterie(&words, &variables).await.code, 2, "{words:?}");
    }
    let without_owner = coterie(
        &["projections", "rebuild", "people"],
        &environment(&db, &[("DATABASE_URL", "")]),
    )
    .await;
    assert_eq!(
        (without_owner.code, without_owner.err.as_str()),
        (1, "DATABASE_URL is not set.\n")
    );
}
