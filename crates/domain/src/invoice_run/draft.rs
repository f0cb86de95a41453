use super::{Difference, Draft, DraftLine, Waits, WaitsFor};
use crate::{
    AddOnId, ChargeId, InvoiceId, MembershipId, Payer,
    billing::PayerTax,
    catalogue::Catalogue,
    charge::{ChargeKind, ChargeMade},
    invoice::{self, Addressee, InvoiceIssued, InvoiceLine, Party},
    legal_entity::LegalEntityCreated,
    refusal::Refusal,
    tax::Taxed,
};
use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{borrow::Cow, collections::BTreeMap};
use uuid::Uuid;

/// The code of what stops a run: a charge or a day that would be billed twice (rule 4).
pub const CHARGE_TWICE: &str = "charge_twice";

/// What the hash covers, in this order. A field that changes what is printed belongs here.
#[derive(Serialize)]
struct Inputs<'a> {
    charges: &'a [ChargeMade],
    tax_percents: Vec<Option<String>>,
    buyer: &'a str,
    seller: &'a LegalEntityCreated,
    /// What somebody chose instead of the categories' rates, line by line; left out where nobody did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chosen: Vec<(ChargeId, Taxed)>,
    /// Left out where it is not so: what was drafted before anybody could ask for it has the hash that it had.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    per_location: bool,
}

fn sha256(value: &impl Serialize) -> String {
    use std::fmt::Write as _;
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whom a draft would be addressed to, without saying who that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftBuyer {
    /// A keyed digest of everything of her that is printed, and of the names beside her lines.
    pub digest: String,
    pub has_address: bool,
    /// Whether her VAT id's check digits hold.
    pub has_vat_id: bool,
    pub tax: PayerTax,
    /// One invoice for each location, rather than one for all.
    pub per_location: bool,
}

/// One payer's draft.
///
/// # Errors
/// Only what must stop the run: a charge, or a day of a membership, that would be billed twice. What else is in an invoice's way
/// makes the draft wait.
pub fn draft(
    payer: Payer,
    buyer: &DraftBuyer,
    charges: &[ChargeMade],
    entity: &LegalEntityCreated,
    catalogue: &Catalogue,
) -> Result<Draft, Refusal> {
    check_days_once(charges, catalogue)?;
    let parts = invoice::documents(charges, buyer.per_location);
    // What is not owed anywhere is drafted as one, so that people see why it waits.
    let owed = !parts.is_empty();
    let parts = if owed { parts } else { vec![Cow::Borrowed(charges)] };
    let charges: Cow<'_, [ChargeMade]> = match parts.as_slice() {
        [all] => Cow::Borrowed(&all[..]),
        parts => Cow::Owned(parts.concat()),
    };
    let charges: &[ChargeMade] = &charges;
    let nobody = Addressee {
        tax: buyer.tax.clone(),
        ..nobody().into()
    };
    let printed: Result<Vec<InvoiceIssued>, Refusal> = parts
        .iter()
        .map(|part| print(payer, nobody.clone(), entity.legal_entity_id.0, part, entity, catalogue))
        .collect();
    let (issued, waits) = match printed {
        Err(refusal) if refusal.code == CHARGE_TWICE => return Err(refusal),
        Err(refusal) => (None, Some(waits_for(&refusal))),
        Ok(issued) if !buyer.has_vat_id && issued.iter().any(|one| invoice::needs_vat_id(&one.lines)) => (
            Some(issued),
            Some(Waits {
                why: WaitsFor::OtherCharges,
                sentence: invoice::NO_VAT_ID.to_owned(),
            }),
        ),
        Ok(issued) if owed => (Some(issued), None),
        Ok(issued) => (
            Some(issued),
            Some(Waits {
                why: WaitsFor::SomethingOwed,
                sentence: "Nothing is owed: what is given back waits for the next invoice.".to_owned(),
            }),
        ),
    };
    let percents: Vec<Option<rust_decimal::Decimal>> = match &issued {
        Some(issued) => {
            let lines = issued.iter().flat_map(|one| &one.lines);
            lines.map(|line| Some(line.tax_percent)).collect()
        }
        None => charges
            .iter()
            .map(|charge| Some(buyer.tax.of(charge, catalogue).ok()?.rate_percent))
            .collect(),
    };
    let lines = charges.iter().zip(&percents).map(|(charge, percent)| DraftLine {
        charge_id: charge.charge_id,
        net_minor: charge.net.minor,
        tax_percent: *percent,
    });
    let net_minor = charges.iter().map(|charge| charge.net.minor).sum();
    let sum = |of: fn(&InvoiceIssued) -> i64| issued.as_ref().map(|issued| issued.iter().map(of).sum::<i64>());
    let inputs = Inputs {
        charges,
        tax_percents: percents
            .iter()
            .map(|percent| percent.map(|percent| percent.normalize().to_string()))
            .collect(),
        buyer: &buyer.digest,
        seller: entity,
        chosen: issued
            .iter()
            .flatten()
            .flat_map(|issued| &issued.lines)
            .filter(|line| line.exemption.is_some())
            .map(|line| (line.charge_id, line.taxed()))
            .collect(),
        per_location: buyer.per_location,
    };
    Ok(Draft {
        payer,
        lines: lines.collect(),
        net_minor,
        tax_minor: sum(|one| one.tax_minor).unwrap_or(0),
        gross_minor: sum(|one| one.gross_minor).unwrap_or(net_minor),
        without_address: !buyer.has_address,
        buyer_digest: buyer.digest.clone(),
        seller_digest: sha256(entity),
        inputs_sha256: sha256(&inputs),
        waits,
        per_location: buyer.per_location,
    })
}

/// A draft as a document without a number: what issuing prints, by the function that prints it.
///
/// # Errors
/// What [`invoice::issue`] refuses.
pub fn print(
    payer: Payer,
    buyer: impl Into<Addressee>,
    id: Uuid,
    charges: &[ChargeMade],
    entity: &LegalEntityCreated,
    catalogue: &Catalogue,
) -> Result<InvoiceIssued, Refusal> {
    let day = charges
        .iter()
        .map(|charge| charge.billable_on)
        .max()
        .unwrap_or_default();
    invoice::print(InvoiceId(id), 0, payer, buyer, day, charges, entity, catalogue)
}

fn nobody() -> Party {
    Party {
        name: String::new(),
        address: crate::legal_entity::Address::default(),
        tax_id: String::new(),
        email: String::new(),
    }
}

fn waits_for(refusal: &Refusal) -> Waits {
    let why = match refusal.code {
        "no_tax_rate" => WaitsFor::TaxRate,
        _ => WaitsFor::OtherCharges,
    };
    Waits {
        why,
        sentence: refusal.sentence.clone(),
    }
}

/// Each day of a membership stands on one recurring line of its plan at most, and on one of each add-on, what is given back
/// taken off (rule 4).
fn check_days_once(charges: &[ChargeMade], catalogue: &Catalogue) -> Result<(), Refusal> {
    let mut edges: BTreeMap<((MembershipId, Option<AddOnId>), Date), i32> = BTreeMap::new();
    for charge in charges {
        let weight = match charge.kind {
            ChargeKind::Recurring => 1,
            ChargeKind::RecurringCredit => -1,
            _ => continue,
        };
        if let Some(membership) = charge.membership_id {
            // The first reason names what is charged: a version of the plan, or an add-on.
            let named = charge.because.first().and_then(|step| step.rule).map(AddOnId);
            let membership = (membership, named.filter(|id| catalogue.add_ons.contains_key(id)));
            *edges.entry((membership, charge.service_from)).or_default() += weight;
            *edges.entry((membership, charge.service_to)).or_default() -= weight;
        }
    }
    let (mut of, mut covered) = (None, 0);
    for ((membership, day), change) in edges {
        if of != Some(membership) {
            (of, covered) = (Some(membership), 0);
        }
        covered += change;
        if covered > 1 {
            let sentence = format!("Membership {} would be billed twice for {day}.", membership.0);
            return Err(Refusal::conflict(CHARGE_TWICE, sentence));
        }
    }
    Ok(())
}

/// What changed since a draft was made.
pub fn difference(before: &Draft, now: &Draft) -> Difference {
    let find = |draft: &'_ Draft, id: ChargeId| draft.lines.iter().find(|line| line.charge_id == id).cloned();
    let came = now.lines.iter().filter(|line| find(before, line.charge_id).is_none());
    let went = before.lines.iter().filter(|line| find(now, line.charge_id).is_none());
    let otherwise = now
        .lines
        .iter()
        .filter(|line| find(before, line.charge_id).is_some_and(|was| was.tax_percent != line.tax_percent));
    Difference {
        came: came.cloned().collect(),
        went: went.cloned().collect(),
        taxed_otherwise: otherwise.cloned().collect(),
        buyer_changed: before.buyer_digest != now.buyer_digest,
        seller_changed: before.seller_digest != now.seller_digest,
        buyer_forgotten: false,
        gross_before_minor: before.gross_minor,
        gross_now_minor: now.gross_minor,
    }
}

/// Lines beside those of the payer's last invoice: the same thing is the same kind with the same description, but for its days.
#[derive(Debug, Clone, PartialEq)]
pub struct LineChange {
    pub description: String,
    pub before_minor: Option<i64>,
    pub now_minor: Option<i64>,
}

/// What lines of one kind and name came to before, and come to now.
type Sums = (Option<i64>, Option<i64>);

/// What is new, gone or of another amount, compared with an earlier invoice; what stayed is left out.
pub fn compare(before: &[InvoiceLine], now: &[InvoiceLine]) -> Vec<LineChange> {
    let mut sums: BTreeMap<(&str, String), Sums> = BTreeMap::new();
    for line in before {
        let (was, _) = sums.entry((line.kind.name(), without_days(line))).or_default();
        *was = Some(was.unwrap_or(0) + line.net_minor);
    }
    for line in now {
        let (_, is) = sums.entry((line.kind.name(), without_days(line))).or_default();
        *is = Some(is.unwrap_or(0) + line.net_minor);
    }
    sums.into_iter()
        .filter(|(_, (before, now))| before != now)
        .map(|((_, description), (before_minor, now_minor))| LineChange {
            description,
            before_minor,
            now_minor,
        })
        .collect()
}

fn without_days(line: &InvoiceLine) -> String {
    let last = line.service_to.yesterday().unwrap_or(line.service_to);
    let days = format!(", {} to {last}", line.service_from);
    line.description
        .strip_suffix(&days)
        .unwrap_or(&line.description)
        .to_owned()
}

/// Whether an amount is more than half more, or more than half less, than the last one.
pub fn jumps(last_minor: i64, now_minor: i64) -> bool {
    (i128::from(now_minor) - i128::from(last_minor)).abs() * 2 > i128::from(last_minor).abs()
}
