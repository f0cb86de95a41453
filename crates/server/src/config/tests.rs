use super::{Config, ConfigErrors, Durability, Finding, Installation, LogFormat, Role, Severity, check};

const SECRET: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const MASTER_KEYS: &str =
    "new:bWFzdGVyLWtleS1vZi0zMi1ieXRlcy1mb3ItdGVzdHM=,old:bWFzdGVyLWtleS1vZi0zMi1ieXRlcy1iZWZvcmUtaXQ=";

/// A complete environment for live organizations and sandboxes, with changes; an empty value removes one.
fn read(changes: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let good = [
        ("APP_DATABASE_URL", "postgres://coterie_app:app-pw@db:5432/coterie"),
        (
            "WORKER_DATABASE_URL",
            "postgres://coterie_worker:worker-pw@db:5432/coterie",
        ),
        ("DATABASE_URL", "postgres://owner:owner-pw@db:5432/coterie"),
        ("COTERIE_PUBLIC_URL", "https://coterie.example"),
        ("COTERIE_SECRET_KEY", SECRET),
        ("COTERIE_MASTER_KEYS", MASTER_KEYS),
        ("COTERIE_METRICS_TOKEN", "metrics-token-of-32-characters.."),
        ("COTERIE_SMTP_URL", "smtps://ada:smtp-pw@mail.example.com"),
        ("COTERIE_CAPTURE_SMTP_URL", "smtp://127.0.0.1:2525"),
        ("COTERIE_MAIL_FROM", "Coterie <hello@coterie.example>"),
        ("STRIPE_SECRET_KEY", "sk_live_secret"),
        ("STRIPE_WEBHOOK_SECRETS", "whsec_new, whsec_old"),
        ("COTERIE_SIM_URL", "http://sim:12111"),
        ("COTERIE_SIM_WEBHOOK_SECRET", "whsec_sim"),
        ("COTERIE_ANCHOR_URL", "s3://safe/anchors"),
        ("COTERIE_ANCHOR_KEY", "YW5jaG9yLWtleS1vZi0zMi1ieXRlcy1mb3ItdGVzdHM="),
        ("AWS_SECRET_ACCESS_KEY", "aws-secret"),
    ];
    let env = |name: &str| {
        let instead = changes.iter().find(|(variable, _)| *variable == name);
        instead
            .or_else(|| good.iter().find(|(known, _)| *known == name))
            .map(|(_, value)| (*value).to_owned())
    };
    Config::from_env(&env)
}

fn role(variable: &'static str, name: &str) -> Role {
    Role {
        variable,
        name: name.to_owned(),
        superuser: false,
        bypasses_rls: false,
        owns_tables: false,
        durability: Durability {
            fsync: true,
            synchronous_commit: true,
            full_page_writes: true,
        },
    }
}

fn installation() -> Installation {
    Installation {
        owner: Some("owner".to_owned()),
        roles: vec![
            role("APP_DATABASE_URL", "coterie_app"),
            role("WORKER_DATABASE_URL", "coterie_worker"),
        ],
        live_organizations: true,
        unreachable: Vec::new(),
    }
}

fn refusals(findings: &[Finding]) -> Vec<&str> {
    let refused = findings.iter().filter(|finding| finding.severity == Severity::Refuse);
    refused.map(|finding| finding.sentence.as_str()).collect()
}

#[test]
fn a_complete_environment_has_nothing_to_mend() {
    let config = read(&[]).unwrap();
    assert_eq!(check(&config, Some(&installation())), []);
    assert!(config.is_for_live());
    let stripe = config.stripe.unwrap();
    let secrets: Vec<&str> = stripe.webhook_secrets.iter().map(super::Secret::reveal).collect();
    assert_eq!(
        (secrets, stripe.api_url.as_str()),
        (vec!["whsec_new", "whsec_old"], "https://api.stripe.com")
    );
}

#[test]
fn an_empty_environment_has_defaults_and_says_what_is_missing() {
    let config = Config::from_env(&|_| None).unwrap();
    assert_eq!(config.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(config.public_url.to_string(), "http://localhost:8080");
    assert_eq!(
        (config.log, config.log_filter.as_str()),
        (LogFormat::Pretty, "info,sqlx::postgres::notice=warn")
    );
    let lines: Vec<String> = check(&config, None)
        .into_iter()
        .map(|finding| format!("{:?}: {}", finding.severity, finding.sentence))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r##"
    Refuse: COTERIE_SECRET_KEY is not set. Make one with: openssl rand -base64 32
    Refuse: COTERIE_MASTER_KEYS is not set: nothing personal could be sealed. Make one with: echo "first:$(openssl rand -base64 32)"
    Refuse: APP_DATABASE_URL is not set: pages connect as coterie_app.
    Refuse: WORKER_DATABASE_URL is not set: workers connect as coterie_worker.
    Warn: DATABASE_URL is not set: only `coterie migrate` needs it.
    Warn: COTERIE_SMTP_URL is not set: the mail of live organizations waits.
    Warn: COTERIE_CAPTURE_SMTP_URL is not set: the mail of sandboxes waits.
    Warn: STRIPE_SECRET_KEY is not set: live organizations cannot charge.
    Warn: COTERIE_SIM_URL is not set: sandboxes cannot pay.
    Warn: COTERIE_ANCHOR_URL is not set: whoever rules the database could rewrite a whole log unseen.
    "##);
}

#[test]
fn everything_that_cannot_be_read_is_told_at_once_and_no_value_is_repeated() {
    let errors = read(&[
        ("APP_DATABASE_URL", "mysql://root:hunter2@db"),
        ("COTERIE_BIND", "everywhere"),
        ("COTERIE_PUBLIC_URL", "coterie.example"),
        ("COTERIE_SECRET_KEY", "aHVudGVyMg=="),
        ("COTERIE_MASTER_KEYS", "new:aHVudGVyMg=="),
        ("COTERIE_SMTP_URL", "mail.example.com?password=hunter2"),
        ("COTERIE_MAIL_FROM", "nobody"),
        ("STRIPE_API_URL", "api.stripe.com"),
        ("COTERIE_SIM_URL", "http://sim/path"),
        ("COTERIE_LOG", "yaml"),
    ])
    .unwrap_err();
    insta::assert_snapshot!(errors.0.join("\n"), @r##"
    APP_DATABASE_URL is not a URL such as postgres://user:password@host:5432/database.
    COTERIE_BIND is not an address and port such as 127.0.0.1:8080.
    COTERIE_PUBLIC_URL is not an address such as https://coterie.example, without a path.
    COTERIE_SECRET_KEY is not 32 bytes in base64.
    COTERIE_MASTER_KEYS has a key that is not 32 bytes in base64: new.
    COTERIE_SMTP_URL is not a mail server's URL such as smtps://user:password@mail.example.com.
    COTERIE_MAIL_FROM is not an email address such as Coterie <hello@example.com>.
    STRIPE_API_URL is not an address such as https://api.stripe.com, without a path.
    COTERIE_SIM_URL is not an address such as https://api.stripe.com, without a path.
    COTERIE_LOG is not json or pretty.
    "##);
}

#[test]
fn no_debug_form_shows_a_secret() {
    let shown = format!("{:?}", read(&[("COTERIE_SIM_KEY", "sk_test_hidden")]).unwrap());
    for secret in [
        "app-pw",
        "worker-pw",
        "owner-pw",
        SECRET,
        "bWFzdGVyLWtleS1vZi0",
        "metrics-token",
        "smtp-pw",
        "sk_live_secret",
        "whsec",
        "hidden",
        "YW5jaG9yLWtleS",
        "aws-secret",
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("postgres://coterie_app@db:5432/coterie"), "{shown}");
}

#[test]
fn what_would_give_something_away_is_refused() {
    for (changes, expected) in [
        (
            &[("COTERIE_PUBLIC_URL", "http://coterie.example")][..],
            "COTERIE_PUBLIC_URL is http on coterie.example",
        ),
        (
            &[("STRIPE_API_URL", "http://127.0.0.1:12111")],
            "STRIPE_SECRET_KEY is a live key",
        ),
        (
            &[("STRIPE_API_URL", "https://api.stripe.com.evil.example")],
            "STRIPE_SECRET_KEY is a live key",
        ),
        (&[("STRIPE_WEBHOOK_SECRETS", "")], "STRIPE_WEBHOOK_SECRET is not set"),
        (
            &[("STRIPE_SECRET_KEY", "sk_test_1"), ("STRIPE_API_URL", "http://sim:1")],
            "STRIPE_API_URL is http on another",
        ),
        (
            &[("COTERIE_SIM_URL", "https://api.stripe.com")],
            "COTERIE_SIM_URL is Stripe",
        ),
        (&[("COTERIE_SIM_KEY", "rk_live_1")], "COTERIE_SIM_KEY is a live key"),
        (
            &[("COTERIE_SIM_WEBHOOK_SECRET", "")],
            "COTERIE_SIM_WEBHOOK_SECRET is not set",
        ),
        (
            &[("COTERIE_CAPTURE_SMTP_URL", "smtps://ada:smtp-pw@mail.example.com")],
            "COTERIE_CAPTURE_SMTP_URL and",
        ),
        (&[("COTERIE_MAIL_FROM", "")], "COTERIE_MAIL_FROM is not set"),
        (
            &[("COTERIE_METRICS_TOKEN", "short")],
            "COTERIE_METRICS_TOKEN is shorter",
        ),
        (
            &[("COTERIE_PLATFORM_TOKEN", "short")],
            "COTERIE_PLATFORM_TOKEN is shorter",
        ),
        (&[("COTERIE_SECRET_KEY", "")], "COTERIE_SECRET_KEY is not set"),
        (&[("COTERIE_ANCHOR_KEY", "")], "COTERIE_ANCHOR_KEY is not set"),
        (
            &[("AWS_ENDPOINT_URL", "http://far.example")],
            "AWS_ENDPOINT_URL is http on another",
        ),
        (&[("COTERIE_MASTER_KEYS", "")], "COTERIE_MASTER_KEYS is not set"),
    ] {
        let findings = check(&read(changes).unwrap(), Some(&installation()));
        let refused = refusals(&findings);
        assert!(
            refused.len() == 1 && refused[0].starts_with(expected),
            "{changes:?}: {refused:?}"
        );
    }
    for loopback in [
        "http://localhost:8080",
        "http://harbour.localhost",
        "http://127.0.0.1:1",
        "http://[::1]:8080",
    ] {
        let findings = check(&read(&[("COTERIE_PUBLIC_URL", loopback)]).unwrap(), None);
        assert_eq!(refusals(&findings), Vec::<&str>::new(), "{loopback}");
    }
}

#[test]
fn a_database_that_forgets_is_refused_for_live_organizations_and_noted_for_sandboxes() {
    let mut forgetful = installation();
    forgetful.roles[0].durability.fsync = false;
    forgetful.roles[1].durability.synchronous_commit = false;
    let findings = check(&read(&[]).unwrap(), Some(&forgetful));
    insta::assert_snapshot!(refusals(&findings).join("\n"), @r##"
    PostgreSQL has fsync off for coterie_app: a crash would lose payments of live organizations.
    PostgreSQL has synchronous_commit off for coterie_worker: a crash would lose payments of live organizations.
    "##);

    // A sandbox-only installation: nothing that reaches real people is set up.
    let sandbox = read(&[("COTERIE_SMTP_URL", ""), ("STRIPE_SECRET_KEY", "")]).unwrap();
    forgetful.live_organizations = false;
    let findings = check(&sandbox, Some(&forgetful));
    assert_eq!(refusals(&findings), Vec::<&str>::new());
    assert_eq!(
        findings
            .iter()
            .filter(|finding| finding.sentence.contains("a crash may lose"))
            .count(),
        2
    );
    // Control: one live organization is enough.
    forgetful.live_organizations = true;
    assert_eq!(refusals(&check(&sandbox, Some(&forgetful))).len(), 2);
}

#[test]
fn a_role_that_could_see_every_organization_is_refused() {
    type Change = fn(&mut Role);
    let cases: [(Change, &str); 4] = [
        (|role| role.superuser = true, "a superuser"),
        (|role| role.bypasses_rls = true, "bypasses row-level security"),
        (|role| role.name = "owner".to_owned(), "the role of DATABASE_URL"),
        (|role| role.owns_tables = true, "owns tables"),
    ];
    for (change, expected) in cases {
        for index in [0, 1] {
            let mut changed = installation();
            change(&mut changed.roles[index]);
            let findings = check(&read(&[]).unwrap(), Some(&changed));
            let refused = refusals(&findings);
            assert!(
                refused.len() == 1 && refused[0].contains(expected),
                "{expected}: {refused:?}"
            );
        }
    }
}
