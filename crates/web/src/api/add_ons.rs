//! Add-ons: what goes beside plans, and what memberships have of it.

use coterie_app::{add_on, catalogue, membership};
use coterie_domain::{
    AddOnId, LegalEntityId, MembershipId, Refusal,
    add_on::{AddOn as Known, NewAddOn},
    catalogue::Catalogue,
    membership::Added,
    period::CycleLength,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    membership_changes::{MembershipChanged, carried},
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
    words::Money,
};
use crate::{failure::Failure, json::ApiJson};

#[derive(Debug, Serialize, ToSchema)]
pub struct AddOn {
    add_on_id: Uuid,
    legal_entity_id: Uuid,
    name: String,
    /// Of one of it for a cycle.
    price: Money,
    /// Whether the price is told with the tax in it.
    tax_included: bool,
    /// The cycle that the price is of: `week`, `month`, `quarter`, `year`, or `10 days`.
    cycle: String,
    tax_category: String,
    /// Whether members add and remove it themselves.
    self_service: bool,
    withdrawn: bool,
}

impl From<&Known> for AddOn {
    fn from(known: &Known) -> Self {
        let fact = &known.fact;
        Self {
            add_on_id: fact.add_on_id.0,
            legal_entity_id: fact.legal_entity_id.0,
            name: fact.name.clone(),
            price: fact.price.into(),
            tax_included: fact.tax_included,
            cycle: fact.length.to_string(),
            tax_category: fact.tax_category.clone(),
            self_service: fact.self_service,
            withdrawn: known.withdrawn,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefineAddOn {
    legal_entity_id: Uuid,
    name: String,
    price: Money,
    /// Whether the price has the tax in it. Left out, it is net.
    #[serde(default)]
    tax_included: bool,
    /// `week`, `month`, `quarter`, `year`, or a number of days such as `10 days`.
    #[serde(default = "monthly")]
    #[schema(example = "month")]
    cycle: String,
    tax_category: String,
    #[serde(default)]
    self_service: bool,
}

fn monthly() -> String {
    CycleLength::Month.to_string()
}

fn shown(catalogue: &Catalogue, id: AddOnId) -> Result<AddOn, Failure> {
    Ok(catalogue.add_on(id)?.into())
}

#[utoipa::path(post, path = "/v1/add_ons", tag = "catalogue", request_body = DefineAddOn,
    responses((status = 201, description = "Defined: memberships can have it from now on", body = AddOn)))]
pub async fn create(command: Command<DefineAddOn>) -> CommandAnswer<AddOn> {
    let (app, new) = (&command.house.app, command.body);
    let length =
        CycleLength::parse(&new.cycle).map_err(|sentence| Refusal::field("unknown_cycle", "cycle", sentence))?;
    let new = NewAddOn {
        legal_entity_id: LegalEntityId(new.legal_entity_id),
        name: new.name,
        price: new.price.into(),
        tax_included: new.tax_included,
        length,
        tax_category: new.tax_category,
        self_service: new.self_service,
    };
    let done = add_on::define(app, &command.caller, &new).await?;
    let catalogue = catalogue::read(app, command.caller.tenant).await?;
    let body = shown(&catalogue, done.outcome)?;
    Ok(Carried::created(&done, "/v1/add_ons".to_owned(), body))
}

#[utoipa::path(get, path = "/v1/add_ons", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "Add-ons by id", body = List<AddOn>)))]
pub async fn list(reading: Reading) -> Answer<List<AddOn>> {
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let all = catalogue.add_ons.values();
    Ok(List::by_id(
        &reading.page()?,
        all,
        |known| known.fact.add_on_id.0,
        AddOn::from,
    ))
}

#[utoipa::path(post, path = "/v1/add_ons/{add_on_id}/withdraw", tag = "catalogue", params(("add_on_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "Nobody adds it any more; memberships that have it keep it", body = AddOn)))]
pub async fn withdraw(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<AddOn> {
    let app = &command.house.app;
    let done = add_on::withdraw(app, &command.caller, AddOnId(id)).await?;
    let catalogue = catalogue::read(app, command.caller.tenant).await?;
    Ok(Carried::changed(&done, shown(&catalogue, AddOnId(id))?))
}

/// An add-on as a membership has it, or had it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedAddOn {
    add_on_id: Uuid,
    name: String,
    quantity: i64,
    /// Of one of it for a cycle.
    price: Money,
    /// Whether the price is told with the tax in it.
    tax_included: bool,
    from: Date,
    /// The first day without it; null while it was not removed.
    until: Option<Date>,
}

impl From<&Added> for AddedAddOn {
    fn from(added: &Added) -> Self {
        Self {
            add_on_id: added.fact.add_on_id.0,
            name: added.fact.name.clone(),
            quantity: added.fact.quantity,
            price: added.fact.price.into(),
            tax_included: added.fact.tax_included,
            from: added.fact.from,
            until: added.until,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MembershipAddOns {
    /// In the order in which they were added.
    add_ons: Vec<AddedAddOn>,
}

#[utoipa::path(get, path = "/v1/memberships/{membership_id}/add_ons", tag = "memberships", params(("membership_id" = Uuid, Path)),
    responses((status = 200, description = "What a membership has beside its plan, and had", body = MembershipAddOns)))]
pub async fn of_membership(Id(id): Id, reading: Reading) -> Answer<MembershipAddOns> {
    reading.settled(&[]).await?;
    let found = membership::agreement(reading.app(), reading.tenant(), MembershipId(id)).await?;
    let membership = found.ok_or_else(Failure::not_found)?;
    Ok(ApiJson(MembershipAddOns {
        add_ons: membership.add_ons.iter().map(AddedAddOn::from).collect(),
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskAddOn {
    add_on_id: Uuid,
    #[serde(default = "one")]
    #[schema(minimum = 1)]
    quantity: i64,
    /// Today unless said.
    from: Option<Date>,
}

fn one() -> i64 {
    1
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/add_ons", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = AskAddOn,
    responses((status = 200, description = "Added; the days of the open cycle are charged", body = MembershipChanged)))]
pub async fn add(Id(id): Id, command: Command<AskAddOn>) -> CommandAnswer<MembershipChanged> {
    let (app, ask) = (&command.house.app, command.body);
    let add_on = AddOnId(ask.add_on_id);
    let done = add_on::add(app, &command.caller, MembershipId(id), add_on, ask.quantity, ask.from).await?;
    Ok(carried(id, &done))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskRemoval {
    add_on_id: Uuid,
    /// The first day without it; today unless said.
    from: Option<Date>,
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/add_ons/remove", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = AskRemoval,
    responses((status = 200, description = "Removed; what was charged beyond it is given back", body = MembershipChanged)))]
pub async fn remove(Id(id): Id, command: Command<AskRemoval>) -> CommandAnswer<MembershipChanged> {
    let (app, ask) = (&command.house.app, command.body);
    let add_on = AddOnId(ask.add_on_id);
    let done = add_on::remove(app, &command.caller, MembershipId(id), add_on, ask.from).await?;
    Ok(carried(id, &done))
}
