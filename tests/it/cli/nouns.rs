//! Bookings, closures, blockers, feeds, the line and passes from the command line.

use super::{Ended, coterie, environment};
use coterie_app::{calendar_feed, projections, waitlist};
use coterie_tests::{chain, database};
use serde_json::Value;

/// The lines of an answer, each an object.
fn objects(ended: &Ended) -> Vec<Value> {
    assert_eq!(ended.code, 0, "{ended:?}");
    let read = |line: &str| serde_json::from_str(line).expect("an object");
    ended.out.lines().map(read).collect()
}

#[tokio::test]
async fn an_administrator_scripts_what_a_house_does_every_day() {
    let db = database().await;
    let app = chain::app(db.app.clone());
    let house = chain::open_chain(&app, "harbour").await;
    chain::open_chain(&app, "quayside").await;
    chain::subscribe(&app, &house).await;
    let booking = chain::book(&app, &house, house.elbe, "2026-01-22T10:00", "2026-01-22T12:00").await;
    chain::sell_passes(&app, &house, 20).await;
    chain::buy_pass(&app, &house, "2026-02-10").await;
    let all = projections::all(&chain::keys());
    chain::follow_until_idle(&db.worker, &all).await;
    let variables = environment(&db, &[]);
    let at = async |words: &[&str], slug: &str| {
        let place = ["--organization", slug];
        coterie(&[words, &place].concat(), &variables).await
    };
    let run = async |words: &[&str]| at(words, "harbour").await;
    let booking = booking.to_string();

    let listed = objects(&run(&["bookings", "list", "--json"]).await);
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (&listed[0]["booking_id"], &listed[0]["starts_at"], &listed[0]["state"]),
        (
            &booking.as_str().into(),
            &"2026-01-22T10:00".into(),
            &"confirmed".into()
        )
    );
    let table = run(&["bookings", "list"]).await;
    assert!(
        table.out.starts_with("BOOKING ID") && table.out.contains("Elbe") && table.out.lines().count() == 2,
        "{table:?}"
    );
    let times = ["--starts-at", "2026-01-23T10:00", "--ends-at", "2026-01-23T13:00"];
    let wanted = [&["bookings", "move", &booking], &times[..]].concat();
    let quote = run(&[&wanted[..], &["--dry-run"]].concat()).await;
    assert!(quote.out.starts_with("Nothing is moved. "), "{quote:?}");
    let moved = objects(&run(&[&wanted[..], &["--json"]].concat()).await);
    assert!(moved[0]["position"].is_i64(), "{moved:?}");

    // Another chain's booking is none here.
    for words in [&["bookings", "cancel", &booking][..], &wanted] {
        let foreign = at(words, "quayside").await;
        assert_eq!(
            (foreign.code, foreign.err.as_str()),
            (1, "There is no such booking.\n"),
            "{foreign:?}"
        );
    }
    let elbe = house.elbe.to_string();
    let painting = [
        "--starts-at",
        "2026-01-23T11:00",
        "--ends-at",
        "2026-01-23T12:00",
        "--reason",
        "Painting",
    ];
    let block = [&["blockers", "add", "--resource", &elbe], &painting[..]].concat();
    let refused = run(&block).await;
    assert_eq!(
        (refused.code, refused.out.as_str()),
        (1, ""),
        "a booking stands: {refused:?}"
    );
    let cancelled = run(&["bookings", "cancel", &booking]).await;
    assert!(
        cancelled.out.ends_with("0 % of its price stays due.\n"),
        "{cancelled:?}"
    );
    assert_eq!(
        run(&["bookings", "cancel", &booking]).await.err,
        "This booking is already cancelled.\n"
    );
    let blocker = objects(&run(&[&block[..], &["--json"]].concat()).await)[0]["blocker_id"].clone();
    let blockers = objects(&run(&["blockers", "list", "--json"]).await);
    assert_eq!(
        (&blockers[0]["blocker_id"], &blockers[0]["reason"]),
        (&blocker, &"Painting".into())
    );

    let wait = coterie_app::booking::Book {
        member_id: house.ada,
        resource_id: house.elbe,
        start: jiff::civil::date(2026, 1, 23).at(11, 0, 0, 0),
        end: jiff::civil::date(2026, 1, 23).at(12, 0, 0, 0),
        people: None,
    };
    waitlist::join(&app, &house.as_ada(), wait).await.expect("Ada waits");
    assert_eq!(
        objects(&run(&["waitlist", "list", "--json"]).await)[0]["resource"],
        "Elbe"
    );
    let gone = run(&["blockers", "lift", blocker.as_str().expect("an id")]).await;
    assert_eq!(gone.code, 0, "{gone:?}");
    assert_eq!(run(&["blockers", "list"]).await.out, "There is none.\n");
    let passes = objects(&run(&["passes", "list", "--json"]).await);
    assert_eq!(passes[0]["day"], "2026-02-10");

    let subject = calendar_feed::Subject::Location(house.location);
    calendar_feed::make(&app, &house.owner, subject).await.expect("a feed");
    let location = house.location.to_string();
    let feeds = objects(&run(&["feeds", "list", "--json"]).await);
    assert_eq!(
        (&feeds[0]["kind"], &feeds[0]["id"]),
        (&"location".into(), &location.as_str().into())
    );
    assert_eq!(
        at(&["feeds", "revoke", "--location", &location], "quayside").await.code,
        1
    );
    assert_eq!(run(&["feeds", "revoke", "--location", &location]).await.code, 0);
    assert_eq!(run(&["feeds", "list"]).await.out, "There is none.\n");
    assert_eq!(run(&["feeds", "revoke"]).await.code, 2);

    let file = std::env::temp_dir().join(format!("{location}.ics"));
    let calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:may\r\nDTSTART;VALUE=DATE:20260501\r\nSUMMARY:May Day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    std::fs::write(&file, calendar).expect("a file");
    let name = file.display().to_string();
    let import = ["closures", "import", "--location", &location, &name];
    let first = run(&import).await;
    assert!(first.out.starts_with("1 closures came in; 0 entries"), "{first:?}");
    assert!(run(&import).await.out.starts_with("0 closures came in; 1 entries"));
    std::fs::remove_file(&file).expect("it goes");
    let gone = run(&import).await;
    assert_eq!(gone.code, 1);
    assert!(gone.err.contains("could not be read"), "{gone:?}");

    let nowhere = at(&["bookings", "list"], "nowhere").await;
    assert_eq!(
        (nowhere.code, nowhere.err.as_str()),
        (1, "There is no organization \u{201c}nowhere\u{201d}.\n")
    );
}
