use super::{Written, written};
use crate::{
    InvoiceRunId, Payer,
    invoice_run::{
        Difference, Draft, DraftIssued, DraftLine, DraftSetAside, DraftsIssued, DraftsMade, InvoiceRunApproved,
        InvoiceRunCancelled, InvoiceRunCompleted, InvoiceRunEvent, InvoiceRunOpened, InvoiceRunResumed,
        InvoiceRunStarted, InvoiceRunStopped, PayerExcluded, PayerIncluded, Waits, WaitsFor,
    },
    legal_entity::{InvoicingSet, LegalEntityEvent},
    testing::{ADA, BERLIN, CHARGE, FEE, INVOICE, date},
};

const RUN: InvoiceRunId = InvoiceRunId(uuid::Uuid::from_u128(0xb8));

fn line(charge_id: crate::ChargeId, percent: Option<i64>) -> DraftLine {
    DraftLine {
        charge_id,
        net_minor: 30_000,
        tax_percent: percent.map(Into::into),
    }
}

fn draft(waits: Option<Waits>) -> Draft {
    Draft {
        payer: Payer::Member(ADA),
        lines: vec![line(CHARGE, waits.is_none().then_some(19))],
        net_minor: 30_000,
        tax_minor: 5_700,
        gross_minor: 35_700,
        without_address: true,
        buyer_digest: "2c26b46b68ffc68ff99b453c1d304134".to_owned(),
        seller_digest: "fcde2b2edba56bf408601fb721fe9b5c".to_owned(),
        inputs_sha256: "baa5a0964d3320fbc0c6a922140453c8".to_owned(),
        waits,
        per_location: true,
    }
}

pub fn all() -> Vec<Written> {
    let payer = Payer::Member(ADA);
    let waits = Waits {
        why: WaitsFor::TaxRate,
        sentence: "No tax rate is set.".to_owned(),
    };
    let run: Vec<InvoiceRunEvent> = vec![
        InvoiceRunOpened {
            invoice_run_id: RUN,
            legal_entity_id: BERLIN,
            cut_off: date("2026-02-01"),
        }
        .into(),
        DraftsMade {
            invoice_run_id: RUN,
            drafts: vec![draft(None), draft(Some(waits))],
            complete: true,
        }
        .into(),
        PayerExcluded {
            invoice_run_id: RUN,
            payer,
        }
        .into(),
        PayerIncluded {
            invoice_run_id: RUN,
            payer,
        }
        .into(),
        InvoiceRunApproved {
            invoice_run_id: RUN,
            drafts: 1,
            gross_minor: 35_700,
        }
        .into(),
        InvoiceRunStarted { invoice_run_id: RUN }.into(),
        DraftsIssued {
            invoice_run_id: RUN,
            issued: vec![DraftIssued {
                payer,
                invoice_id: INVOICE,
            }],
        }
        .into(),
        DraftSetAside {
            invoice_run_id: RUN,
            payer,
            difference: Difference {
                came: vec![line(FEE, Some(19))],
                went: vec![line(CHARGE, None)],
                taxed_otherwise: Vec::new(),
                buyer_changed: true,
                seller_changed: false,
                buyer_forgotten: false,
                gross_before_minor: 35_700,
                gross_now_minor: 35_700,
            },
        }
        .into(),
        InvoiceRunStopped {
            invoice_run_id: RUN,
            payer,
            sentence: "It would be billed twice.".to_owned(),
        }
        .into(),
        InvoiceRunResumed { invoice_run_id: RUN }.into(),
        InvoiceRunCompleted { invoice_run_id: RUN }.into(),
        InvoiceRunCancelled { invoice_run_id: RUN }.into(),
    ];
    let set = InvoicingSet {
        legal_entity_id: BERLIN,
        by_run: true,
    };
    run.iter()
        .map(written)
        .chain([written(&LegalEntityEvent::from(set))])
        .collect()
}
