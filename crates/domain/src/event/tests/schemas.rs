//! `schemas/<category>.<Type>.v<n>.json` says what a version of an event type looks like in the log. A version that stands
//! there keeps its shape for good: whatever changes it, an optional field included, turns these tests red until the
//! version is raised. `schemas/fingerprints.txt` only grows, so that no old file is quietly mended either.

use super::{NOUNS, golden, writing};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

mod controls;

const HOW_TO_ADD: &str = "COTERIE_GOLDEN=write cargo test -p coterie-domain golden";

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

/// Names and contents of a folder's JSON files.
fn json_files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Holds a type's current shape to the checked-in schema of its version.
fn same_shape(name: &str, now: &Value, then: Option<&str>) -> Result<(), String> {
    let Some(then) = then else {
        return Err(format!("schemas/{name} is missing: {HOW_TO_ADD}"));
    };
    // Compared as values: the order of keys depends on which features of serde_json a build happens to unite.
    let then: Value = serde_json::from_str(then).map_err(|error| format!("schemas/{name}: {error}"))?;
    if *now == then {
        return Ok(());
    }
    Err(format!(
        "the shape of {name} changed, and events of this version are in somebody's log. Leave the file as it is, raise the \
         version in domain_events!, keep reading the old one, and add the new version's files: {HOW_TO_ADD}\n\
         checked in: {then}\nnow: {now}"
    ))
}

/// Holds a recorded payload to the schema of its version.
fn fits(name: &str, schema: Option<&str>, payload: &str) -> Result<(), String> {
    let Some(schema) = schema else {
        return Err(format!("golden/{name} has no schema beside it: {HOW_TO_ADD}"));
    };
    let read = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| format!("{name}: {error}"));
    let address = format!("https://coterie.example/{name}");
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler
        .add_resource(&address, read(schema)?)
        .map_err(|error| error.to_string())?;
    let mut known = boon::Schemas::new();
    let index = compiler
        .compile(&address, &mut known)
        .map_err(|error| format!("schemas/{name} is no schema: {error:#}"))?;
    let payload = read(payload)?;
    let fitting = known.validate(&payload, index);
    fitting.map_err(|error| format!("golden/{name} does not fit its schema: {error:#}"))
}

/// Holds every schema file to the fingerprint that was taken when it was added.
fn as_when_added(files: &BTreeMap<String, String>, fingerprints: &str) -> Result<(), String> {
    let known: BTreeMap<&str, &str> = fingerprints
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(fingerprint, name)| (name, fingerprint))
        .collect();
    for (name, text) in files {
        match known.get(name.as_str()) {
            Some(known) if *known == fingerprint(text) => {}
            Some(_) => {
                return Err(format!(
                    "schemas/{name} was changed; what it says stands in somebody's log"
                ));
            }
            None => return Err(format!("schemas/{name} has no fingerprint yet: {HOW_TO_ADD}")),
        }
    }
    match known.keys().find(|name| !files.contains_key(**name)) {
        Some(gone) => Err(format!(
            "schemas/{gone} was removed; what it says stands in somebody's log"
        )),
        None => Ok(()),
    }
}

fn fingerprint(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
}

#[test]
fn golden_schemas_are_as_ever() {
    let folder = schemas();
    let mut wrong = Vec::new();
    for noun in &NOUNS {
        for (event_type, version) in noun.types {
            let name = format!("{}.{event_type}.v{version}.json", noun.category);
            let now = (noun.schema)(event_type).unwrap();
            let file = folder.join(&name);
            if writing() && !file.exists() {
                fs::write(&file, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
            }
            let then = fs::read_to_string(&file).ok();
            wrong.extend(same_shape(&name, &now, then.as_deref()).err());
        }
    }
    let files = json_files(&folder);
    let list = folder.join("fingerprints.txt");
    let mut fingerprints = fs::read_to_string(&list).unwrap_or_default();
    if writing() {
        for (name, text) in &files {
            if !fingerprints.lines().any(|line| line.ends_with(&format!("  {name}"))) {
                writeln!(fingerprints, "{}  {name}", fingerprint(text)).unwrap();
            }
        }
        fs::write(&list, &fingerprints).unwrap();
    }
    wrong.extend(as_when_added(&files, &fingerprints).err());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn golden_files_fit_their_schemas() {
    if writing() {
        // The tests beside this one are just adding the files.
        return;
    }
    let (payloads, schemas) = (json_files(&golden()), json_files(&schemas()));
    let names: BTreeSet<_> = payloads.keys().collect();
    assert_eq!(
        names,
        schemas.keys().collect(),
        "every version has a sample and a schema"
    );
    let wrong: Vec<String> = payloads
        .iter()
        .filter_map(|(name, payload)| fits(name, schemas.get(name).map(String::as_str), payload).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
