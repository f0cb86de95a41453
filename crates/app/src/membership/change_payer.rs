use super::change::{Changed, Changing};
use crate::{App, Caller, Operation, Outcome, Start, access, company, member, trouble};
use coterie_domain::{MembershipId, Payer, membership};
use jiff::civil::Date;

/// From a day on somebody else pays: what the one before paid beyond it is given back to that one. Staff only.
///
/// # Errors
/// An unknown payer, or who pays already; a day outside of the membership.
pub async fn change_payer(
    app: &App,
    caller: &Caller,
    id: MembershipId,
    payer: Payer,
    from: Option<Date>,
) -> Outcome<Changed> {
    access::operates(caller)?;
    trouble::carry_out(app, caller, || change_once(app, caller, id, payer, from)).await
}

async fn change_once(
    app: &App,
    caller: &Caller,
    id: MembershipId,
    payer: Payer,
    from: Option<Date>,
) -> Outcome<Changed> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let mut changing = Changing::load_in_op(&mut op, caller, id).await?;
    match payer {
        Payer::Member(id) => drop(member::hold(&mut op, id).await?),
        Payer::Company(id) => drop(company::load(&mut op, id).await?),
    }
    let from = from.unwrap_or(changing.today);
    let fact = membership::change_payer(&changing.membership, payer, from)?;
    changing.happens(&mut op, fact)?;
    let changed = changing.settle_in_op(&mut op).await?;
    op.commit(changed).await
}
