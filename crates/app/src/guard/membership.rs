//! `membership_guard`: whose membership it is, and whether it has ended. `billed_days`: which of its days stand charged.
//! `membership_seat`: who uses it beside its holder.

use super::shadow::Rows;
use crate::{UseCaseError, membership::billed, operation::decode};
use coterie_domain::{
    LegalEntityId, MemberId, MembershipId,
    membership::{Membership, MembershipEvent},
};
use coterie_eventlog::RecordedEvent;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Serialize)]
struct Row {
    membership_id: MembershipId,
    member_id: MemberId,
    legal_entity_id: LegalEntityId,
    ended: bool,
}

#[derive(Serialize)]
struct Billed {
    membership_id: MembershipId,
    add_on_id: Uuid,
    first_day: Date,
    end_day: Date,
}

#[derive(Serialize)]
struct Seated {
    membership_id: MembershipId,
    member_id: MemberId,
    first_day: Date,
    end_day: Option<Date>,
}

#[derive(Default)]
pub(super) struct Memberships {
    guards: BTreeMap<MembershipId, Row>,
    states: BTreeMap<MembershipId, Membership>,
}

impl Memberships {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let id = MembershipId(event.stream_id);
        let fact: MembershipEvent = decode(event)?;
        match &fact {
            MembershipEvent::MembershipStarted(fact) => {
                let row = Row {
                    membership_id: fact.membership_id,
                    member_id: fact.member_id,
                    legal_entity_id: fact.legal_entity_id,
                    ended: false,
                };
                self.guards.insert(id, row);
            }
            MembershipEvent::MembershipEnded(_) => {
                if let Some(row) = self.guards.get_mut(&id) {
                    row.ended = true;
                }
            }
            _ => {}
        }
        if let Some(next) = Membership::evolve(self.states.remove(&id), fact) {
            self.states.insert(id, next);
        }
        Ok(())
    }

    pub fn rows(&self, rows: &mut Rows) {
        for row in self.guards.values() {
            rows.push("membership_guard", row);
        }
        for (id, membership) in &self.states {
            for stretch in &membership.billed {
                let row = Billed {
                    membership_id: *id,
                    add_on_id: billed::key_of(stretch),
                    first_day: stretch.days.start,
                    end_day: stretch.days.end,
                };
                rows.push("billed_days", &row);
            }
            for seat in &membership.seats {
                let row = Seated {
                    membership_id: *id,
                    member_id: seat.member_id,
                    first_day: seat.from,
                    end_day: seat.until,
                };
                rows.push("membership_seat", &row);
            }
        }
    }
}
