//! What the catalogue's events call for: `organization`, `catalogue_head`, `resource_lock`, `invoice_series`, and the
//! installation's `stripe_account`. The test clock is not in the log; hosts depend on where the installation is reached.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    LegalEntityId,
    catalogue::{CATEGORIES, Catalogue},
    invoice::InvoiceEvent,
};
use coterie_eventlog::RecordedEvent;
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Default)]
pub(super) struct Offer {
    pub catalogue: Catalogue,
    /// When the last event happened.
    last: Option<Timestamp>,
    /// The last number taken.
    taken: BTreeMap<(LegalEntityId, String), i64>,
}

impl Offer {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        self.last = Some(event.occurred_at);
        if CATEGORIES.contains(&event.category.as_str()) {
            self.catalogue.apply(
                event.position,
                &event.category,
                &event.event_type,
                event.event_version,
                event.plain(),
            )?;
        }
        Ok(())
    }

    /// An invoice takes a number of its series.
    pub fn invoiced(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let InvoiceEvent::InvoiceIssued(fact) = decode(event)?;
        self.numbered(fact.legal_entity_id, fact.series, fact.sequence);
        Ok(())
    }

    /// A document takes a number of its series; that of credit notes begins with the first one.
    pub fn numbered(&mut self, entity: LegalEntityId, series: String, sequence: i64) {
        let taken = self.taken.entry((entity, series)).or_default();
        *taken = sequence.max(*taken);
    }

    pub fn rows(&self, tenant: Uuid, rows: &mut Rows) {
        let catalogue = &self.catalogue;
        if let Some(fact) = &catalogue.organization {
            // A lost test clock begins again where the log ends.
            let clock = self.last.filter(|_| fact.sandbox);
            rows.push(
                "organization",
                &json!({ "tenant_id": tenant, "name": fact.name, "slug": fact.slug, "sandbox": fact.sandbox,
                    "clock_now": clock }),
            );
        }
        if catalogue.position > 0 {
            rows.push("catalogue_head", &json!({ "position": catalogue.position }));
        }
        for id in catalogue.resources.keys() {
            let terms = catalogue.terms_version(*id);
            rows.push("resource_lock", &json!({ "resource_id": id, "terms": terms }));
        }
        for (id, entity) in &catalogue.legal_entities {
            let invoices = entity.fact.invoice_series.clone();
            let fact = &entity.fact;
            for series in [invoices.clone(), fact.credit_note_series(), fact.deposit_series()] {
                let taken = self.taken.get(&(*id, series.clone())).copied();
                if taken.is_some() || series == invoices {
                    let taken = taken.unwrap_or_default();
                    let row = json!({ "legal_entity_id": id, "series": series, "last_sequence": taken });
                    rows.push("invoice_series", &row);
                }
            }
            if let Some(account) = &entity.stripe_account {
                rows.push(
                    "stripe_account",
                    &json!({ "account_id": account, "legal_entity_id": id }),
                );
            }
        }
    }
}
