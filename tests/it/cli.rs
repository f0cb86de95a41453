//! The commands of `coterie`, carried out in this process against a database of the test's own.

mod anchors;
mod bucket;
mod config;
mod ledger;
mod log;
mod log_file;
mod migrate;
mod nouns;
mod projections;
mod serve;

use coterie_app::organization::{self, CreateOrganization};
use coterie_app::{Actor, App, AppConfig, Caller, secret::SecretKey};
use coterie_domain::organization::Role;
use coterie_server::cli::{self, Output};
use coterie_tests::Database;
use tokio_util::sync::CancellationToken;

pub(crate) const SECRET: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
/// As `coterie_tests::chain::keys` has it.
pub(crate) const MASTER_KEYS: &str = "test:CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The environment of an installation that has sandboxes only, with changes; an empty value removes a variable.
pub(crate) fn environment(db: &Database, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut variables = vec![
        ("DATABASE_URL".to_owned(), db.url(None)),
        ("APP_DATABASE_URL".to_owned(), db.url(Some("coterie_app"))),
        ("WORKER_DATABASE_URL".to_owned(), db.url(Some("coterie_worker"))),
        ("COTERIE_SECRET_KEY".to_owned(), SECRET.to_owned()),
        ("COTERIE_MASTER_KEYS".to_owned(), MASTER_KEYS.to_owned()),
        ("RUST_LOG".to_owned(), "off".to_owned()),
    ];
    variables.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    variables.extend(
        changes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    variables
}

/// Carries out `coterie` with these words.
pub(crate) async fn coterie(words: &[&str], variables: &[(String, String)]) -> Ended {
    coterie_until(words, variables, CancellationToken::new()).await
}

pub(crate) async fn coterie_until(words: &[&str], variables: &[(String, String)], cancel: CancellationToken) -> Ended {
    let args = ["coterie"].into_iter().chain(words.iter().copied());
    let env = |name: &str| {
        variables
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = Box::pin(cli::run(
        args,
        &env,
        Output {
            out: &mut out,
            err: &mut err,
        },
        cancel,
    ))
    .await;
    let text = |bytes| String::from_utf8(bytes).expect("answers are text");
    Ended {
        code,
        out: text(out),
        err: text(err),
    }
}

/// Use cases with the cheapest password hash.
pub(crate) fn app(db: &Database) -> App {
    let mut config = AppConfig::new(SecretKey::new([7; 32]), coterie_tests::chain::keys());
    (config.password_memory_kib, config.password_passes) = (8, 1);
    App::new(db.app.clone(), config)
}

/// Opens an organization and answers its owner.
pub(crate) async fn open(db: &Database, slug: &str, sandbox: bool) -> Caller {
    let command = CreateOrganization {
        name: format!("{slug} coworking"),
        slug: slug.to_owned(),
        sandbox,
        clock_starts_at: None,
        host: format!("{slug}.localhost"),
        owner_name: "Olive Owner".to_owned(),
        owner_email: "olive@example.com".to_owned(),
        owner_password: "correct horse battery".to_owned(),
    };
    let opened = organization::create(&app(db), command)
        .await
        .expect("the organization can be opened")
        .outcome;
    Caller::new(
        opened.organization_id.0,
        Actor::Staff {
            id: opened.owner_id,
            role: Role::Owner,
        },
    )
}
