//! Bytes that the log names by their digest and does not hold: plans and photos. Table `picture` has one for each floor or
//! photo; whoever reads it is given the bytes that the log names, or none.

use crate::{App, Operation, UseCaseError, read};
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

/// A plan or photo as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub media_type: String,
    /// In hexadecimal.
    pub sha256: String,
    pub bytes: Vec<u8>,
}

/// Keeps the bytes of a floor or photo in the place of those it had.
pub(crate) async fn keep_in_op(
    op: &mut Operation,
    owner: Uuid,
    media_type: &str,
    sha256: &str,
    bytes: &[u8],
) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into picture (tenant_id, owner_id, media_type, sha256, bytes) values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, owner_id) do update
         set media_type = excluded.media_type, sha256 = excluded.sha256, bytes = excluded.bytes",
    )
    .bind(tenant)
    .bind(owner)
    .bind(media_type)
    .bind(sha256)
    .bind(bytes)
    .execute(op.conn())
    .await?;
    Ok(())
}

/// The bytes of a floor or photo that have this digest. `None` where none are kept, or others by now.
pub(crate) async fn read(app: &App, tenant: Uuid, owner: Uuid, sha256: &str) -> Result<Option<Picture>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let row =
        sqlx::query("select media_type, bytes from picture where tenant_id = $1 and owner_id = $2 and sha256 = $3")
            .bind(tenant)
            .bind(owner)
            .bind(sha256)
            .fetch_optional(&mut *tx)
            .await?;
    let Some(row) = row else { return Ok(None) };
    let bytes: Vec<u8> = row.try_get("bytes")?;
    if hex::encode(Sha256::digest(&bytes)) != sha256 {
        return Err(UseCaseError::Broken(format!(
            "the picture of {owner} is not the one that the log names"
        )));
    }
    Ok(Some(Picture {
        media_type: row.try_get("media_type")?,
        sha256: sha256.to_owned(),
        bytes,
    }))
}

/// Keeps the bytes of a photo no longer.
pub(crate) async fn drop_in_op(op: &mut Operation, owner: Uuid) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("delete from picture where tenant_id = $1 and owner_id = $2")
        .bind(tenant)
        .bind(owner)
        .execute(op.conn())
        .await?;
    Ok(())
}
