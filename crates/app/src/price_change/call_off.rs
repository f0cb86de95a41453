use super::guard;
use crate::{App, Caller, Operation, Outcome, Start, access, trouble};
use coterie_domain::{
    PriceChangeId,
    price_change::{self, Phase, PriceChangeEvent},
};

/// Calls the whole of an announcement off. Who was not told yet is not; a job tells the others that it is off, batch by batch.
///
/// # Errors
/// When it is off already or its day has come; `NotFound` for an unknown one; operators only.
pub async fn call_off(app: &App, caller: &Caller, id: PriceChangeId) -> Outcome<PriceChangeId> {
    trouble::carry_out(app, caller, || call_off_once(app, caller, id)).await
}

async fn call_off_once(app: &App, caller: &Caller, id: PriceChangeId) -> Outcome<PriceChangeId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let row = guard::lock(&mut op, id).await?;
    let announced = super::announced(&mut op, id).await?;
    let catalogue = op.catalogue().await?;
    let today = price_change::today_of(row.legal_entity_id, op.now, &catalogue)?;
    let off = price_change::call_off(&row.price_change(announced), today)?;
    guard::set_phase(&mut op, id, Phase::CallingOff)
        .await
        .map_err(|error| {
            if error.is_constraint("one_price_change_at_a_time") {
                super::announce::being_told()
            } else {
                error
            }
        })?;
    guard::leave_waiting_out(&mut op, id).await?;
    let version = op.version_of(id.0).await?;
    op.write(id.0, version, [PriceChangeEvent::from(off)])?;
    op.commit(id).await
}
