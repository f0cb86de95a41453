use crate::{App, Caller, UseCaseError, access, clock, secret};
use coterie_domain::organization::Role;
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use uuid::Uuid;

/// A key as the API's guard knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub tenant: Uuid,
    pub key_id: Uuid,
    pub role: Role,
}

/// Makes a key; the secret is shown once and only its hash is kept.
///
/// # Errors
/// Only owners may.
pub async fn create_api_key(app: &App, caller: &Caller, role: Role) -> Result<(Uuid, String), UseCaseError> {
    access::owns(caller)?;
    let key_id = Uuid::now_v7();
    let key = secret::opaque_token("ck_");
    sqlx::query(
        "insert into installation.api_key (key_hash, tenant_id, key_id, role, created_at) values ($1, $2, $3, $4, $5)",
    )
    .bind(secret::sha256(key.as_bytes()).as_slice())
    .bind(caller.tenant)
    .bind(key_id)
    .bind(role.name())
    .bind(clock::wall_now().to_sqlx())
    .execute(&app.pool)
    .await?;
    Ok((key_id, key))
}

/// # Errors
/// When the database fails.
pub async fn find_api_key(app: &App, key: &str) -> Result<Option<ApiKey>, UseCaseError> {
    let row = sqlx::query(
        "select tenant_id, key_id, role from installation.api_key where key_hash = $1 and revoked_at is null",
    )
    .bind(secret::sha256(key.as_bytes()).as_slice())
    .fetch_optional(&app.pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let role: String = row.try_get("role")?;
    let role = Role::from_name(&role).ok_or_else(|| UseCaseError::Broken(format!("unknown role {role}")))?;
    Ok(Some(ApiKey {
        tenant: row.try_get("tenant_id")?,
        key_id: row.try_get("key_id")?,
        role,
    }))
}
