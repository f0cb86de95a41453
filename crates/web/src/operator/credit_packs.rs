//! Packs of credits: what members buy ahead, and selling one to a member.

use axum::{extract::Path, response::Response};
use coterie_app::{
    credit_pack::{self, BuyPack},
    projections,
};
use coterie_domain::{
    CreditPackId, MemberId, Refusal, ResourceTypeId,
    catalogue::Catalogue,
    credit::Holds,
    credit_pack::{CreditPack, NewCreditPack, ValidFor},
};
use uuid::Uuid;

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    member_detail::{address, find},
    plan_form::minutes_of,
    sheet::{Html, Sheet},
    typed::{Typed, required},
};
use crate::{
    audit::links,
    components::{
        Badge, Checkbox, Choice, Column, DefinitionList, EmptyState, Field, Link, Money, Select, Table, Tone,
    },
    failure::Failure,
    form::Submitted,
    member::command,
};

pub(super) const HERE: &str = "/operator/credit-packs";
const NEW: &str = "/operator/credit-packs/new";
/// What the form sends where the pack is of no type of room.
const DAY_PASSES: &str = "day_passes";

/// All packs by name.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let columns = [
        Column::text("Name"),
        Column::text("Legal entity"),
        Column::text("Holds"),
        Column::number("Price, net"),
        Column::text("Valid for"),
        Column::text("Tax category"),
        Column::text("Bought by"),
        Column::text("State"),
    ];
    let mut table = Table::new("Packs", columns).empty(
        EmptyState::new(
            "No pack yet",
            "A pack is paid ahead and used bit by bit: ten hours of meeting room, five day passes.",
        )
        .action("Define a pack", NEW),
    );
    let mut all: Vec<_> = catalogue.credit_packs.values().collect();
    all.sort_by(|a, b| (a.withdrawn, &a.fact.name).cmp(&(b.withdrawn, &b.fact.name)));
    for known in all {
        let fact = &known.fact;
        table.push([
            Link::new(&fact.name, format!("{HERE}/{}", fact.credit_pack_id)).into(),
            catalogue.legal_entity(fact.legal_entity_id)?.fact.name.clone().into(),
            held(known, &catalogue).into(),
            Money::new(fact.price.minor, fact.price.currency.code()).into(),
            fact.valid_for.to_string().into(),
            fact.tax_category.clone().into(),
            who(fact.self_service).to_owned().into(),
            state(known.withdrawn).into(),
        ]);
    }
    Ok(Sheet::set_up(&desk, "Packs")
        .lead("Invoiced with their VAT when they are bought; what is not used is owed until it lapses. A price never changes: define another one.")
        .action("Define a pack", NEW)
        .part(&table)
        .show())
}

/// `10 h of Meeting room`, `5 day passes`.
pub(crate) fn held(known: &CreditPack, catalogue: &Catalogue) -> String {
    let fact = &known.fact;
    let told = fact.holds.told(fact.amount);
    let kind = fact
        .holds
        .resource_type()
        .and_then(|id| catalogue.resource_types.get(&id));
    match kind {
        Some(kind) => format!("{told} of {}", kind.name),
        None => told,
    }
}

fn who(self_service: bool) -> &'static str {
    if self_service { "members and staff" } else { "staff" }
}

fn state(withdrawn: bool) -> Badge {
    if withdrawn {
        Badge::new(Tone::Neutral, "Withdrawn")
    } else {
        Badge::new(Tone::Good, "On offer")
    }
}

/// One of them, and the way to withdraw it.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let known = catalogue.credit_pack(CreditPackId(id))?;
    let fact = &known.fact;
    let facts = DefinitionList::new()
        .item("State", state(known.withdrawn))
        .item("Holds", held(known, &catalogue))
        .item("Price, net", Money::new(fact.price.minor, fact.price.currency.code()))
        .item("Valid for", fact.valid_for.to_string())
        .item("Used at", format!("the company's houses in {}", fact.country))
        .item("Bought by", who(fact.self_service));
    let sheet = Sheet::set_up(&desk, &fact.name)
        .back("Packs", HERE)
        .history(links::stream(id))
        .card("facts", "Pack", &[Html::of(&facts)]);
    if known.withdrawn {
        return Ok(sheet.show());
    }
    let form = Form::post(format!("{HERE}/{id}/withdraw"), "Withdraw it").danger();
    let remark = Html::text("Nobody can buy it any more. What was bought stays as it is.");
    Ok(sheet.card("withdraw", "Withdraw", &[remark, Html::of(&form)]).show())
}

/// Takes it off the offer.
pub(super) async fn withdraw(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let here = format!("{HERE}/{id}");
    let attempt = credit_pack::withdraw(&desk.house.app, &desk.caller(), CreditPackId(id)).await;
    match attempt.map_err(Failure::from) {
        Ok(done) => Ok(desk.done(done.position, "The pack is withdrawn.", &here)),
        // An unknown one is no wrong field, for nobody typed it: there is nothing at this address.
        Err(failure) if !failure.fields.is_empty() => Err(failure),
        Err(failure) => desk.refused(failure, &here),
    }
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    let form = form(&*desk.catalogue().await?);
    Ok(sheet(&desk, &form).show())
}

/// Defines one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(position) => Ok(desk.done(position, "The pack is defined.", HERE)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form(&*desk.catalogue().await?).refused(&submitted, &failure);
            Ok(sheet(&desk, &form).show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<i64, Failure> {
    let catalogue = desk.catalogue().await?;
    let mut typed = Typed::new(submitted);
    let entity = typed.id("legal_entity_id");
    let currency = match entity {
        Some(entity) => Some(catalogue.legal_entity(entity)?.fact.currency),
        None => None,
    };
    let price = typed.money("price", currency);
    // Nothing chosen is not day passes: they are a choice of their own.
    let kind: Option<ResourceTypeId> = match submitted.get("holds") {
        DAY_PASSES => None,
        _ => typed.id("holds"),
    };
    let amount = submitted.get("amount").trim();
    let amount = match kind {
        Some(_) => minutes_of(amount),
        None => amount.parse().ok(),
    };
    if amount.is_none() {
        typed.wrong(
            "amount",
            "Please write how many: hours such as 10 or 2.5, or whole day passes.",
        );
    }
    typed.finish()?;
    let valid_for = ValidFor::parse(submitted.get("valid_for"))
        .map_err(|sentence| Refusal::field("unknown_validity", "valid_for", sentence))?;
    let new = NewCreditPack {
        legal_entity_id: required(entity, "legal_entity_id")?,
        name: submitted.get("name").to_owned(),
        holds: kind.map_or(Holds::DayPasses, |resource_type_id| Holds::Minutes { resource_type_id }),
        amount: required(amount, "amount")?,
        price: required(price, "price")?,
        tax_category: submitted.get("tax_category").to_owned(),
        valid_for,
        self_service: submitted.has("self_service"),
    };
    let done = credit_pack::define(&desk.house.app, &desk.caller(), &new).await?;
    Ok(done.position)
}

fn form(catalogue: &Catalogue) -> Form {
    let (category, suggestions) = choices::category_field("tax_category", catalogue);
    let mut kinds = choices::type_choices(catalogue);
    kinds.push(Choice::new(DAY_PASSES, "Day passes"));
    Form::post(HERE, "Define this pack")
        .cancel(HERE)
        .with(choices::entity_select(catalogue))
        .with(
            Field::text("name", "Name")
                .hint("As it stands on invoices: 10 hours of meeting room.")
                .attribute("maxlength", "120"),
        )
        .with(beside([
            Select::new("holds", "Hours of, or day passes", kinds).into(),
            Field::text("amount", "How many")
                .hint("Hours such as 10 or 2.5, or day passes.")
                .attribute("inputmode", "decimal")
                .into(),
        ]))
        .with(beside([
            Field::text("price", "Price of the pack, net")
                .attribute("inputmode", "decimal")
                .into(),
            Field::text("valid_for", "Valid for")
                .value("6 months")
                .hint("From the day it is bought: 6 months or 90 days.")
                .into(),
        ]))
        .with(category)
        .with(suggestions)
        .with(Checkbox::new("self_service", "Members buy it themselves"))
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "Define a pack").back("Packs", HERE).part(form)
}

/// Which pack to sell her.
pub(super) async fn sell(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    Ok(sell_sheet(&desk, id, None).await?.show())
}

async fn sell_sheet(desk: &Desk, id: Uuid, refused: Option<(&Submitted, &Failure)>) -> Result<Sheet, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let member = find(desk, id).await?;
    let catalogue = desk.catalogue().await?;
    let sheet = Sheet::people(desk, "Sell her a pack").back(&member.name, address(id));
    let mut offered: Vec<_> = catalogue.credit_packs.values().filter(|pack| !pack.withdrawn).collect();
    offered.sort_by(|a, b| a.fact.name.cmp(&b.fact.name));
    if offered.is_empty() {
        let none = EmptyState::new("No pack on offer", "Define one first; it is sold from then on.");
        return Ok(sheet.part(&none.action("Define a pack", NEW)));
    }
    let choices = offered.into_iter().map(|pack| {
        let fact = &pack.fact;
        let price = Money::new(fact.price.minor, fact.price.currency.code()).text();
        let label = format!(
            "{}: {}, {price} plus VAT, valid {}",
            fact.name,
            held(pack, &catalogue),
            fact.valid_for
        );
        Choice::new(fact.credit_pack_id.to_string(), label)
    });
    let form = Form::post(format!("{}/credit-packs", address(id)), "Sell it")
        .cancel(address(id))
        .with(Select::new("credit_pack_id", "Pack", choices))
        .with(command::token());
    let form = match refused {
        Some((submitted, failure)) => form.refused(submitted, failure),
        None => form,
    };
    Ok(sheet
        .lead("It is invoiced at once to whoever pays for her, and her bookings draw on it from then on.")
        .part(&form))
}

/// Sells it to her: once, however often the button was pressed.
pub(super) async fn sold(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    find(&desk, id).await?;
    let mut typed = Typed::new(&submitted);
    let pack: Option<CreditPackId> = typed.id("credit_pack_id");
    let attempt = async {
        typed.finish()?;
        let credit_pack_id = required(pack, "credit_pack_id")?;
        let caller = command::keyed(desk.caller(), &submitted, &format!("sell-pack:{id}:{credit_pack_id}"));
        let wish = BuyPack {
            member_id: MemberId(id),
            credit_pack_id,
        };
        Ok::<_, Failure>(credit_pack::buy(&desk.house.app, &caller, wish).await?.position)
    };
    match attempt.await {
        Ok(position) => Ok(desk.done(position, "The pack is hers.", &address(id))),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let sheet = sell_sheet(&desk, id, Some((&submitted, &failure))).await?;
            Ok(sheet.show_with(failure.status))
        }
    }
}
