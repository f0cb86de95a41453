//! Whom documents are addressed to.

use super::taxed_as_charged;
use crate::{Operation, UseCaseError, member};
use coterie_domain::{
    ChargeId, LegalEntityId, Payer,
    billing::{self, Billing, BillingEvent, PayerTax},
    charge::ChargeMade,
    company::{Company, CompanyEvent},
    invoice::{Addressee, Party},
    legal_entity::Address,
    member::{Member, MemberEvent},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// As the payer wants to be addressed, and how these charges of hers are taxed; what she never said is what she gave when she came.
///
/// # Errors
/// When the payer is unknown, or was forgotten.
pub(crate) async fn buyer(
    op: &mut Operation,
    payer: Payer,
    entity: LegalEntityId,
    charges: &[ChargeMade],
) -> Result<Addressee, UseCaseError> {
    if let Payer::Member(id) = payer {
        member::load(op, id).await?;
    }
    let mut buyers = buyers(op, entity, &[payer]).await?;
    let buyer = buyers.remove(&payer).ok_or(UseCaseError::NotFound)?;
    let mut owing = [(payer, buyer, charges.to_vec())];
    with_charges(op, &mut owing).await?;
    let [(_, buyer, _)] = owing;
    Ok(buyer)
}

/// Adds to buyers what depends on what they are billed: how charges that are given back stand on their invoices, and the names of
/// those whose charges they settle.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub(crate) async fn with_charges(
    op: &mut Operation,
    owing: &mut [(Payer, Addressee, Vec<ChargeMade>)],
) -> Result<(), UseCaseError> {
    let all = || {
        owing
            .iter()
            .flat_map(|(payer, _, charges)| charges.iter().map(|charge| (*payer, charge)))
    };
    let given_back: Vec<ChargeId> = all().filter_map(|(_, charge)| charge.gives_back).collect();
    let others: BTreeSet<Uuid> = all()
        .filter(|(payer, charge)| *payer != Payer::Member(charge.member_id))
        .map(|(_, charge)| charge.member_id.0)
        .collect();
    let as_charged = taxed_as_charged(op, &given_back).await?;
    let others: Vec<Uuid> = others.into_iter().collect();
    let members = op.load_each::<MemberEvent, Member>(&others, Member::evolve).await?;
    for (payer, buyer, charges) in owing {
        for charge in charges {
            if let Some((id, taxed)) = charge.gives_back.and_then(|id| Some((id, as_charged.get(&id)?))) {
                buyer.tax.as_charged.insert(id, taxed.clone());
            }
            if *payer != Payer::Member(charge.member_id)
                && let Some(member) = members.get(&charge.member_id.0)
            {
                buyer.names.insert(charge.member_id, member.name.clone());
            }
        }
    }
    Ok(())
}

/// The same for many payers, with one query for each noun; what depends on their charges is added by [`with_charges`]. Of whoever
/// was forgotten it says so in the place of her name.
///
/// # Errors
/// `NotFound` when one of them is unknown.
pub(crate) async fn buyers(
    op: &mut Operation,
    entity: LegalEntityId,
    payers: &[Payer],
) -> Result<BTreeMap<Payer, Addressee>, UseCaseError> {
    let of = |kind: &str| -> Vec<Uuid> {
        let of_kind = payers.iter().filter(|payer| payer.kind() == kind);
        of_kind.map(|payer| payer.id()).collect()
    };
    let members = op
        .load_each::<MemberEvent, Member>(&of("member"), Member::evolve)
        .await?;
    let companies = op
        .load_each::<CompanyEvent, Company>(&of("company"), Company::evolve)
        .await?;
    let streams: Vec<Uuid> = payers.iter().map(|payer| billing::stream(*payer)).collect();
    let mut said = op.load_each::<BillingEvent, Billing>(&streams, Billing::evolve).await?;
    let mut buyers = BTreeMap::new();
    for payer in payers {
        let party = match payer {
            Payer::Member(id) => members.get(&id.0).map(of_member),
            Payer::Company(id) => companies.get(&id.0).map(of_company),
        };
        let party = party.ok_or(UseCaseError::NotFound)?;
        let said = said.remove(&billing::stream(*payer)).unwrap_or_default();
        buyers.insert(*payer, addressed(party, said, entity));
    }
    Ok(buyers)
}

fn of_member(member: &Member) -> Party {
    Party {
        name: member.name.clone(),
        address: Address::default(),
        tax_id: String::new(),
        email: member.email.clone(),
    }
}

fn of_company(company: &Company) -> Party {
    Party {
        name: company.fact.name.clone(),
        address: company.fact.address.clone(),
        tax_id: company.fact.tax_id.clone(),
        email: company.fact.billing_email.clone(),
    }
}

fn addressed(mut party: Party, billing: Billing, entity: LegalEntityId) -> Addressee {
    let tax = PayerTax {
        choices: billing.tax_with(entity),
        as_charged: BTreeMap::new(),
    };
    let Some(said) = billing.details else {
        return Addressee { tax, ..party.into() };
    };
    party.address = said.address;
    if !said.tax_id.is_empty() {
        party.tax_id = said.tax_id;
    }
    Addressee {
        party,
        language: said.language,
        reference: said.reference,
        tax,
        per_location: said.per_location,
        names: BTreeMap::new(),
    }
}
