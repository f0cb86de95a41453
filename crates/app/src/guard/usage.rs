//! `usage_guard`: every piece of usage by its reporter's id, and the charge that took it.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    ChargeId,
    usage::{UsageEvent, Used},
};
use coterie_eventlog::RecordedEvent;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Usages(BTreeMap<String, (Used, Option<ChargeId>)>);

impl Usages {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let (items, charge) = match decode(event)? {
            UsageEvent::UsageReported(fact) => (fact.items, None),
            UsageEvent::UsageCounted(fact) => (fact.items, Some(fact.charge_id)),
        };
        for used in items {
            self.0.insert(used.event_id.clone(), (used, charge));
        }
        Ok(())
    }

    pub fn rows(&self, rows: &mut Rows) {
        for (id, (used, charge)) in &self.0 {
            rows.push(
                "usage_guard",
                &json!({
                    "event_id": id,
                    "meter_id": used.meter_id,
                    "member_id": used.member_id,
                    "membership_id": used.membership_id,
                    "quantity": used.quantity.to_string(),
                    "used_on": used.used_on,
                    "charge_id": charge,
                }),
            );
        }
    }
}
