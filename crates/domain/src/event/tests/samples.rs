//! One event of each type, written out in full rather than decided: the corpus shall change with shapes, not with rules.

use super::{Written, written};

mod catalogue;
mod money;
mod people;
mod price_changes;
mod runs;

pub fn all() -> Vec<Written> {
    [
        catalogue::all(),
        people::all(),
        money::all(),
        runs::all(),
        price_changes::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
