//! Making, replacing and revoking the address of a tablet's page. It is shown once; only its digest is kept, and nothing of
//! it is logged.

use super::{Tablet, TabletKind, tablet_sql};
use crate::{App, Caller, Operation, UseCaseError, access, clock, read::Columns, secret};
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

/// Makes the address of a tablet's page. One that was made before stops working at once.
///
/// # Errors
/// An unknown room or house; operators only.
pub async fn make(app: &App, caller: &Caller, tablet: impl Into<Tablet>) -> Result<MadeDoor, UseCaseError> {
    let tablet = tablet.into();
    let mut op = open(app, caller, tablet).await?;
    let token = secret::opaque_token("");
    let made_at = clock::wall_now();
    let tenant = op.tenant();
    sqlx::query(tablet_sql!(
        tablet.kind(),
        "insert into " table " (tenant_id, " id ", token_hash, made_at) values ($1, $2, $3, $4)
         on conflict (tenant_id, " id ") do update set token_hash = excluded.token_hash, made_at = excluded.made_at"
    ))
    .bind(tenant)
    .bind(tablet.id())
    .bind(digest(&token).as_slice())
    .bind(made_at.to_sqlx())
    .execute(op.conn())
    .await?;
    op.commit(()).await?;
    Ok(MadeDoor {
        path: format!("/{}/{token}", tablet.kind().name()),
        made_at,
    })
}

/// Takes the address of a tablet's page away; without one nothing changes.
///
/// # Errors
/// As for [`make`].
pub async fn revoke(app: &App, caller: &Caller, tablet: impl Into<Tablet>) -> Result<(), UseCaseError> {
    let tablet = tablet.into();
    let mut op = open(app, caller, tablet).await?;
    let tenant = op.tenant();
    let delete = tablet_sql!(tablet.kind(), "delete from " table " where tenant_id = $1 and " id " = $2");
    sqlx::query(delete)
        .bind(tenant)
        .bind(tablet.id())
        .execute(op.conn())
        .await?;
    op.commit(()).await?;
    Ok(())
}

/// When the address was made that works now, by wall time.
///
/// # Errors
/// As for [`make`].
pub async fn made_at(app: &App, caller: &Caller, tablet: impl Into<Tablet>) -> Result<Option<Timestamp>, UseCaseError> {
    let tablet = tablet.into();
    let mut op = open(app, caller, tablet).await?;
    let tenant = op.tenant();
    let select = tablet_sql!(tablet.kind(), "select made_at from " table " where tenant_id = $1 and " id " = $2");
    let row = sqlx::query(select)
        .bind(tenant)
        .bind(tablet.id())
        .fetch_optional(op.conn())
        .await?;
    row.map(|row| row.time("made_at")).transpose()
}

pub(super) fn digest(token: &str) -> [u8; 32] {
    secret::sha256(token.as_bytes())
}

/// The room or house behind an address of this organization; `None` for one that does not work, whatever the reason.
pub(super) async fn find_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    kind: TabletKind,
    token: &str,
) -> Result<Option<Uuid>, UseCaseError> {
    let select = tablet_sql!(kind, "select " id " from " table " where tenant_id = $1 and token_hash = $2");
    let found = sqlx::query_scalar(select)
        .bind(tenant)
        .bind(digest(token).as_slice())
        .fetch_optional(conn)
        .await?;
    Ok(found)
}

async fn open(app: &App, caller: &Caller, tablet: Tablet) -> Result<Operation, UseCaseError> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    let catalogue = op.catalogue().await?;
    match tablet {
        Tablet::Door(resource) => drop(catalogue.resource(resource)?),
        Tablet::Kiosk(location) => drop(catalogue.location(location)?),
    }
    Ok(op)
}
