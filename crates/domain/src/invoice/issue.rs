use super::{InvoiceIssued, InvoiceLine, LinePerson, Party};
use crate::{
    InvoiceId, LocationId, MemberId, Money, Payer,
    billing::PayerTax,
    catalogue::Catalogue,
    charge::{ChargeKind, ChargeMade},
    legal_entity::{Language, LegalEntityCreated},
    refusal::Refusal,
    retention,
    tax::{self, TaxSubtotal},
    vat_id,
};
use jiff::{ToSpan, civil::Date};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// Whom an invoice is addressed to, and how it is to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Addressee {
    pub party: Party,
    /// The legal entity's where there is none.
    pub language: Option<Language>,
    /// BT-10 of EN 16931; empty where there is none.
    pub reference: String,
    pub tax: PayerTax,
    /// One invoice for each location, rather than one for all.
    pub per_location: bool,
    /// The names of those whose charges she settles, as far as they are known.
    pub names: BTreeMap<MemberId, String>,
}

impl From<Party> for Addressee {
    fn from(party: Party) -> Self {
        Self {
            party,
            language: None,
            reference: String::new(),
            tax: PayerTax::default(),
            per_location: false,
            names: BTreeMap::new(),
        }
    }
}

/// The lines of a bill before it has a number: what a preview shows and what issuing prints.
///
/// # Errors
/// When a rate is missing, a charge is in another currency or of another legal entity, or one stands there twice (rule 4).
pub fn lines(
    charges: &[ChargeMade],
    of_payer: &PayerTax,
    entity: &LegalEntityCreated,
    catalogue: &Catalogue,
) -> Result<Vec<InvoiceLine>, Refusal> {
    let mut lines = Vec::with_capacity(charges.len());
    let mut taken = BTreeSet::new();
    for charge in charges {
        if !taken.insert(charge.charge_id) {
            return Err(Refusal::conflict(
                "charge_twice",
                format!("\u{201c}{}\u{201d} would be billed twice.", charge.description),
            ));
        }
        if charge.legal_entity_id != entity.legal_entity_id {
            return Err(Refusal::conflict(
                "charge_of_another_entity",
                format!(
                    "\u{201c}{}\u{201d} is not {}'s to bill.",
                    charge.description, entity.name
                ),
            ));
        }
        if charge.net.currency != entity.currency {
            return Err(Refusal::conflict(
                "currency_not_the_entitys",
                format!(
                    "A charge in {} cannot stand on an invoice in {}.",
                    charge.net.currency, entity.currency
                ),
            ));
        }
        let taxed = of_payer.of(charge, catalogue)?;
        lines.push(InvoiceLine {
            charge_id: charge.charge_id,
            kind: charge.kind,
            location_id: charge.location_id,
            description: charge.description.clone(),
            quantity: charge.quantity.clone(),
            unit: charge.unit.clone(),
            unit_price_minor: charge.unit_price.minor,
            net_minor: charge.net.minor,
            tax_category: charge.tax_category.clone(),
            tax_percent: taxed.rate_percent,
            treatment: taxed.treatment,
            exemption: taxed.exemption,
            service_from: charge.service_from,
            service_to: charge.service_to,
        });
    }
    Ok(lines)
}

/// The series that numbers a document of these charges. A deposit is not subject to VAT, and such a line may stand on no
/// invoice beside others (EN 16931, BR-O-11 to BR-O-14): it has a document and a series of its own.
///
/// # Errors
/// Deposits beside something else.
pub fn series_of(charges: &[ChargeMade], entity: &LegalEntityCreated) -> Result<String, Refusal> {
    let deposits = charges
        .iter()
        .filter(|charge| charge.kind == ChargeKind::Deposit)
        .count();
    match deposits {
        0 => Ok(entity.invoice_series.clone()),
        all if all == charges.len() => Ok(entity.deposit_series()),
        _ => Err(Refusal::conflict(
            "deposit_beside_others",
            "A deposit is asked for by a document of its own.",
        )),
    }
}

/// Whether charges make an invoice: what is given back beyond what is owed waits for the next one, so that no cent of it is
/// lost and nobody is sent less than nothing.
pub fn owed(charges: &[ChargeMade]) -> bool {
    charges.iter().map(|charge| charge.net.minor).sum::<i64>() > 0
}

/// The invoices that charges of one payer make: one, or one for each location where she wants them like that. Where nothing is
/// owed none is made, and its charges wait.
pub fn documents(charges: &[ChargeMade], per_location: bool) -> Vec<Cow<'_, [ChargeMade]>> {
    if !per_location {
        return owed(charges).then_some(Cow::Borrowed(charges)).into_iter().collect();
    }
    let mut parts: BTreeMap<LocationId, Vec<ChargeMade>> = BTreeMap::new();
    for charge in charges {
        parts.entry(charge.location_id).or_default().push(charge.clone());
    }
    parts.into_values().filter(|part| owed(part)).map(Cow::Owned).collect()
}

/// Who made the charges that are not the payer's own.
fn people(payer: Payer, charges: &[ChargeMade], names: &BTreeMap<MemberId, String>) -> Vec<LinePerson> {
    let others = charges.iter().filter(|charge| payer != Payer::Member(charge.member_id));
    others
        .filter_map(|charge| {
            Some(LinePerson {
                charge_id: charge.charge_id,
                name: names.get(&charge.member_id)?.clone(),
            })
        })
        .collect()
}

fn subtotals(lines: &[InvoiceLine], entity: &LegalEntityCreated) -> Vec<TaxSubtotal> {
    tax::subtotals_as(lines.iter().map(|line| {
        let net = Money::new(line.net_minor, entity.currency);
        (line.tax_category.as_str(), line.taxed(), net)
    }))
}

/// What an invoice of these charges would come to, with tax: what is asked for where one pays first, as visitors do, for whom
/// nobody chose anything.
///
/// # Errors
/// As for [`lines`].
pub fn gross(charges: &[ChargeMade], entity: &LegalEntityCreated, catalogue: &Catalogue) -> Result<Money, Refusal> {
    let lines = lines(charges, &PayerTax::default(), entity, catalogue)?;
    let net: i64 = lines.iter().map(|line| line.net_minor).sum();
    let tax: i64 = subtotals(&lines, entity).iter().map(|part| part.tax_minor).sum();
    Ok(Money::new(net + tax, entity.currency))
}

/// Whether something stands on it of which the buyer owes the tax, so that her VAT id must stand there too (art. 226 (4)).
pub fn needs_vat_id(lines: &[InvoiceLine]) -> bool {
    lines.iter().any(|line| line.taxed().is_reverse_by_choice())
}

/// What is said where it is missing.
pub const NO_VAT_ID: &str = "Reverse charge was chosen for this payer, whose VAT id is missing or wrong.";

/// Issues an invoice over charges under the next number of the entity's series.
///
/// # Errors
/// No charges, a charge that someone else pays, reverse charge without the buyer's VAT id, or what `lines` refuses.
#[expect(
    clippy::too_many_arguments,
    reason = "an invoice is made of exactly these; a struct would only rename them"
)]
pub fn issue(
    id: InvoiceId,
    sequence: i64,
    payer: Payer,
    buyer: impl Into<Addressee>,
    issue_date: Date,
    charges: &[ChargeMade],
    entity: &LegalEntityCreated,
    catalogue: &Catalogue,
) -> Result<InvoiceIssued, Refusal> {
    let issued = print(id, sequence, payer, buyer, issue_date, charges, entity, catalogue)?;
    if needs_vat_id(&issued.lines) && vat_id::country_of(&issued.buyer.tax_id).is_none() {
        return Err(Refusal::conflict("no_vat_id", NO_VAT_ID));
    }
    Ok(issued)
}

/// The same without looking at whom it is addressed to: a draft does not know who that is.
///
/// # Errors
/// No charges, a charge that someone else pays, or what `lines` refuses.
#[expect(
    clippy::too_many_arguments,
    reason = "an invoice is made of exactly these; a struct would only rename them"
)]
pub(crate) fn print(
    id: InvoiceId,
    sequence: i64,
    payer: Payer,
    buyer: impl Into<Addressee>,
    issue_date: Date,
    charges: &[ChargeMade],
    entity: &LegalEntityCreated,
    catalogue: &Catalogue,
) -> Result<InvoiceIssued, Refusal> {
    if charges.is_empty() {
        return Err(Refusal::conflict("nothing_to_invoice", "There is nothing to invoice."));
    }
    if let Some(other) = charges.iter().find(|charge| charge.payer != payer) {
        return Err(Refusal::conflict(
            "charge_of_another_payer",
            format!("\u{201c}{}\u{201d} is paid by someone else.", other.description),
        ));
    }
    let buyer = buyer.into();
    let series = series_of(charges, entity)?;
    let lines = lines(charges, &buyer.tax, entity, catalogue)?;
    let tax = subtotals(&lines, entity);
    let net_minor: i64 = lines.iter().map(|line| line.net_minor).sum();
    let tax_minor: i64 = tax.iter().map(|subtotal| subtotal.tax_minor).sum();
    Ok(InvoiceIssued {
        invoice_id: id,
        legal_entity_id: entity.legal_entity_id,
        number: format!("{series}-{sequence:06}"),
        series,
        sequence,
        payer,
        seller: Party {
            name: entity.name.clone(),
            address: entity.address.clone(),
            tax_id: entity.tax_id.clone(),
            email: String::new(),
        },
        buyer: buyer.party,
        buyer_reference: buyer.reference,
        language: buyer.language.unwrap_or_else(|| catalogue.language_of(entity)),
        letterhead: catalogue.letterhead_of(entity.legal_entity_id),
        issue_date,
        due_date: issue_date.saturating_add(i64::from(entity.payment_terms_days).days()),
        currency: entity.currency,
        lines,
        tax,
        net_minor,
        tax_minor,
        gross_minor: net_minor + tax_minor,
        retain_until: retention::until(issue_date.year()),
        people: people(payer, charges, &buyer.names),
    })
}
