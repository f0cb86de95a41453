use crate::{App, Caller, Operation, Outcome, Start, access};
use coterie_domain::{
    CreditPackId,
    credit_pack::{self, CreditPackEvent, NewCreditPack},
};

/// Defines a pack of a legal entity.
///
/// # Errors
/// Faulty fields, an unknown legal entity, a name that is taken; operators only.
pub async fn define(app: &App, caller: &Caller, new: &NewCreditPack) -> Outcome<CreditPackId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let id = CreditPackId(op.new_id());
    let defined = credit_pack::define(id, new, &catalogue)?;
    op.write(id.0, 0, [CreditPackEvent::from(defined)])?;
    op.commit(id).await
}
