//! How payers are taxed, and what goes back to them after everything is over.

use super::changing::{Place, place};
use coterie_app::{
    UseCaseError,
    billing::{self, ChooseTax},
    company::{self, RegisterCompany},
    credit_note, invoice_run, membership, projections,
};
use coterie_domain::{
    CompanyId, Payer,
    billing::{NewBillingDetails, NewTaxChoice},
    credit_note::{CreditNoteEvent, CreditNoteIssued, NewCreditNote, WantedLine},
    legal_entity::Address,
    tax::Treatment,
};
use coterie_tests::chain::{self, eur};
use jiff::civil::{Date, date};

impl Place {
    async fn company(&self, tax_id: &str) -> CompanyId {
        let new = RegisterCompany {
            external_id: None,
            name: "Engines SAS".to_owned(),
            billing_email: "bills@engines.example".to_owned(),
            address: Address {
                street: "Quai 1".to_owned(),
                postcode: "75001".to_owned(),
                city: "Paris".to_owned(),
                country: "FR".to_owned(),
            },
            tax_id: tax_id.to_owned(),
        };
        company::register(&self.app, &self.chain.owner, new)
            .await
            .unwrap()
            .outcome
    }

    async fn choose(
        &self,
        payer: Payer,
        treatment: &str,
        reason: &str,
        from: Option<Date>,
    ) -> Result<(), UseCaseError> {
        let command = ChooseTax {
            payer,
            legal_entity_id: self.chain.legal_entity,
            new: NewTaxChoice {
                treatment: treatment.to_owned(),
                reason: reason.to_owned(),
                code: String::new(),
            },
            from,
        };
        billing::choose_tax(&self.app, &self.chain.owner, &command)
            .await
            .map(drop)
    }

    async fn credit_notes(&self) -> Vec<CreditNoteIssued> {
        let ids: Vec<uuid::Uuid> =
            sqlx::query_scalar("select stream_id from event where event_type = 'CreditNoteIssued' order by position")
                .fetch_all(&self.db.owner)
                .await
                .unwrap();
        let mut notes = Vec::new();
        for id in ids {
            let mut op = coterie_app::Operation::open(&self.app, &self.chain.owner)
                .await
                .unwrap();
            let note = op
                .load::<CreditNoteEvent, CreditNoteIssued>(id, |_, event| {
                    let CreditNoteEvent::CreditNoteIssued(fact) = event;
                    Some(fact)
                })
                .await
                .unwrap();
            notes.push(note.unwrap().0);
        }
        notes
    }
}

fn fields(error: &UseCaseError) -> Vec<&str> {
    match error {
        UseCaseError::Refused(refusal) => refusal.fields.iter().map(|field| field.field.as_str()).collect(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_company_of_another_country_owes_the_tax_itself_from_the_day_it_was_chosen_for() {
    let (place, team) = place().await;
    let engines = place.company("FR 40 303265045").await;
    let payer = Payer::Company(engines);
    membership::change_payer(
        &place.app,
        &place.chain.owner,
        place.membership,
        payer,
        Some(date(2026, 2, 1)),
    )
    .await
    .unwrap();
    // Nothing of it comes by itself.
    place.until(date(2026, 2, 2)).await;
    let first = place.invoice(*place.issued().await.last().unwrap()).await;
    assert_eq!((first.payer, first.tax_minor), (payer, 5_700));
    assert_eq!(first.lines[0].treatment, Treatment::Standard);

    place.choose(payer, "reverse_charge", "", None).await.unwrap();
    let quote = membership::quote_plan_change(&place.app, &place.chain.owner, &place.change(team, false))
        .await
        .unwrap();
    membership::change_plan(&place.app, &place.chain.owner, place.change(team, false))
        .await
        .unwrap();
    let upgrade = place.invoice(*place.issued().await.last().unwrap()).await;
    // Flex goes back as it was charged, Team is charged without tax; and that is what was quoted.
    let by: Vec<_> = upgrade
        .tax
        .iter()
        .map(|group| (group.treatment, group.basis_minor, group.tax_minor))
        .collect();
    assert_eq!(
        by,
        [
            (Treatment::Standard, -28_929, -5_497),
            (Treatment::ReverseCharge, 48_214, 0)
        ]
    );
    assert_eq!(eur(upgrade.gross_minor), quote.gross);
    let why = upgrade.tax[1].exemption.as_ref().unwrap();
    assert_eq!((why.code.as_str(), why.reason.as_str()), ("VATEX-EU-AE", ""));
    let line = upgrade.lines.iter().find(|line| line.net_minor > 0).unwrap();
    chain::follow_until_idle(&place.db.worker, &projections::all(&chain::keys())).await;
    let explained =
        coterie_app::invoice::page::explain(&place.app, place.chain.tenant, upgrade.invoice_id, line.charge_id)
            .await
            .unwrap();
    assert_eq!(
        explained.unwrap().tax,
        "Reverse charge, the buyer owes the tax: chosen for the payer for what is supplied on 2026-02-02 (VATEX-EU-AE)"
    );
    place.agree().await;

    // A run shows what it issues.
    invoice_run::set_invoicing(&place.app, &place.chain.owner, place.chain.legal_entity, true)
        .await
        .unwrap();
    place.until(date(2026, 3, 1)).await;
    let run = invoice_run::open(
        &place.app,
        &place.chain.owner,
        place.chain.legal_entity,
        date(2026, 3, 1),
    )
    .await
    .unwrap()
    .outcome;
    let drafted = invoice_run::page::draft(&place.app, place.chain.tenant, run, payer.id())
        .await
        .unwrap();
    let document = drafted.document.unwrap();
    assert_eq!((document.tax_minor, document.gross_minor), (0, 50_000));
    let issued = invoice_run::invoice_now(&place.app, &place.chain.owner, payer, place.chain.legal_entity)
        .await
        .unwrap()
        .outcome;
    let issued = place.invoice(issued).await;
    assert_eq!((&issued.lines, &issued.tax), (&document.lines, &document.tax));
    place.agree().await;
}

#[tokio::test]
async fn what_cannot_be_chosen_is_refused_and_a_vat_id_in_use_stays() {
    let (place, _) = place().await;
    let ada = place.chain.ada_pays();
    let refused = place.choose(ada, "reverse_charge", "", None).await.unwrap_err();
    assert_eq!(fields(&refused), ["treatment"]);
    let refused = place.choose(ada, "exempt", " ", None).await.unwrap_err();
    assert_eq!(fields(&refused), ["reason"]);
    let domestic = Payer::Company(place.company("DE136695976").await);
    let refused = place.choose(domestic, "reverse_charge", "", None).await.unwrap_err();
    assert_eq!(fields(&refused), ["reason"]);
    place
        .choose(domestic, "reverse_charge", "Section 13b UStG", None)
        .await
        .unwrap();
    let engines = Payer::Company(place.company("FR40303265045").await);
    place.choose(engines, "reverse_charge", "", None).await.unwrap();
    let mut said = NewBillingDetails {
        street: "Quai 1".to_owned(),
        city: "Paris".to_owned(),
        country: "FR".to_owned(),
        tax_id: "12345".to_owned(),
        ..NewBillingDetails::default()
    };
    let refused = billing::set(&place.app, &place.chain.owner, engines, &said)
        .await
        .unwrap_err();
    assert_eq!(fields(&refused), ["tax_id"]);
    said.tax_id = "FR40303265046".to_owned();
    let refused = billing::set(&place.app, &place.chain.owner, engines, &said)
        .await
        .unwrap_err();
    assert_eq!(fields(&refused), ["tax_id"], "its check digits are wrong");
    said.tax_id = String::new();
    billing::set(&place.app, &place.chain.owner, engines, &said)
        .await
        .unwrap();
    // Members choose nothing of it.
    let hers = ChooseTax {
        payer: ada,
        legal_entity_id: place.chain.legal_entity,
        new: NewTaxChoice {
            treatment: "exempt".to_owned(),
            reason: "Because".to_owned(),
            code: String::new(),
        },
        from: None,
    };
    let refused = billing::choose_tax(&place.app, &place.chain.as_ada(), &hers).await;
    assert!(matches!(refused, Err(UseCaseError::Forbidden)), "{refused:?}");
}

/// After the end nothing more is owed: what was given back goes back on a credit note, once.
#[tokio::test]
async fn what_waits_after_the_end_goes_back_on_a_credit_note() {
    let (place, _) = place().await;
    place.until(date(2026, 2, 10)).await;
    let owner = &place.chain.owner;
    membership::give_notice(&place.app, owner, place.membership, Some(date(2026, 2, 4)))
        .await
        .unwrap();
    place.agree().await;
    let ada = place.chain.ada_pays();
    let entity = place.chain.legal_entity;
    let hers = credit_note::pay_back(&place.app, &place.chain.as_ada(), ada, entity).await;
    assert!(matches!(hers, Err(UseCaseError::Forbidden)), "{hers:?}");
    let paid = credit_note::pay_back(&place.app, owner, ada, entity).await.unwrap();
    assert_eq!(paid.outcome.len(), 1);
    let notes = place.credit_notes().await;
    let [note] = &notes[..] else { panic!("{notes:?}") };
    // 24 of 28 days of 300.00, and their tax.
    assert_eq!((note.net_minor, note.tax_minor), (25_714, 4_886));
    assert_eq!(note.reason, "Flex given back, 2026-02-05 to 2026-02-28");
    assert_eq!(note.invoice_number, "BER-000002");
    place.agree().await;
    let again = credit_note::pay_back(&place.app, owner, ada, entity).await.unwrap_err();
    assert_eq!(again.code(), Some("nothing_to_pay_back"));
    place.until(date(2026, 3, 2)).await;
    assert_eq!(place.credit_notes().await.len(), 1);
    assert_eq!(place.issued().await.len(), 2, "and no invoice has it too");
    place.agree().await;
}

/// Finance took back the whole of February; an end that is over gives nothing of it back once more, nor the other way round.
#[tokio::test]
async fn the_same_days_do_not_go_back_twice() {
    let (place, _) = place().await;
    place.until(date(2026, 2, 10)).await;
    let owner = &place.chain.owner;
    let february = *place.issued().await.last().unwrap();
    let document = place.invoice(february).await;
    let half = NewCreditNote {
        reason: "The heating was out of order.".to_owned(),
        lines: vec![WantedLine {
            charge_id: document.lines[0].charge_id,
            net_minor: Some(15_000),
        }],
        bill_again: false,
    };
    credit_note::issue(&place.app, owner, february, &half).await.unwrap();
    let given = membership::give_notice(&place.app, owner, place.membership, Some(date(2026, 2, 14)))
        .await
        .unwrap()
        .outcome;
    assert_eq!(
        given.changed.net,
        eur(-7_500),
        "half of the days, of the half that is left"
    );
    place.agree().await;
    let rest = NewCreditNote {
        reason: "All of it".to_owned(),
        lines: Vec::new(),
        bill_again: false,
    };
    let again = NewCreditNote {
        bill_again: true,
        ..rest.clone()
    };
    let refused = credit_note::issue(&place.app, owner, february, &again)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("given_back_since"));
    credit_note::issue(&place.app, owner, february, &rest).await.unwrap();
    let notes = place.credit_notes().await;
    assert_eq!(
        notes.iter().map(|note| note.net_minor).collect::<Vec<_>>(),
        [15_000, 7_500]
    );
    credit_note::pay_back(&place.app, owner, place.chain.ada_pays(), place.chain.legal_entity)
        .await
        .unwrap();
    let back: i64 = place.credit_notes().await.iter().map(|note| note.net_minor).sum();
    assert_eq!(back, 30_000, "all of it, and no cent more");
    place.agree().await;
}
