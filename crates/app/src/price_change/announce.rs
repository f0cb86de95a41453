use super::{guard, preview::preview_in_op};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, trouble};
use coterie_domain::{
    PriceChangeId, Refusal,
    price_change::{self, NewPriceChange},
};

/// Announces what a preview showed, whose SHA-256 the operator agreed to. A job tells the memberships, batch by batch.
///
/// # Errors
/// What was shown is not what would be announced now; another announcement of the plan is being told; operators only.
pub async fn announce(app: &App, caller: &Caller, new: &NewPriceChange, agreed_sha256: &str) -> Outcome<PriceChangeId> {
    trouble::carry_out(app, caller, || announce_once(app, caller, new, agreed_sha256)).await
}

async fn announce_once(
    app: &App,
    caller: &Caller,
    new: &NewPriceChange,
    agreed_sha256: &str,
) -> Outcome<PriceChangeId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let preview = preview_in_op(&mut op, new).await?;
    let id = PriceChangeId(op.new_id());
    let events = price_change::announce(id, &preview, agreed_sha256)?;
    guard::insert(&mut op, id, &preview).await.map_err(|error| {
        if error.is_constraint("one_price_change_at_a_time") {
            being_told()
        } else {
            error
        }
    })?;
    op.write(id.0, 0, events)?;
    op.commit(id).await
}

pub(super) fn being_told() -> UseCaseError {
    Refusal::conflict(
        "being_told",
        "Members are being told of another change of this plan: please wait until that is done.",
    )
    .into()
}
