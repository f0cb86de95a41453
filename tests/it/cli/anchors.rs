//! Anchors: heads that lie outside the database, and what they show that the chain cannot.

use super::log_file::{CHANGE_THE_OWNER, Folder, prove, recompute_chain, rule, write_notes};
use super::{Ended, coterie, environment, open};
use coterie_tests::{Database, database};
use std::path::Path;
use uuid::Uuid;

const KEY: &str = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";
const OTHER_KEY: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";

/// A database, a folder for anchors, and the environment that names both.
struct Anchored {
    db: Database,
    folder: Folder,
}

impl Anchored {
    async fn new() -> Self {
        Self {
            db: database().await,
            folder: Folder::new(),
        }
    }

    async fn run(&self, words: &[&str]) -> Ended {
        self.run_with(words, &[]).await
    }

    async fn run_with(&self, words: &[&str], more: &[(&str, &str)]) -> Ended {
        let url = format!("file://{}", self.folder.file("anchors"));
        let mut changes = vec![("COTERIE_ANCHOR_URL", url.as_str()), ("COTERIE_ANCHOR_KEY", KEY)];
        changes.retain(|(name, _)| !more.iter().any(|(changed, _)| changed == name));
        changes.extend(more);
        coterie(words, &environment(&self.db, &changes)).await
    }

    /// The names of an organization's anchors, in order.
    fn names(&self, tenant: Uuid) -> Vec<String> {
        let folder = self.folder.0.join(format!("anchors/anchors/{tenant}"));
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
            .collect();
        names.sort();
        names
    }

    fn path(&self, tenant: Uuid, name: &str) -> std::path::PathBuf {
        self.folder.0.join(format!("anchors/anchors/{tenant}/{name}"))
    }
}

#[tokio::test]
async fn heads_are_anchored_when_they_moved_and_never_overwritten() {
    let house = Anchored::new().await;
    let harbour = open(&house.db, "harbour", true).await;
    open(&house.db, "quay", true).await;

    let first = house.run(&["anchors", "publish"]).await;
    assert_eq!(
        (first.code, first.out.as_str()),
        (0, "harbour: anchored at event 2\nquay: anchored at event 2\n"),
        "{first:?}"
    );
    let again = house.run(&["anchors", "publish"]).await;
    assert_eq!(again.out, "Every head is anchored.\n", "{again:?}");

    // Only the one that moved.
    write_notes(&house.db, harbour.tenant).await;
    let moved = house.run(&["anchors", "publish"]).await;
    assert_eq!(moved.out, "harbour: anchored at event 5\n", "{moved:?}");
    let names = ["00000000000000000002.json", "00000000000000000005.json"];
    assert_eq!(house.names(harbour.tenant), names);

    let verified = house.run(&["log", "verify", "--all"]).await;
    for says in [
        "; 2 anchors agree, the last for event 5\n",
        "; 1 anchors agree, the last for event 2\n",
    ] {
        assert!(verified.out.contains(says), "{verified:?}");
    }

    // What is remembered in the database counts for nothing: forgotten, the same head is published again and found there.
    let before = std::fs::read(house.path(harbour.tenant, names[1])).expect("an anchor");
    rule(&house.db, "delete from anchor where tenant_id = $1", harbour.tenant).await;
    let known = house.run(&["anchors", "publish"]).await;
    assert_eq!(known.out, "harbour: anchored at event 5\n", "{known:?}");
    let after = std::fs::read(house.path(harbour.tenant, names[1])).expect("an anchor");
    assert!(before == after, "an anchor is never overwritten");
}

#[tokio::test]
async fn a_chain_that_was_recomputed_from_end_to_end_is_refused_by_the_anchors() {
    let house = Anchored::new().await;
    let owner = open(&house.db, "harbour", true).await;
    assert_eq!(house.run(&["anchors", "publish"]).await.code, 0);
    write_notes(&house.db, owner.tenant).await;
    assert_eq!(house.run(&["anchors", "publish"]).await.code, 0);

    rule(&house.db, CHANGE_THE_OWNER, owner.tenant).await;
    recompute_chain(&house.db, owner.tenant).await;
    // Control: without anchors the chain is taken for intact, in the database and in a file. What the guards say of it is
    // their own matter: they know what a decision wrote, not what the log once said.
    let plain = house
        .run_with(&["log", "verify", "--all"], &[("COTERIE_ANCHOR_URL", "")])
        .await;
    assert!(
        plain.out.contains("5 events, intact") && !plain.out.contains("broken"),
        "{plain:?}"
    );
    let bare = house.folder.file("bare.ndjson");
    let words = ["log", "export", "--organization", "harbour", "--out", &bare];
    assert_eq!(house.run_with(&words, &[("COTERIE_ANCHOR_URL", "")]).await.code, 0);
    assert_eq!(prove(&bare, &[]).await.code, 0);

    let says = "an event from 1 to 2 was changed, dropped, inserted or reordered, and the chain was recomputed after it: the \
                anchor for event 2, signed ";
    let refused = house.run(&["log", "verify", "--organization", "harbour"]).await;
    assert!(refused.code == 1 && refused.out.contains(says), "{refused:?}");
    let file = house.folder.file("harbour.ndjson");
    let exported = house
        .run(&["log", "export", "--organization", "harbour", "--out", &file])
        .await;
    assert!(exported.out.contains("5 events and 2 anchors"), "{exported:?}");
    let refused = prove(&file, &[]).await;
    assert!(refused.code == 1 && refused.out.contains(says), "{refused:?}");

    // A head that moved on meanwhile is anchored; one at an anchored position is told.
    rule(
        &house.db,
        "update anchor set position = 1 where tenant_id = $1",
        owner.tenant,
    )
    .await;
    let told = house.run(&["anchors", "publish"]).await;
    assert!(
        told.code == 1 && told.out.contains("harbour: another event 5 was anchored before"),
        "{told:?}"
    );
}

#[tokio::test]
async fn an_end_that_was_cut_off_is_missed_by_the_anchors_alone() {
    let house = Anchored::new().await;
    let owner = open(&house.db, "harbour", true).await;
    write_notes(&house.db, owner.tenant).await;
    assert_eq!(house.run(&["anchors", "publish"]).await.code, 0);
    rule(
        &house.db,
        "delete from event where tenant_id = $1 and position > 2",
        owner.tenant,
    )
    .await;
    let head = "update event_head h set position = 2, hash = (select hash from event e where e.tenant_id = h.tenant_id and position = 2)
                where tenant_id = $1";
    rule(&house.db, head, owner.tenant).await;
    let plain = house
        .run_with(&["log", "verify", "--all"], &[("COTERIE_ANCHOR_URL", "")])
        .await;
    assert!(
        plain.out.contains("2 events, intact") && !plain.out.contains("broken"),
        "{plain:?}"
    );

    let refused = house.run(&["log", "verify", "--all"]).await;
    assert!(
        refused.code == 1 && refused.out.contains("the end of the log is gone"),
        "{refused:?}"
    );
    let file = house.folder.file("harbour.ndjson");
    assert_eq!(
        house
            .run(&["log", "export", "--organization", "harbour", "--out", &file])
            .await
            .code,
        0
    );
    let refused = prove(&file, &[]).await;
    assert!(
        refused.code == 1 && refused.out.contains("events 3 to 5 were dropped from the end"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn only_keys_that_are_trusted_count() {
    let house = Anchored::new().await;
    let owner = open(&house.db, "harbour", true).await;
    assert_eq!(house.run(&["anchors", "publish"]).await.code, 0);
    let key = house.run(&["anchors", "key"]).await;
    let other = house
        .run_with(&["anchors", "key"], &[("COTERIE_ANCHOR_KEY", OTHER_KEY)])
        .await;
    let (key, other) = (key.out.trim(), other.out.trim());
    assert!(key != other && key.len() == 44, "{key} {other}");

    let file = house.folder.file("harbour.ndjson");
    assert_eq!(
        house
            .run(&["log", "export", "--organization", "harbour", "--out", &file])
            .await
            .code,
        0
    );
    let unpinned = prove(&file, &[]).await;
    assert!(
        unpinned.code == 0 && unpinned.out.contains("with keys that the file itself names"),
        "{unpinned:?}"
    );
    let pinned = prove(&file, &["--public-key", key]).await;
    assert!(
        pinned.code == 0 && pinned.out.contains("1 anchors agree, the last one for event 2."),
        "{pinned:?}"
    );
    let wrong = prove(&file, &["--public-key", other]).await;
    assert!(
        wrong.code == 1 && wrong.out.contains("none of the trusted keys"),
        "{wrong:?}"
    );
    assert_eq!(
        prove(&file, &["--public-key", other, "--public-key", key]).await.code,
        0
    );

    // A key that was exchanged goes on counting where it is named.
    let exchanged = [("COTERIE_ANCHOR_KEY", OTHER_KEY)];
    let refused = house.run_with(&["log", "verify", "--all"], &exchanged).await;
    assert!(
        refused.code == 1 && refused.out.contains("none of the trusted keys"),
        "{refused:?}"
    );
    let named = [("COTERIE_ANCHOR_KEY", OTHER_KEY), ("COTERIE_ANCHOR_PUBLIC_KEYS", key)];
    assert_eq!(house.run_with(&["log", "verify", "--all"], &named).await.code, 0);

    // An anchor that somebody wrote into the folder, or wrote over, is told and believed by nobody.
    let path = house.path(owner.tenant, "00000000000000000002.json");
    let anchor = std::fs::read_to_string(&path).expect("an anchor");
    std::fs::write(&path, anchor.replace("\"published_us\":", "\"published_us\":1")).expect("written");
    let forged = house.run(&["log", "verify", "--all"]).await;
    assert!(
        forged.code == 1 && forged.out.contains("it was changed after it was signed"),
        "{forged:?}"
    );
    std::fs::write(&path, "hello").expect("written");
    let garbage = house.run(&["log", "verify", "--all"]).await;
    assert!(
        garbage.code == 1 && garbage.err.contains("it is no anchor"),
        "{garbage:?}"
    );
}

#[tokio::test]
async fn what_is_missing_for_anchors_is_told() {
    let house = Anchored::new().await;
    open(&house.db, "harbour", true).await;
    for (change, said) in [
        (("COTERIE_ANCHOR_URL", ""), "COTERIE_ANCHOR_URL is not set.\n"),
        (("COTERIE_ANCHOR_KEY", ""), "COTERIE_ANCHOR_KEY is not set.\n"),
    ] {
        let missing = house.run_with(&["anchors", "publish"], &[change]).await;
        assert_eq!((missing.code, missing.err.as_str()), (1, said));
    }
    // A file stands where the folder should.
    let blocked = house.folder.file("blocked");
    std::fs::write(&blocked, "").expect("written");
    let url = format!("file://{blocked}/anchors");
    let refused = house
        .run_with(&["anchors", "publish"], &[("COTERIE_ANCHOR_URL", &url)])
        .await;
    assert!(
        refused.code == 1 && refused.err.contains("cannot be used"),
        "{refused:?}"
    );
    assert!(Path::new(&blocked).is_file());
    for (change, said) in [
        (
            ("COTERIE_ANCHOR_URL", "ftp://x/y"),
            "COTERIE_ANCHOR_URL is not a URL such as file:///",
        ),
        (
            ("COTERIE_ANCHOR_KEY", "seven"),
            "COTERIE_ANCHOR_KEY is not 32 bytes in base64.",
        ),
        (
            ("COTERIE_ANCHOR_EVERY", "0"),
            "COTERIE_ANCHOR_EVERY is not a number of seconds",
        ),
        (
            ("COTERIE_ANCHOR_PUBLIC_KEYS", "x,y"),
            "COTERIE_ANCHOR_PUBLIC_KEYS is not a list",
        ),
        (
            ("COTERIE_ANCHOR_KEY", ""),
            "COTERIE_ANCHOR_KEY is not set: anchors could not be signed",
        ),
        (
            ("AWS_ENDPOINT_URL", "http://far.example"),
            "AWS_ENDPOINT_URL is http on another machine",
        ),
    ] {
        let checked = house.run_with(&["config", "check"], &[change]).await;
        assert!(checked.code == 1 && checked.out.contains(said), "{said}: {checked:?}");
    }
}
