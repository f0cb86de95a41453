//! Memberships: quoted, started, renewed cycle by cycle, ended.

mod end_cycle;
mod give_notice;
pub mod page;
mod project;
mod quote;
mod subscribe;

pub use end_cycle::*;
pub use give_notice::*;
pub(crate) use project::project_in_op;
pub use quote::*;
pub use subscribe::*;

use crate::{Operation, UseCaseError, charge};
use coterie_domain::{
    MembershipId,
    credit::{CreditEvent, CreditGranted},
    membership::{Membership, MembershipEvent, Opened},
};
use jiff_sqlx::ToSqlx;

/// # Errors
/// `NotFound` when the organization has no such membership.
pub async fn load(op: &mut Operation, id: MembershipId) -> Result<(Membership, i64), UseCaseError> {
    op.load::<MembershipEvent, Membership>(id.0, Membership::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}

/// Writes what opening a cycle made, save for the membership's own event.
async fn write_opened(op: &mut Operation, opened: &Opened) -> Result<(), UseCaseError> {
    if let Some(made) = &opened.charge {
        charge::make_in_op(op, made).await?;
    }
    for lot in &opened.lots {
        grant(op, lot).await?;
    }
    Ok(())
}

async fn grant(op: &mut Operation, lot: &CreditGranted) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into credit_lot (tenant_id, lot_id, member_id, membership_id, resource_type_id, minutes_granted, minutes_left, valid_from, valid_until, version)
         values ($1, $2, $3, $4, $5, $6, $6, $7, $8, 1)",
    )
    .bind(tenant)
    .bind(lot.lot_id.0)
    .bind(lot.member_id.0)
    .bind(lot.membership_id.0)
    .bind(lot.resource_type_id.0)
    .bind(lot.minutes)
    .bind(lot.valid_from.to_sqlx())
    .bind(lot.valid_until.to_sqlx())
    .execute(op.conn())
    .await?;
    op.write(lot.lot_id.0, 0, [CreditEvent::from(lot.clone())])
}
