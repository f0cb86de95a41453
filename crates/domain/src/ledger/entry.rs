use super::LedgerAccount;
use crate::{
    Currency, InvoiceId, JournalEntryId, LegalEntityId, Payer,
    charge::SourceRef,
    event::{domain_events, same_shape},
    period,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What is written in the books.
    JournalEvent, "journal", { JournalEntryPosted = 5 [1 => same_shape, 2 => same_shape, 3 => same_shape, 4 => same_shape] }
);

/// One signed line; debits are positive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Posting {
    pub account: LedgerAccount,
    pub amount_minor: i64,
    /// Whose receivable or credit it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub payer: Option<Payer>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invoice_id: Option<InvoiceId>,
}

/// A balanced set of postings in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JournalEntryPosted {
    pub entry_id: JournalEntryId,
    pub legal_entity_id: LegalEntityId,
    pub effective_date: Date,
    /// The accounting period, e.g. `2026-01`.
    pub period: String,
    pub currency: Currency,
    /// The posting rule and its version.
    pub rule: String,
    pub memo: String,
    pub source: SourceRef,
    pub postings: Vec<Posting>,
}

/// Builds an entry; debits positive. Zero postings are left out.
pub(super) struct Entry {
    entry: JournalEntryPosted,
}

impl Entry {
    pub(super) fn new(
        id: JournalEntryId,
        entity: LegalEntityId,
        on: Date,
        currency: Currency,
        rule: &str,
        memo: String,
        source: SourceRef,
    ) -> Self {
        let period = period::month_name(on);
        Self {
            entry: JournalEntryPosted {
                entry_id: id,
                legal_entity_id: entity,
                effective_date: on,
                period,
                currency,
                rule: rule.to_owned(),
                memo,
                source,
                postings: Vec::new(),
            },
        }
    }
    pub(super) fn post(mut self, account: LedgerAccount, amount_minor: i64) -> Self {
        if amount_minor != 0 {
            self.entry.postings.push(Posting {
                account,
                amount_minor,
                payer: None,
                invoice_id: None,
            });
        }
        self
    }
    pub(super) fn post_for(
        mut self,
        account: LedgerAccount,
        amount_minor: i64,
        payer: Payer,
        invoice_id: Option<InvoiceId>,
    ) -> Self {
        if amount_minor != 0 {
            self.entry.postings.push(Posting {
                account,
                amount_minor,
                payer: Some(payer),
                invoice_id,
            });
        }
        self
    }
    /// `None` when nothing is left to post.
    pub(super) fn done(self) -> Option<JournalEntryPosted> {
        debug_assert_eq!(
            imbalance(&self.entry),
            0,
            "a posting file made an unbalanced entry: {:?}",
            self.entry
        );
        (!self.entry.postings.is_empty()).then_some(self.entry)
    }
}

/// What an entry's postings sum to: anything but zero is a fault, and the log's writer refuses it.
pub fn imbalance(entry: &JournalEntryPosted) -> i64 {
    entry.postings.iter().map(|posting| posting.amount_minor).sum()
}
