//! Which room may know which (ARCHITECTURE.md): the arrows between the crates, pinned.

use std::{collections::BTreeMap, process::Command};

/// What each crate may depend on, directly. A new arrow is a decision, and is made here.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("coterie-domain", &[]),
    ("coterie-eventlog", &[]),
    ("coterie-app", &["coterie-domain", "coterie-eventlog"]),
    ("coterie-gateway", &["coterie-domain"]),
    ("coterie-stripe-sim", &[]),
    ("coterie-documents", &["coterie-domain"]),
    (
        "coterie-web",
        &[
            "coterie-app",
            "coterie-domain",
            "coterie-eventlog",
            "coterie-documents",
            "coterie-gateway",
        ],
    ),
    (
        "coterie-worker",
        &[
            "coterie-app",
            "coterie-domain",
            "coterie-eventlog",
            "coterie-documents",
            "coterie-gateway",
        ],
    ),
    (
        "coterie-server",
        &[
            "coterie-app",
            "coterie-domain",
            "coterie-eventlog",
            "coterie-documents",
            "coterie-gateway",
            "coterie-stripe-sim",
            "coterie-web",
            "coterie-worker",
        ],
    ),
    ("coterie-tests", &["*"]),
];

/// Libraries that would let a room reach where it must not.
const FORBIDDEN: [(&str, &[&str]); 3] = [
    (
        "coterie-domain",
        &["sqlx", "tokio", "axum", "reqwest", "rand", "chrono"],
    ),
    ("coterie-eventlog", &["axum", "reqwest", "lettre", "async-stripe"]),
    (
        "coterie-app",
        &["axum", "reqwest", "lettre", "async-stripe", "hyper", "apalis"],
    ),
];

fn direct_dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .expect("cargo metadata runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let of = |package: &serde_json::Value| {
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        let names = dependencies
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .filter_map(|dependency| dependency["name"].as_str());
        (
            package["name"].as_str().unwrap_or_default().to_owned(),
            names.map(str::to_owned).collect(),
        )
    };
    packages.iter().map(of).collect()
}

fn violations(dependencies: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, uses) in dependencies {
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| known == name) else {
            found.push(format!("{name} is a crate nobody has placed"));
            continue;
        };
        let house = uses.iter().filter(|used| used.starts_with("coterie-"));
        found.extend(
            house
                .filter(|used| *allowed != ["*"] && !allowed.contains(&used.as_str()))
                .map(|used| format!("{name} -> {used}")),
        );
        if let Some((_, forbidden)) = FORBIDDEN.iter().find(|(known, _)| known == name) {
            found.extend(
                uses.iter()
                    .filter(|used| forbidden.contains(&used.as_str()))
                    .map(|used| format!("{name} -> {used}")),
            );
        }
    }
    found
}

#[test]
fn the_arrows_between_the_rooms_are_those_of_the_plan() {
    let dependencies = direct_dependencies();
    assert!(dependencies.len() >= ALLOWED.len(), "{dependencies:?}");
    assert_eq!(violations(&dependencies), Vec::<String>::new());
}

#[test]
fn control_a_forbidden_arrow_is_seen() {
    let mut dependencies = direct_dependencies();
    dependencies
        .get_mut("coterie-app")
        .expect("app")
        .push("coterie-gateway".to_owned());
    dependencies
        .get_mut("coterie-domain")
        .expect("domain")
        .push("sqlx".to_owned());
    dependencies.insert("coterie-shed".to_owned(), Vec::new());
    assert_eq!(
        violations(&dependencies),
        [
            "coterie-app -> coterie-gateway",
            "coterie-domain -> sqlx",
            "coterie-shed is a crate nobody has placed"
        ]
    );
}
