//! Making, replacing and revoking the address of a room's door. It is shown once; only its digest is kept, and nothing of
//! it is logged.

use crate::{App, Caller, Operation, UseCaseError, access, clock, read::Columns, secret};
use coterie_domain::ResourceId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use uuid::Uuid;

/// A new address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeDoor {
    /// Below the chain's host, from the slash on.
    pub path: String,
    /// Wall time.
    pub made_at: Timestamp,
}

/// Makes the address of a room's door. One that was made before stops working at once.
///
/// # Errors
/// An unknown room; operators only.
pub async fn make(app: &App, caller: &Caller, resource: ResourceId) -> Result<MadeDoor, UseCaseError> {
    let mut op = open(app, caller, resource).await?;
    let token = secret::opaque_token("");
    let made_at = clock::wall_now();
    let tenant = op.tenant();
    sqlx::query(
        "insert into door (tenant_id, resource_id, token_hash, made_at) values ($1, $2, $3, $4)
         on conflict (tenant_id, resource_id) do update set token_hash = excluded.token_hash, made_at = excluded.made_at",
    )
    .bind(tenant)
    .bind(resource.0)
    .bind(digest(&token).as_slice())
    .bind(made_at.to_sqlx())
    .execute(op.conn())
    .await?;
    op.commit(()).await?;
    Ok(MadeDoor {
        path: format!("/door/{token}"),
        made_at,
    })
}

/// Takes the address of a room's door away; without one nothing changes.
///
/// # Errors
/// As for [`make`].
pub async fn revoke(app: &App, caller: &Caller, resource: ResourceId) -> Result<(), UseCaseError> {
    let mut op = open(app, caller, resource).await?;
    let tenant = op.tenant();
    sqlx::query("delete from door where tenant_id = $1 and resource_id = $2")
        .bind(tenant)
        .bind(resource.0)
        .execute(op.conn())
        .await?;
    op.commit(()).await?;
    Ok(())
}

/// When the address was made that works now, by wall time.
///
/// # Errors
/// As for [`make`].
pub async fn made_at(app: &App, caller: &Caller, resource: ResourceId) -> Result<Option<Timestamp>, UseCaseError> {
    let mut op = open(app, caller, resource).await?;
    let tenant = op.tenant();
    let row = sqlx::query("select made_at from door where tenant_id = $1 and resource_id = $2")
        .bind(tenant)
        .bind(resource.0)
        .fetch_optional(op.conn())
        .await?;
    row.map(|row| row.time("made_at")).transpose()
}

pub(super) fn digest(token: &str) -> [u8; 32] {
    secret::sha256(token.as_bytes())
}

/// The room behind an address of this organization; `None` for one that does not work, whatever the reason.
pub(super) async fn find_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    token: &str,
) -> Result<Option<ResourceId>, UseCaseError> {
    let found: Option<Uuid> =
        sqlx::query_scalar("select resource_id from door where tenant_id = $1 and token_hash = $2")
            .bind(tenant)
            .bind(digest(token).as_slice())
            .fetch_optional(conn)
            .await?;
    Ok(found.map(ResourceId))
}

async fn open(app: &App, caller: &Caller, resource: ResourceId) -> Result<Operation, UseCaseError> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    op.catalogue().await?.resource(resource)?;
    Ok(op)
}
