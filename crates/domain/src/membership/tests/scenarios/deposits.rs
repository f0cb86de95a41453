//! `Ada deposit is paid`, `Ada deposit pays for HAR-000002`, `Ada deposit goes back`: what is held, and what becomes of it.

use super::{Address, ENTITY, Party, World};
use crate::{
    ChargeId, DepositId, InvoiceId, Money,
    deposit::{self, Deposit, DepositEvent, Owed},
    invoice::{self, InvoiceIssued},
    membership::MembershipStarted,
    refusal::Refusal,
    testing::id,
};
use std::{collections::BTreeMap, fmt::Write as _};

/// Deposits by name, with what their requests still wait for; and the invoices that they may pay.
#[derive(Default)]
pub(super) struct Deposits {
    held: BTreeMap<String, (Deposit, i64)>,
    pub(super) issued: Vec<InvoiceIssued>,
    /// What deposits paid of an invoice, by its number.
    paid: BTreeMap<String, i64>,
}

impl World {
    pub(super) fn ask_for_deposit(&mut self, name: &str, started: &MembershipStarted) {
        let plan = self.all.plan_version(started.plan_version_id).unwrap();
        let number = u128::try_from(self.deposits.held.len()).unwrap() + 1;
        let ids = (
            DepositId(id(0xd00 + number)),
            ChargeId(id(0xe00 + number)),
            InvoiceId(id(0xf00 + number)),
        );
        let Some(requested) = deposit::request(ids, started, plan, self.all.position) else {
            return;
        };
        let buyer = Party {
            name: self.name_of(started.payer).to_owned(),
            address: Address::default(),
            tax_id: String::new(),
            email: String::new(),
        };
        let entity = self.all.legal_entity(ENTITY).unwrap().fact.clone();
        let sequence = i64::try_from(number).unwrap();
        let charges = [requested.charge];
        let issued = invoice::issue(
            ids.2,
            sequence,
            started.payer,
            buyer,
            self.today,
            &charges,
            &entity,
            &self.all,
        );
        self.print(&issued.unwrap());
        let open = requested.fact.amount.minor;
        let deposit = Deposit::evolve(None, DepositEvent::from(requested.fact)).unwrap();
        self.deposits.held.insert(name.to_owned(), (deposit, open));
    }

    pub(super) fn deposit(&mut self, name: &str, what: &[&str]) {
        let said = match *what {
            ["is", "paid"] => {
                self.deposits.held.get_mut(name).unwrap().1 = 0;
                Ok("is paid".to_owned())
            }
            ["pays", "for", number] => self.pays(name, number),
            ["goes", "back"] => self.goes_back(name),
            _ => panic!("nothing happens: {what:?}"),
        };
        let (deposit, open) = &self.deposits.held[name];
        let held = Money::new(deposit.held_minor(*open, 0), self.currency).amount();
        let _ = match said {
            Ok(said) => writeln!(self.told, "  {} deposit of {name} {said}; held {held}", self.today),
            Err(refusal) => writeln!(self.told, "  {} refused: {}", self.today, refusal.sentence),
        };
    }

    fn pays(&mut self, name: &str, number: &str) -> Result<String, Refusal> {
        let invoice = self
            .deposits
            .issued
            .iter()
            .find(|issued| issued.number == number)
            .unwrap();
        let paid = self.deposits.paid.get(number).copied().unwrap_or_default();
        let owed = Owed {
            invoice_id: invoice.invoice_id,
            payer: invoice.payer,
            legal_entity_id: invoice.legal_entity_id,
            open_minor: invoice.gross_minor - paid,
            collecting: false,
            a_deposit: false,
        };
        let (deposit, open) = &self.deposits.held[name];
        let applied = deposit::apply(deposit, deposit.held_minor(*open, 0), &owed, None, self.today)?;
        let amount = applied.amount;
        *self.deposits.paid.entry(number.to_owned()).or_default() += amount.minor;
        self.becomes(name, applied.into());
        Ok(format!("pays {} of {number}", amount.amount()))
    }

    fn goes_back(&mut self, name: &str) -> Result<String, Refusal> {
        let (deposit, open) = &self.deposits.held[name];
        let returned = deposit::give_back(deposit, deposit.held_minor(*open, 0), None, "Transfer", self.today)?;
        let amount = returned.amount;
        self.becomes(name, returned.into());
        Ok(format!("goes back, {}", amount.amount()))
    }

    fn becomes(&mut self, name: &str, event: DepositEvent) {
        let (deposit, _) = self.deposits.held.get_mut(name).unwrap();
        *deposit = Deposit::evolve(Some(deposit.clone()), event).unwrap();
    }
}
