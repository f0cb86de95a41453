//! Everything that happens by time is a row that says when it is due by the organization's clock. Firing decides again
//! with `now` = the due time, so that it is the same whenever it is done.

mod fire;

pub use fire::*;

/// What an alarm is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A membership's cycle is over.
    CycleEnd,
    /// A membership's billing day.
    Bill,
    /// A month of an invoice's recurring lines is over.
    EarnRevenue,
    /// A declined invoice is tried again.
    RetryPayment,
    /// The legal years of a legal entity's documents are over.
    RetentionEnd,
    /// A hold or a request is over.
    HoldEnd,
    /// Somebody should have checked in for a booking.
    CheckInEnd,
    /// The time that somebody waits for has come.
    WaitlistEnd,
    /// The days of a pack of credits are over.
    CreditEnd,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::CycleEnd,
        Self::Bill,
        Self::EarnRevenue,
        Self::RetryPayment,
        Self::RetentionEnd,
        Self::HoldEnd,
        Self::CheckInEnd,
        Self::WaitlistEnd,
        Self::CreditEnd,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::CycleEnd => "cycle_end",
            Self::Bill => "bill",
            Self::EarnRevenue => "earn_revenue",
            Self::RetryPayment => "retry_payment",
            Self::RetentionEnd => "retention_end",
            Self::HoldEnd => "hold_end",
            Self::CheckInEnd => "check_in_end",
            Self::WaitlistEnd => "waitlist_end",
            Self::CreditEnd => "credit_end",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
    /// Order of what is due at one instant: all cycles open before the first invoice is issued.
    pub fn rank(self) -> i16 {
        match self {
            Self::CycleEnd => 10,
            Self::Bill => 20,
            Self::EarnRevenue => 30,
            Self::RetryPayment => 40,
            Self::RetentionEnd => 50,
            Self::HoldEnd => 60,
            Self::CheckInEnd => 70,
            Self::WaitlistEnd => 80,
            Self::CreditEnd => 90,
        }
    }
}
