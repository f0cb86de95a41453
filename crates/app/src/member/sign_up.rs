use crate::{App, Caller, Operation, Outcome, Start, session, trouble};
use coterie_domain::{
    LocationId, MemberId, Refusal,
    member::{self, MemberEvent},
};

/// What a person says of herself.
#[derive(Debug, Clone)]
pub struct SignUp {
    pub name: String,
    pub email: String,
    pub password: String,
    pub home_location_id: Option<LocationId>,
}

/// Signs a person up; she confirms her address by the link that a reaction mails to her.
///
/// # Errors
/// Faulty fields; an address that is already used here.
pub async fn sign_up(app: &App, caller: &Caller, command: SignUp) -> Outcome<MemberId> {
    trouble::carry_out(app, caller, || sign_up_once(app, caller, command.clone())).await
}

async fn sign_up_once(app: &App, caller: &Caller, command: SignUp) -> Outcome<MemberId> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let id = MemberId(op.new_id());
    let signed_up = member::sign_up(id, &command.name, &command.email, command.home_location_id)?;
    session::check_password(&command.password)?;
    if let Some(location) = command.home_location_id {
        op.catalogue().await?.location(location)?;
    }
    if session::find_by_email(&mut op, &signed_up.email).await?.is_some() {
        return Err(taken().into());
    }
    let hash = session::hash_password(app, command.password).await?;
    session::claim_email(&mut op, &signed_up.email, "member", id.0, Some(hash))
        .await?
        .ok_or_else(taken)?;
    op.write(id.0, 0, [MemberEvent::from(signed_up)])?;
    op.commit(id).await
}

fn taken() -> Refusal {
    let sentence = "Somebody already signed up with this address. Sign in, or ask for a new password.";
    Refusal::conflict("email_taken", sentence).on("email", sentence)
}
