use super::{CreditEvent, CreditGranted};

/// What is known of a lot of credit, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditLot {
    pub fact: CreditGranted,
    /// Minutes, passes or minor units.
    pub left: i64,
    /// What lapsed unused.
    pub expired: i64,
    /// Why staff gave it; none where a plan grants it.
    pub reason: Option<String>,
}

impl CreditLot {
    pub fn evolve(state: Option<Self>, event: CreditEvent) -> Option<Self> {
        let moved = |state: Option<Self>, amount: i64| {
            state.map(|lot| Self {
                left: lot.left + amount,
                ..lot
            })
        };
        match event {
            CreditEvent::CreditGranted(fact) => Some(Self {
                left: fact.amount,
                fact,
                expired: 0,
                reason: None,
            }),
            CreditEvent::CourtesyGranted(fact) => Some(Self {
                left: fact.minutes,
                fact: fact.lot(),
                expired: 0,
                reason: Some(fact.reason),
            }),
            CreditEvent::CreditUsed(fact) => moved(state, -fact.amount),
            CreditEvent::CreditRestored(fact) => moved(state, fact.amount),
            CreditEvent::CreditExpired(fact) => moved(state, -fact.amount).map(|lot| Self {
                expired: lot.expired + fact.amount,
                ..lot
            }),
        }
    }
}
