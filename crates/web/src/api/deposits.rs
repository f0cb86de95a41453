//! Deposits: what is held for members, applied to invoices, given back.

use coterie_app::{
    deposit::{
        self,
        page::{self, DepositFilter, DepositRow},
    },
    projections,
};
use coterie_domain::{DepositId, InvoiceId, MemberId, MembershipId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List, naming},
    words::{Money, Payer},
};
use crate::{failure::Failure, json::ApiJson};

/// Money held for a payer while a membership runs. It has no VAT and is nobody's revenue.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deposit {
    deposit_id: Uuid,
    membership_id: Uuid,
    member_id: Uuid,
    payer: Payer,
    legal_entity_id: Uuid,
    /// What it was asked for by: collected as any invoice.
    invoice_id: Uuid,
    amount: Money,
    /// What its document still waits for.
    open: Money,
    /// Asked for no longer, by credit notes.
    credited: Money,
    applied: Money,
    returned: Money,
    held: Money,
    /// Whether the membership is over, so that what is held should go back.
    membership_ended: bool,
}

impl From<DepositRow> for Deposit {
    fn from(row: DepositRow) -> Self {
        Self {
            deposit_id: row.deposit_id.0,
            membership_id: row.membership_id.0,
            member_id: row.member_id.0,
            payer: row.payer.into(),
            legal_entity_id: row.legal_entity_id.0,
            invoice_id: row.invoice_id.0,
            amount: row.amount.into(),
            open: row.open.into(),
            credited: row.credited.into(),
            applied: row.applied.into(),
            returned: row.returned.into(),
            held: row.held.into(),
            membership_ended: row.ended,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DepositQuery {
    member_id: Option<Uuid>,
    membership_id: Option<Uuid>,
}

#[utoipa::path(get, path = "/v1/deposits", tag = "money", params(PageQuery, DepositQuery),
    responses((status = 200, description = "Deposits, the newest first", body = List<Deposit>)))]
pub async fn list(reading: Reading) -> Answer<List<Deposit>> {
    reading.finances()?;
    reading.settled(&[projections::PEOPLE]).await?;
    let query: DepositQuery = reading.query()?;
    let filter = DepositFilter {
        member: query.member_id.map(MemberId),
        membership: query.membership_id.map(MembershipId),
        deposit: None,
    };
    let page = page::list(reading.app(), reading.tenant(), filter, &reading.page()?).await?;
    Ok(List::of(page, Deposit::from))
}

#[utoipa::path(get, path = "/v1/deposits/{deposit_id}", tag = "money", params(("deposit_id" = Uuid, Path)),
    responses((status = 200, description = "One deposit", body = Deposit)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Deposit> {
    reading.finances()?;
    reading.settled(&[projections::PEOPLE]).await?;
    let found = page::find(reading.app(), reading.tenant(), DepositId(id)).await?;
    Ok(ApiJson(found.ok_or_else(Failure::not_found)?.into()))
}

/// Which invoice it is to pay for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyDeposit {
    /// An open one of the same payer and legal entity.
    invoice_id: Uuid,
    /// Left out, as far as the deposit and the invoice go.
    amount: Option<Money>,
}

/// What paid for the invoice, or went back.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepositMoved {
    deposit_id: Uuid,
    amount: Money,
}

#[utoipa::path(post, path = "/v1/deposits/{deposit_id}/applications", tag = "money", params(("deposit_id" = Uuid, Path)), request_body = ApplyDeposit,
    responses((status = 201, description = "The invoice is paid for, or a part of it", body = DepositMoved),
        (status = 409, description = "Nothing is held, or a payment of the invoice is under way")))]
pub async fn apply(Id(id): Id, command: Command<ApplyDeposit>) -> CommandAnswer<DepositMoved> {
    let wish = command.body;
    let wanted = wish.amount.map(coterie_domain::Money::from);
    let app = &command.house.app;
    let done = deposit::apply(app, &command.caller, DepositId(id), InvoiceId(wish.invoice_id), wanted)
        .await
        .map_err(naming(&[("amount", "amount.minor")]))?;
    let body = DepositMoved {
        deposit_id: id,
        amount: done.outcome.amount.into(),
    };
    Ok(Carried::created(&done, format!("/v1/deposits/{id}"), body))
}

/// A transfer by which it was paid out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnDeposit {
    /// Left out, everything that is held.
    amount: Option<Money>,
    /// Of the transfer.
    #[schema(max_length = 120)]
    reference: String,
}

#[utoipa::path(post, path = "/v1/deposits/{deposit_id}/returns", tag = "money", params(("deposit_id" = Uuid, Path)), request_body = ReturnDeposit,
    responses((status = 201, description = "It is recorded as paid out", body = DepositMoved),
        (status = 409, description = "Nothing is held")))]
pub async fn give_back(Id(id): Id, command: Command<ReturnDeposit>) -> CommandAnswer<DepositMoved> {
    let wish = command.body;
    let wanted = wish.amount.map(coterie_domain::Money::from);
    let app = &command.house.app;
    let done = deposit::give_back(app, &command.caller, DepositId(id), wanted, &wish.reference)
        .await
        .map_err(naming(&[("amount", "amount.minor")]))?;
    let body = DepositMoved {
        deposit_id: id,
        amount: done.outcome.into(),
    };
    Ok(Carried::created(&done, format!("/v1/deposits/{id}"), body))
}
