//! Looks for texts in every column of every table of every schema: as they are, in bytes, in the parts of mail, and under
//! base64 and quoted-printable.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};
use std::collections::BTreeSet;

/// Where any of the texts stands, as `schema.table.column`.
pub(super) async fn places(owner: &PgPool, texts: &[&str]) -> BTreeSet<String> {
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select n.nspname::text, c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
         order by 1, 2",
    )
    .fetch_all(owner)
    .await
    .unwrap();
    assert!(tables.len() > 30, "every table is looked at: {tables:?}");
    let mut found = BTreeSet::new();
    for (schema, table) in tables {
        let sql = format!("select to_jsonb(t)::text from \"{schema}\".\"{table}\" t");
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(owner).await.unwrap();
        for row in rows {
            let Ok(Value::Object(columns)) = serde_json::from_str(&row) else {
                panic!("{schema}.{table} has a row that is no row");
            };
            for (column, value) in columns {
                if holds(&value.to_string(), texts) || value.as_str().is_some_and(|text| holds(text, texts)) {
                    found.insert(format!("{schema}.{table}.{column}"));
                }
            }
        }
    }
    found
}

/// Whether a text holds any of the others, however it is dressed.
pub(super) fn holds(text: &str, texts: &[&str]) -> bool {
    let plain = |dressed: &str| {
        let lowered = dressed.to_lowercase();
        texts.iter().any(|wanted| lowered.contains(&wanted.to_lowercase()))
    };
    if plain(text) {
        return true;
    }
    let bytes = text.strip_prefix("\\x").and_then(unhex);
    let inner = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = inner.as_deref().unwrap_or(text);
    plain(text) || plain(&quoted_printable(text)) || based(text).iter().any(|text| plain(text))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    digits.len().is_multiple_of(2).then(|| {
        digits
            .chunks(2)
            .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect()
    })
}

/// Soft line breaks undone and `=C3` read.
fn quoted_printable(text: &str) -> String {
    let joined = text.replace("=\r\n", "").replace("=\n", "");
    let mut bytes = Vec::with_capacity(joined.len());
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'=' && after.len() >= 2)
            .then(|| {
                std::str::from_utf8(&after[..2])
                    .ok()
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            })
            .flatten();
        if let Some(byte) = escaped {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Every run of base64, in either alphabet, decoded.
fn based(text: &str) -> Vec<String> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engines = [
        GeneralPurpose::new(&alphabet::STANDARD, lenient),
        GeneralPurpose::new(&alphabet::URL_SAFE, lenient),
    ];
    let joined = text.replace("\r\n", "").replace('\n', "");
    let mut decoded = Vec::new();
    for source in [text, &joined] {
        let runs = source.split(|c: char| !(c.is_ascii_alphanumeric() || "+/-_".contains(c)));
        for run in runs.filter(|run| run.len() >= 8) {
            // Where a run begins is not known to the byte: each of the four places is tried.
            for start in 0..4.min(run.len()) {
                let run = &run[start..];
                let run = &run[..run.len() - run.len() % 4];
                decoded.extend(
                    engines
                        .iter()
                        .filter_map(|engine| engine.decode(run).ok())
                        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
                );
            }
        }
    }
    decoded
}

#[test]
fn the_scan_sees_through_every_dress() {
    let canary = "Zephyrine@canary.example";
    for dressed in [
        "to: zephyrine@CANARY.example.",
        "\\x7a6570687972696e654063616e6172792e6578616d706c65",
        "To: Zephyrine=40canary.exa=\r\nmple",
        "b=Wep yrine WmVwaHlyaW5lQGNhbmFyeS5leGFtcGxl",
        "xWmVwaHlyaW5lQGNhbmFy\r\neS5leGFtcGxl",
    ] {
        assert!(holds(dressed, &[canary]), "{dressed}");
    }
    assert!(!holds("zephyrine at canary.example", &[canary]));
}
