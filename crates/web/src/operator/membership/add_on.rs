//! What a membership has beside its plan: added and removed by staff.

use axum::{extract::Path, response::Response};
use coterie_app::add_on;
use coterie_domain::{AddOnId, MembershipId};

use super::{
    super::{
        desk::Desk,
        form::{Form, beside},
        typed::{Typed, required},
    },
    Found, Ids, finish, until,
};
use crate::{
    components::{Choice, Field, Select},
    failure::Failure,
    form::Submitted,
    told,
};

/// `2 x Locker, from 1 Feb 2026 on`
pub(super) fn told(found: &Found) -> Vec<String> {
    let added = found.membership.add_ons.iter();
    added
        .filter(|added| added.until.is_none_or(|until| added.fact.from < until))
        .map(|added| {
            let days = until(added.fact.from, added.until);
            format!("{} x {}, {days}", added.fact.quantity, added.fact.name)
        })
        .collect()
}

/// What may be added; none where nothing goes with its plan.
pub(super) fn add_form(found: &Found) -> Option<Form> {
    let term = found.membership.term_on(found.today);
    let offered: Vec<Choice> = found
        .catalogue
        .add_ons
        .values()
        .filter(|known| {
            !known.withdrawn
                && known.fact.legal_entity_id == found.row.legal_entity_id
                && known.fact.length == term.length
        })
        .map(|known| {
            let fact = &known.fact;
            let price = told::price(fact.price, fact.tax_included);
            let label = format!("{}, {price} a {}", fact.name, fact.length);
            Choice::new(fact.add_on_id.to_string(), label)
        })
        .collect();
    (!offered.is_empty()).then(|| {
        Form::post(format!("{}/add-ons", found.here), "Add it").with(beside([
            Select::new("add_on_id", "Add-on", offered).into(),
            Field::number("quantity", "How many").value("1").into(),
            Field::date("add_on_from", "From").value(found.today.to_string()).into(),
        ]))
    })
}

/// What may be removed; none where nothing is there.
pub(super) fn remove_form(found: &Found) -> Option<Form> {
    let there: Vec<Choice> = found
        .membership
        .add_ons
        .iter()
        .filter(|added| added.until.is_none())
        .map(|added| Choice::new(added.fact.add_on_id.to_string(), &added.fact.name))
        .collect();
    (!there.is_empty()).then(|| {
        Form::post(format!("{}/add-ons/remove", found.here), "Remove it").with(beside([
            Select::new("removed_id", "Add-on", there).into(),
            Field::date("removed_from", "First day without it")
                .value(found.today.to_string())
                .into(),
        ]))
    })
}

/// The fields of the page's forms, by what a refusal calls them.
fn renamed(mut failure: Failure, names: &[(&str, &str)]) -> Failure {
    for field in &mut failure.fields {
        if let Some((_, shown)) = names.iter().find(|(name, _)| *name == field.field) {
            (*shown).clone_into(&mut field.field);
        }
    }
    failure
}

/// Adds it.
pub(in crate::operator) async fn add(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let outcome = async {
        let mut typed = Typed::new(&submitted);
        let id: Option<AddOnId> = typed.id("add_on_id");
        let quantity = typed.number("quantity", Some(1));
        let from = typed.date("add_on_from");
        typed.finish()?;
        let id = required(id, "add_on_id")?;
        let (app, membership) = (&desk.house.app, MembershipId(ids.1));
        let done = add_on::add(app, &desk.caller(), membership, id, quantity, from).await;
        done.map_err(|error| renamed(error.into(), &[("from", "add_on_from")]))
    };
    let outcome = outcome.await;
    finish(desk, ids, "add-ons", "It is added.", &submitted, outcome).await
}

/// Removes it.
pub(in crate::operator) async fn remove(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let outcome = async {
        let mut typed = Typed::new(&submitted);
        let id: Option<AddOnId> = typed.id("removed_id");
        let from = typed.date("removed_from");
        typed.finish()?;
        let id = required(id, "removed_id")?;
        let (app, membership) = (&desk.house.app, MembershipId(ids.1));
        let done = add_on::remove(app, &desk.caller(), membership, id, from).await;
        done.map_err(|error| renamed(error.into(), &[("from", "removed_from"), ("add_on_id", "removed_id")]))
    };
    let outcome = outcome.await;
    finish(desk, ids, "add-ons/remove", "It is removed.", &submitted, outcome).await
}
