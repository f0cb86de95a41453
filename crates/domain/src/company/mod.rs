//! A billed group of members: the payer that settles for them.

use crate::{
    CompanyId, MemberId,
    event::{domain_events, same_shape},
    legal_entity::Address,
    personal::Personal,
    refusal::{Faults, Refusal},
    text, vat_id,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a company.
    CompanyEvent, "company", {
        CompanyRegistered = 2 [1 => same_shape] personal by CompanyRegistered::personal,
        MemberJoinedCompany = 1,
    }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompanyRegistered {
    pub company_id: CompanyId,
    pub name: String,
    /// Where its invoices are sent.
    pub billing_email: String,
    pub address: Address,
    pub tax_id: String,
}

impl CompanyRegistered {
    /// All of it: many a company is one person, whose name, home and tax number these are.
    fn personal(&self) -> Vec<Personal> {
        Personal::of(
            self.company_id,
            &[
                "/name",
                "/billing_email",
                "/address/street",
                "/address/postcode",
                "/address/city",
                "/tax_id",
            ],
        )
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemberJoinedCompany {
    pub company_id: CompanyId,
    pub member_id: MemberId,
}

/// What is known of a company, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Company {
    pub fact: CompanyRegistered,
    pub members: Vec<MemberId>,
}

impl Company {
    pub fn evolve(state: Option<Self>, event: CompanyEvent) -> Option<Self> {
        match event {
            CompanyEvent::CompanyRegistered(fact) => Some(Self {
                fact,
                members: Vec::new(),
            }),
            CompanyEvent::MemberJoinedCompany(fact) => state.map(|mut company| {
                company.members.push(fact.member_id);
                company
            }),
        }
    }
}

/// # Errors
/// All faulty fields at once.
pub fn register(
    id: CompanyId,
    name: &str,
    billing_email: &str,
    mut address: Address,
    tax_id: &str,
) -> Result<CompanyRegistered, Refusal> {
    let mut faults = Faults::default();
    let name = text::name(name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    let billing_email = text::email(billing_email)
        .map_err(|message| faults.add("billing_email", message))
        .unwrap_or_default();
    if !address.country.trim().is_empty() {
        address.country = text::country(&address.country)
            .map_err(|message| faults.add("country", message))
            .unwrap_or_default();
    }
    let tax_id = vat_id::read(tax_id)
        .map_err(|message| faults.add("tax_id", message))
        .unwrap_or_default();
    faults.finish()?;
    Ok(CompanyRegistered {
        company_id: id,
        name,
        billing_email,
        address,
        tax_id,
    })
}

/// # Errors
/// When the member is already one of the company's.
pub fn join(company: &Company, member: MemberId) -> Result<MemberJoinedCompany, Refusal> {
    if company.members.contains(&member) {
        return Err(Refusal::conflict(
            "already_in_company",
            "This member already belongs to the company.",
        ));
    }
    Ok(MemberJoinedCompany {
        company_id: company.fact.company_id,
        member_id: member,
    })
}

#[cfg(test)]
mod tests;
