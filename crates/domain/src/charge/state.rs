use super::{ChargeEvent, ChargeMade};

/// What is known of a charge, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    pub fact: ChargeMade,
    /// Why it is not to be invoiced, once it is voided.
    pub voided: Option<String>,
}

impl Charge {
    pub fn evolve(state: Option<Self>, event: ChargeEvent) -> Option<Self> {
        match event {
            ChargeEvent::ChargeMade(fact) => Some(Self { fact, voided: None }),
            ChargeEvent::ChargeVoided(fact) => state.map(|charge| Self {
                voided: Some(fact.reason),
                ..charge
            }),
        }
    }
}
