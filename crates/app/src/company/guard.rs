//! `company_member`: which company each member belongs to, or belonged to last, from when until when.

use crate::{Operation, UseCaseError, read::Columns};
use coterie_domain::{CompanyId, MemberId};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::Row;

pub(super) struct Belongs {
    pub company_id: CompanyId,
    pub joined_on: Option<Date>,
    pub left_on: Option<Date>,
    pub manager: bool,
}

impl Belongs {
    pub fn on(&self, day: Date) -> bool {
        self.joined_on.is_none_or(|joined| joined <= day) && self.left_on.is_none_or(|left| day < left)
    }
}

pub(super) async fn of(op: &mut Operation, member: MemberId) -> Result<Option<Belongs>, UseCaseError> {
    let tenant = op.tenant();
    let row = sqlx::query(
        "select company_id, joined_on, left_on, manager from company_member where tenant_id = $1 and member_id = $2",
    )
    .bind(tenant)
    .bind(member.0)
    .fetch_optional(op.conn())
    .await?;
    row.map(|row| {
        Ok(Belongs {
            company_id: row.id("company_id")?,
            joined_on: row.maybe_date("joined_on")?,
            left_on: row.maybe_date("left_on")?,
            manager: row.try_get("manager")?,
        })
    })
    .transpose()
}

pub(super) async fn join(
    op: &mut Operation,
    company: CompanyId,
    member: MemberId,
    from: Date,
) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into company_member (tenant_id, member_id, company_id, joined_on) values ($1, $2, $3, $4)
         on conflict (tenant_id, member_id) do update
         set company_id = excluded.company_id, joined_on = excluded.joined_on, left_on = null, manager = false",
    )
    .bind(tenant)
    .bind(member.0)
    .bind(company.0)
    .bind(from.to_sqlx())
    .execute(op.conn())
    .await?;
    Ok(())
}

pub(super) async fn leave(op: &mut Operation, member: MemberId, from: Date) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("update company_member set left_on = $3 where tenant_id = $1 and member_id = $2")
        .bind(tenant)
        .bind(member.0)
        .bind(from.to_sqlx())
        .execute(op.conn())
        .await?;
    Ok(())
}

pub(super) async fn set_manager(op: &mut Operation, member: MemberId, manages: bool) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("update company_member set manager = $3 where tenant_id = $1 and member_id = $2")
        .bind(tenant)
        .bind(member.0)
        .bind(manages)
        .execute(op.conn())
        .await?;
    Ok(())
}
