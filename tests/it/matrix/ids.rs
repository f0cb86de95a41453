//! What stands for the parameters of a path: `{id}` below `/bookings` is a booking, `{charge_id}` a charge.

use std::collections::BTreeMap;

/// A chain's own things, by noun.
pub type Ids = BTreeMap<&'static str, String>;

/// The parameters of a path, each with the noun that it names.
pub fn parameters(path: &str) -> Vec<(&str, String)> {
    let segments: Vec<&str> = path.split('/').collect();
    let parameter = |(index, segment): (usize, &&'_ str)| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        let before = index.checked_sub(1).and_then(|before| segments.get(before)).copied();
        Some((index, noun(name.trim_start_matches('*'), before.unwrap_or_default())))
    };
    let found = segments.iter().enumerate().filter_map(parameter);
    found.map(|(index, noun)| (segments[index], noun)).collect()
}

fn noun(parameter: &str, segment_before: &str) -> String {
    match parameter.strip_suffix("_id") {
        Some(noun) => noun.to_owned(),
        None if parameter == "id" => singular(&segment_before.replace('-', "_")),
        None => parameter.to_owned(),
    }
}

fn singular(plural: &str) -> String {
    if plural == "series" {
        return plural.to_owned();
    }
    if let Some(stem) = plural.strip_suffix("sses") {
        return format!("{stem}ss");
    }
    match plural.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => plural.strip_suffix('s').unwrap_or(plural).to_owned(),
    }
}

/// `{noun}` in a text, replaced by what the chain calls so.
///
/// # Panics
/// When nobody said what the noun is: `cast.rs` has the list.
pub fn filled(text: &str, ids: &Ids) -> String {
    let mut text = text.to_owned();
    for (noun, id) in ids {
        text = text.replace(&format!("{{{noun}}}"), id);
    }
    text
}

/// A path whose parameters are taken from the chain that `of` gives for each.
pub fn path<'a>(path: &str, of: impl Fn(usize) -> &'a Ids) -> Result<String, String> {
    let mut text = path.to_owned();
    for (index, (segment, noun)) in parameters(path).into_iter().enumerate() {
        let id = of(index).get(noun.as_str()).ok_or_else(|| {
            format!("{path} asks for a {noun}: say in tests/it/matrix/cast.rs which one each chain has")
        })?;
        text = text.replacen(segment, id, 1);
    }
    Ok(text)
}

#[test]
fn a_parameter_names_what_stands_before_it() {
    let nouns = |path| parameters(path).into_iter().map(|(_, noun)| noun).collect::<Vec<_>>();
    assert_eq!(nouns("/invoices/{id}/lines/{charge_id}"), ["invoice", "charge"]);
    assert_eq!(nouns("/operator/legal-entities/{id}"), ["legal_entity"]);
    assert_eq!(nouns("/assets/{*file}"), ["file"]);
    assert_eq!(nouns("/v1/plans/{plan_version_id}"), ["plan_version"]);
    assert_eq!(nouns("/passes/{id}/give-back"), ["pass"]);
    assert_eq!(nouns("/plans"), Vec::<String>::new());
}
