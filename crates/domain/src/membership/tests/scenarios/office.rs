//! What finance does in a scenario: how a payer is taxed, and what a credit note takes back.

use super::World;
use crate::{
    Payer,
    billing::{NewTaxChoice, TaxChoices, choose_tax},
    charge::ChargeKind,
    tax::{TaxSubtotal, Treatment},
    testing::date,
};
use std::fmt::Write as _;

/// `VAT 19 % of 300.00`, or why there is none.
pub(super) fn vat(subtotal: &TaxSubtotal, of: &str) -> String {
    let reason = subtotal.exemption.as_ref().map_or("", |why| why.reason.as_str());
    match subtotal.treatment {
        Treatment::ReverseCharge => format!("Reverse charge of {of}"),
        Treatment::Exempt => format!("Exempt ({reason}) of {of}"),
        _ => format!("VAT {} % of {of}", subtotal.rate_percent),
    }
}

impl World {
    /// A company's, by the letters of its name; of people there is none.
    pub(super) fn tax_id_of(payer: Payer) -> String {
        let known = match payer {
            Payer::Company(_) => "FR40303265045",
            Payer::Member(_) => "",
        };
        known.to_owned()
    }

    /// `Engines is taxed reverse-charge from 2026-02-10`, `Ada is taxed exempt from 2026-02-10: Article 132`, `a credit note takes
    /// 100.00 off what Ada was charged last`. Whether it was one of these.
    pub(super) fn in_the_office(&mut self, parts: &[&str]) -> bool {
        let done = match *parts {
            [who, "is", "taxed", how, "from", day, ref reason @ ..] => {
                let payer = self.payer(who);
                let new = NewTaxChoice {
                    treatment: how.replace('-', "_"),
                    reason: reason.join(" "),
                    code: String::new(),
                };
                let entity = &self.all.legal_entity(super::ENTITY).expect("there is one").fact;
                let from = date(day.trim_end_matches(':'));
                let said = choose_tax(payer, &Self::tax_id_of(payer), &new, from, entity);
                said.map(|said| {
                    let all: &mut TaxChoices = self.choices.entry(payer).or_default();
                    all.set(said);
                })
            }
            [
                "a",
                "credit",
                "note",
                "takes",
                amount,
                "off",
                "what",
                who,
                "was",
                "charged",
                "last",
            ] => {
                let minor = self.money(amount).minor;
                let lives = self.lives.iter_mut().find(|(name, _)| name == who);
                let life = &mut lives.expect("she is known").1;
                let last = life.charges.iter().rfind(|charge| charge.kind == ChargeKind::Recurring);
                let last = last.expect("she was charged").charge_id;
                *life.credited.entry(last).or_default() += minor;
                Ok(())
            }
            _ => return false,
        };
        if let Err(refusal) = done {
            let said = refusal.fields.first().map_or(&refusal.sentence, |field| &field.message);
            let _ = writeln!(self.told, "  {} refused: {said}", self.today);
        }
        true
    }
}
