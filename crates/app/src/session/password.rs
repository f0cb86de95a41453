use crate::{App, Operation, UseCaseError, clock, wrong_tries};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use coterie_domain::Refusal;
use sqlx::Row;
use uuid::Uuid;

pub const PASSWORD_MIN_CHARS: usize = 10;
const PASSWORD_MAX_BYTES: usize = 256;
const SET_PASSWORD: &str = "set_password";
const CONFIRM_EMAIL: &str = "confirm_email";
/// How long links in emails work, in seconds of wall time.
const LINK_SECONDS: i64 = 7 * 24 * 3600;

/// # Errors
/// A refusal of the `password` field.
pub fn check_password(password: &str) -> Result<(), Refusal> {
    if password.chars().count() < PASSWORD_MIN_CHARS || password.len() > PASSWORD_MAX_BYTES {
        return Err(Refusal::field(
            "password_length",
            "password",
            format!("Please choose a password of {PASSWORD_MIN_CHARS} characters or more."),
        ));
    }
    Ok(())
}

fn argon(app: &App) -> Result<Argon2<'static>, UseCaseError> {
    let params = Params::new(app.config.password_memory_kib, app.config.password_passes, 1, None)
        .map_err(|error| UseCaseError::Broken(format!("password hash settings: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes off the async threads; it takes tens of milliseconds by design.
///
/// # Errors
/// When the hasher's settings are wrong.
pub async fn hash_password(app: &App, password: String) -> Result<String, UseCaseError> {
    let argon = argon(app)?;
    tokio::task::spawn_blocking(move || argon.hash_password(password.as_bytes()).map(|hash| hash.to_string()))
        .await
        .map_err(|error| UseCaseError::Broken(format!("hashing a password: {error}")))?
        .map_err(|error| UseCaseError::Broken(format!("hashing a password: {error}")))
}

/// Compares off the async threads. An absent hash costs the same time, so that answers do not tell who is known.
pub(super) async fn verify_password(app: &App, password: String, hash: Option<String>) -> Result<bool, UseCaseError> {
    let argon = argon(app)?;
    tokio::task::spawn_blocking(move || {
        if let Some(hash) = hash {
            PasswordHash::new(&hash).is_ok_and(|hash| argon.verify_password(password.as_bytes(), &hash).is_ok())
        } else {
            let _ = argon.hash_password(password.as_bytes());
            false
        }
    })
    .await
    .map_err(|error| UseCaseError::Broken(format!("checking a password: {error}")))
}

/// Takes an address for a person of the organization. `None` when somebody has it.
pub(crate) async fn claim_email(
    op: &mut Operation,
    email: &str,
    kind: &str,
    person: Uuid,
    password_hash: Option<String>,
) -> Result<Option<()>, UseCaseError> {
    let tenant = op.tenant();
    let hmac = op.app().config.secret.email_hmac(tenant, email);
    let claimed = sqlx::query(
        "insert into sign_in (tenant_id, email_hmac, person_kind, person_id, password_hash) values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(tenant)
    .bind(hmac)
    .bind(kind)
    .bind(person)
    .bind(password_hash)
    .execute(op.conn())
    .await?
    .rows_affected();
    Ok((claimed == 1).then_some(()))
}

/// Who has this address, by kind and id.
pub(crate) async fn find_by_email(op: &mut Operation, email: &str) -> Result<Option<(String, Uuid)>, UseCaseError> {
    let tenant = op.tenant();
    let hmac = op.app().config.secret.email_hmac(tenant, email);
    let row = sqlx::query("select person_kind, person_id from sign_in where tenant_id = $1 and email_hmac = $2")
        .bind(tenant)
        .bind(hmac)
        .fetch_optional(op.conn())
        .await?;
    Ok(row
        .map(|row| Ok::<_, sqlx::Error>((row.try_get("person_kind")?, row.try_get("person_id")?)))
        .transpose()?)
}

/// The token of a link that confirms a member's address.
pub fn confirm_token(app: &App, tenant: Uuid, person: Uuid) -> String {
    app.config
        .secret
        .link_token(CONFIRM_EMAIL, tenant, person, link_expiry())
}
/// The token of a link that lets a person set her password.
pub fn set_password_token(app: &App, tenant: Uuid, person: Uuid) -> String {
    app.config
        .secret
        .link_token(SET_PASSWORD, tenant, person, link_expiry())
}
pub(crate) fn open_confirm_token(app: &App, tenant: Uuid, token: &str) -> Option<Uuid> {
    app.config
        .secret
        .open_link_token(CONFIRM_EMAIL, tenant, token, clock::wall_now())
}
fn link_expiry() -> jiff::Timestamp {
    let now = clock::wall_now();
    jiff::Timestamp::from_second(now.as_second() + LINK_SECONDS).unwrap_or(now)
}

/// Takes a person's address out of the guard and signs her out everywhere: the address is free again.
pub(crate) async fn forget_person_in_op(op: &mut Operation, person: Uuid) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    wrong_tries::forget_of_in_op(op.conn(), tenant, person).await?;
    sqlx::query("delete from sign_in where tenant_id = $1 and person_id = $2")
        .bind(tenant)
        .bind(person)
        .execute(op.conn())
        .await?;
    sqlx::query("delete from installation.session where tenant_id = $1 and person_id = $2")
        .bind(tenant)
        .bind(person)
        .execute(op.conn())
        .await?;
    Ok(())
}

/// Sets a password by the token of an email's link.
///
/// # Errors
/// A refusal when the link is not genuine or has expired, or the password is too short.
pub async fn set_password(app: &App, tenant: Uuid, token: &str, password: String) -> Result<(), UseCaseError> {
    let person = app
        .config
        .secret
        .open_link_token(SET_PASSWORD, tenant, token, clock::wall_now())
        .ok_or_else(|| {
            Refusal::invalid(
                "link_expired",
                "This link is no longer valid. Please ask for a new one.",
            )
        })?;
    check_password(&password)?;
    let hash = hash_password(app, password).await?;
    let mut tx = app.pool.begin().await?;
    coterie_eventlog::set_tenant_in_op(&mut tx, tenant).await?;
    sqlx::query("update sign_in set password_hash = $3 where tenant_id = $1 and person_id = $2")
        .bind(tenant)
        .bind(person)
        .bind(hash)
        .execute(&mut *tx)
        .await?;
    wrong_tries::forget_of_in_op(&mut tx, tenant, person).await?;
    // Whoever was signed in with the old password is signed out.
    sqlx::query("delete from installation.session where tenant_id = $1 and person_id = $2")
        .bind(tenant)
        .bind(person)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
