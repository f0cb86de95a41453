//! A billed group of members: the payer that settles for them.

use crate::{
    CompanyId, MemberId,
    event::{domain_events, same_shape},
    legal_entity::Address,
    personal::Personal,
    refusal::{Faults, Refusal},
    text, vat_id,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

domain_events!(
    /// What happened to a company.
    CompanyEvent, "company", {
        CompanyRegistered = 2 [1 => same_shape] personal by CompanyRegistered::personal,
        CompanyCorrected = 1 personal by CompanyCorrected::personal,
        MemberJoinedCompany = 2 [1 => at_once],
        MemberLeftCompany = 1,
        CompanyManagerNamed = 1,
        CompanyManagerDismissed = 1,
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

/// All of it: many a company is one person, whose name, home and tax number these are.
const PERSONAL: &[&str] = &[
    "/name",
    "/billing_email",
    "/address/street",
    "/address/postcode",
    "/address/city",
    "/tax_id",
];

impl CompanyRegistered {
    fn personal(&self) -> Vec<Personal> {
        Personal::of(self.company_id, PERSONAL)
    }
}

/// What was wrong is right from now on; invoices that were issued keep what they were issued with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompanyCorrected {
    pub company_id: CompanyId,
    pub name: String,
    pub billing_email: String,
    pub address: Address,
    pub tax_id: String,
}

impl CompanyCorrected {
    fn personal(&self) -> Vec<Personal> {
        Personal::of(self.company_id, PERSONAL)
    }

    /// The company as it would have been registered like this.
    pub fn into_registered(self) -> CompanyRegistered {
        CompanyRegistered {
            company_id: self.company_id,
            name: self.name,
            billing_email: self.billing_email,
            address: self.address,
            tax_id: self.tax_id,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemberJoinedCompany {
    pub company_id: CompanyId,
    pub member_id: MemberId,
    /// The first day that she belongs to it; none where she joined before days were said: at once.
    pub from: Option<Date>,
}

fn at_once(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("from".to_owned(), Value::Null);
    Ok(payload)
}

/// From a day on she does not belong to it any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemberLeftCompany {
    pub company_id: CompanyId,
    pub member_id: MemberId,
    pub from: Date,
}

/// One of its members manages it: she sees its invoices and says who has its seats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompanyManagerNamed {
    pub company_id: CompanyId,
    pub member_id: MemberId,
}

/// She manages it no more; whoever leaves does not either, from that day on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CompanyManagerDismissed {
    pub company_id: CompanyId,
    pub member_id: MemberId,
}

/// Somebody of a company, `[from, until)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Belonging {
    pub member_id: MemberId,
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub manager: bool,
}

impl Belonging {
    pub fn on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }
}

/// What is known of a company, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Company {
    pub fact: CompanyRegistered,
    /// Each once, as she joined last.
    pub members: Vec<Belonging>,
}

impl Company {
    pub fn evolve(state: Option<Self>, event: CompanyEvent) -> Option<Self> {
        if let CompanyEvent::CompanyRegistered(fact) = event {
            return Some(Self {
                fact,
                members: Vec::new(),
            });
        }
        let mut this = state?;
        match event {
            CompanyEvent::CompanyRegistered(_) => {}
            CompanyEvent::CompanyCorrected(fact) => this.fact = fact.into_registered(),
            CompanyEvent::MemberJoinedCompany(fact) => {
                this.members.retain(|one| one.member_id != fact.member_id);
                this.members.push(Belonging {
                    member_id: fact.member_id,
                    from: fact.from,
                    until: None,
                    manager: false,
                });
            }
            CompanyEvent::MemberLeftCompany(fact) => this.with(fact.member_id, |one| one.until = Some(fact.from)),
            CompanyEvent::CompanyManagerNamed(fact) => this.with(fact.member_id, |one| one.manager = true),
            CompanyEvent::CompanyManagerDismissed(fact) => this.with(fact.member_id, |one| one.manager = false),
        }
        Some(this)
    }

    fn with(&mut self, member: MemberId, change: impl FnOnce(&mut Belonging)) {
        if let Some(one) = self.members.iter_mut().find(|one| one.member_id == member) {
            change(one);
        }
    }

    /// Somebody who belongs to it on a day.
    pub fn member_on(&self, member: MemberId, day: Date) -> Option<&Belonging> {
        self.members.iter().find(|one| one.member_id == member && one.on(day))
    }

    /// Somebody who belongs to it on a day or joins later.
    fn member_from(&self, member: MemberId, day: Date) -> Option<&Belonging> {
        let mut hers = self.members.iter().filter(|one| one.member_id == member);
        hers.find(|one| one.until.is_none_or(|until| until > day))
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

/// Corrects name, address and tax id. `None` when that is what is known already.
///
/// # Errors
/// All faulty fields at once.
pub fn correct(
    company: &Company,
    name: &str,
    billing_email: &str,
    address: Address,
    tax_id: &str,
) -> Result<Option<CompanyCorrected>, Refusal> {
    let right = register(company.fact.company_id, name, billing_email, address, tax_id)?;
    if right == company.fact {
        return Ok(None);
    }
    Ok(Some(CompanyCorrected {
        company_id: right.company_id,
        name: right.name,
        billing_email: right.billing_email,
        address: right.address,
        tax_id: right.tax_id,
    }))
}

/// # Errors
/// When the member is already one of the company's then, or comes back before she left.
pub fn join(company: &Company, member: MemberId, from: Date) -> Result<MemberJoinedCompany, Refusal> {
    if company.member_from(member, from).is_some() {
        return Err(Refusal::conflict(
            "already_in_company",
            "This member already belongs to the company.",
        ));
    }
    Ok(MemberJoinedCompany {
        company_id: company.fact.company_id,
        member_id: member,
        from: Some(from),
    })
}

/// Lets somebody leave from a day on.
///
/// # Errors
/// Nobody of the company, a day that is over, or one before she joins.
pub fn leave(company: &Company, member: MemberId, from: Date, today: Date) -> Result<MemberLeftCompany, Refusal> {
    if from < today {
        let sentence = "Please choose today or a later day: what was charged until then stays as it was.";
        return Err(Refusal::field("day_is_over", "from", sentence));
    }
    let belongs = company.member_from(member, today).ok_or_else(not_of_it)?;
    if belongs.from.is_some_and(|joined| from < joined) {
        return Err(Refusal::field("before_she_joins", "from", "She joins later than that."));
    }
    Ok(MemberLeftCompany {
        company_id: company.fact.company_id,
        member_id: member,
        from,
    })
}

fn not_of_it() -> Refusal {
    Refusal::field(
        "not_of_the_company",
        "member_id",
        "This member does not belong to the company.",
    )
}

/// Lets one of its members manage it, or not any more. `None` when that is so already.
///
/// # Errors
/// Nobody of the company.
pub fn set_manager(
    company: &Company,
    member: MemberId,
    manages: bool,
    today: Date,
) -> Result<Option<CompanyEvent>, Refusal> {
    let company_id = company.fact.company_id;
    let belongs = company.member_from(member, today).ok_or_else(not_of_it)?;
    let event: CompanyEvent = match (belongs.manager, manages) {
        (false, true) => CompanyManagerNamed {
            company_id,
            member_id: member,
        }
        .into(),
        (true, false) => CompanyManagerDismissed {
            company_id,
            member_id: member,
        }
        .into(),
        _ => return Ok(None),
    };
    Ok(Some(event))
}

#[cfg(test)]
mod tests;
