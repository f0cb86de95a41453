//! Names of entities as parts of account names, as both formats accept them.

use std::collections::BTreeSet;

/// One component for each name, all different: letters, digits and dashes, beginning with a capital letter or a digit
/// (beancount: "Beancount Language Syntax", accounts).
pub(super) fn components<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    names
        .map(|name| {
            let component = component(name);
            let unique = (1..=taken.len() + 1)
                .map(|n| {
                    if n == 1 {
                        component.clone()
                    } else {
                        format!("{component}-{n}")
                    }
                })
                .find(|candidate| !taken.contains(candidate))
                .unwrap_or_default();
            taken.insert(unique.clone());
            unique
        })
        .collect()
}

fn component(name: &str) -> String {
    let spaced: String = name
        .chars()
        .map(|c| {
            if c.is_alphabetic() || c.is_ascii_digit() {
                c
            } else {
                ' '
            }
        })
        .collect();
    let dashed = spaced.split_whitespace().collect::<Vec<_>>().join("-");
    let mut chars = dashed.chars();
    match chars.next() {
        None => "Entity".to_owned(),
        Some(first) if first.is_ascii_digit() => dashed,
        Some(first) => {
            let capital: String = first.to_uppercase().chain(chars).collect();
            // Scripts without capitals need something that has one.
            if capital.starts_with(char::is_uppercase) {
                capital
            } else {
                format!("E-{dashed}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn a_component_is_letters_digits_and_dashes_and_starts_with_a_capital() {
        let names = [
            "Harbour & Co. GmbH",
            "ødegård: Søn",
            "3 Höfe",
            "東京",
            "***",
            "harbour & co gmbh",
            "Harbour Co GmbH",
        ];
        let expected = [
            "Harbour-Co-GmbH",
            "Ødegård-Søn",
            "3-Höfe",
            "E-東京",
            "Entity",
            "Harbour-co-gmbh",
            "Harbour-Co-GmbH-2",
        ];
        assert_eq!(components(names.into_iter()), expected);
    }
}
