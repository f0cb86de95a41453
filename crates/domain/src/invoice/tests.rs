use super::*;
use crate::{
    ChargeId, Money, Payer,
    booking::{confirm, slot},
    catalogue::Catalogue,
    charge::{ChargeKind, ChargeMade},
    legal_entity::Address,
    membership::{Next, open_cycle},
    period::monthly_cycle,
    tax::TaxEvent,
    testing::{
        ADA, BERLIN, BOOKING, CHARGE, INVOICE, PIER, ROOM, ada, at, chain, currency, date, eur, id, ids_from, lot,
        membership_from, record, wall, when,
    },
    {CompanyId, MemberId},
};
use proptest::prelude::*;

pub(crate) fn buyer() -> Party {
    Party {
        name: "Ada Lovelace".to_owned(),
        address: Address::default(),
        tax_id: String::new(),
        email: "ada@example.com".to_owned(),
    }
}

/// February's cycle and the hour that January's allowance did not cover.
pub(crate) fn charges(all: &Catalogue) -> Vec<ChargeMade> {
    let membership = membership_from("2026-01-20", all);
    let cycle = monthly_cycle(date("2026-02-01"), 1);
    let recurring = open_cycle(&membership, 3, Next { cycle, days: cycle }, &[], ids_from(0x2000), all).unwrap();
    let (start, end) = (wall("2026-01-22T13:00"), wall("2026-01-22T17:00"));
    let slot = slot(ROOM, start, end, at("2026-01-20T06:00Z"), all).unwrap();
    let lots = [lot(1, 180, "2025-12-31T23:00Z", "2026-01-31T23:00Z")];
    let booked = confirm(BOOKING, CHARGE, &ada(), Some(&membership), &slot, &lots, all).unwrap();
    recurring.charges.into_iter().chain(booked.charge).collect()
}

pub(crate) fn issued(charges: &[ChargeMade], all: &Catalogue) -> Result<InvoiceIssued, crate::Refusal> {
    let entity = &all.legal_entity(BERLIN).unwrap().fact;
    issue(
        INVOICE,
        2,
        Payer::Member(ADA),
        buyer(),
        date("2026-02-01"),
        charges,
        entity,
        all,
    )
}

/// Journey (b)'s figure: 320.00 + 60.80 = 380.80.
#[test]
fn the_invoice_of_1_february() {
    let all = chain();
    let invoice = issued(&charges(&all), &all).unwrap();
    assert_eq!(
        (invoice.net_minor, invoice.tax_minor, invoice.gross_minor),
        (32_000, 6_080, 38_080)
    );
    assert_eq!(
        (invoice.number.as_str(), invoice.series.as_str(), invoice.sequence),
        ("BER-000002", "BER", 2)
    );
    assert_eq!(
        (invoice.issue_date, invoice.due_date),
        (date("2026-02-01"), date("2026-02-15"))
    );
    assert_eq!(invoice.currency, currency("EUR"));
    assert_eq!(
        (invoice.seller.name.as_str(), invoice.seller.tax_id.as_str()),
        ("Harbour Berlin GmbH", "DE123456788")
    );
    assert_eq!(invoice.tax.len(), 1);
    let lines: Vec<_> = invoice
        .lines
        .iter()
        .map(|line| {
            (
                line.kind,
                line.quantity.as_str(),
                line.unit.as_str(),
                line.unit_price_minor,
                line.net_minor,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (ChargeKind::Recurring, "1", "month", 30_000, 30_000),
            (ChargeKind::Booking, "1", "hour", 2_000, 2_000)
        ]
    );
}

/// Rule 6: each line carries the rate of its own days.
#[test]
fn a_rate_that_changes_splits_the_invoice() {
    let mut all = chain();
    let higher = crate::tax::set_rate("DE", "standard", 21.into(), date("2026-02-01")).unwrap();
    record::<TaxEvent>(&mut all, higher);
    let invoice = issued(&charges(&all), &all).unwrap();
    let groups: Vec<_> = invoice
        .tax
        .iter()
        .map(|group| (group.basis_minor, group.tax_minor))
        .collect();
    assert_eq!(groups, [(30_000, 6_300), (2_000, 380)]);
    assert_eq!(invoice.gross_minor, 32_000 + 6_680);
}

/// Rule 4 and the currencies: whatever does not belong there stops the invoice and says why.
#[test]
fn what_does_not_belong_on_the_invoice_stops_it() {
    let all = chain();
    let refused = |change: &dyn Fn(&mut Vec<ChargeMade>), code: &str| {
        let mut charges = charges(&all);
        change(&mut charges);
        when(issued(&charges, &all)).then_refused(code).sentence
    };
    refused(&|charges| charges.clear(), "nothing_to_invoice");
    assert_eq!(
        refused(
            &|charges| charges[1].net = Money::new(2_000, currency("USD")),
            "currency_not_the_entitys"
        ),
        "A charge in USD cannot stand on an invoice in EUR."
    );
    assert_eq!(
        refused(&|charges| charges.push(charges[1].clone()), "charge_twice"),
        "\u{201c}Room Spree, 2026-01-22 13:00\u{201d} would be billed twice."
    );
    refused(
        &|charges| charges[0].legal_entity_id = crate::testing::NEW_YORK,
        "charge_of_another_entity",
    );
    refused(
        &|charges| charges[0].payer = Payer::Company(CompanyId(id(7))),
        "charge_of_another_payer",
    );
    refused(
        &|charges| charges[0].payer = Payer::Member(MemberId(id(8))),
        "charge_of_another_payer",
    );
    refused(&|charges| charges[0].location_id = PIER, "no_tax_rate");
    refused(&|charges| charges[0].tax_category = "office".to_owned(), "no_tax_rate");
    refused(&|charges| charges[0].taxed_on = Some(date("2020-12-31")), "no_tax_rate");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    #[test]
    fn totals_are_the_sums_of_what_is_printed(nets in prop::collection::vec(-100_000i64..1_000_000, 1..12), sequence in 1i64..9_999_999) {
        let all = chain();
        let template = charges(&all)[1].clone();
        let charges: Vec<ChargeMade> = nets.iter().zip(1u128..).map(|(net, number)| ChargeMade {
            charge_id: ChargeId(id(number)), net: eur(*net), ..template.clone()
        }).collect();
        let entity = &all.legal_entity(BERLIN).unwrap().fact;
        let invoice = issue(INVOICE, sequence, Payer::Member(ADA), buyer(), date("2026-02-01"), &charges, entity, &all).unwrap();
        prop_assert_eq!(invoice.lines.len(), nets.len());
        prop_assert_eq!(invoice.net_minor, nets.iter().sum::<i64>());
        prop_assert_eq!(invoice.net_minor, invoice.tax.iter().map(|group| group.basis_minor).sum::<i64>());
        prop_assert_eq!(invoice.tax_minor, invoice.tax.iter().map(|group| group.tax_minor).sum::<i64>());
        prop_assert_eq!(invoice.gross_minor, invoice.net_minor + invoice.tax_minor);
        prop_assert!(invoice.number.len() >= "BER-000001".len());
    }
}
