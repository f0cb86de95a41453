//! Scenarios that an accountant can read: `crates/domain/scenarios/*.txt` say what is given, what happens on which day, and
//! which invoices follow. The days are led by [`Life`], the invoices issued by the domain's own `invoice::issue`.
//!
//! `COTERIE_GOLDEN=write` writes the invoices of a new scenario; whoever does that reads them.

mod bookings;
mod deposits;

use super::*;
use crate::{
    Currency, InvoiceId,
    catalogue::Catalogue,
    invoice::{self, InvoiceIssued, Party},
    legal_entity::{self, Address, LegalEntityEvent, NewLegalEntity},
    location::{self, LocationEvent, NewLocation},
    member::{self, EmailConfirmed, Member, MemberEvent},
    period::CycleLength,
    plan::PlanEvent,
    tax::{self, TaxEvent},
    testing::{Life, record},
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

const HOUSE: LocationId = LocationId(uuid::Uuid::from_u128(0x29));
const ENTITY: crate::LegalEntityId = crate::LegalEntityId(uuid::Uuid::from_u128(0x19));

/// A chain of one house, its plans and people.
struct World {
    all: Catalogue,
    currency: Currency,
    plans: BTreeMap<String, PlanVersionId>,
    lives: Vec<(String, Life)>,
    companies: Vec<String>,
    members: Vec<String>,
    today: Date,
    /// Charges that stand on an invoice.
    invoiced: std::collections::BTreeSet<crate::ChargeId>,
    sequence: i64,
    told: String,
    deposits: deposits::Deposits,
    /// Bookings so far, for their ids.
    bookings: u128,
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

impl World {
    fn new(currency: Currency) -> Self {
        let mut all = Catalogue::default();
        let entity = NewLegalEntity {
            name: "Harbour".into(),
            street: "Quay 1".into(),
            postcode: "1".into(),
            city: "City".into(),
            country: "DE".into(),
            tax_id: "DE123456789".into(),
            currency: currency.code().into(),
            time_zone: "Europe/Berlin".into(),
            invoice_series: "HAR".into(),
            payment_terms_days: 14,
        };
        let created = legal_entity::create(ENTITY, &entity, &all).unwrap();
        record::<LegalEntityEvent>(&mut all, created);
        let house = NewLocation {
            name: "Quay".into(),
            street: "Quay 1".into(),
            postcode: "1".into(),
            city: "City".into(),
            country: "DE".into(),
            time_zone: "Europe/Berlin".into(),
            opening_hours: "Mon-Sun 00:00-24:00".into(),
        };
        let opened = location::open(HOUSE, ENTITY, &house, &all).unwrap();
        record::<LocationEvent>(&mut all, opened);
        Self {
            all,
            currency,
            plans: BTreeMap::new(),
            lives: Vec::new(),
            companies: Vec::new(),
            members: Vec::new(),
            today: date("2000-01-01"),
            invoiced: std::collections::BTreeSet::new(),
            sequence: 0,
            told: String::new(),
            deposits: deposits::Deposits::default(),
            bookings: 0,
        }
    }

    fn money(&self, text: &str) -> Money {
        Money::parse(text, self.currency).unwrap_or_else(|sentence| panic!("{text}: {sentence}"))
    }

    /// `VAT 19 % from 2021-01-01`, `plan Flex: 300.00 a month on the 1`, with more terms after commas.
    fn given(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("VAT ") {
            let parts = words(rest);
            let (rate, from) = (parts[0].parse::<Decimal>().unwrap(), date(parts[3]));
            let set = tax::set_rate("DE", "standard", rate, from).unwrap();
            record::<TaxEvent>(&mut self.all, set);
            return;
        }
        if let Some(rest) = line.strip_prefix("room at ") {
            self.room(rest);
            return;
        }
        let (name, rest) = line.strip_prefix("plan ").unwrap().split_once(": ").unwrap();
        let mut parts = rest.split(", ");
        let (price, cycle) = parts.next().unwrap().split_once(" a ").unwrap();
        let (length, billing_day) = match cycle.split_once(" on the ") {
            Some((length, day)) => (length, day.parse().unwrap()),
            None => (cycle, 1),
        };
        let mut terms = PlanTerms {
            length: CycleLength::parse(length).unwrap(),
            ..PlanTerms::default()
        };
        let mut rooms = 0;
        for term in parts {
            match words(term)[..] {
                ["in", "arrears"] => terms.in_arrears = true,
                ["set-up", "fee", fee] => terms.set_up_fee_minor = self.money(fee).minor,
                [days, "free", "days"] => terms.trial_days = days.parse().unwrap(),
                ["term", "of", cycles, "cycles"] => terms.term_cycles = cycles.parse().unwrap(),
                [days, "days", "of", "notice"] => terms.notice_days = days.parse().unwrap(),
                ["deposit", "of", amount] => terms.deposit_minor = self.money(amount).minor,
                [amount, "of", "money"] => terms.money_minor = self.money(amount).minor,
                [hours, "hours", "of", "rooms"] => rooms = hours.parse().unwrap(),
                _ => panic!("no term: {term}"),
            }
        }
        let number = u128::try_from(self.all.plan_versions.len()).unwrap();
        let known = self
            .all
            .plans_on_offer()
            .iter()
            .find(|plan| plan.name == name)
            .map(|plan| plan.plan_id);
        let plan = known.unwrap_or(crate::PlanId(id(0x400 + number)));
        let version = PlanVersionId(id(0x500 + number));
        let new = NewPlanVersion {
            name: name.to_owned(),
            legal_entity_id: ENTITY,
            price: self.money(price),
            billing_day,
            terms,
            tax_category: "standard".into(),
            allowances: bookings::hours(rooms),
            locations: vec![],
            access_hours: String::new(),
        };
        let published = plan::publish(plan, version, new, &self.all).unwrap();
        record::<PlanEvent>(&mut self.all, published);
        self.plans.insert(name.to_owned(), version);
    }

    fn payer(&mut self, name: &str) -> Payer {
        if let Some(place) = self.members.iter().position(|known| known == name) {
            return Payer::Member(crate::MemberId(id(0x700 + u128::try_from(place).unwrap())));
        }
        let place = self
            .companies
            .iter()
            .position(|known| known == name)
            .unwrap_or_else(|| {
                self.companies.push(name.to_owned());
                self.companies.len() - 1
            });
        Payer::Company(crate::CompanyId(id(0x600 + u128::try_from(place).unwrap())))
    }

    fn name_of(&self, payer: Payer) -> &str {
        let names = match payer {
            Payer::Member(_) => &self.members,
            Payer::Company(_) => &self.companies,
        };
        let first = if matches!(payer, Payer::Member(_)) {
            0x700
        } else {
            0x600
        };
        &names[usize::try_from(payer.id().as_u128() - first).unwrap()]
    }

    /// `Ada starts Flex`, `Ada starts Flex paid by Engines`.
    fn starts(&mut self, name: &str, plan: &str, payer: Option<&str>) -> Result<(), Refusal> {
        let number = u128::try_from(self.members.len()).unwrap();
        self.members.push(name.to_owned());
        let member = person(name, number)?;
        let payer = match payer {
            Some(company) => self.payer(company),
            None => Payer::Member(member.member_id),
        };
        let begin = (self.plans[plan], HOUSE, self.today);
        let life = Life::begin_as(
            &member,
            payer,
            crate::MembershipId(id(0x800 + number)),
            begin,
            &self.all,
        )?;
        let started = life.membership.fact.clone();
        self.lives.push((name.to_owned(), life));
        self.bill(&[payer]);
        self.ask_for_deposit(name, &started);
        Ok(())
    }

    /// What happens on a day. A refusal is a part of the story.
    fn happens(&mut self, line: &str) {
        let parts = words(line);
        if let [name, "starts", plan, rest @ ..] = &parts[..] {
            let payer = match rest {
                ["paid", "by", company] => Some(*company),
                _ => None,
            };
            if let Err(refusal) = self.starts(name, plan, payer) {
                let _ = writeln!(self.told, "  {} refused: {}", self.today, refusal.sentence);
            }
            return;
        }
        if let [name, "books", hours, "hours", "on", day] = parts[..] {
            self.books(name, hours.parse().unwrap(), date(day));
            return;
        }
        if let [name, "deposit", rest @ ..] = &parts[..] {
            self.deposit(name, rest);
            return;
        }
        if let ["plan" | "VAT", ..] = parts[..] {
            self.given(line);
            return;
        }
        let payer = match parts[..] {
            [_, "is", "paid", "by", who, ..] => Some(self.payer(who)),
            _ => None,
        };
        let place = self.lives.iter().position(|(name, _)| name == parts[0]).unwrap();
        let before = self.lives[place].1.charges.len();
        let outcome = self.changes(place, &parts[1..], payer);
        if let Err(refusal) = outcome {
            let _ = writeln!(self.told, "  {} refused: {}", self.today, refusal.sentence);
            return;
        }
        let made = &self.lives[place].1.charges[before..];
        let mut payers: Vec<Payer> = made.iter().map(|charge| charge.payer).collect();
        payers.sort_unstable();
        payers.dedup();
        if made.iter().map(|charge| charge.net.minor).sum::<i64>() > 0 {
            self.bill(&payers);
        }
    }

    fn changes(&mut self, place: usize, parts: &[&str], payer: Option<Payer>) -> Result<(), Refusal> {
        let (all, today) = (self.all.clone(), self.today);
        let price = match parts {
            ["agrees", price, ..] => Some(self.money(price)),
            _ => None,
        };
        let plan = match parts {
            ["changes", "to", plan, ..] => Some(self.plans[*plan]),
            _ => None,
        };
        let life = &mut self.lives[place].1;
        match *parts {
            ["changes", "to", _] => life.change_plan(plan.unwrap(), When::On(today), &all),
            ["changes", "to", _, "at", "renewal"] => life.change_plan(plan.unwrap(), When::AtRenewal(today), &all),
            ["changes", "to", _, "from", day] => life.change_plan(plan.unwrap(), When::On(date(day)), &all),
            ["stays", "with", "the", "plan"] => life.decide(|one| call_plan_change_off(one, today), &all),
            ["pauses", "from", from] => life.decide(|one| pause(one, date(from), None), &all),
            ["pauses", "from", from, "to", until] => life.decide(|one| pause(one, date(from), Some(date(until))), &all),
            ["resumes"] => life.decide(|one| resume(one, today), &all),
            ["agrees", _, "from", from] => life.decide(
                |one| override_price(one, price.unwrap(), date(from), None, "Agreed"),
                &all,
            ),
            ["agrees", _, "from", from, "to", until] => {
                let until = Some(date(until));
                life.decide(
                    |one| override_price(one, price.unwrap(), date(from), until, "Agreed"),
                    &all,
                )
            }
            ["is", "paid", "by", _, "from", from] => {
                life.decide(|one| change_payer(one, payer.unwrap(), date(from)), &all)
            }
            ["gives", "notice"] => {
                let version = life.membership.term_on(today).plan_version_id;
                let plan = all.plan_version(version)?.clone();
                life.decide(|one| give_notice(one, &plan, today), &all)
            }
            ["ends", "on", last] => life.decide(|one| end_on(one, date(last)), &all),
            ["stays"] => life.decide(withdraw_notice, &all),
            _ => panic!("nothing happens: {parts:?}"),
        }
    }

    /// Every day until one: cycles first, then the invoices of those that ended.
    fn until(&mut self, day: Date) {
        while self.today < day {
            self.today = self.today.tomorrow().unwrap();
            let mut payers = Vec::new();
            for (_, life) in &mut self.lives {
                if life.tomorrow(&self.all).unwrap() {
                    payers.extend(life.membership.terms.iter().map(|term| term.payer));
                }
            }
            payers.sort_unstable();
            payers.dedup();
            self.bill(&payers);
        }
    }

    fn bill(&mut self, payers: &[Payer]) {
        for payer in payers {
            let mut due: Vec<ChargeMade> = self
                .lives
                .iter()
                .flat_map(|(_, life)| &life.charges)
                .filter(|charge| {
                    charge.payer == *payer
                        && charge.billable_on <= self.today
                        && !self.invoiced.contains(&charge.charge_id)
                })
                .cloned()
                .collect();
            due.sort_by_key(|charge| (!charge.kind.is_deferred(), charge.service_from));
            if !invoice::owed(&due) {
                continue;
            }
            self.sequence += 1;
            let buyer = Party {
                name: self.name_of(*payer).to_owned(),
                address: Address::default(),
                tax_id: String::new(),
                email: String::new(),
            };
            let entity = self.all.legal_entity(ENTITY).unwrap().fact.clone();
            let number = InvoiceId(id(0x900 + u128::try_from(self.sequence).unwrap()));
            let issued = invoice::issue(
                number,
                self.sequence,
                *payer,
                buyer,
                self.today,
                &due,
                &entity,
                &self.all,
            )
            .unwrap();
            self.invoiced.extend(due.iter().map(|charge| charge.charge_id));
            self.print(&issued);
            self.deposits.issued.push(issued);
        }
    }

    fn print(&mut self, issued: &InvoiceIssued) {
        let amount = |minor| Money::new(minor, self.currency).amount();
        let mut text = format!("  {} {} to {}\n", issued.issue_date, issued.number, issued.buyer.name);
        for line in &issued.lines {
            let _ = writeln!(
                text,
                "    {:<52} {:>8} {:<8} {:>12}",
                line.description,
                line.quantity,
                line.unit,
                amount(line.net_minor)
            );
        }
        for subtotal in &issued.tax {
            let of = format!("VAT {} % of {}", subtotal.rate_percent, amount(subtotal.basis_minor));
            let _ = writeln!(
                text,
                "    {of:<52} {:>8} {:<8} {:>12}",
                "",
                "",
                amount(subtotal.tax_minor)
            );
        }
        let _ = writeln!(
            text,
            "    {:<52} {:>8} {:<8} {:>12}",
            "to pay",
            "",
            self.currency.code(),
            amount(issued.gross_minor)
        );
        self.told.push_str(&text);
    }

    /// What was given back and waits for an invoice that never came.
    fn waiting(&mut self) {
        let mut waits: BTreeMap<Payer, i64> = BTreeMap::new();
        for (_, life) in &self.lives {
            for charge in life
                .charges
                .iter()
                .filter(|charge| !self.invoiced.contains(&charge.charge_id))
            {
                *waits.entry(charge.payer).or_default() += charge.net.minor;
            }
        }
        for (payer, minor) in waits {
            let amount = Money::new(minor, self.currency).amount();
            let line = format!("  waits for {}: {amount} net\n", self.name_of(payer));
            self.told.push_str(&line);
        }
    }
}

/// Somebody whose address is confirmed.
fn person(name: &str, number: u128) -> Result<Member, Refusal> {
    let member_id = crate::MemberId(id(0x700 + number));
    let signed_up = member::sign_up(member_id, name, &format!("{name}@example.com"), None)?;
    let events = [MemberEvent::from(signed_up), EmailConfirmed { member_id }.into()];
    Ok(given(Member::evolve, events).state())
}

/// What a scenario leads to, as its last part says it.
fn told(text: &str) -> String {
    let currency = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("currency "))
        .unwrap_or("EUR")
        .parse()
        .unwrap();
    let mut world = World::new(currency);
    let mut part = "";
    for line in text.lines() {
        match line.trim() {
            "given" | "when" | "invoices" => part = line.trim(),
            line if line.is_empty() || line.starts_with("currency ") => {}
            line if part == "given" => world.given(line),
            line if part == "when" => {
                if let Some(day) = line.strip_prefix("until ") {
                    world.until(date(day));
                    continue;
                }
                let (day, what) = line.split_once(' ').unwrap();
                if world.lives.is_empty() {
                    world.today = date(day);
                }
                world.until(date(day));
                world.happens(what);
            }
            _ => {}
        }
    }
    world.waiting();
    world.told
}

#[test]
fn every_scenario_ends_in_the_invoices_it_says() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 40, "{} scenarios", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let (story, said) = text.split_once("\ninvoices\n").unwrap_or((&text, ""));
        let told = told(story);
        if told == said {
            continue;
        }
        if std::env::var("COTERIE_GOLDEN").is_ok_and(|asked| asked == "write") {
            std::fs::write(
                &file,
                format!("{}\ninvoices\n{told}", story.trim_end_matches('\n').to_owned() + "\n"),
            )
            .unwrap();
        } else {
            wrong.push(format!("{}:\n{told}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "other invoices than they say:\n{}", wrong.join("\n"));
}
