use crate::{Actor, App, Caller, Operation, Outcome, clock, session};
use coterie_domain::{
    OrganizationId, Refusal, StaffId,
    organization::{self, OrganizationEvent, Role, StaffEvent},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A new chain and its first owner.
#[derive(Debug, Clone)]
pub struct CreateOrganization {
    pub name: String,
    pub slug: String,
    pub sandbox: bool,
    /// Where a sandbox's clock begins; wall time if absent. Ignored for a live organization.
    pub clock_starts_at: Option<Timestamp>,
    /// The host under which the chain is reached, e.g. `harbour.localhost`; lower case, no port.
    pub host: String,
    pub owner_name: String,
    pub owner_email: String,
    pub owner_password: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrganizationOpened {
    pub organization_id: OrganizationId,
    pub owner_id: StaffId,
}

/// Opens a chain: the organization, its host name and its first owner in one transaction.
///
/// # Errors
/// Faulty fields; a host name that is taken.
pub async fn create(app: &App, command: CreateOrganization) -> Outcome<OrganizationOpened> {
    let organization_id = OrganizationId(Uuid::now_v7());
    let owner_id = StaffId(Uuid::now_v7());
    let created = organization::create(organization_id, &command.name, &command.slug, command.sandbox)?;
    let owner = organization::add_staff(owner_id, &command.owner_name, &command.owner_email, Role::Owner)
        .map_err(rename_owner_fields)?;
    session::check_password(&command.owner_password)?;
    let password_hash = session::hash_password(app, command.owner_password).await?;
    let tenant = organization_id.0;
    let wall = clock::wall_now();
    let clock_now = command.sandbox.then(|| command.clock_starts_at.unwrap_or(wall));

    // The row that the operation reads its clock from has to stand before the operation opens; it is written in a
    // transaction of its own only if the whole of it goes through, so both share one connection and one commit.
    let mut tx = app.pool.begin().await?;
    coterie_eventlog::set_tenant_in_op(&mut tx, tenant).await?;
    let taken = sqlx::query(
        "insert into installation.host (host, tenant_id, created_at) values ($1, $2, $3) on conflict do nothing",
    )
    .bind(command.host.to_lowercase())
    .bind(tenant)
    .bind(wall.to_sqlx())
    .execute(&mut *tx)
    .await?
    .rows_affected()
        == 0;
    if taken {
        return Err(
            Refusal::conflict("host_taken", "This name is taken; please choose another.")
                .on("slug", "This name is taken; please choose another.")
                .into(),
        );
    }
    sqlx::query("insert into organization (tenant_id, name, slug, sandbox, clock_now) values ($1, $2, $3, $4, $5)")
        .bind(tenant)
        .bind(&created.name)
        .bind(&created.slug)
        .bind(command.sandbox)
        .bind(clock_now.map(ToSqlx::to_sqlx))
        .execute(&mut *tx)
        .await?;
    let caller = Caller::new(
        tenant,
        Actor::Staff {
            id: owner_id,
            role: Role::Owner,
        },
    );
    let mut op = Operation::join(app, &caller, tx, clock_now.unwrap_or(wall), command.sandbox);
    super::write_staff(&mut op, &owner, Some(password_hash)).await?;
    op.write(tenant, 0, [OrganizationEvent::from(created)])?;
    op.write(owner_id.0, 0, [StaffEvent::from(owner)])?;
    op.commit(OrganizationOpened {
        organization_id,
        owner_id,
    })
    .await
}

fn rename_owner_fields(mut refusal: Refusal) -> Refusal {
    for fault in &mut refusal.fields {
        fault.field = format!("owner_{}", fault.field);
    }
    refusal
}
