//! Memberships: quoted, started, renewed cycle by cycle, changed, paused, ended.

mod agreement;
mod allowance;
pub(crate) mod billed;
mod call_plan_change_off;
mod change;
mod change_payer;
mod change_plan;
mod charged;
mod courtesy;
mod end_cycle;
mod give_notice;
mod override_price;
pub mod page;
mod pause;
mod project;
mod quote;
mod resume;
mod seat;
pub mod sharing;
mod split;
mod subscribe;
mod withdraw_notice;

pub use agreement::agreement;
pub(crate) use allowance::{Of, add_row_in_op as add_lot_in_op, follow_plan_in_op};
pub use call_plan_change_off::*;
pub use change::Changed;
pub(crate) use change::{Changing, carry_out};
pub use change_payer::*;
pub use change_plan::*;
pub use courtesy::give_courtesy;
pub use end_cycle::*;
pub use give_notice::*;
pub use override_price::*;
pub use pause::*;
pub(crate) use project::project_in_op;
pub use quote::*;
pub use resume::*;
pub use seat::*;
pub use split::*;
pub use subscribe::*;
pub use withdraw_notice::*;

use crate::{Operation, UseCaseError, charge};
use coterie_domain::{
    MembershipId,
    membership::{Membership, MembershipEvent, Opened},
};

/// # Errors
/// `NotFound` when the organization has no such membership.
pub async fn load(op: &mut Operation, id: MembershipId) -> Result<(Membership, i64), UseCaseError> {
    op.load::<MembershipEvent, Membership>(id.0, Membership::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}

/// Writes what opening a cycle made, save for the membership's own event. `membership` is as it is after that.
async fn write_opened(op: &mut Operation, membership: &Membership, opened: &Opened) -> Result<(), UseCaseError> {
    billed::write_in_op(op, membership, opened.fact.days.start).await?;
    charge::make_all_in_op(op, &opened.charges).await?;
    for lot in &opened.lots {
        allowance::grant_in_op(op, lot).await?;
    }
    Ok(())
}
