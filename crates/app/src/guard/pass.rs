//! `pass_day` and `pass_guard`: who has a pass of a day, and how many are sold of each day of which one ever was.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{
    LocationId, PassId,
    pass::{PassBought, PassEvent},
};
use coterie_eventlog::RecordedEvent;
use jiff::civil::Date;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Passes {
    held: BTreeMap<PassId, PassBought>,
    sold: BTreeMap<(LocationId, Date), i32>,
}

impl Passes {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        match decode(event)? {
            PassEvent::PassBought(fact) => {
                *self.sold.entry((fact.location_id, fact.day)).or_default() += 1;
                self.held.insert(fact.pass_id, fact);
            }
            PassEvent::PassGivenBack(fact) => {
                if let Some(pass) = self.held.remove(&fact.pass_id) {
                    *self.sold.entry((pass.location_id, pass.day)).or_default() -= 1;
                }
            }
        }
        Ok(())
    }

    pub fn rows(&self, rows: &mut Rows) {
        for ((location, day), sold) in &self.sold {
            rows.push(
                "pass_day",
                &json!({ "location_id": location, "day": day, "sold": sold }),
            );
        }
        for (id, fact) in &self.held {
            rows.push(
                "pass_guard",
                &json!({
                    "pass_id": id,
                    "location_id": fact.location_id,
                    "day": fact.day,
                    "member_id": fact.member_id,
                }),
            );
        }
    }
}
