use crate::{App, Caller, Done, Operation, Outcome, Start, UseCaseError, session};
use coterie_domain::{
    MemberId, Refusal,
    member::{EmailConfirmed, Member, MemberEvent},
};
use uuid::Uuid;

/// Confirms an address by the token of the emailed link. Following the link again changes nothing.
///
/// # Errors
/// A refusal when the link is not genuine or has expired.
pub async fn confirm_email(app: &App, tenant: Uuid, token: &str) -> Outcome<MemberId> {
    let person = session::open_confirm_token(app, tenant, token).ok_or_else(|| {
        Refusal::invalid(
            "link_expired",
            "This link is no longer valid. Please sign in and ask for a new one.",
        )
    })?;
    let id = MemberId(person);
    let caller = Caller::new(tenant, crate::Actor::Member(id));
    let mut op = match Operation::begin(app, &caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (member, version) = load(&mut op, id).await?;
    if !member.confirmed {
        op.write(id.0, version, [MemberEvent::from(EmailConfirmed { member_id: id })])?;
    }
    let done: Done<MemberId> = op.commit(id).await?;
    Ok(done)
}

/// The member and her stream's version.
///
/// # Errors
/// `NotFound` when the organization has no such member; a refusal when she was forgotten.
pub async fn load(op: &mut Operation, id: MemberId) -> Result<(Member, i64), UseCaseError> {
    there(Some(load_even_forgotten(op, id).await?))
}

/// A member who was loaded, if there is one and she was not forgotten.
pub(crate) fn there(loaded: Option<(Member, i64)>) -> Result<(Member, i64), UseCaseError> {
    let (member, version) = loaded.ok_or(UseCaseError::NotFound)?;
    if member.forgotten {
        return Err(Refusal::conflict("forgotten", "This member was forgotten at her wish.").into());
    }
    Ok((member, version))
}

/// The member, forgotten or not.
pub(crate) async fn load_even_forgotten(op: &mut Operation, id: MemberId) -> Result<(Member, i64), UseCaseError> {
    op.load::<MemberEvent, Member>(id.0, Member::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}

/// The member for a command that ties her to the chain: until it ends, nobody can forget her.
///
/// # Errors
/// As for [`load`].
pub async fn hold(op: &mut Operation, id: MemberId) -> Result<(Member, i64), UseCaseError> {
    load(op, id).await?;
    op.hold_person(id.0).await?;
    // Read again: she may have been forgotten while this waited for her.
    load(op, id).await
}
