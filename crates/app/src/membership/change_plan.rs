use super::{
    allowance,
    change::{Changed, Changing},
    charged::charged_in_op,
};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, trouble};
use coterie_domain::{
    MembershipId, PlanVersionId, Refusal,
    membership::{self, ChangeQuote, PlanChanged, When},
};
use jiff::civil::Date;

/// Another plan, or the newer version of the same.
#[derive(Debug, Clone, Copy)]
pub struct ChangePlan {
    pub membership_id: MembershipId,
    pub plan_version_id: PlanVersionId,
    /// With the next cycle rather than from a day on.
    pub at_renewal: bool,
    /// The first day of the new plan, or the day from which the renewal is looked for; today unless said.
    pub from: Option<Date>,
    /// What the person saw and agreed to, gross in minor units; a different price is refused and shown instead.
    pub agreed_gross_minor: Option<i64>,
}

fn decide(changing: &Changing, caller: &Caller, command: &ChangePlan) -> Result<PlanChanged, UseCaseError> {
    let day = command.from.unwrap_or(changing.today);
    changing.check_not_backdated(caller, day, "from")?;
    let when = if command.at_renewal {
        When::AtRenewal(day)
    } else {
        When::On(day)
    };
    let announced = access::operates(caller).is_ok();
    Ok(membership::change_plan(
        &changing.membership,
        command.plan_version_id,
        when,
        announced,
        &changing.catalogue,
    )?)
}

async fn priced(op: &mut Operation, changing: &Changing, fact: &PlanChanged) -> Result<ChangeQuote, UseCaseError> {
    let after = changing.membership.after(fact.clone());
    let charged = charged_in_op(op, &after, &changing.catalogue).await?;
    let quote = membership::quote_change(&after, fact.term.from, &charged, &changing.catalogue)?;
    Ok(quote)
}

/// What a change of plan would give back and charge now; nothing is written.
///
/// # Errors
/// Everything that the change itself refuses.
pub async fn quote_plan_change(app: &App, caller: &Caller, command: &ChangePlan) -> Result<ChangeQuote, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let changing = Changing::load_in_op(&mut op, caller, command.membership_id).await?;
    let fact = decide(&changing, caller, command)?;
    priced(&mut op, &changing, &fact).await
}

/// Changes the plan, now with proration or with the next cycle; allowances follow.
///
/// # Errors
/// A plan that is not on offer there or cannot take over then, a price that changed since it was shown, another member's
/// membership.
pub async fn change_plan(app: &App, caller: &Caller, command: ChangePlan) -> Outcome<Changed> {
    trouble::carry_out(app, caller, || change_once(app, caller, command)).await
}

async fn change_once(app: &App, caller: &Caller, command: ChangePlan) -> Outcome<Changed> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let mut changing = Changing::load_in_op(&mut op, caller, command.membership_id).await?;
    let fact = decide(&changing, caller, &command)?;
    let quote = priced(&mut op, &changing, &fact).await?;
    if command
        .agreed_gross_minor
        .is_some_and(|agreed| agreed != quote.gross.minor)
    {
        let sentence = format!("The price is now {}; please look again before you agree.", quote.gross);
        return Err(Refusal::conflict("price_changed", sentence)
            .with("gross_minor", quote.gross.minor)
            .into());
    }
    let before = changing.membership.clone();
    let from = fact.term.from;
    changing.happens(&mut op, fact)?;
    allowance::follow_plan_in_op(&mut op, &before, &changing.membership, from, &changing.catalogue).await?;
    let changed = changing.settle_in_op(&mut op).await?;
    op.commit(changed).await
}
