use super::{CreditEvent, CreditGranted};

/// What is known of a lot of credit, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditLot {
    pub fact: CreditGranted,
    pub minutes_left: i64,
    /// Unused minutes that lapsed.
    pub minutes_expired: i64,
    /// Why staff gave it; none where a plan grants it.
    pub reason: Option<String>,
}

impl CreditLot {
    pub fn evolve(state: Option<Self>, event: CreditEvent) -> Option<Self> {
        let moved = |state: Option<Self>, minutes: i64| {
            state.map(|lot| Self {
                minutes_left: lot.minutes_left + minutes,
                ..lot
            })
        };
        match event {
            CreditEvent::CreditGranted(fact) => Some(Self {
                minutes_left: fact.minutes,
                fact,
                minutes_expired: 0,
                reason: None,
            }),
            CreditEvent::CourtesyGranted(fact) => Some(Self {
                minutes_left: fact.minutes,
                fact: fact.lot(),
                minutes_expired: 0,
                reason: Some(fact.reason),
            }),
            CreditEvent::CreditUsed(fact) => moved(state, -fact.minutes),
            CreditEvent::CreditRestored(fact) => moved(state, fact.minutes),
            CreditEvent::CreditExpired(fact) => moved(state, -fact.minutes).map(|lot| Self {
                minutes_expired: lot.minutes_expired + fact.minutes,
                ..lot
            }),
        }
    }
}
