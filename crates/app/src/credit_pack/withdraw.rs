use crate::{App, Caller, Operation, Outcome, Start, access};
use coterie_domain::{
    CreditPackId,
    credit_pack::{self, CreditPackEvent},
};

/// Takes a pack off the offer; what was bought of it stays.
///
/// # Errors
/// An unknown pack, or one that is withdrawn already; operators only.
pub async fn withdraw(app: &App, caller: &Caller, id: CreditPackId) -> Outcome<CreditPackId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let withdrawn = credit_pack::withdraw(id, &catalogue)?;
    op.write(id.0, 1, [CreditPackEvent::from(withdrawn)])?;
    op.commit(id).await
}
