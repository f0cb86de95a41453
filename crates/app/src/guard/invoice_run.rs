//! `invoice_run` and `invoice_run_draft`: how far each run is, and what became of each draft.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    InvoiceRunId,
    invoice_run::{InvoiceRun, InvoiceRunEvent, Standing},
};
use coterie_eventlog::RecordedEvent;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Runs(BTreeMap<InvoiceRunId, InvoiceRun>);

impl Runs {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let id = InvoiceRunId(event.stream_id);
        let fact: InvoiceRunEvent = decode(event)?;
        if let Some(next) = InvoiceRun::evolve(self.0.remove(&id), fact) {
            self.0.insert(id, next);
        }
        Ok(())
    }

    pub fn rows(&self, rows: &mut Rows) {
        for (id, run) in &self.0 {
            rows.push(
                "invoice_run",
                &json!({
                    "invoice_run_id": id,
                    "legal_entity_id": run.fact.legal_entity_id,
                    "cut_off": run.fact.cut_off,
                    "phase": run.phase.name(),
                    "stopped": run.stopped,
                }),
            );
            for (draft, standing) in run.drafts.values() {
                let invoice = match standing {
                    Standing::Issued(id) => Some(id),
                    _ => None,
                };
                rows.push(
                    "invoice_run_draft",
                    &json!({
                        "invoice_run_id": id,
                        "payer_id": draft.payer.id(),
                        "payer_kind": draft.payer.kind(),
                        "standing": standing.name(),
                        "lines": draft.lines.len(),
                        "net_minor": draft.net_minor,
                        "tax_minor": draft.tax_minor,
                        "gross_minor": draft.gross_minor,
                        "inputs_sha256": draft.inputs_sha256,
                        "waits": draft.waits.as_ref().map(|waits| waits.why.name()),
                        "without_address": draft.without_address,
                        "invoice_id": invoice,
                    }),
                );
            }
        }
    }
}
