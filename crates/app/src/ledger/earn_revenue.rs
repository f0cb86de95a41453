use crate::{Operation, UseCaseError, credit_note::credited_in_op};
use coterie_domain::{
    InvoiceId, JournalEntryId,
    invoice::{InvoiceEvent, InvoiceIssued},
    ledger::{self, JournalEvent},
    local_time,
};

/// A month of an invoice's recurring lines is over: its days are earned. The alarm's row is what makes it once.
///
/// # Errors
/// When the database fails.
pub async fn earn_revenue_in_op(op: &mut Operation, id: InvoiceId) -> Result<(), UseCaseError> {
    let issued = op
        .load::<InvoiceEvent, InvoiceIssued>(id.0, |_, event| {
            let InvoiceEvent::InvoiceIssued(fact) = event;
            Some(fact)
        })
        .await?;
    let (issued, _) = issued.ok_or(UseCaseError::NotFound)?;
    let credited = credited_in_op(op, id).await?;
    let catalogue = op.catalogue().await?;
    let zone = local_time::zone(&catalogue.legal_entity(issued.legal_entity_id)?.fact.time_zone)?;
    for month in ledger::months_to_earn(&issued) {
        if local_time::day_start(month.end, &zone)? == op.now
            && let Some(entry) = ledger::revenue_earned(JournalEntryId(op.new_id()), &issued, &credited, month)
        {
            op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
        }
    }
    Ok(())
}
