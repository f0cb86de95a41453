//! Packs of credits: defined and withdrawn in the catalogue, bought by members. What is bought is a lot, which `credit` moves.

mod buy;
mod define;
pub mod page;
mod withdraw;

pub use buy::*;
pub use define::*;
pub use withdraw::*;

use crate::{Caller, UseCaseError, access};
use coterie_domain::{Refusal, credit_pack::CreditPack};

/// Members buy what says that they may; staff sell all of it.
fn may_choose(caller: &Caller, pack: &CreditPack) -> Result<(), UseCaseError> {
    if pack.fact.self_service || access::operates(caller).is_ok() {
        return Ok(());
    }
    let sentence = format!(
        "Please ask the house for {}: it is not for you to buy here.",
        pack.fact.name
    );
    Err(Refusal::field("ask_the_house", "credit_pack_id", sentence).into())
}
