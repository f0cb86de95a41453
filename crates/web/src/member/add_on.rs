//! What a member has beside her plan: she adds and removes what is hers to choose.

use axum::{extract::Path, response::Response};
use coterie_app::add_on;
use coterie_domain::{AddOnId, MembershipId, Refusal};

use super::{
    id,
    membership::{Mine, Request},
    when,
};
use crate::{
    components::{Choice, Field, Select},
    failure::Failure,
    form::Submitted,
    told,
};

/// What she has or will have, in sentences.
pub(super) fn told(mine: &Mine) -> Vec<String> {
    let added = mine.membership.add_ons.iter();
    added
        .filter(|added| {
            added
                .until
                .is_none_or(|until| mine.today < until && added.fact.from < until)
        })
        .map(|added| {
            let fact = &added.fact;
            let price = told::price(added.price(), fact.tax_included);
            let until = added.until.and_then(|until| until.yesterday().ok());
            let days = match until {
                Some(last) => format!("until {}", when::date(last)),
                None => format!("from {}", when::date(fact.from)),
            };
            format!("{} x {}, {price} a {}, {days}", fact.quantity, fact.name, fact.length)
        })
        .collect()
}

/// What she may add; none where nothing is hers to choose.
pub(super) fn add_fields(mine: &Mine) -> Option<(Select, Field)> {
    let term = mine.membership.term_on(mine.today);
    let has = |id: AddOnId| {
        let mut added = mine.membership.add_ons.iter();
        added.any(|added| added.fact.add_on_id == id && added.until.is_none())
    };
    let offered: Vec<Choice> = mine
        .catalogue
        .add_ons
        .values()
        .filter(|known| {
            let fact = &known.fact;
            fact.self_service
                && !known.withdrawn
                && fact.legal_entity_id == mine.membership.fact.legal_entity_id
                && fact.length == term.length
                && !has(fact.add_on_id)
        })
        .map(|known| {
            let fact = &known.fact;
            let price = told::price(fact.price, fact.tax_included);
            let label = format!("{}, {price} a {}", fact.name, fact.length);
            Choice::new(fact.add_on_id.to_string(), label)
        })
        .collect();
    (!offered.is_empty()).then(|| {
        (
            Select::new("add_on_id", "Add-on", offered),
            Field::number("quantity", "How many").value("1"),
        )
    })
}

/// What she may remove; none where nothing is hers to choose.
pub(super) fn removable(mine: &Mine) -> Option<Select> {
    let there: Vec<Choice> = mine
        .membership
        .add_ons
        .iter()
        .filter(|added| added.until.is_none())
        .filter(|added| {
            let known = mine.catalogue.add_on(added.fact.add_on_id);
            known.is_ok_and(|known| known.fact.self_service)
        })
        .map(|added| Choice::new(added.fact.add_on_id.to_string(), &added.fact.name))
        .collect();
    (!there.is_empty()).then(|| Select::new("removed_id", "Which one", there))
}

fn chosen(submitted: &Submitted, field: &str) -> Result<AddOnId, Refusal> {
    let text = submitted.get(field).trim();
    text.parse()
        .map_err(|_| Refusal::field("no_add_on", field, "Please choose one from the list."))
}

pub(super) async fn add(
    request: Request,
    Path(membership): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let membership: MembershipId = id(&membership)?;
    let quantity = submitted.get("quantity").trim().parse::<i64>();
    let wanted = chosen(&submitted, "add_on_id").and_then(|add_on| match quantity {
        Ok(quantity) => Ok((add_on, quantity)),
        Err(_) => Err(Refusal::field("no_number", "quantity", "Please write a whole number.")),
    });
    let outcome = match wanted {
        Ok((add_on, quantity)) => {
            let caller = request.caller(&submitted, &format!("add-on:{membership}:{add_on}:{quantity}"));
            add_on::add(&request.house.app, &caller, membership, add_on, quantity, None).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    request.finish(membership, "It is added.", &submitted, outcome).await
}

pub(super) async fn remove(
    request: Request,
    Path(membership): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let membership: MembershipId = id(&membership)?;
    let outcome = match chosen(&submitted, "removed_id") {
        Ok(add_on) => {
            let caller = request.caller(&submitted, &format!("add-on:{membership}:{add_on}:removed"));
            add_on::remove(&request.house.app, &caller, membership, add_on, None).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    request.finish(membership, "It is removed.", &submitted, outcome).await
}
