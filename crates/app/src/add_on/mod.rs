//! Add-ons: what goes beside plans, cycle by cycle. Defined and withdrawn in the catalogue, added to memberships and removed.

mod add;
mod define;
mod remove;
mod withdraw;

pub use add::*;
pub use define::*;
pub use remove::*;
pub use withdraw::*;

use crate::{Caller, UseCaseError, access};
use coterie_domain::{Refusal, add_on::AddOn};

/// Members add and remove what says that they may; staff do with all of it.
fn may_choose(caller: &Caller, add_on: &AddOn) -> Result<(), UseCaseError> {
    if add_on.fact.self_service || access::operates(caller).is_ok() {
        return Ok(());
    }
    let sentence = format!(
        "Please ask the house for {}: it is not for you to add or remove.",
        add_on.fact.name
    );
    Err(Refusal::field("ask_the_house", "add_on_id", sentence).into())
}
