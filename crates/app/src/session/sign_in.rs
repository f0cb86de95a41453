use super::password::verify_password;
use crate::{
    App, UseCaseError, clock, secret,
    wrong_tries::{self, Guessed},
};
use coterie_domain::{MemberId, Refusal, StaffId, organization::Role, text};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use uuid::Uuid;

/// How long a session lasts, in seconds of wall time.
const SESSION_SECONDS: i64 = 14 * 24 * 3600;

/// Who is signed in.
#[derive(Debug, Clone, PartialEq)]
pub enum Person {
    Member { id: MemberId },
    Staff { id: StaffId, role: Role },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub person: Person,
    pub name: String,
    pub email: String,
}

/// Checks address and password and opens a session; the answer is the opaque token for the cookie.
///
/// # Errors
/// One refusal for whatever was wrong, so that it does not tell who is known; after several wrong passwords for one address,
/// known or not, none is looked at for a time.
pub async fn sign_in(app: &App, tenant: Uuid, email: &str, password: String) -> Result<(String, Person), UseCaseError> {
    let email = text::email(email).unwrap_or_default();
    let hmac = app.config.secret.email_hmac(tenant, &email);
    let guessed = Guessed::Password(hmac.as_slice());
    let tries = wrong_tries::count(app, tenant, guessed).await?.map_err(waits)?;
    let wrong = || match tries.wait(clock::wall_now()) {
        Some(wait) => waits(wait),
        None => Refusal::invalid("wrong_credentials", "Address and password do not match.")
            .on("password", "Address and password do not match."),
    };
    let mut tx = app.pool.begin().await?;
    coterie_eventlog::set_tenant_in_op(&mut tx, tenant).await?;
    let row = sqlx::query(
        "select person_kind, person_id, password_hash from sign_in where tenant_id = $1 and email_hmac = $2",
    )
    .bind(tenant)
    .bind(&hmac)
    .fetch_optional(&mut *tx)
    .await?;
    // Hashing takes its time; the connection goes back first.
    tx.commit().await?;
    let (known, hash) = match row {
        Some(row) => (
            Some((
                row.try_get::<String, _>("person_kind")?,
                row.try_get::<Uuid, _>("person_id")?,
            )),
            row.try_get("password_hash")?,
        ),
        None => (None, None),
    };
    if !verify_password(app, password, hash).await? {
        return Err(wrong().into());
    }
    let (kind, id) = known.ok_or_else(wrong)?;
    let mut tx = coterie_eventlog::begin(&app.pool, tenant).await?;
    wrong_tries::forget_in_op(&mut tx, tenant, guessed).await?;
    tx.commit().await?;
    let token = open_session(app, tenant, &kind, id).await?;
    let session = authenticate(app, tenant, &token).await?.ok_or_else(wrong)?;
    Ok((token, session.person))
}

fn waits(wait: SignedDuration) -> Refusal {
    wrong_tries::waits("sign_in_waits", "password", wait, |time| {
        format!("Too many wrong passwords for this address. None is looked at for {time}. Please try again then.")
    })
}

/// Opens a session for a person known by other means, such as the link in her email.
///
/// # Errors
/// When the database fails.
pub async fn open_session(app: &App, tenant: Uuid, kind: &str, person: Uuid) -> Result<String, UseCaseError> {
    let token = secret::opaque_token("");
    let now = clock::wall_now();
    let expires = Timestamp::from_second(now.as_second() + SESSION_SECONDS).unwrap_or(now);
    sqlx::query("insert into installation.session (token_hash, tenant_id, person_kind, person_id, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)")
        .bind(secret::sha256(token.as_bytes()).as_slice())
        .bind(tenant)
        .bind(kind)
        .bind(person)
        .bind(now.to_sqlx())
        .bind(expires.to_sqlx())
        .execute(&app.pool)
        .await?;
    Ok(token)
}

/// Who holds this token at this organization; a token of another organization is nobody's.
///
/// # Errors
/// When the database fails.
pub async fn authenticate(app: &App, tenant: Uuid, token: &str) -> Result<Option<Session>, UseCaseError> {
    let row = sqlx::query("select person_kind, person_id from installation.session where token_hash = $1 and tenant_id = $2 and expires_at > $3")
        .bind(secret::sha256(token.as_bytes()).as_slice())
        .bind(tenant)
        .bind(clock::wall_now().to_sqlx())
        .fetch_optional(&app.pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (kind, id): (String, Uuid) = (row.try_get("person_kind")?, row.try_get("person_id")?);
    let mut tx = app.pool.begin().await?;
    coterie_eventlog::set_tenant_in_op(&mut tx, tenant).await?;
    let session = if kind == "staff" {
        let row = sqlx::query("select name, role from staff where tenant_id = $1 and staff_id = $2")
            .bind(tenant)
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
        match row {
            Some(row) => {
                let role: String = row.try_get("role")?;
                let role =
                    Role::from_name(&role).ok_or_else(|| UseCaseError::Broken(format!("unknown role {role}")))?;
                Some(Session {
                    person: Person::Staff { id: StaffId(id), role },
                    name: row.try_get("name")?,
                    email: String::new(),
                })
            }
            None => None,
        }
    } else {
        // The stream and not the read model: a member is herself the moment she signed up.
        let mut events = coterie_eventlog::read_stream(&mut tx, tenant, id, 0, 100).await?;
        app.config.keys.open_in_op(&mut tx, tenant, &mut events).await?;
        let mut member = None;
        for event in events.iter().filter(|event| event.category == "member") {
            member = coterie_domain::member::Member::evolve(member, crate::operation::decode(event)?);
        }
        member.filter(|member| !member.forgotten).map(|member| Session {
            person: Person::Member { id: MemberId(id) },
            name: member.name,
            email: member.email,
        })
    };
    tx.commit().await?;
    Ok(session)
}

/// Ends a session. An unknown token is fine: the outcome is the same.
///
/// # Errors
/// When the database fails.
pub async fn sign_out(app: &App, token: &str) -> Result<(), UseCaseError> {
    sqlx::query("delete from installation.session where token_hash = $1")
        .bind(secret::sha256(token.as_bytes()).as_slice())
        .execute(&app.pool)
        .await?;
    Ok(())
}
