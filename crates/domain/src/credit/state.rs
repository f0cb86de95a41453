use super::{CreditEvent, CreditGranted, SoldPack};
use std::collections::BTreeMap;

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
    /// Where it was bought.
    pub pack: Option<SoldPack>,
}

impl CreditLot {
    fn new(fact: CreditGranted) -> Self {
        Self {
            left: fact.amount,
            fact,
            expired: 0,
            reason: None,
            pack: None,
        }
    }

    pub fn evolve(state: Option<Self>, event: CreditEvent) -> Option<Self> {
        let changed = |change: &dyn Fn(&mut Self)| {
            state.map(|mut lot| {
                change(&mut lot);
                lot
            })
        };
        match event {
            CreditEvent::CreditGranted(fact) => Some(Self::new(fact)),
            CreditEvent::CourtesyGranted(fact) => Some(Self {
                reason: Some(fact.reason.clone()),
                ..Self::new(fact.lot())
            }),
            CreditEvent::CreditPackBought(fact) => Some(Self {
                pack: Some(SoldPack {
                    value_left: fact.price.minor,
                    fact: fact.clone(),
                    uses: BTreeMap::new(),
                    taken_back: false,
                }),
                ..Self::new(fact.lot())
            }),
            CreditEvent::CreditUsed(fact) => changed(&|lot| {
                lot.left -= fact.amount;
                lot.sold(|pack| pack.used(fact.used_by, fact.earned));
            }),
            CreditEvent::CreditRestored(fact) => changed(&|lot| {
                lot.left += fact.amount;
                lot.sold(|pack| pack.restored(fact.used_by, fact.earned));
            }),
            CreditEvent::CreditExpired(fact) => changed(&|lot| {
                lot.left -= fact.amount;
                lot.expired += fact.amount;
                lot.sold(|pack| pack.value_left -= fact.earned.map_or(0, |earned| earned.amount.minor));
            }),
            CreditEvent::CreditPackTakenBack(fact) => changed(&|lot| {
                lot.left -= fact.amount;
                lot.sold(|pack| {
                    pack.value_left = 0;
                    pack.taken_back = true;
                });
            }),
        }
    }

    fn sold(&mut self, change: impl FnOnce(&mut SoldPack)) {
        if let Some(pack) = &mut self.pack {
            change(pack);
        }
    }
}
