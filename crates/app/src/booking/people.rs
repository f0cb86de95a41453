//! Who books, as far as a decision asks: a member without her name, and the memberships that she may use. Folded once per
//! version of their streams, which have seats and splits too, and kept, as the catalogue is; whether a version is still the last,
//! and which memberships they are, says the database, under the time's lock.

use super::take::Taken;
use crate::{Operation, UseCaseError, member};
use coterie_domain::{
    MemberId,
    catalogue::Catalogue,
    member::{Member, MemberEvent},
    membership::{Membership, MembershipEvent},
};
use jiff::civil::Date;
use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};
use uuid::Uuid;

/// The most members that are kept; whoever comes beyond them begins anew.
const KEPT: usize = 10_000;

/// Members by organization and id, each with the versions that she was folded from.
#[derive(Clone, Default)]
pub struct PeopleCache(Arc<RwLock<HashMap<(Uuid, MemberId), Known>>>);

type Known = (Vec<i64>, Arc<Person>);

/// A member without her name, and the memberships that she may use, by their ids: which one counts says
/// [`used_for`](coterie_domain::membership::used_for).
pub(super) struct Person {
    pub member: Member,
    pub memberships: Vec<Membership>,
}

impl Person {
    /// Whether a catalogue has the plans of all memberships of a day.
    pub fn known_to(&self, catalogue: &Catalogue, day: Date) -> bool {
        let mut of_the_day = self.memberships.iter().filter(|membership| membership.active_on(day));
        of_the_day.all(|membership| catalogue.plan_version(membership.term_on(day).plan_version_id).is_ok())
    }
}

impl PeopleCache {
    fn get(&self, key: (Uuid, MemberId), versions: &[i64], memberships: &[Uuid]) -> Option<Arc<Person>> {
        let map = self.0.read().ok()?;
        let (known, person) = map.get(&key)?;
        let same = person.memberships.iter().map(|one| one.fact.membership_id.0);
        (known == versions && same.eq(memberships.iter().copied())).then(|| Arc::clone(person))
    }
    fn put(&self, key: (Uuid, MemberId), versions: Vec<i64>, person: &Arc<Person>) {
        if let Ok(mut map) = self.0.write() {
            if map.len() >= KEPT {
                map.clear();
            }
            map.insert(key, (versions, Arc::clone(person)));
        }
    }
}

/// Whoever books a time that was taken for her.
///
/// # Errors
/// `NotFound` for an unknown member, a refusal for one who was forgotten; when the database fails.
pub(super) async fn who_books(op: &mut Operation, id: MemberId, taken: &Taken) -> Result<Arc<Person>, UseCaseError> {
    let (key, people) = ((op.tenant(), id), op.app().people.clone());
    // What this operation has decided and not yet appended is in no version.
    let recorded = op.is_empty();
    if recorded && let Some(person) = people.get(key, &taken.versions, &taken.memberships) {
        return Ok(person);
    }
    let streams: Vec<Uuid> = std::iter::once(id.0).chain(taken.memberships.iter().copied()).collect();
    let events = op.read_unnamed(&streams).await?;
    let found = op.fold::<MemberEvent, Member>(&events, id.0, Member::evolve)?;
    let (member, version) = member::there(found)?;
    let (mut memberships, mut versions) = (Vec::new(), vec![version]);
    for id in &taken.memberships {
        let found = op.fold::<MembershipEvent, Membership>(&events, *id, Membership::evolve)?;
        let (found, version) = found.ok_or(UseCaseError::NotFound)?;
        memberships.push(found);
        versions.push(version);
    }
    let person = Arc::new(Person { member, memberships });
    if recorded {
        people.put(key, versions, &person);
    }
    Ok(person)
}
