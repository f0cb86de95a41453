use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Accounts of a legal entity's books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerAccount {
    /// Money at the gateway, not yet paid out.
    StripeBalance,
    /// What payers owe on issued invoices.
    AccountsReceivable,
    /// Supplied and priced, not yet invoiced.
    UnbilledReceivable,
    /// What other legal entities of the chain owe for what their members used here.
    DueFromEntities,
    /// What is owed to other legal entities of the chain for what members used there.
    DueToEntities,
    /// Invoiced and not yet earned: a liability.
    DeferredRevenue,
    /// Collected for the tax office.
    VatPayable,
    /// Money received beyond what was owed.
    CustomerCredit,
    MembershipRevenue,
    BookingRevenue,
    /// What is sold beside plans and rooms. Version 2 of an entry knew neither this nor the next.
    ServiceRevenue,
    /// What coupons take off: revenue that is not made.
    Discounts,
    /// Money held for payers: a liability. Version 3 of an entry knew neither this nor the next.
    Deposits,
    /// Money at the bank, as far as staff say what they transferred.
    Bank,
    /// Sold in packs and not used: a liability. Version 4 of an entry knew neither this nor the next.
    PrepaidCredit,
    /// What nobody used of packs until they lapsed.
    Breakage,
}

impl LedgerAccount {
    pub const ALL: [Self; 16] = [
        Self::StripeBalance,
        Self::AccountsReceivable,
        Self::UnbilledReceivable,
        Self::DueFromEntities,
        Self::DueToEntities,
        Self::DeferredRevenue,
        Self::VatPayable,
        Self::CustomerCredit,
        Self::MembershipRevenue,
        Self::BookingRevenue,
        Self::ServiceRevenue,
        Self::Discounts,
        Self::Deposits,
        Self::Bank,
        Self::PrepaidCredit,
        Self::Breakage,
    ];
    /// The account's number in the chart.
    pub fn number(self) -> u16 {
        match self {
            Self::StripeBalance => 1360,
            Self::AccountsReceivable => 1400,
            Self::UnbilledReceivable => 1410,
            Self::DueFromEntities => 1480,
            Self::DueToEntities => 1680,
            Self::VatPayable => 1776,
            Self::DeferredRevenue => 1990,
            Self::CustomerCredit => 1710,
            Self::MembershipRevenue => 8400,
            Self::BookingRevenue => 8410,
            Self::ServiceRevenue => 8420,
            Self::Discounts => 8730,
            Self::Deposits => 1732,
            Self::Bank => 1200,
            Self::PrepaidCredit => 1718,
            Self::Breakage => 8430,
        }
    }
    /// Its place in a plain-text journal, under the five roots that hledger and beancount know.
    pub fn path(self) -> &'static str {
        match self {
            Self::StripeBalance => "Assets:Stripe",
            Self::AccountsReceivable => "Assets:Receivable",
            Self::UnbilledReceivable => "Assets:Unbilled",
            Self::DueFromEntities => "Assets:DueFromEntities",
            Self::DueToEntities => "Liabilities:DueToEntities",
            Self::DeferredRevenue => "Liabilities:DeferredRevenue",
            Self::VatPayable => "Liabilities:VAT",
            Self::CustomerCredit => "Liabilities:CustomerCredit",
            Self::MembershipRevenue => "Income:Memberships",
            Self::BookingRevenue => "Income:Bookings",
            Self::ServiceRevenue => "Income:Services",
            Self::Discounts => "Income:Discounts",
            Self::Deposits => "Liabilities:Deposits",
            Self::Bank => "Assets:Bank",
            Self::PrepaidCredit => "Liabilities:PrepaidCredit",
            Self::Breakage => "Income:Breakage",
        }
    }
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::StripeBalance => "Stripe balance",
            Self::AccountsReceivable => "Accounts receivable",
            Self::UnbilledReceivable => "Unbilled receivable",
            Self::DueFromEntities => "Due from other entities",
            Self::DueToEntities => "Due to other entities",
            Self::DeferredRevenue => "Deferred revenue",
            Self::VatPayable => "VAT payable",
            Self::CustomerCredit => "Customer credit",
            Self::MembershipRevenue => "Membership revenue",
            Self::BookingRevenue => "Booking revenue",
            Self::ServiceRevenue => "Service revenue",
            Self::Discounts => "Discounts",
            Self::Deposits => "Deposits held",
            Self::Bank => "Bank",
            Self::PrepaidCredit => "Prepaid credit",
            Self::Breakage => "Breakage",
        }
    }
}
