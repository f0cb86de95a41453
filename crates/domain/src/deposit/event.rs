use crate::{
    ChargeId, DepositId, InvoiceId, LegalEntityId, MemberId, MembershipId, Money, Payer, event::domain_events,
    personal::Personal,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a deposit.
    DepositEvent, "deposit", {
        DepositRequested = 1,
        DepositApplied = 1,
        DepositReturned = 1 personal by DepositReturned::personal,
    }
);

/// A membership began whose plan asks for one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DepositRequested {
    pub deposit_id: DepositId,
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    /// Whose it is.
    pub payer: Payer,
    /// Who holds it.
    pub legal_entity_id: LegalEntityId,
    pub amount: Money,
    pub charge_id: ChargeId,
    /// What it is asked for by.
    pub invoice_id: InvoiceId,
    pub requested_on: Date,
}

/// A part of it paid for an invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DepositApplied {
    pub deposit_id: DepositId,
    pub invoice_id: InvoiceId,
    pub amount: Money,
    pub on: Date,
}

/// A part of it was paid out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DepositReturned {
    pub deposit_id: DepositId,
    pub payer: Payer,
    pub amount: Money,
    /// Of the transfer, as staff typed it.
    pub reference: String,
    pub on: Date,
}

impl DepositReturned {
    fn personal(&self) -> Vec<Personal> {
        Personal::of(self.payer.id(), &["/reference"])
    }
}

/// What is known of a deposit, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Deposit {
    pub fact: DepositRequested,
    pub applied_minor: i64,
    pub returned_minor: i64,
}

impl Deposit {
    pub fn evolve(state: Option<Self>, event: DepositEvent) -> Option<Self> {
        match event {
            DepositEvent::DepositRequested(fact) => Some(Self {
                fact,
                applied_minor: 0,
                returned_minor: 0,
            }),
            DepositEvent::DepositApplied(fact) => state.map(|deposit| Self {
                applied_minor: deposit.applied_minor + fact.amount.minor,
                ..deposit
            }),
            DepositEvent::DepositReturned(fact) => state.map(|deposit| Self {
                returned_minor: deposit.returned_minor + fact.amount.minor,
                ..deposit
            }),
        }
    }
}
