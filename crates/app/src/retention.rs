//! The end of the legal years: what was kept of the buyers of a legal entity's year is forgotten.

use crate::{Operation, UseCaseError};
use coterie_domain::{
    LegalEntityId,
    catalogue::Catalogue,
    local_time,
    retention::{self, RetentionEnded, RetentionEvent},
};
use coterie_eventlog::seal::{self, Purpose};
use uuid::Uuid;

/// Destroys the key of a year's buyers once the year has been kept for as long as the law wants. Done again, or too early,
/// it changes nothing.
///
/// # Errors
/// When the database fails.
pub async fn end_in_op(op: &mut Operation, subject: Uuid) -> Result<(), UseCaseError> {
    let catalogue = op.catalogue().await?;
    let Some((entity, year)) = whose(&catalogue, subject, op.now)? else {
        return Ok(());
    };
    let tenant = op.tenant();
    if !seal::destroy_in_op(op.conn(), tenant, subject, Purpose::Retention).await? {
        return Ok(());
    }
    let ended = RetentionEnded {
        legal_entity_id: entity,
        year,
        kept_until: retention::until(year),
    };
    op.write(subject, 0, [RetentionEvent::from(ended)])
}

/// Which entity and year a key is for, if they are over by its clock: the alarm knows the key's id only.
fn whose(
    catalogue: &Catalogue,
    subject: Uuid,
    now: jiff::Timestamp,
) -> Result<Option<(LegalEntityId, i16)>, UseCaseError> {
    for (id, entity) in &catalogue.legal_entities {
        let today = local_time::day_at(now, &local_time::zone(&entity.fact.time_zone)?);
        // A worker that was away may fire late, by years even.
        let over = (retention::FIRST_YEAR..=today.year()).filter(|year| retention::until(*year) < today);
        for year in over {
            if retention::subject(*id, year) == subject {
                return Ok(Some((*id, year)));
            }
        }
    }
    Ok(None)
}
