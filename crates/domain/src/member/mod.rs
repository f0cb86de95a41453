//! A person who uses the spaces, and how she pays.

use crate::{
    LegalEntityId, LocationId, MemberId, Payer,
    event::{domain_events, same_shape},
    personal::{FORGOTTEN, Personal},
    refusal::{Faults, Refusal},
    text,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a member.
    MemberEvent, "member", {
        MemberSignedUp = 2 [1 => same_shape] personal by MemberSignedUp::personal,
        VisitorRegistered = 1 personal by VisitorRegistered::personal,
        MemberImported = 2 [1 => same_shape] personal by MemberImported::personal,
        EmailConfirmed = 1,
        MemberForgotten = 1,
    }
);
domain_events!(
    /// What happened to a payer's account with one legal entity's Stripe account.
    PayerAccountEvent, "payer_account", {
        CustomerRegistered = 1,
        PaymentMethodSaved = 2 [1 => same_shape] personal by PaymentMethodSaved::personal,
    }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemberSignedUp {
    pub member_id: MemberId,
    pub name: String,
    pub email: String,
    pub home_location_id: Option<LocationId>,
}

impl MemberSignedUp {
    fn personal(&self) -> Vec<Personal> {
        Personal::of(self.member_id, &["/name", "/email"])
    }
}

/// Somebody books and pays as a visitor: she has no password and signs in nowhere, and each visit is registered anew, so that
/// nobody learns from the address who was here before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VisitorRegistered {
    pub member_id: MemberId,
    pub name: String,
    pub email: String,
}

impl VisitorRegistered {
    fn personal(&self) -> Vec<Personal> {
        Personal::of(self.member_id, &["/name", "/email"])
    }
}

/// Brought in by staff from another system's list; the address counts as confirmed by the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemberImported {
    pub member_id: MemberId,
    pub name: String,
    pub email: String,
    pub home_location_id: Option<LocationId>,
    /// The id in the list it came from, so that importing again changes nothing.
    pub external_id: String,
}

impl MemberImported {
    fn personal(&self) -> Vec<Personal> {
        Personal::of(self.member_id, &["/name", "/email", "/external_id"])
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EmailConfirmed {
    pub member_id: MemberId,
}

/// The person wanted to be forgotten: the key of whatever is sealed of her is destroyed with this. Her id stays, so that
/// what she booked and paid still adds up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemberForgotten {
    pub member_id: MemberId,
}

/// The payer is known to Stripe as this customer of the entity's connected account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerRegistered {
    pub payer: Payer,
    pub legal_entity_id: LegalEntityId,
    pub customer_id: String,
}

/// What Stripe keeps of a card; no card number ever comes here (rule 13).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentMethodSaved {
    pub payer: Payer,
    pub legal_entity_id: LegalEntityId,
    pub payment_method_id: String,
    pub brand: String,
    pub last4: String,
    pub expires: String,
}

impl PaymentMethodSaved {
    fn personal(&self) -> Vec<Personal> {
        Personal::of(self.payer.id(), &["/brand", "/last4", "/expires"])
    }
}

/// What is known of a member, folded from her stream.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_field_names, reason = "ids are named by noun everywhere")]
pub struct Member {
    pub member_id: MemberId,
    pub name: String,
    pub email: String,
    pub home_location_id: Option<LocationId>,
    pub confirmed: bool,
    pub forgotten: bool,
    /// Here for a booking of hers that is paid up front, without an account.
    pub visitor: bool,
}

impl Member {
    pub fn evolve(state: Option<Self>, event: MemberEvent) -> Option<Self> {
        match event {
            MemberEvent::MemberSignedUp(fact) => Some(Self {
                member_id: fact.member_id,
                name: fact.name,
                email: fact.email,
                home_location_id: fact.home_location_id,
                confirmed: false,
                forgotten: false,
                visitor: false,
            }),
            MemberEvent::VisitorRegistered(fact) => Some(Self {
                member_id: fact.member_id,
                name: fact.name,
                email: fact.email,
                home_location_id: None,
                confirmed: false,
                forgotten: false,
                visitor: true,
            }),
            MemberEvent::MemberImported(fact) => Some(Self {
                member_id: fact.member_id,
                name: fact.name,
                email: fact.email,
                home_location_id: fact.home_location_id,
                confirmed: true,
                forgotten: false,
                visitor: false,
            }),
            MemberEvent::EmailConfirmed(_) => state.map(|member| Self {
                confirmed: true,
                ..member
            }),
            // What was written before anything was sealed is forgotten here too.
            MemberEvent::MemberForgotten(_) => state.map(|member| Self {
                name: FORGOTTEN.to_owned(),
                email: FORGOTTEN.to_owned(),
                forgotten: true,
                ..member
            }),
        }
    }
}

/// A payer's account, folded from its stream.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PayerAccount {
    pub customer_id: Option<String>,
    pub payment_method: Option<PaymentMethodSaved>,
}

impl PayerAccount {
    #[must_use]
    pub fn evolve(mut self, event: PayerAccountEvent) -> Self {
        match event {
            PayerAccountEvent::CustomerRegistered(fact) => self.customer_id = Some(fact.customer_id),
            PayerAccountEvent::PaymentMethodSaved(fact) => self.payment_method = Some(fact),
        }
        self
    }
}

/// # Errors
/// All faulty fields at once.
pub fn sign_up(id: MemberId, name: &str, email: &str, home: Option<LocationId>) -> Result<MemberSignedUp, Refusal> {
    let mut faults = Faults::default();
    let name = text::name(name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    let email = text::email(email)
        .map_err(|message| faults.add("email", message))
        .unwrap_or_default();
    faults.finish()?;
    Ok(MemberSignedUp {
        member_id: id,
        name,
        email,
        home_location_id: home,
    })
}

/// # Errors
/// All faulty fields at once.
pub fn register_visitor(id: MemberId, name: &str, email: &str) -> Result<VisitorRegistered, Refusal> {
    let MemberSignedUp {
        member_id, name, email, ..
    } = sign_up(id, name, email, None)?;
    Ok(VisitorRegistered { member_id, name, email })
}

/// # Errors
/// All faulty fields at once.
pub fn import(
    id: MemberId,
    name: &str,
    email: &str,
    home: Option<LocationId>,
    external_id: &str,
) -> Result<MemberImported, Refusal> {
    let MemberSignedUp {
        member_id,
        name,
        email,
        home_location_id,
    } = sign_up(id, name, email, home)?;
    Ok(MemberImported {
        member_id,
        name,
        email,
        home_location_id,
        external_id: external_id.to_owned(),
    })
}

/// What still ties a member to the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ties {
    /// Memberships that have not ended.
    pub memberships: i64,
    /// Visits that she may still be paying for, or whose money is on its way back.
    pub visits: i64,
    /// Charges that no invoice has taken yet.
    pub charges: i64,
    /// Invoices that are not settled, or whose payment is under way.
    pub invoices: i64,
}

/// Forgets a person. What the law wants kept stays in her invoices until their date.
///
/// # Errors
/// While something still ties her to the chain; the sentence says what to do first.
pub fn forget(member: &Member, ties: Ties) -> Result<MemberForgotten, Refusal> {
    let first = if ties.memberships > 0 {
        Some((
            "membership_active",
            "This member has a membership. End it, and forget her after its last day.",
        ))
    } else if ties.visits > 0 {
        Some((
            "visit_open",
            "This visitor may still be paying, or gets money back. Forget her when that is over, within the hour.",
        ))
    } else if ties.charges > 0 {
        Some((
            "charges_open",
            "There are charges that are not invoiced yet. Invoice or void them first.",
        ))
    } else if ties.invoices > 0 {
        Some((
            "invoices_open",
            "There are invoices that are not settled. Collect or settle them first.",
        ))
    } else {
        None
    };
    match first {
        Some((code, sentence)) => Err(Refusal::conflict(code, sentence)),
        None => Ok(MemberForgotten {
            member_id: member.member_id,
        }),
    }
}

#[cfg(test)]
mod tests;
