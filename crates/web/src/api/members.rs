//! Members and what they may still draw on.

use coterie_app::{
    Operation,
    member::{
        self, ImportMember,
        page::{MemberFilter, MemberRow},
    },
    membership::{self, page::AllowanceRow},
    projections,
};
use coterie_domain::{LocationId, MemberId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
};
use crate::{failure::Failure, json::ApiJson};

#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    member_id: Uuid,
    name: String,
    email: String,
    email_confirmed: bool,
    home_location_id: Option<Uuid>,
    /// The company that settles for her.
    company_id: Option<Uuid>,
    /// Whether a membership runs, under notice or not.
    active: bool,
    joined_at: Timestamp,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            member_id: row.member_id.0,
            name: row.name,
            email: row.email,
            email_confirmed: row.confirmed,
            home_location_id: row.home_location_id.map(|id| id.0),
            company_id: row.company_id.map(|id| id.0),
            active: row.active,
            joined_at: row.joined_at,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateMember {
    /// Her id in your own system: sent again, it changes nothing and answers the same member.
    external_id: String,
    name: String,
    email: String,
    home_location_id: Option<Uuid>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MemberCreated {
    member_id: Uuid,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MemberQuery {
    /// Part of the name or address, in any case.
    search: Option<String>,
}

/// What a plan or staff granted.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllowanceLeft {
    lot_id: Uuid,
    membership_id: Uuid,
    /// `minutes`, `day_passes` or `money`.
    #[schema(example = "minutes")]
    holds: &'static str,
    /// Of minutes.
    resource_type_id: Option<Uuid>,
    /// Of money.
    #[schema(value_type = Option<String>)]
    currency: Option<&'static str>,
    /// Minutes, passes or minor units, net.
    granted: i64,
    left: i64,
    /// Bookings that start in `[valid_from, valid_until)` draw on it.
    valid_from: Timestamp,
    valid_until: Timestamp,
    /// Whether a booking that started now could draw on it.
    current: bool,
    /// The pack that it was bought of; null of what a plan or staff grant.
    pack: Option<String>,
}

impl From<AllowanceRow> for AllowanceLeft {
    fn from(row: AllowanceRow) -> Self {
        Self {
            lot_id: row.lot_id.0,
            membership_id: row.membership_id.0,
            holds: row.holds.name(),
            resource_type_id: row.holds.resource_type().map(|id| id.0),
            currency: row.holds.currency().map(coterie_domain::Currency::code),
            granted: row.granted,
            left: row.left,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            current: row.current,
            pack: row.pack_name,
        }
    }
}

#[utoipa::path(post, path = "/v1/members", tag = "members", request_body = CreateMember,
    responses((status = 201, description = "Brought in; her address counts as confirmed and she sets a password by a link", body = MemberCreated)))]
pub async fn create(command: Command<CreateMember>) -> CommandAnswer<MemberCreated> {
    let new = command.body;
    let new = ImportMember {
        external_id: new.external_id,
        name: new.name,
        email: new.email,
        home_location_id: new.home_location_id.map(LocationId),
        password: None,
    };
    let done = member::import(&command.house.app, &command.caller, new).await?;
    let member_id = done.outcome.0;
    Ok(Carried::created(
        &done,
        format!("/v1/members/{member_id}"),
        MemberCreated { member_id },
    ))
}

#[utoipa::path(get, path = "/v1/members", tag = "members", params(PageQuery, MemberQuery),
    responses((status = 200, description = "Members by name", body = List<Member>)))]
pub async fn list(reading: Reading) -> Answer<List<Member>> {
    reading.settled(&[projections::PEOPLE]).await?;
    let MemberQuery { search } = reading.query()?;
    let page = member::page::list(
        reading.app(),
        reading.tenant(),
        MemberFilter { search },
        &reading.page()?,
    )
    .await?;
    Ok(List::of(page, Member::from))
}

#[utoipa::path(get, path = "/v1/members/{member_id}", tag = "members", params(("member_id" = Uuid, Path)),
    responses((status = 200, description = "One member", body = Member)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Member> {
    reading.settled(&[projections::PEOPLE]).await?;
    let row = member::page::find(reading.app(), reading.tenant(), MemberId(id)).await?;
    Ok(ApiJson(row.ok_or_else(Failure::not_found)?.into()))
}

#[utoipa::path(get, path = "/v1/members/{member_id}/allowances", tag = "members", params(("member_id" = Uuid, Path)),
    responses((status = 200, description = "What she may still draw on, by expiry", body = List<AllowanceLeft>)))]
pub async fn allowances(Id(id): Id, reading: Reading) -> Answer<List<AllowanceLeft>> {
    // The lots themselves are read; notice is heard of through the model.
    reading.settled(&[projections::PEOPLE]).await?;
    let mut op = Operation::open(reading.app(), &reading.caller()).await?;
    member::load(&mut op, MemberId(id)).await?;
    drop(op);
    let rows = membership::page::allowances(reading.app(), reading.tenant(), MemberId(id)).await?;
    Ok(List::whole(rows.into_iter().map(AllowanceLeft::from).collect()))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MemberForgotten {
    member_id: Uuid,
}

#[utoipa::path(post, path = "/v1/members/{member_id}/forget", tag = "members", params(("member_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "Forgotten: nothing personal of her can be read again, save for the buyer of her invoices until their legal years are over. Refused while a membership runs or something is not settled", body = MemberForgotten)))]
pub async fn forget(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<MemberForgotten> {
    let done = member::forget(&command.house.app, &command.caller, MemberId(id)).await?;
    let member_id = done.outcome.0;
    Ok(Carried::changed(&done, MemberForgotten { member_id }))
}
