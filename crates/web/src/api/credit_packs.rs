//! Packs of credits: what is on offer, buying one, and what members bought.

use coterie_app::{
    catalogue,
    credit_pack::{
        self, BuyPack,
        page::{PackRow, of_member},
    },
};
use coterie_domain::{
    CreditPackId, LegalEntityId, MemberId, Refusal, ResourceTypeId,
    catalogue::Catalogue,
    credit::Holds,
    credit_pack::{CreditPack as Known, NewCreditPack, ValidFor},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
    words::Money,
};
use crate::failure::Failure;

#[derive(Debug, Serialize, ToSchema)]
pub struct CreditPack {
    credit_pack_id: Uuid,
    legal_entity_id: Uuid,
    name: String,
    /// `minutes` or `day_passes`.
    #[schema(example = "minutes")]
    holds: &'static str,
    /// Of minutes.
    resource_type_id: Option<Uuid>,
    /// Minutes or passes.
    amount: i64,
    /// Net, of the whole pack.
    price: Money,
    tax_category: String,
    /// Where it can be used: ISO 3166.
    country: String,
    /// From the purchase on: `6 months`, `90 days`.
    #[schema(example = "6 months")]
    valid_for: String,
    /// Whether members buy it themselves.
    self_service: bool,
    withdrawn: bool,
}

impl From<&Known> for CreditPack {
    fn from(known: &Known) -> Self {
        let fact = &known.fact;
        Self {
            credit_pack_id: fact.credit_pack_id.0,
            legal_entity_id: fact.legal_entity_id.0,
            name: fact.name.clone(),
            holds: fact.holds.name(),
            resource_type_id: fact.holds.resource_type().map(|id| id.0),
            amount: fact.amount,
            price: fact.price.into(),
            tax_category: fact.tax_category.clone(),
            country: fact.country.clone(),
            valid_for: fact.valid_for.to_string(),
            self_service: fact.self_service,
            withdrawn: known.withdrawn,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefineCreditPack {
    legal_entity_id: Uuid,
    name: String,
    /// The pack is of minutes of this type; of day passes where it is left out.
    resource_type_id: Option<Uuid>,
    /// Minutes or passes.
    #[schema(minimum = 1)]
    amount: i64,
    /// Net, of the whole pack.
    price: Money,
    tax_category: String,
    /// `6 months`, `90 days`.
    #[schema(example = "6 months")]
    valid_for: String,
    #[serde(default)]
    self_service: bool,
}

fn shown(catalogue: &Catalogue, id: CreditPackId) -> Result<CreditPack, Failure> {
    Ok(catalogue.credit_pack(id)?.into())
}

#[utoipa::path(post, path = "/v1/credit_packs", tag = "catalogue", request_body = DefineCreditPack,
    responses((status = 201, description = "Defined: it is sold from now on", body = CreditPack)))]
pub async fn create(command: Command<DefineCreditPack>) -> CommandAnswer<CreditPack> {
    let (app, new) = (&command.house.app, command.body);
    let valid_for = ValidFor::parse(&new.valid_for)
        .map_err(|sentence| Refusal::field("unknown_validity", "valid_for", sentence))?;
    let new = NewCreditPack {
        legal_entity_id: LegalEntityId(new.legal_entity_id),
        name: new.name,
        holds: new.resource_type_id.map_or(Holds::DayPasses, |id| Holds::Minutes {
            resource_type_id: ResourceTypeId(id),
        }),
        amount: new.amount,
        price: new.price.into(),
        tax_category: new.tax_category,
        valid_for,
        self_service: new.self_service,
    };
    let done = credit_pack::define(app, &command.caller, &new).await?;
    let catalogue = catalogue::read(app, command.caller.tenant).await?;
    let body = shown(&catalogue, done.outcome)?;
    Ok(Carried::created(&done, "/v1/credit_packs".to_owned(), body))
}

#[utoipa::path(get, path = "/v1/credit_packs", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "Packs by id", body = List<CreditPack>)))]
pub async fn list(reading: Reading) -> Answer<List<CreditPack>> {
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let all = catalogue.credit_packs.values();
    Ok(List::by_id(
        &reading.page()?,
        all,
        |known| known.fact.credit_pack_id.0,
        CreditPack::from,
    ))
}

#[utoipa::path(post, path = "/v1/credit_packs/{credit_pack_id}/withdraw", tag = "catalogue", params(("credit_pack_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "Nobody buys it any more; what was bought stays", body = CreditPack)))]
pub async fn withdraw(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<CreditPack> {
    let app = &command.house.app;
    let done = credit_pack::withdraw(app, &command.caller, CreditPackId(id)).await?;
    let catalogue = catalogue::read(app, command.caller.tenant).await?;
    Ok(Carried::changed(&done, shown(&catalogue, CreditPackId(id))?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuyCreditPack {
    member_id: Uuid,
}

/// A pack that a member bought.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoughtPack {
    lot_id: Uuid,
    credit_pack_id: Uuid,
    member_id: Uuid,
    /// The membership by which it was bought.
    membership_id: Uuid,
    legal_entity_id: Uuid,
    charge_id: Uuid,
    name: String,
    /// `minutes` or `day_passes`.
    #[schema(example = "minutes")]
    holds: &'static str,
    /// Of minutes.
    resource_type_id: Option<Uuid>,
    /// Minutes or passes.
    amount: i64,
    left: i64,
    /// What lapsed unused.
    expired: i64,
    /// Net, of the whole pack.
    price: Money,
    /// Of the price, what is not earned: what is owed for it.
    value_left: Money,
    valid_from: Timestamp,
    /// What starts before draws on it.
    valid_until: Timestamp,
    /// The last day of it, where it was sold.
    last_day: Date,
    /// `open`, `used_up`, `lapsed` or `taken_back`.
    state: &'static str,
}

impl From<PackRow> for BoughtPack {
    fn from(row: PackRow) -> Self {
        let fact = row.fact;
        Self {
            lot_id: fact.lot_id.0,
            credit_pack_id: fact.credit_pack_id.0,
            member_id: fact.member_id.0,
            membership_id: fact.membership_id.0,
            legal_entity_id: fact.legal_entity_id.0,
            charge_id: fact.charge_id.0,
            name: fact.name,
            holds: fact.holds.name(),
            resource_type_id: fact.holds.resource_type().map(|id| id.0),
            amount: fact.amount,
            left: row.left,
            expired: row.expired,
            price: fact.price.into(),
            value_left: coterie_domain::Money::new(row.value_left_minor, fact.price.currency).into(),
            valid_from: fact.valid_from,
            valid_until: fact.valid_until,
            last_day: fact.last_day,
            state: row.state.name(),
        }
    }
}

/// The pack, and the invoices that took its charge.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackPurchase {
    pack: BoughtPack,
    /// None where its payer has more to come than it costs: then it waits for the next invoice.
    invoice_ids: Vec<Uuid>,
}

#[utoipa::path(post, path = "/v1/credit_packs/{credit_pack_id}/buy", tag = "catalogue", params(("credit_pack_id" = Uuid, Path)), request_body = BuyCreditPack,
    responses((status = 201, description = "Bought and invoiced: her bookings draw on it from now on", body = PackPurchase),
        (status = 409, description = "It is withdrawn, or she has no membership with the company that sells it")))]
pub async fn buy(Id(id): Id, command: Command<BuyCreditPack>) -> CommandAnswer<PackPurchase> {
    let app = &command.house.app;
    let wish = BuyPack {
        member_id: MemberId(command.body.member_id),
        credit_pack_id: CreditPackId(id),
    };
    let done = credit_pack::buy(app, &command.caller, wish).await?;
    let pack = credit_pack::page::find(app, &command.caller, done.outcome.lot_id).await?;
    let body = PackPurchase {
        pack: pack.into(),
        invoice_ids: done.outcome.invoices.iter().map(|id| id.0).collect(),
    };
    let address = format!("/v1/members/{}/credit_packs", wish.member_id);
    Ok(Carried::created(&done, address, body))
}

#[utoipa::path(get, path = "/v1/members/{member_id}/credit_packs", tag = "members", params(("member_id" = Uuid, Path)),
    responses((status = 200, description = "What is left of each pack that she bought, those that end last first; a hundred at most", body = List<BoughtPack>)))]
pub async fn of(Id(id): Id, reading: Reading) -> Answer<List<BoughtPack>> {
    reading.settled(&[]).await?;
    let rows = of_member(reading.app(), &reading.caller(), MemberId(id)).await?;
    Ok(List::whole(rows.into_iter().map(BoughtPack::from).collect()))
}
