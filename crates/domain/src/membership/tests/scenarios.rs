//! Scenarios that an accountant can read: `crates/domain/scenarios/*.txt` say what is given, what happens on which day, and
//! which invoices follow. The days are led by [`Life`], the invoices issued by the domain's own `invoice::issue`.
//!
//! `COTERIE_GOLDEN=write` writes the invoices of a new scenario; whoever does that reads them.

mod announcing;
mod bookings;
mod deposits;
mod office;
mod packs;

use super::*;
use crate::{
    AddOnId, Currency, InvoiceId, PriceRuleId, ResourceId,
    add_on::{self, AddOnEvent, NewAddOn},
    billing::{PayerTax, TaxChoices},
    booking,
    catalogue::Catalogue,
    charge::{NewOneOff, one_off},
    coupon::{self, Coupon, NewCoupon, NewOff, Used},
    invoice::{self, Addressee, InvoiceIssued, Party},
    legal_entity::{self, Address, LegalEntityEvent, NewLegalEntity},
    location::{self, LocationEvent, NewLocation},
    member::{self, EmailConfirmed, Member, MemberEvent},
    period::CycleLength,
    plan::PlanEvent,
    resource::{self, NewPriceRule, NewResource, PriceRuleEvent, ResourceEvent, ResourceTypeEvent},
    tax::{self, TaxEvent},
    testing::{Life, record},
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

const HOUSE: LocationId = LocationId(uuid::Uuid::from_u128(0x29));
const MILL: LocationId = LocationId(uuid::Uuid::from_u128(0x2a));
const KIND: crate::ResourceTypeId = crate::ResourceTypeId(uuid::Uuid::from_u128(0x39));
const ENTITY: crate::LegalEntityId = crate::LegalEntityId(uuid::Uuid::from_u128(0x19));

/// A chain of one house, its plans and people.
struct World {
    all: Catalogue,
    currency: Currency,
    plans: BTreeMap<String, PlanVersionId>,
    lives: Vec<(String, Life)>,
    coupons: BTreeMap<String, Coupon>,
    add_ons: BTreeMap<String, AddOnId>,
    companies: Vec<String>,
    members: Vec<String>,
    today: Date,
    /// Charges that stand on an invoice.
    invoiced: std::collections::BTreeSet<crate::ChargeId>,
    sequence: i64,
    /// What was chosen of a payer's tax.
    choices: BTreeMap<Payer, TaxChoices>,
    /// How charges stand on invoices.
    taxed: BTreeMap<crate::ChargeId, tax::Taxed>,
    told: String,
    /// Those who want an invoice for each house.
    per_house: std::collections::BTreeSet<Payer>,
    /// Whether whoever a line is for is named.
    named: bool,
    deposits: deposits::Deposits,
    packs: packs::Packs,
    /// Bookings so far, for their ids.
    bookings: u128,
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn open_house(all: &mut Catalogue, id: LocationId, name: &str) {
    let house = NewLocation {
        name: name.into(),
        street: "Quay 1".into(),
        postcode: "1".into(),
        city: "City".into(),
        country: "DE".into(),
        time_zone: "Europe/Berlin".into(),
        opening_hours: "Mon-Sun 00:00-24:00".into(),
    };
    let opened = location::open(id, ENTITY, &house, all).unwrap();
    record::<LocationEvent>(all, opened);
}

/// `, with VAT` at the end of a price.
fn with_tax(price: &str) -> (&str, bool) {
    price
        .strip_suffix(", with VAT")
        .map_or((price, false), |price| (price, true))
}

/// `at Mill` at the end of a line; the quay otherwise.
fn house(parts: &[&str]) -> LocationId {
    if parts.ends_with(&["at", "Mill"]) { MILL } else { HOUSE }
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
            tax_id: "DE123456788".into(),
            currency: currency.code().into(),
            time_zone: "Europe/Berlin".into(),
            invoice_series: "HAR".into(),
            payment_terms_days: 14,
        };
        let created = legal_entity::create(ENTITY, &entity, &all).unwrap();
        record::<LegalEntityEvent>(&mut all, created);
        open_house(&mut all, HOUSE, "Quay");
        Self {
            all,
            currency,
            plans: BTreeMap::new(),
            lives: Vec::new(),
            coupons: BTreeMap::new(),
            add_ons: BTreeMap::new(),
            companies: Vec::new(),
            members: Vec::new(),
            today: date("2000-01-01"),
            invoiced: std::collections::BTreeSet::new(),
            sequence: 0,
            choices: BTreeMap::new(),
            taxed: BTreeMap::new(),
            told: String::new(),
            per_house: std::collections::BTreeSet::new(),
            named: false,
            deposits: deposits::Deposits::default(),
            packs: packs::Packs::default(),
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
        if let Some(rest) = line.strip_prefix("add-on ") {
            self.add_on(rest);
            return;
        }
        if let Some(rest) = line.strip_prefix("pack ") {
            self.pack(rest);
            return;
        }
        if let Some(rest) = line.strip_prefix("coupon ") {
            self.coupon(rest);
            return;
        }
        match words(line)[..] {
            ["house", "Mill"] => return open_house(&mut self.all, MILL, "Mill"),
            ["lines", "name", "people"] => return self.named = true,
            ["rooms", "at", price, ..] => return self.rooms(price),
            _ => {}
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
        let mut locations = vec![];
        let (mut rooms, mut tax_included) = (0, false);
        for term in parts {
            match words(term)[..] {
                ["in", "arrears"] => terms.in_arrears = true,
                ["set-up", "fee", fee] => terms.set_up_fee_minor = self.money(fee).minor,
                [days, "free", "days"] => terms.trial_days = days.parse().unwrap(),
                ["term", "of", cycles, "cycles"] => terms.term_cycles = cycles.parse().unwrap(),
                ["with", "VAT"] => tax_included = true,
                [seats, "seats"] => terms.seats = seats.parse().unwrap(),
                ["at", "Quay"] => locations = vec![HOUSE],
                ["at", "Mill"] => locations = vec![MILL],
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
            tax_included,
            billing_day,
            terms,
            tax_category: "standard".into(),
            allowances: bookings::hours(rooms),
            locations,
            access_hours: String::new(),
        };
        let published = plan::publish(plan, version, new, &self.all).unwrap();
        record::<PlanEvent>(&mut self.all, published);
        self.plans.insert(name.to_owned(), version);
    }

    /// `add-on Locker: 15.00 a month`, `add-on Locker: 15.00 a month, with VAT`.
    fn add_on(&mut self, line: &str) {
        let (name, rest) = line.split_once(": ").unwrap();
        let (rest, tax_included) = with_tax(rest);
        let (price, length) = rest.split_once(" a ").unwrap();
        let new = NewAddOn {
            legal_entity_id: ENTITY,
            name: name.to_owned(),
            price: self.money(price),
            tax_included,
            length: CycleLength::parse(length).unwrap(),
            tax_category: "standard".into(),
            self_service: true,
        };
        let add_on = AddOnId(id(0xb00 + u128::try_from(self.add_ons.len()).unwrap()));
        let defined = add_on::define(add_on, &new, &self.all).unwrap();
        record::<AddOnEvent>(&mut self.all, defined);
        self.add_ons.insert(name.to_owned(), add_on);
    }

    /// `coupon SPRING: 50 % for 3 cycles`, `coupon GIFT: 400.00 for 1 cycles, only for Flex`, `coupon STAY: 5 % for ever`.
    fn coupon(&mut self, line: &str) {
        let (code, rest) = line.split_once(": ").unwrap();
        let (rest, plan) = match rest.split_once(", only for ") {
            Some((rest, plan)) => (rest, Some(plan)),
            None => (rest, None),
        };
        let (off, cycles) = rest.split_once(" for ").unwrap();
        let off = match off.strip_suffix(" %") {
            Some(percent) => NewOff {
                percent: Some(percent.parse().unwrap()),
                amount: None,
            },
            None => NewOff {
                percent: None,
                amount: Some(self.money(off)),
            },
        };
        let new = NewCoupon {
            code: code.to_owned(),
            name: code.to_owned(),
            off,
            cycles: cycles.strip_suffix(" cycles").map(|cycles| cycles.parse().unwrap()),
            plans: plan
                .map(|plan| self.all.plan_versions[&self.plans[plan]].plan_id)
                .into_iter()
                .collect(),
            first_day: None,
            last_day: None,
            limit: None,
            once_per_member: false,
        };
        let number = u128::try_from(self.coupons.len()).unwrap();
        let fact = coupon::create(crate::CouponId(id(0xa00 + number)), &new, &self.all).unwrap();
        self.coupons.insert(code.to_owned(), Coupon { fact, withdrawn: false });
    }

    /// A room in each house, at a price an hour.
    fn rooms(&mut self, price: &str) {
        let kind = resource::create_type(KIND, "Meeting room", "standard", &self.all).unwrap();
        record::<ResourceTypeEvent>(&mut self.all, kind);
        for (place, name) in [(HOUSE, "Room Spree"), (MILL, "Room Mill")] {
            if self.all.location(place).is_err() {
                continue;
            }
            let new = NewResource {
                name: name.into(),
                ..NewResource::default()
            };
            let added = resource::add(ResourceId(place.0), KIND, place, &new, &self.all).unwrap();
            record::<ResourceEvent>(&mut self.all, added);
        }
        let rule = NewPriceRule::by_the_hour(KIND, self.money(price));
        let rule = resource::publish_price(PriceRuleId(id(0x59)), &rule, &self.all).unwrap();
        record::<PriceRuleEvent>(&mut self.all, rule);
    }

    fn member(&self, name: &str) -> Member {
        let place = self.members.iter().position(|known| known == name).unwrap();
        let member = crate::MemberId(id(0x700 + u128::try_from(place).unwrap()));
        let signed_up = member::sign_up(member, name, &format!("{name}@example.com"), None).unwrap();
        let events = [
            MemberEvent::from(signed_up),
            EmailConfirmed { member_id: member }.into(),
        ];
        given(Member::evolve, events).state()
    }

    /// What somebody uses beside the plan: `books 2 hours`, `is charged 40.00 for Catering`. It falls under one of the memberships
    /// that she may use.
    fn uses(&mut self, name: &str, what: &[&str]) -> Result<(), Refusal> {
        let (member, place) = (self.member(name), house(what));
        let number = u128::try_from(self.lives.iter().map(|(_, life)| life.charges.len()).sum::<usize>()).unwrap();
        let charge = crate::ChargeId(id(0xa000 + number));
        let memberships: Vec<Membership> = self.lives.iter().map(|(_, life)| life.membership.clone()).collect();
        let under = used_for(&memberships, member.member_id, place, self.today, &self.all);
        let made = match what {
            ["books", hours, ..] => {
                let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
                let now = crate::local_time::day_start(self.today, &zone).unwrap();
                let start = self.today.at(10, 0, 0, 0);
                let end = start.saturating_add(jiff::Span::new().hours(hours.parse::<i64>().unwrap()));
                let slot = booking::slot(ResourceId(place.0), start, end, now, &self.all)?;
                let id = crate::BookingId(id(0xb000 + number));
                booking::confirm(id, charge, &member, under, &slot, &[], &self.all)?.charge
            }
            ["is", "charged", price, "for", thing, ..] => {
                let new = NewOneOff {
                    location_id: place,
                    description: (*thing).to_owned(),
                    quantity: "1".into(),
                    unit: "piece".into(),
                    unit_price: self.money(price),
                    tax_included: what.ends_with(&["with", "VAT"]),
                    tax_category: "standard".into(),
                    first_day: self.today,
                    last_day: None,
                    billable_on: None,
                };
                Some(one_off(charge, &member, under, &new, self.today, &self.all)?)
            }
            _ => panic!("nobody uses that: {what:?}"),
        };
        let under = made.as_ref().and_then(|made| made.membership_id);
        let mut lives = self.lives.iter_mut();
        let life = lives.find(|(_, life)| Some(life.membership.fact.membership_id) == under);
        if let (Some((_, life)), Some(made)) = (life, made) {
            life.charges.push(made);
        }
        Ok(())
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

    /// Somebody who has no membership of her own, or not yet.
    fn comes(&mut self, name: &str) {
        if self.members.iter().all(|known| known != name) {
            self.members.push(name.to_owned());
        }
    }

    /// `Ada starts Flex`, `Ada starts Flex paid by Engines`, `Ada starts Flex with SPRING`, `Ada starts Flex at Mill`.
    fn starts(
        &mut self,
        name: &str,
        plan: &str,
        (payer, coupon): (Option<&str>, Option<&str>),
        place: LocationId,
    ) -> Result<(), Refusal> {
        self.comes(name);
        let member = self.member(name);
        let number = u128::try_from(self.lives.len()).unwrap();
        let payer = match payer {
            Some(company) => self.payer(company),
            None => Payer::Member(member.member_id),
        };
        let begin = (self.plans[plan], place, self.today);
        let life = Life::begin_with(
            &member,
            payer,
            crate::MembershipId(id(0x800 + number)),
            begin,
            coupon.map(|code| &self.coupons[code]),
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
            let who = match rest {
                ["paid", "by", company, ..] => (Some(*company), None),
                ["with", code, ..] => (None, Some(*code)),
                _ => (None, None),
            };
            if let Err(refusal) = self.starts(name, plan, who, house(rest)) {
                let _ = writeln!(self.told, "  {} refused: {}", self.today, refusal.sentence);
            }
            return;
        }
        match &parts[..] {
            [name, "comes"] => return self.comes(name),
            ["the", "house", rest @ ..] => return self.house_announces(rest),
            [name, "wants", "an", "invoice", "for", "each", "house"] => {
                let payer = self.payer(name);
                self.per_house.insert(payer);
                return;
            }
            [name, "books", hours, "hours", "on", day] => {
                return self.books(name, hours.parse().unwrap(), date(day));
            }
            [name, "buys", pack] => return self.buys(name, pack),
            [name, "cancels", day] => return self.cancels(name, date(day)),
            [name, "deposit", rest @ ..] => return self.deposit(name, rest),
            [name, what @ ("books" | "is"), rest @ ..] if *what == "books" || rest.first() == Some(&"charged") => {
                if let Err(refusal) = self.uses(name, &parts[1..]) {
                    let _ = writeln!(self.told, "  {} refused: {}", self.today, refusal.sentence);
                }
                return;
            }
            _ => {}
        }
        if let ["plan" | "VAT" | "coupon" | "add-on", ..] = parts[..] {
            self.given(line);
            return;
        }
        if self.in_the_office(&parts) {
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
        let add_on = match parts {
            ["adds", _, name, ..] | ["removes", name, ..] => Some(self.add_ons[*name]),
            _ => None,
        };
        let coupon = match parts {
            ["redeems", code] => Some(self.coupons[*code].clone()),
            _ => None,
        };
        let other = match parts {
            ["gives", other, "a", "seat", ..] | ["takes", "the", "seat", "of", other, ..] => {
                Some(self.member(other).member_id)
            }
            _ => None,
        };
        let life = &mut self.lives[place].1;
        match *parts {
            ["adds", quantity, _, "from", from] => {
                let wanted = all.add_on(add_on.unwrap())?.clone();
                let quantity = quantity.parse().unwrap();
                life.decide(|one| add_add_on(one, &wanted, quantity, date(from), &all), &all)
            }
            ["removes", _, "from", from] => life.decide(|one| remove_add_on(one, add_on.unwrap(), date(from)), &all),
            ["redeems", _] => life.decide(
                |one| coupon::redeem(&coupon.unwrap(), Used::default(), one, today),
                &all,
            ),
            // Whoever is given one is of the company here.
            ["gives", _, "a", "seat", "from", from] => life.decide(
                |one| give_seat(one, other.unwrap(), true, date(from), today, &all),
                &all,
            ),
            ["takes", "the", "seat", "of", _, "from", from] => {
                life.decide(|one| take_seat(one, other.unwrap(), date(from), today), &all)
            }
            ["splits", "off", ref items @ .., "from", from] => {
                let own: Vec<Item> = items.iter().filter_map(|item| Item::from_name(item)).collect();
                life.decide(|one| set_split(one, &own, date(from)), &all)
            }
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
            self.packs_at_midnight();
            let mut payers = Vec::new();
            for (_, life) in &mut self.lives {
                if life.tomorrow(&self.all).unwrap() {
                    payers.extend(life.membership.terms.iter().map(|term| term.payer));
                    let waits = life
                        .charges
                        .iter()
                        .filter(|charge| !self.invoiced.contains(&charge.charge_id));
                    payers.extend(waits.map(|charge| charge.payer));
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
            for due in invoice::documents(&due, self.per_house.contains(payer)) {
                self.issue(*payer, &due);
            }
        }
    }

    fn issue(&mut self, payer: Payer, due: &[ChargeMade]) {
        self.sequence += 1;
        let party = Party {
            name: self.name_of(payer).to_owned(),
            address: Address::default(),
            tax_id: Self::tax_id_of(payer),
            email: String::new(),
        };
        let mut buyer = Addressee::from(party);
        buyer.tax = PayerTax {
            choices: self.choices.get(&payer).cloned().unwrap_or_default(),
            as_charged: self.taxed.clone(),
        };
        if self.named {
            let names = due.iter().map(|charge| {
                let name = self.name_of(Payer::Member(charge.member_id)).to_owned();
                (charge.member_id, name)
            });
            buyer.names = names.collect();
        }
        let entity = self.all.legal_entity(ENTITY).unwrap().fact.clone();
        let number = InvoiceId(id(0x900 + u128::try_from(self.sequence).unwrap()));
        let issued = invoice::issue(number, self.sequence, payer, buyer, self.today, due, &entity, &self.all).unwrap();
        self.invoiced.extend(due.iter().map(|charge| charge.charge_id));
        self.taxed
            .extend(issued.lines.iter().map(|line| (line.charge_id, line.taxed())));
        self.print(&issued);
        self.deposits.issued.push(issued);
    }

    fn print(&mut self, issued: &InvoiceIssued) {
        let amount = |minor| Money::new(minor, self.currency).amount();
        let mut text = format!("  {} {} to {}\n", issued.issue_date, issued.number, issued.buyer.name);
        for line in issued.told_lines() {
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
            let of = office::vat(subtotal, &amount(subtotal.basis_minor));
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
