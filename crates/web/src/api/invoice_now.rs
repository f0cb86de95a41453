//! One payer's invoice outside of any run.

use coterie_app::invoice_run;
use coterie_domain::{CompanyId, LegalEntityId, MemberId, Payer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reply::{Carried, CommandAnswer},
};
use crate::failure::{Failure, FieldError};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoiceNow {
    legal_entity_id: Uuid,
    /// Either a member...
    member_id: Option<Uuid>,
    /// ... or a company.
    company_id: Option<Uuid>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct InvoicedNow {
    invoice_id: Uuid,
}

#[utoipa::path(post, path = "/v1/invoices", tag = "money", request_body = InvoiceNow,
    responses((status = 201, description = "What the payer owes up to today is invoiced", body = InvoicedNow),
        (status = 409, description = "Nothing is owed")))]
pub async fn create(command: Command<InvoiceNow>) -> CommandAnswer<InvoicedNow> {
    let wish = command.body;
    let payer = match (wish.member_id, wish.company_id) {
        (Some(member), None) => Payer::Member(MemberId(member)),
        (None, Some(company)) => Payer::Company(CompanyId(company)),
        _ => {
            let error = FieldError::new("member_id", "Please name either a member or a company.");
            return Err(Failure::invalid(vec![error]));
        }
    };
    let entity = LegalEntityId(wish.legal_entity_id);
    let done = invoice_run::invoice_now(&command.house.app, &command.caller, payer, entity).await?;
    let body = InvoicedNow {
        invoice_id: done.outcome.0,
    };
    Ok(Carried::created(&done, format!("/v1/invoices/{}", done.outcome), body))
}
