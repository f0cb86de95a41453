//! An issued document as the semantic model of EN 16931.

use super::{EInvoiceError, Missing};
use crate::paper::{Common, Paper, reverse_charge};
use coterie_domain::{
    Currency, Money,
    invoice::{InvoiceLine as Line, Party as Printed},
    tax::{Exemption, TaxSubtotal, Treatment},
};
use en16931::{
    Date, DocumentReference, Identifier, Invoice, InvoiceAmount, InvoiceLine, Percentage, Quantity, UnitPriceAmount,
    invoice::{
        Code, Contact, DocumentTotals, Party, PaymentInstructions, Period, PostalAddress, PrecedingInvoice,
        PriceDetails, VatBreakdown,
    },
    profiles::{En16931, XRechnung},
    validation::profile::ProfileMarker as _,
};
use rust_decimal::Decimal;

/// BT-23 of XRechnung and Peppol.
const PROCESS: &str = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";

/// The model; `german` where it is meant for XRechnung.
pub(super) fn of(paper: Paper<'_>, german: bool) -> Result<Invoice, EInvoiceError> {
    let common = paper.common();
    let currency = common.currency;
    let (profile, kind) = match (german, paper) {
        (true, Paper::Invoice(_)) => (XRechnung::PROFILE.specification_id, "380"),
        (true, Paper::CreditNote(_)) => (XRechnung::PROFILE.specification_id, "381"),
        (false, Paper::Invoice(_)) => (En16931::PROFILE.specification_id, "380"),
        (false, Paper::CreditNote(_)) => (En16931::PROFILE.specification_id, "381"),
    };
    let mut builder = Invoice::builder(profile, common.number, date(common.issue_date)?, kind, currency.code())
        .seller(seller(&common)?)
        .buyer(buyer(&common)?)
        .totals(totals(&common)?);
    if german {
        builder = builder.business_process(PROCESS);
    }
    if !common.reference.is_empty() {
        builder = builder.buyer_reference(common.reference);
    }
    if let Some(bank) = &common.letterhead.bank {
        let bic = (!bank.bic.is_empty()).then_some(bank.bic.as_str());
        builder = builder.payment(PaymentInstructions::sepa_credit_transfer(&bank.iban, bic));
    }
    builder = match paper {
        Paper::Invoice(issued) => builder.due_date(date(issued.due_date)?),
        Paper::CreditNote(issued) => builder
            .credit_note()
            .payment_terms("Set off against the invoice.")
            .note(issued.reason.as_str()),
    };
    for (index, line) in common.lines.iter().enumerate() {
        builder = builder.line(self::line(index, line, currency)?);
    }
    for group in merged(common.tax) {
        builder = builder.vat_breakdown(breakdown(&group, &common)?);
    }
    let mut invoice = builder.build();
    if let Paper::CreditNote(issued) = paper {
        invoice.preceding_invoices.push(PrecedingInvoice {
            reference: DocumentReference::new(&issued.invoice_number),
            issue_date: Some(date(issued.invoice_date)?),
        });
    }
    Ok(invoice)
}

fn document(message: impl Into<String>) -> EInvoiceError {
    EInvoiceError::Refused(vec![Missing {
        field: "document",
        message: message.into(),
    }])
}

fn date(day: jiff::civil::Date) -> Result<Date, EInvoiceError> {
    Date::parse(&day.to_string()).map_err(|error| document(error.to_string()))
}

/// Two decimals, as the standard wants them; yen get theirs, and dinars have one too many.
fn amount(minor: i64, currency: Currency) -> Result<InvoiceAmount, EInvoiceError> {
    let plain: Decimal = Money::new(minor, currency)
        .amount()
        .parse()
        .map_err(|error: rust_decimal::Error| document(error.to_string()))?;
    let normal = plain.normalize();
    if normal.scale() > 2 {
        return Err(document(format!(
            "An e-invoice has two decimals, and {currency} has three."
        )));
    }
    InvoiceAmount::parse(&format!("{normal:.2}")).map_err(|error| document(error.to_string()))
}

fn party(printed: &Printed, email: &str, field: &'static str, out_of_scope: bool) -> Result<Party, EInvoiceError> {
    let address = &printed.address;
    let refused = |message: String| EInvoiceError::Refused(vec![Missing { field, message }]);
    if address.country.is_empty() || address.city.is_empty() || address.street.is_empty() {
        return Err(refused("The address is missing: street, town and country.".to_owned()));
    }
    let postal = PostalAddress::new(
        &address.street,
        &address.city,
        &address.postcode,
        address.country.as_str(),
    )
    .map_err(|error| refused(error.to_string()))?;
    let mut party = Party::new(&printed.name, postal);
    if !printed.tax_id.is_empty() {
        party = if out_of_scope {
            // What is not subject to VAT names no VAT identifier (BR-O-02); the number still says who it is (BT-29, BT-46).
            party.identifiers.push(Identifier::new(&printed.tax_id));
            party
        } else {
            party.with_vat_identifier(&printed.tax_id)
        };
    }
    if let Ok(address) = Identifier::eas(email, "EM")
        && !email.is_empty()
    {
        party = party.with_electronic_address(address);
    }
    Ok(party)
}

fn seller(common: &Common<'_>) -> Result<Party, EInvoiceError> {
    let contact = &common.letterhead.contact;
    let party = party(common.seller, &contact.email, "seller.address", out_of_scope(common))?;
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let contact = Contact {
        name: given(&contact.name),
        phone: given(&contact.phone),
        email: given(&contact.email),
    };
    if contact == Contact::default() {
        return Ok(party);
    }
    Ok(party.with_contact(contact))
}

fn buyer(common: &Common<'_>) -> Result<Party, EInvoiceError> {
    party(common.buyer, &common.buyer.email, "buyer.address", out_of_scope(common))
}

/// Whether nothing on it is subject to VAT, as on what asks for a deposit.
fn out_of_scope(common: &Common<'_>) -> bool {
    let of_it = |group: &TaxSubtotal| group.treatment == Treatment::OutOfScope;
    !common.tax.is_empty() && common.tax.iter().all(of_it)
}

fn totals(common: &Common<'_>) -> Result<DocumentTotals, EInvoiceError> {
    let currency = common.currency;
    let lines = common.lines.iter().map(|line| line.net_minor).sum();
    Ok(DocumentTotals {
        line_total: amount(lines, currency)?,
        taxable_total: amount(common.net_minor, currency)?,
        vat_total: Some(amount(common.tax_minor, currency)?),
        gross_total: amount(common.gross_minor, currency)?,
        due: amount(common.gross_minor, currency)?,
        ..DocumentTotals::default()
    })
}

/// Only a line of what is not subject to VAT has no rate (BR-O-05).
fn rate(treatment: Treatment, percent: Decimal) -> Option<Percentage> {
    (treatment != Treatment::OutOfScope).then(|| Percentage::new(percent.normalize()))
}

fn line(index: usize, line: &Line, currency: Currency) -> Result<InvoiceLine, EInvoiceError> {
    let treatment = line.treatment;
    let (count, unit, price) = counted(line, currency);
    let net = amount(line.net_minor, currency)?;
    let made = InvoiceLine::new(
        (index + 1).to_string(),
        &line.description,
        Quantity::new(count),
        unit,
        net,
        treatment.code(),
        rate(treatment, line.tax_percent),
    );
    let last = line
        .service_to
        .yesterday()
        .unwrap_or(line.service_to)
        .max(line.service_from);
    Ok(made
        .with_price(PriceDetails {
            net_price: UnitPriceAmount::new(price),
            ..PriceDetails::default()
        })
        .with_period(Period {
            start: Some(date(line.service_from)?),
            end: Some(date(last)?),
        }))
}

/// Quantity, its unit (UN/ECE recommendation 20) and the price of one. What was priced in parts is one piece at its amount; a price
/// is never below zero (BR-27), so what is given back counts backwards.
fn counted(line: &Line, currency: Currency) -> (Decimal, &'static str, Decimal) {
    let money = |minor: i64| {
        Money::new(minor, currency)
            .amount()
            .parse::<Decimal>()
            .unwrap_or_default()
    };
    let (net, price) = (money(line.net_minor), money(line.unit_price_minor));
    let unit = match line.unit.as_str() {
        "month" => "MON",
        "hour" => "HUR",
        "day" => "DAY",
        _ => "C62",
    };
    if let Ok(count) = line.quantity.parse::<Decimal>()
        && (count * price).normalize() == net.normalize()
        && price >= Decimal::ZERO
    {
        return (count, unit, price);
    }
    if net < Decimal::ZERO {
        (Decimal::NEGATIVE_ONE, "C62", -net)
    } else {
        (Decimal::ONE, "C62", net)
    }
}

/// The standard knows a category and rate once (BR-S-8, BR-AE-1, BR-E-1), the seller may have several of the same: their sums are
/// added, and their reasons stand beside each other.
fn merged(groups: &[TaxSubtotal]) -> Vec<TaxSubtotal> {
    let mut all: Vec<TaxSubtotal> = Vec::new();
    for group in groups {
        let same = |known: &&mut TaxSubtotal| {
            known.treatment == group.treatment && known.rate_percent.normalize() == group.rate_percent.normalize()
        };
        let Some(known) = all.iter_mut().find(same) else {
            all.push(group.clone());
            continue;
        };
        known.basis_minor += group.basis_minor;
        known.tax_minor += group.tax_minor;
        known.exemption = match (known.exemption.take(), group.exemption.clone()) {
            (Some(one), Some(other)) if one != other => Some(Exemption {
                code: if one.code == other.code {
                    one.code
                } else {
                    String::new()
                },
                reason: [one.reason, other.reason].join("; "),
            }),
            (one, other) => one.or(other),
        };
    }
    all
}

fn breakdown(group: &TaxSubtotal, common: &Common<'_>) -> Result<VatBreakdown, EInvoiceError> {
    let (treatment, currency) = (group.treatment, common.currency);
    let (usual, code) = match treatment {
        Treatment::Standard | Treatment::ZeroRated => (None, None),
        Treatment::Exempt => (Some("Exempt from VAT"), None),
        Treatment::ReverseCharge => (Some(reverse_charge(common.language)), Some("VATEX-EU-AE")),
        Treatment::OutOfScope => (Some("Not subject to VAT"), Some("VATEX-EU-O")),
    };
    let chosen = group.exemption.as_ref();
    let provision = chosen
        .map(|chosen| chosen.reason.as_str())
        .filter(|reason| !reason.is_empty());
    let reason = match (usual, provision) {
        (Some(usual), Some(provision)) => Some(format!("{usual} ({provision})")),
        (usual, _) => usual.map(str::to_owned),
    };
    let code = chosen
        .map(|chosen| chosen.code.as_str())
        .filter(|code| !code.is_empty())
        .or(code);
    Ok(VatBreakdown {
        taxable_amount: amount(group.basis_minor, currency)?,
        tax_amount: amount(group.tax_minor, currency)?,
        category: Code::new(treatment.code()),
        // XRechnung wants a rate of every breakdown (BR-DE-14), of nothing too.
        rate: Some(Percentage::new(group.rate_percent.normalize())),
        exemption_reason: reason,
        exemption_reason_code: code.map(Code::new),
    })
}
