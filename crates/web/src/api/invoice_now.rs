//! One payer's invoice outside of any run, or what goes back to her instead.

use coterie_app::{credit_note, invoice_run};
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

impl InvoiceNow {
    fn whose(&self) -> Result<(Payer, LegalEntityId), Failure> {
        let payer = match (self.member_id, self.company_id) {
            (Some(member), None) => Payer::Member(MemberId(member)),
            (None, Some(company)) => Payer::Company(CompanyId(company)),
            _ => {
                let error = FieldError::new("member_id", "Please name either a member or a company.");
                return Err(Failure::invalid(vec![error]));
            }
        };
        Ok((payer, LegalEntityId(self.legal_entity_id)))
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct InvoicedNow {
    invoice_id: Uuid,
}

#[utoipa::path(post, path = "/v1/invoices", tag = "money", request_body = InvoiceNow,
    responses((status = 201, description = "What the payer owes up to today is invoiced", body = InvoicedNow),
        (status = 409, description = "Nothing is owed")))]
pub async fn create(command: Command<InvoiceNow>) -> CommandAnswer<InvoicedNow> {
    let (payer, entity) = command.body.whose()?;
    let done = invoice_run::invoice_now(&command.house.app, &command.caller, payer, entity).await?;
    let body = InvoicedNow {
        invoice_id: done.outcome.0,
    };
    Ok(Carried::created(&done, format!("/v1/invoices/{}", done.outcome), body))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PaidBack {
    credit_note_ids: Vec<Uuid>,
}

#[utoipa::path(post, path = "/v1/credit_notes", tag = "money", request_body = InvoiceNow,
    responses((status = 200, description = "What was given back and waited for an invoice is given back by credit notes", body = PaidBack),
        (status = 409, description = "Something is owed, or nothing waits")))]
pub async fn pay_back(command: Command<InvoiceNow>) -> CommandAnswer<PaidBack> {
    let (payer, entity) = command.body.whose()?;
    let done = credit_note::pay_back(&command.house.app, &command.caller, payer, entity).await?;
    let body = PaidBack {
        credit_note_ids: done.outcome.iter().map(|id| id.0).collect(),
    };
    Ok(Carried::changed(&done, body))
}
