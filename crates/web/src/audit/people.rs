//! Who did it: the actor beside an event as a name.

use std::collections::{BTreeMap, BTreeSet};

use coterie_app::{
    App,
    log::page::{self as log, EventRow},
    member::page as members,
};
use serde_json::Value;
use uuid::Uuid;

use crate::failure::Failure;

/// Names that one page looks up at most; further actors are shown by their ids.
const MOST_NAMES: usize = 60;

/// Actors by the label that stands beside an event.
#[derive(Default)]
pub(crate) struct People(BTreeMap<String, String>);

impl People {
    /// Looks up everybody who acted in these events.
    pub(crate) async fn of<'a>(
        app: &App,
        tenant: Uuid,
        events: impl IntoIterator<Item = &'a EventRow>,
    ) -> Result<Self, Failure> {
        let actors: BTreeSet<&str> = events.into_iter().map(|event| event.actor.as_str()).collect();
        let mut names = BTreeMap::new();
        for actor in actors.into_iter().take(MOST_NAMES) {
            if let Some(name) = name(app, tenant, actor).await? {
                names.insert(actor.to_owned(), name);
            }
        }
        Ok(Self(names))
    }

    /// `Olga Owner (staff)`, `Ada Lovelace (member)`, `Coterie itself (alarms)`.
    pub(crate) fn who(&self, actor: &str) -> String {
        if let Some(name) = self.0.get(actor) {
            return name.clone();
        }
        match actor.split_once(':') {
            Some(("system", part)) => format!("Coterie itself ({part})"),
            Some(("key", id)) => format!("API key {id}"),
            Some((kind, id)) => format!("{kind} {id}"),
            None => actor.to_owned(),
        }
    }
}

async fn name(app: &App, tenant: Uuid, actor: &str) -> Result<Option<String>, Failure> {
    let Some((kind, id)) = actor.split_once(':') else {
        return Ok(None);
    };
    let Ok(id) = id.parse::<Uuid>() else { return Ok(None) };
    let name = match kind {
        "member" => members::find(app, tenant, id.into()).await?.map(|member| member.name),
        "staff" => staff_name(app, tenant, id).await?,
        _ => None,
    };
    Ok(name.map(|name| format!("{name} ({kind})")))
}

/// Staff have no read model: the log itself says who was added.
async fn staff_name(app: &App, tenant: Uuid, id: Uuid) -> Result<Option<String>, Failure> {
    let events = log::stream(app, tenant, id, 0).await?;
    let mut names = events
        .iter()
        .filter_map(|event| event.payload.get("name").and_then(Value::as_str));
    Ok(names.next().map(str::to_owned))
}
