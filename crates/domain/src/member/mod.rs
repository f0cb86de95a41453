//! A person who uses the spaces, and how she pays.

use crate::{
    LegalEntityId, LocationId, MemberId, Payer,
    event::domain_events,
    refusal::{Faults, Refusal},
    text,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a member.
    MemberEvent, "member", { MemberSignedUp = 1, MemberImported = 1, EmailConfirmed = 1 }
);
domain_events!(
    /// What happened to a payer's account with one legal entity's Stripe account.
    PayerAccountEvent, "payer_account", { CustomerRegistered = 1, PaymentMethodSaved = 1 }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemberSignedUp {
    pub member_id: MemberId,
    pub name: String,
    pub email: String,
    pub home_location_id: Option<LocationId>,
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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EmailConfirmed {
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

/// What is known of a member, folded from her stream.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_field_names, reason = "ids are named by noun everywhere")]
pub struct Member {
    pub member_id: MemberId,
    pub name: String,
    pub email: String,
    pub home_location_id: Option<LocationId>,
    pub confirmed: bool,
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
            }),
            MemberEvent::MemberImported(fact) => Some(Self {
                member_id: fact.member_id,
                name: fact.name,
                email: fact.email,
                home_location_id: fact.home_location_id,
                confirmed: true,
            }),
            MemberEvent::EmailConfirmed(_) => state.map(|member| Self {
                confirmed: true,
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

#[cfg(test)]
mod tests;
