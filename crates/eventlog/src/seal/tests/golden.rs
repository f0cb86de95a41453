//! How a sealed payload and a wrapped key look, for good: what stands in the file stands in somebody's database.
//! `COTERIE_GOLDEN=write cargo test -p coterie-eventlog golden` writes it where it is missing.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::cipher::Key;
use super::super::keyring::Keyring;
use super::super::open::open;
use super::{ADA, TENANT, ada, place, sealed};

#[derive(Serialize, Deserialize)]
struct Golden {
    master_keys: String,
    wrapped_by: String,
    wrapped: Vec<u8>,
    payload: Value,
    opened: Value,
}

#[test]
fn golden_what_was_sealed_once_opens_for_ever() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/sealed.json");
    if std::env::var("COTERIE_GOLDEN").is_ok_and(|wish| wish == "write") && !file.exists() {
        let opened = json!({ "member_id": ADA, "name": "Ada Lovelace", "email": "ada@example.com" });
        let master_keys = "golden:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".to_owned();
        let golden = Golden {
            wrapped: Keyring::parse(&master_keys)
                .unwrap()
                .wrap(TENANT, &ada(), &Key::new([3; 32])),
            master_keys,
            wrapped_by: "golden".to_owned(),
            payload: serde_json::from_str(&sealed(&opened, &["/name", "/email"]).unwrap()).unwrap(),
            opened,
        };
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, serde_json::to_string_pretty(&golden).unwrap() + "\n").unwrap();
    }
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let keys = Keyring::parse(&golden.master_keys).unwrap();
    let key = keys
        .unwrap(TENANT, &ada(), &golden.wrapped_by, &golden.wrapped)
        .unwrap();
    let keys = BTreeMap::from([(ADA, Some(key))]);
    let opened = open(&keys, place(), 1, &golden.payload.to_string()).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&opened).unwrap(), golden.opened);
}
