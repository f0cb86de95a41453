//! Leaving a company: the seats go, what she books by them is given up, and what is her own she pays for herself.

use super::{guard, load, today};
use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access, member,
    membership::{self, GivenUp},
    trouble,
};
use coterie_domain::{
    CompanyId, MemberId, MembershipId, Payer,
    company::{self, CompanyEvent},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What leaving led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departed {
    /// The first day that she does not belong to it.
    pub from: Date,
    /// Bookings that she made with a seat and that nobody is left to pay for: given up, at no cost.
    pub given_up: Vec<GivenUp>,
    /// Her own memberships, which she pays for herself from that day on.
    pub pays_herself: Vec<MembershipId>,
}

/// Lets a member leave a company from a day on; today where none is said.
///
/// # Errors
/// Unknown ids, nobody of the company, a day that is over; one who holds a membership that others have seats of; operators only.
pub async fn remove_member(
    app: &App,
    caller: &Caller,
    company: CompanyId,
    member: MemberId,
    from: Option<Date>,
) -> Outcome<Departed> {
    trouble::carry_out(app, caller, || remove_once(app, caller, company, member, from)).await
}

async fn remove_once(
    app: &App,
    caller: &Caller,
    company_id: CompanyId,
    member_id: MemberId,
    from: Option<Date>,
) -> Outcome<Departed> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let departed = leave_in_op(&mut op, company_id, member_id, from).await?;
    op.commit(departed).await
}

/// What it would lead to, by the same decision; nothing is written.
///
/// # Errors
/// As [`remove_member`].
pub async fn quote_remove_member(
    app: &App,
    caller: &Caller,
    company: CompanyId,
    member: MemberId,
    from: Option<Date>,
) -> Result<Departed, UseCaseError> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    leave_in_op(&mut op, company, member, from).await
}

async fn leave_in_op(
    op: &mut Operation,
    company_id: CompanyId,
    member_id: MemberId,
    from: Option<Date>,
) -> Result<Departed, UseCaseError> {
    let (member, _) = member::hold(op, member_id).await?;
    let today = today(op, member.home_location_id).await?;
    let from = from.unwrap_or(today);
    let (company, version) = load(op, company_id).await?;
    let left = company::leave(&company, member_id, from, today)?;
    guard::leave(op, member_id, from).await?;
    op.write(company_id.0, version, [CompanyEvent::from(left)])?;
    let mut departed = Departed {
        from,
        given_up: Vec::new(),
        pays_herself: Vec::new(),
    };
    for id in membership::seats_of_in_op(op, member_id, from).await? {
        let given_up = membership::lose_seat_in_op(op, id, member_id, from, Payer::Company(company_id)).await?;
        departed.given_up.extend(given_up);
    }
    for id in membership::held_by_in_op(op, member_id).await? {
        if membership::pay_herself_in_op(op, id, Payer::Company(company_id), from).await? {
            departed.pays_herself.push(id);
        }
    }
    Ok(departed)
}
