use super::*;
use crate::paper::tests::{credit_note, invoice};
use coterie_domain::{
    legal_entity::Language,
    tax::{Exemption, Treatment},
};

fn missing(error: EInvoiceError) -> Vec<(&'static str, String)> {
    match error {
        EInvoiceError::Refused(missing) => missing.into_iter().map(|one| (one.field, one.message)).collect(),
        other => panic!("it is refused by the rules: {other}"),
    }
}

fn shown(name: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("COTERIE_PAPER_DIR") {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).unwrap();
    }
}

#[test]
fn an_invoice_and_its_correction_are_written_in_both_syntaxes() {
    let (issued, note) = (invoice(3, Language::De), credit_note(Language::De));
    for (name, paper) in [("invoice", Paper::Invoice(&issued)), ("note", Paper::CreditNote(&note))] {
        let ubl = xrechnung(paper).unwrap();
        shown(&format!("{name}.xml"), &ubl);
        let read = en16931_formats::read(&ubl).unwrap();
        assert!(format!("{read:?}").contains(paper.number()));
        let hybrid = factur_x(paper, None).unwrap();
        shown(&format!("{name}-x.pdf"), &hybrid);
        assert_eq!(hybrid, factur_x(paper, None).unwrap(), "the same bytes every time");
        let extracted = zugferd::extract(&hybrid, &zugferd::Limits::default()).unwrap();
        let divergences = extracted.divergence;
        assert!(divergences.is_empty(), "{divergences:?}");
    }
}

/// The negative control: a wrong sum is refused by the rules, wherever it stands.
#[test]
fn a_wrong_sum_is_refused() {
    let whole = invoice(3, Language::En);
    let wrong: [fn(&mut coterie_domain::invoice::InvoiceIssued); 4] = [
        |issued| issued.gross_minor += 1,
        |issued| issued.net_minor -= 1,
        |issued| issued.lines[0].net_minor += 100,
        |issued| issued.tax[0].basis_minor += 100,
    ];
    for change in wrong {
        let mut issued = whole.clone();
        change(&mut issued);
        for refused in [
            xrechnung(Paper::Invoice(&issued)).unwrap_err(),
            factur_x(Paper::Invoice(&issued), None).unwrap_err(),
        ] {
            let told = missing(refused);
            assert!(told.iter().any(|(field, _)| *field == "document"), "{told:?}");
        }
    }
}

#[test]
fn what_is_missing_is_named_where_it_is_to_be_given() {
    let whole = invoice(1, Language::De);
    let fields = |change: fn(&mut coterie_domain::invoice::InvoiceIssued)| {
        let mut issued = whole.clone();
        change(&mut issued);
        let mut fields: Vec<_> = missing(xrechnung(Paper::Invoice(&issued)).unwrap_err())
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        fields.dedup();
        fields
    };
    assert_eq!(fields(|issued| issued.buyer_reference.clear()), ["buyer.reference"]);
    assert_eq!(fields(|issued| issued.buyer.address.city.clear()), ["buyer.address"]);
    assert_eq!(
        fields(|issued| issued.seller.address.street.clear()),
        ["seller.address"]
    );
    assert_eq!(fields(|issued| issued.letterhead.bank = None), ["seller.bank"]);
    assert_eq!(
        fields(|issued| issued.letterhead.contact.phone.clear()),
        ["seller.contact"]
    );
    assert!(fields(|issued| issued.seller.tax_id.clear()).contains(&"seller.tax_id"));
}

/// An invoice whose lines are taxed as somebody chose.
fn chosen(
    treatment: Treatment,
    code: &str,
    reason: &str,
    language: Language,
) -> coterie_domain::invoice::InvoiceIssued {
    let mut issued = invoice(3, language);
    let exemption = Some(Exemption {
        code: code.to_owned(),
        reason: reason.to_owned(),
    });
    for line in &mut issued.lines {
        line.tax_percent = 0.into();
        line.treatment = treatment;
        line.exemption.clone_from(&exemption);
    }
    // Two of the seller's own categories are one of the standard's.
    issued.lines[2].tax_category = "office".to_owned();
    let taxed = issued.lines.iter().map(|line| {
        let net = coterie_domain::Money::new(line.net_minor, issued.currency);
        (line.tax_category.as_str(), line.taxed(), net)
    });
    issued.tax = coterie_domain::tax::subtotals_as(taxed);
    assert_eq!(issued.tax.len(), 2);
    issued.tax_minor = 0;
    issued.gross_minor = issued.net_minor;
    issued
}

/// The rules of the standard accept them, and both papers say why there is no tax (art. 226 (11) and (11a)).
#[test]
fn what_was_chosen_stands_on_both_papers() {
    for (name, treatment, code, reason, language, says) in [
        (
            "ae",
            Treatment::ReverseCharge,
            "VATEX-EU-AE",
            "",
            Language::De,
            "Steuerschuldnerschaft des Leistungsempf\u{e4}ngers",
        ),
        (
            "ae-en",
            Treatment::ReverseCharge,
            "VATEX-EU-AE",
            "Section 13b UStG",
            Language::En,
            "Reverse charge (Section 13b UStG)",
        ),
        (
            "e",
            Treatment::Exempt,
            "VATEX-EU-132",
            "Article 132",
            Language::En,
            "Exempt from VAT (Article 132)",
        ),
    ] {
        let issued = chosen(treatment, code, reason, language);
        let paper = Paper::Invoice(&issued);
        let ubl = String::from_utf8(xrechnung(paper).unwrap()).unwrap();
        shown(&format!("{name}.xml"), ubl.as_bytes());
        assert!(ubl.contains(says) && ubl.contains(code), "{ubl}");
        assert!(ubl.contains(&format!(">{}<", treatment.code())), "{ubl}");
        assert_eq!(ubl.matches("<cac:TaxSubtotal>").count(), 1, "{ubl}");
        shown(&format!("{name}-x.pdf"), &factur_x(paper, None).unwrap());
        let notes = paper::notes_of(paper);
        assert!(notes[0].starts_with(says), "{notes:?}");
    }
}

/// A deposit is asked for by a document of nothing else, so the rules of category O hold: no rate, no VAT identifier.
#[test]
fn a_deposit_is_written_outside_of_the_scope_of_vat() {
    let mut issued = invoice(1, Language::De);
    issued.lines.truncate(1);
    let line = &mut issued.lines[0];
    line.kind = coterie_domain::charge::ChargeKind::Deposit;
    line.tax_category = coterie_domain::tax::OUT_OF_SCOPE.into();
    line.tax_percent = rust_decimal::Decimal::ZERO;
    line.treatment = Treatment::OutOfScope;
    let net = line.net_minor;
    issued.tax.truncate(1);
    issued.tax[0].category = coterie_domain::tax::OUT_OF_SCOPE.into();
    issued.tax[0].rate_percent = rust_decimal::Decimal::ZERO;
    issued.tax[0].treatment = Treatment::OutOfScope;
    (issued.tax[0].basis_minor, issued.tax[0].tax_minor) = (net, 0);
    (issued.net_minor, issued.tax_minor, issued.gross_minor) = (net, 0, net);
    let xml = String::from_utf8(xrechnung(Paper::Invoice(&issued)).unwrap()).unwrap();
    assert!(xml.contains("VATEX-EU-O") && !xml.contains("PartyTaxScheme"), "{xml}");
    factur_x(Paper::Invoice(&issued), None).unwrap();
    // The negative control: beside anything that is taxed the rules refuse it.
    let whole = invoice(3, Language::De);
    issued.lines.push(whole.lines[0].clone());
    issued.tax.push(whole.tax[0].clone());
    assert!(xrechnung(Paper::Invoice(&issued)).is_err());
}
