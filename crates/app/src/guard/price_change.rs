//! `price_change` and `price_change_membership`: how far each announcement is, and how each membership stands in it.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    PriceChangeId,
    price_change::{PriceChange, PriceChangeEvent},
};
use coterie_eventlog::RecordedEvent;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct PriceChanges(BTreeMap<PriceChangeId, PriceChange>);

impl PriceChanges {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let id = PriceChangeId(event.stream_id);
        let fact: PriceChangeEvent = decode(event)?;
        if let Some(next) = PriceChange::evolve(self.0.remove(&id), fact) {
            self.0.insert(id, next);
        }
        Ok(())
    }

    pub fn rows(&self, rows: &mut Rows) {
        for (id, change) in &self.0 {
            let terms = &change.fact.terms;
            rows.push(
                "price_change",
                &json!({
                    "price_change_id": id,
                    "plan_id": terms.plan_id,
                    "plan_version_id": terms.plan_version_id,
                    "legal_entity_id": terms.legal_entity_id,
                    "effective_from": terms.effective_from,
                    "announced_on": terms.announced_on,
                    "notice_days": terms.notice_days,
                    "phase": change.phase.name(),
                }),
            );
            for (membership, standing) in &change.memberships {
                let (planned, why) = (standing.planned(), standing.why());
                rows.push(
                    "price_change_membership",
                    &json!({
                        "price_change_id": id,
                        "membership_id": membership,
                        "standing": standing.name(),
                        "plan_version_id": planned.map(|planned| planned.plan_version_id),
                        "price_minor": planned.map(|planned| planned.price.minor),
                        "from_day": planned.map(|planned| planned.from),
                        "bound_until": planned.and_then(|planned| planned.bound_until),
                        "why": why.map(|why| why.reason.name()),
                        "why_day": why.and_then(|why| why.day),
                    }),
                );
            }
        }
    }
}
