use super::{Deposit, DepositApplied, DepositRequested, DepositReturned};
use crate::{
    ChargeId, DepositId, InvoiceId, LegalEntityId, Money, Payer,
    charge::{Because, ChargeKind, ChargeMade, SourceRef},
    membership::MembershipStarted,
    plan::PlanVersionPublished,
    refusal::Refusal,
    tax, text,
};
use jiff::civil::Date;

/// What asking for a deposit makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Requested {
    pub fact: DepositRequested,
    pub charge: ChargeMade,
}

/// The deposit of a membership that begins, where its plan asks for one.
pub fn request(
    (deposit_id, charge_id, invoice_id): (DepositId, ChargeId, InvoiceId),
    membership: &MembershipStarted,
    plan: &PlanVersionPublished,
    catalogue_position: i64,
) -> Option<Requested> {
    let amount = plan.deposit.filter(|deposit| deposit.minor > 0)?;
    let on = membership.start;
    let because = format!(
        "{} version {} asks for a deposit of {amount}. It is held while the membership runs and is no price, so it has no VAT",
        plan.name, plan.number
    );
    let charge = ChargeMade {
        charge_id,
        kind: ChargeKind::Deposit,
        payer: membership.payer,
        member_id: membership.member_id,
        membership_id: Some(membership.membership_id),
        legal_entity_id: membership.legal_entity_id,
        supplied_by: None,
        location_id: membership.home_location_id,
        description: format!("{}, deposit", plan.name),
        quantity: "1".to_owned(),
        unit: "piece".to_owned(),
        unit_price: amount,
        net: amount,
        tax_category: tax::OUT_OF_SCOPE.to_owned(),
        service_from: on,
        service_to: on.tomorrow().unwrap_or(on),
        taxed_on: None,
        gives_back: None,
        billable_on: on,
        source: SourceRef {
            category: "deposit".to_owned(),
            stream_id: deposit_id.0,
            version: 1,
            event_type: "DepositRequested".to_owned(),
        },
        because: vec![Because {
            text: because,
            rule: Some(plan.plan_version_id.0),
        }],
        catalogue_position,
    };
    let fact = DepositRequested {
        deposit_id,
        membership_id: membership.membership_id,
        member_id: membership.member_id,
        payer: membership.payer,
        legal_entity_id: membership.legal_entity_id,
        amount,
        charge_id,
        invoice_id,
        requested_on: on,
    };
    Some(Requested { fact, charge })
}

impl Deposit {
    /// What is held now: what came in, less what paid for invoices and what went back. `open_minor` is what its own document
    /// still waits for, `credited_minor` what is no longer asked for.
    pub fn held_minor(&self, open_minor: i64, credited_minor: i64) -> i64 {
        self.fact.amount.minor - open_minor - credited_minor - self.applied_minor - self.returned_minor
    }

    /// An amount of what is held; everything where nobody says how much.
    fn part(&self, held_minor: i64, wanted: Option<Money>) -> Result<Money, Refusal> {
        let currency = self.fact.amount.currency;
        let held = Money::new(held_minor, currency);
        if held_minor <= 0 {
            return Err(Refusal::conflict(
                "nothing_held",
                "Nothing of this deposit is held: it is not paid yet, or nothing is left of it.",
            ));
        }
        let part = wanted.unwrap_or(held);
        if part.currency != currency || !(1..=held_minor).contains(&part.minor) {
            let sentence = format!("Please give an amount up to the {held} that are held.");
            return Err(Refusal::field("more_than_held", "amount", sentence));
        }
        Ok(part)
    }
}

/// An invoice that a deposit is to pay for, as its guard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    pub invoice_id: InvoiceId,
    pub payer: Payer,
    pub legal_entity_id: LegalEntityId,
    pub open_minor: i64,
    /// Whether an attempt to collect it is under way.
    pub collecting: bool,
    /// Whether it asks for a deposit itself.
    pub a_deposit: bool,
}

/// Pays for an open invoice of the same payer with what is held; as far as it goes, where nobody says how much. The caller
/// holds the deposit and both invoices.
///
/// # Errors
/// Somebody else's invoice, one that is paid or being collected; more than is held or open.
pub fn apply(
    deposit: &Deposit,
    held_minor: i64,
    owed: &Owed,
    wanted: Option<Money>,
    on: Date,
) -> Result<DepositApplied, Refusal> {
    let fact = &deposit.fact;
    if (owed.payer, owed.legal_entity_id) != (fact.payer, fact.legal_entity_id) {
        return Err(Refusal::field(
            "invoice_of_somebody_else",
            "invoice_id",
            "A deposit pays for invoices of its own payer and legal entity.",
        ));
    }
    if owed.a_deposit {
        return Err(Refusal::field(
            "invoice_of_a_deposit",
            "invoice_id",
            "A deposit cannot pay for a deposit; please choose another invoice.",
        ));
    }
    if owed.collecting {
        return Err(Refusal::conflict(
            "payment_under_way",
            "A payment of this invoice is under way; please wait for its outcome.",
        ));
    }
    if owed.open_minor <= 0 {
        return Err(Refusal::field(
            "nothing_open",
            "invoice_id",
            "Nothing is open on this invoice.",
        ));
    }
    let currency = fact.amount.currency;
    let open = Money::new(owed.open_minor, currency);
    let wanted = wanted.or_else(|| Some(Money::new(owed.open_minor.min(held_minor), currency)));
    let amount = deposit.part(held_minor, wanted)?;
    if amount.minor > owed.open_minor {
        let sentence = format!("Only {open} are open on this invoice.");
        return Err(Refusal::field("more_than_open", "amount", sentence));
    }
    Ok(DepositApplied {
        deposit_id: fact.deposit_id,
        invoice_id: owed.invoice_id,
        amount,
        on,
    })
}

/// Gives back what is held, or a part: staff have paid it out and say by which transfer.
///
/// # Errors
/// No reference; more than is held.
pub fn give_back(
    deposit: &Deposit,
    held_minor: i64,
    wanted: Option<Money>,
    reference: &str,
    on: Date,
) -> Result<DepositReturned, Refusal> {
    let reference =
        text::name(reference).map_err(|message| Refusal::field("reference_missing", "reference", message))?;
    Ok(DepositReturned {
        deposit_id: deposit.fact.deposit_id,
        payer: deposit.fact.payer,
        amount: deposit.part(held_minor, wanted)?,
        reference,
        on,
    })
}
