//! Who did it: the actor beside an event as a name, and the members that events are about.

use std::collections::{BTreeMap, BTreeSet};

use coterie_app::{
    App,
    log::{member as members, page::EventRow},
    organization,
};
use serde_json::Value;
use uuid::Uuid;

use super::links;
use crate::{components::Link, failure::Failure};

/// Members that one page looks up at most; further ones are shown by their ids.
const MOST_NAMES: usize = 200;

/// Actors by the label that stands beside an event, and members by their ids.
#[derive(Default)]
pub(crate) struct People {
    actors: BTreeMap<String, String>,
    members: BTreeMap<Uuid, String>,
}

impl People {
    /// Looks up everybody who acted in these events or whom they name.
    pub(crate) async fn of<'a>(
        app: &App,
        tenant: Uuid,
        events: impl IntoIterator<Item = &'a EventRow>,
    ) -> Result<Self, Failure> {
        let mut labels = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for event in events {
            labels.insert(event.actor.as_str());
            ids.extend(named_in(&event.payload));
        }
        let by_kind = |kind: &'static str| {
            let ids = labels
                .iter()
                .filter_map(move |label| label.strip_prefix(kind)?.strip_prefix(':'));
            ids.filter_map(|id| id.parse::<Uuid>().ok())
        };
        ids.extend(by_kind("member"));
        let ids: Vec<Uuid> = ids.into_iter().take(MOST_NAMES).collect();
        let members = members::names(app, tenant, &ids).await?;
        let mut actors: BTreeMap<String, String> = members
            .iter()
            .map(|(id, name)| (format!("member:{id}"), format!("{name} (member)")))
            .collect();
        if by_kind("staff").next().is_some() {
            for person in organization::staff(app, tenant).await? {
                let who = format!("{} (staff, {})", person.name, person.role.name());
                actors.insert(format!("staff:{}", person.staff_id), who);
            }
        }
        if by_kind("key").next().is_some() {
            for key in organization::api_keys(app, tenant).await? {
                let who = format!("API key {} ({})", key.key_id, key.role.name());
                actors.insert(format!("key:{}", key.key_id), who);
            }
        }
        Ok(Self { actors, members })
    }

    /// The members that are known here.
    pub(super) fn members(&self) -> impl Iterator<Item = (Uuid, &str)> {
        self.members.iter().map(|(id, name)| (*id, name.as_str()))
    }

    /// `Olga Owner (staff, owner)`, `Ada Lovelace (member)`, `Coterie itself (alarm)`.
    pub(crate) fn who(&self, actor: &str) -> String {
        if let Some(name) = self.actors.get(actor) {
            return name.clone();
        }
        match actor.split_once(':') {
            Some(("system", "import")) => "An import".to_owned(),
            Some(("system", part)) => format!("Coterie itself ({})", part.replace('_', " ")),
            Some(("key", id)) => format!("API key {id}"),
            Some((kind, id)) => format!("{kind} {id}"),
            None => actor.to_owned(),
        }
    }

    /// The same, leading to everything that the actor did.
    pub(super) fn link(&self, actor: &str) -> Link {
        Link::new(self.who(actor), links::actor(actor))
    }
}

/// The members that a payload names.
fn named_in(payload: &Value) -> impl Iterator<Item = Uuid> {
    let id = |value: Option<&Value>| value?.as_str()?.parse::<Uuid>().ok();
    let payer = id(payload.get("payer").and_then(|payer| payer.get("member")));
    [id(payload.get("member_id")), payer].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_no_person_is_told_as_what_it_is() {
        let people = People::default();
        assert_eq!(people.who("system:pay_page"), "Coterie itself (pay page)");
        assert_eq!(people.who("system:import"), "An import");
        assert_eq!(people.who("key:7"), "API key 7");
        assert_eq!(people.who("member:7"), "member 7");
        assert_eq!(people.link("system:alarm").href, "/log?actor=system%3Aalarm");
    }
}
