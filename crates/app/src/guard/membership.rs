//! `membership_guard`: whose membership it is, and whether it has ended.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode};
use coterie_domain::{LegalEntityId, MemberId, MembershipId, membership::MembershipEvent};
use coterie_eventlog::RecordedEvent;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Row {
    membership_id: MembershipId,
    member_id: MemberId,
    legal_entity_id: LegalEntityId,
    ended: bool,
}

#[derive(Default)]
pub(super) struct Memberships(BTreeMap<MembershipId, Row>);

impl Memberships {
    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        match decode(event)? {
            MembershipEvent::MembershipStarted(fact) => {
                let row = Row {
                    membership_id: fact.membership_id,
                    member_id: fact.member_id,
                    legal_entity_id: fact.legal_entity_id,
                    ended: false,
                };
                self.0.insert(fact.membership_id, row);
            }
            MembershipEvent::MembershipEnded(fact) => {
                if let Some(row) = self.0.get_mut(&fact.membership_id) {
                    row.ended = true;
                }
            }
            MembershipEvent::CycleOpened(_) | MembershipEvent::NoticeGiven(_) => {}
        }
        Ok(())
    }

    pub fn rows(&self, rows: &mut Rows) {
        for row in self.0.values() {
            rows.push("membership_guard", row);
        }
    }
}
