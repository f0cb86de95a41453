//! Making, replacing and revoking an address. It is shown once; only its digest is kept, and nothing of it is logged.

use super::Subject;
use crate::{App, Caller, Operation, UseCaseError, access, clock, member, read::Columns, secret};
use coterie_domain::MemberId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::Row as _;

/// A new address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeFeed {
    /// Below the chain's host, from the slash on.
    pub path: String,
    /// Wall time.
    pub made_at: Timestamp,
}

/// Makes the address of a feed. One that was made before stops working at once.
///
/// # Errors
/// `NotFound` for another member's or an unknown one; members for themselves, operators for all.
pub async fn make(app: &App, caller: &Caller, subject: Subject) -> Result<MadeFeed, UseCaseError> {
    let mut op = open(app, caller, subject).await?;
    if let Subject::Member(id) = subject {
        // Until this ends nobody can forget her: whoever does so afterwards finds the row.
        member::hold(&mut op, id).await?;
    }
    let token = secret::opaque_token("");
    let made_at = clock::wall_now();
    let tenant = op.tenant();
    sqlx::query(
        "insert into calendar_feed (tenant_id, kind, subject_id, token_hash, made_at) values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, kind, subject_id) do update set token_hash = excluded.token_hash, made_at = excluded.made_at",
    )
    .bind(tenant)
    .bind(subject.kind())
    .bind(subject.id())
    .bind(digest(&token).as_slice())
    .bind(made_at.to_sqlx())
    .execute(op.conn())
    .await?;
    op.commit(()).await?;
    Ok(MadeFeed {
        path: format!("/calendars/{token}.ics"),
        made_at,
    })
}

/// Takes the address of a feed away; without one nothing changes.
///
/// # Errors
/// As for [`make`].
pub async fn revoke(app: &App, caller: &Caller, subject: Subject) -> Result<(), UseCaseError> {
    let mut op = open(app, caller, subject).await?;
    delete_in_op(&mut op, subject).await?;
    op.commit(()).await?;
    Ok(())
}

/// When the address was made that works now, by wall time.
///
/// # Errors
/// As for [`make`].
pub async fn made_at(app: &App, caller: &Caller, subject: Subject) -> Result<Option<Timestamp>, UseCaseError> {
    let mut op = open(app, caller, subject).await?;
    let tenant = op.tenant();
    let row = sqlx::query("select made_at from calendar_feed where tenant_id = $1 and kind = $2 and subject_id = $3")
        .bind(tenant)
        .bind(subject.kind())
        .bind(subject.id())
        .fetch_optional(op.conn())
        .await?;
    row.map(|row| row.time("made_at")).transpose()
}

/// A feed that has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedRow {
    pub subject: Subject,
    /// Wall time.
    pub made_at: Timestamp,
}

/// Every feed that has an address, the oldest first; the addresses themselves nobody knows.
///
/// # Errors
/// Operators only; when the database fails.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<FeedRow>, UseCaseError> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    let tenant = op.tenant();
    let rows = sqlx::query(
        "select kind, subject_id, made_at from calendar_feed where tenant_id = $1 order by made_at, subject_id",
    )
    .bind(tenant)
    .fetch_all(op.conn())
    .await?;
    let mut feeds = Vec::with_capacity(rows.len());
    for row in &rows {
        let kind: String = row.try_get("kind")?;
        let subject = Subject::from_parts(&kind, row.try_get("subject_id")?)
            .ok_or_else(|| UseCaseError::Broken(format!("a calendar feed of a {kind}")))?;
        feeds.push(FeedRow {
            subject,
            made_at: row.time("made_at")?,
        });
    }
    Ok(feeds)
}

/// Takes a member's address away, for whoever forgets her.
pub(crate) async fn let_go_in_op(op: &mut Operation, member: MemberId) -> Result<(), UseCaseError> {
    delete_in_op(op, Subject::Member(member)).await
}

pub(super) fn digest(token: &str) -> [u8; 32] {
    secret::sha256(token.as_bytes())
}

/// An operation of somebody who may, about something that is there.
async fn open(app: &App, caller: &Caller, subject: Subject) -> Result<Operation, UseCaseError> {
    match subject {
        Subject::Member(id) => access::acts_for(caller, id)?,
        Subject::Resource(_) | Subject::Location(_) => access::operates(caller)?,
    }
    let mut op = Operation::open(app, caller).await?;
    match subject {
        Subject::Member(id) => {
            member::load(&mut op, id).await?;
        }
        Subject::Resource(id) => {
            op.catalogue().await?.resource(id)?;
        }
        Subject::Location(id) => {
            op.catalogue().await?.location(id)?;
        }
    }
    Ok(op)
}

async fn delete_in_op(op: &mut Operation, subject: Subject) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("delete from calendar_feed where tenant_id = $1 and kind = $2 and subject_id = $3")
        .bind(tenant)
        .bind(subject.kind())
        .bind(subject.id())
        .execute(op.conn())
        .await?;
    Ok(())
}
