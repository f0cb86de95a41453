//! Every kind of event as choices of a filter.

use coterie_app::log::kinds;

use super::links::humanized;
use crate::components::Choice;

/// The nouns.
pub(super) fn categories() -> Vec<Choice> {
    kinds::all()
        .into_iter()
        .map(|(category, _)| Choice::new(category, humanized(category)))
        .collect()
}

/// The types.
pub(super) fn types() -> Vec<Choice> {
    let mut names: Vec<&str> = kinds::all()
        .into_iter()
        .flat_map(|(_, types)| types.iter().map(|(name, _)| *name))
        .collect();
    names.sort_unstable();
    names
        .into_iter()
        .map(|name| Choice::new(name, humanized(name)))
        .collect()
}
