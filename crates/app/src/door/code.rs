//! A member's door code: six digits by which doors know her. It is shown once; only a keyed digest is kept.

use crate::{Actor, App, Caller, Operation, UseCaseError, access, clock, member, read::Columns, trouble};
use coterie_domain::MemberId;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

/// Codes that are drawn before a chain counts as having no more.
const TRIES: usize = 50;

/// A new code.
#[derive(Clone, PartialEq, Eq)]
pub struct MadeCode {
    /// Six digits.
    pub code: String,
    /// Wall time.
    pub made_at: Timestamp,
}

impl std::fmt::Debug for MadeCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeCode")
            .field("made_at", &self.made_at)
            .finish_non_exhaustive()
    }
}

/// Makes a member's door code. One that was made before stops working at once.
///
/// # Errors
/// `Forbidden` for anybody but herself: whoever knows it acts in her name.
pub async fn make_code(app: &App, caller: &Caller, member: MemberId) -> Result<MadeCode, UseCaseError> {
    trouble::again(|| make_once(app, caller, member)).await
}

async fn make_once(app: &App, caller: &Caller, member: MemberId) -> Result<MadeCode, UseCaseError> {
    if caller.actor != Actor::Member(member) {
        return Err(UseCaseError::Forbidden);
    }
    let mut op = Operation::open(app, caller).await?;
    member::load(&mut op, member).await?;
    // Until this ends nobody can forget her: whoever does so afterwards finds the row.
    member::hold(&mut op, member).await?;
    let tenant = op.tenant();
    let made_at = clock::wall_now();
    for _ in 0..TRIES {
        let code = format!("{:06}", rand::random_range(0..1_000_000_u32));
        let digest = op.app().config.secret.door_code_hmac(tenant, &code);
        // Two members of a chain never have one code.
        let taken = sqlx::query(
            "insert into door_code (tenant_id, member_id, code_hmac, made_at)
             select $1, $2, $3, $4 where not exists (select from door_code where tenant_id = $1 and code_hmac = $3)
             on conflict (tenant_id, member_id) do update set code_hmac = excluded.code_hmac, made_at = excluded.made_at",
        )
        .bind(tenant)
        .bind(member.0)
        .bind(digest)
        .bind(made_at.to_sqlx())
        .execute(op.conn())
        .await
        .map_err(|error| at_the_same_moment(error.into()))?
        .rows_affected()
            == 0;
        if !taken {
            op.commit(()).await?;
            return Ok(MadeCode { code, made_at });
        }
    }
    Err(UseCaseError::Broken("no door code is left".to_owned()))
}

/// What the constraint says where looking first was not enough.
fn at_the_same_moment(error: UseCaseError) -> UseCaseError {
    if error.is_constraint("one_member_a_code") {
        UseCaseError::Contended("two members drew one door code")
    } else {
        error
    }
}

/// Takes a member's door code away; without one nothing changes.
///
/// # Errors
/// `NotFound` for another member's; operators may as well.
pub async fn revoke_code(app: &App, caller: &Caller, member: MemberId) -> Result<(), UseCaseError> {
    access::acts_for(caller, member)?;
    let mut op = Operation::open(app, caller).await?;
    member::load(&mut op, member).await?;
    let_go_in_op(&mut op, member).await?;
    op.commit(()).await?;
    Ok(())
}

/// When the code was made that works now, by wall time.
///
/// # Errors
/// As for [`revoke_code`].
pub async fn code_made_at(app: &App, caller: &Caller, id: MemberId) -> Result<Option<Timestamp>, UseCaseError> {
    access::acts_for(caller, id)?;
    let mut op = Operation::open(app, caller).await?;
    member::load(&mut op, id).await?;
    let tenant = op.tenant();
    let row = sqlx::query("select made_at from door_code where tenant_id = $1 and member_id = $2")
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(op.conn())
        .await?;
    row.map(|row| row.time("made_at")).transpose()
}

/// Takes a member's code away, for whoever forgets her.
pub(crate) async fn let_go_in_op(op: &mut Operation, member: MemberId) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("delete from door_code where tenant_id = $1 and member_id = $2")
        .bind(tenant)
        .bind(member.0)
        .execute(op.conn())
        .await?;
    Ok(())
}
