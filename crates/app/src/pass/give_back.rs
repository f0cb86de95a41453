use super::{buy::paid, guard};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, charge, credit, trouble};
use coterie_domain::{
    ChargeId, PassId,
    charge::SourceRef,
    credit::UsedBy,
    pass::{self, GivenBack, Pass, PassEvent, PassGivenBack},
};

/// Gives a pass back by the location's policy; the answer says what is still due.
///
/// # Errors
/// Another member's pass, one whose day has begun or that was given back already.
pub async fn give_back(app: &App, caller: &Caller, id: PassId) -> Outcome<PassGivenBack> {
    trouble::carry_out(app, caller, || give_back_once(app, caller, id)).await
}

async fn give_back_once(app: &App, caller: &Caller, id: PassId) -> Outcome<PassGivenBack> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (held, version) = load(&mut op, id).await?;
    access::acts_for(op.caller(), held.fact.member_id)?;
    // The row of the day comes before that of the charge, as in buying.
    if held.given_back.is_none() {
        guard::release(&mut op, &held.fact).await?;
    }
    let (made, back) = decide(&mut op, &held).await?;
    let parts = paid(back.fact.restored_pass, &back.fact.restored_money);
    credit::restore_in_op(&mut op, UsedBy::Pass(id), &parts).await?;
    op.write(id.0, version, [PassEvent::from(back.fact.clone())])?;
    if let (Some(made), Some(_)) = (&made, back.fact.voided_charge) {
        let source = SourceRef {
            category: "pass".to_owned(),
            stream_id: id.0,
            version: version + 1,
            event_type: "PassGivenBack".to_owned(),
        };
        charge::void_in_op(&mut op, made, "the pass was given back", source).await?;
    }
    if let Some(mut fee) = back.fee {
        fee.source.version = version + 1;
        charge::make_in_op(&mut op, &fee).await?;
    }
    op.commit(back.fact).await
}

/// Says what giving back now would lead to, and writes nothing: the charge as it was made, and what would become of it.
///
/// # Errors
/// As [`give_back`].
pub async fn quote_give_back(
    app: &App,
    caller: &Caller,
    id: PassId,
) -> Result<(Pass, Option<coterie_domain::charge::ChargeMade>, GivenBack), UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let (held, _) = load(&mut op, id).await?;
    access::acts_for(op.caller(), held.fact.member_id)?;
    let (made, back) = decide(&mut op, &held).await?;
    Ok((held, made, back))
}

async fn decide(
    op: &mut Operation,
    held: &Pass,
) -> Result<(Option<coterie_domain::charge::ChargeMade>, GivenBack), UseCaseError> {
    let catalogue = op.catalogue().await?;
    let (made, invoiced) = match held.fact.charge_id {
        Some(charge) => {
            let (made, invoiced) = charge::lock_in_op(op, charge).await?;
            (Some(made), invoiced)
        }
        None => (None, false),
    };
    let fee = ChargeId(op.new_id());
    let back = pass::give_back(held, made.as_ref(), invoiced, fee, op.now, &catalogue)?;
    Ok((made, back))
}

/// # Errors
/// `NotFound` when the organization has no such pass.
pub async fn load(op: &mut Operation, id: PassId) -> Result<(Pass, i64), UseCaseError> {
    op.load::<PassEvent, Pass>(id.0, Pass::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}
