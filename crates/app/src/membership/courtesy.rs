use super::{allowance, load};
use crate::{App, Caller, Operation, Outcome, Start, access, trouble};
use coterie_domain::{
    LotId, MembershipId,
    credit::{self, CreditEvent, NewCourtesy},
};

/// Gives hours beside what the plan grants, with a reason. Staff only.
///
/// # Errors
/// Faulty fields, a membership that is over; `NotFound` for an unknown one.
pub async fn give_courtesy(app: &App, caller: &Caller, id: MembershipId, new: &NewCourtesy) -> Outcome<LotId> {
    trouble::carry_out(app, caller, || give_once(app, caller, id, new)).await
}

async fn give_once(app: &App, caller: &Caller, id: MembershipId, new: &NewCourtesy) -> Outcome<LotId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    // Whoever ends the membership waits, and then lets this lapse with the rest.
    let tenant = op.tenant();
    sqlx::query("select from membership_guard where tenant_id = $1 and membership_id = $2 for update")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    let (membership, _) = load(&mut op, id).await?;
    let catalogue = op.catalogue().await?;
    let lot_id = LotId(op.new_id());
    let given = credit::courtesy(lot_id, &membership, new, op.now, &catalogue)?;
    allowance::add_row_in_op(&mut op, &given.lot(), allowance::Of::Courtesy).await?;
    op.write(lot_id.0, 0, [CreditEvent::from(given)])?;
    op.commit(lot_id).await
}
