use super::{Allowance, PlanVersionPublished};
use crate::{
    LegalEntityId, LocationId, Money, PlanId, PlanVersionId,
    catalogue::Catalogue,
    local_time::OpeningHours,
    money::MAX_AMOUNT_MINOR,
    period::{self, CycleLength},
    refusal::{Faults, Refusal},
    text,
};
use jiff::civil::DateTime;

/// What an operator says of a plan's revision, unchecked.
#[derive(Debug, Clone)]
pub struct NewPlanVersion {
    pub name: String,
    pub legal_entity_id: LegalEntityId,
    pub price: Money,
    /// Whether price and set-up fee have the tax in them.
    pub tax_included: bool,
    pub billing_day: i8,
    pub terms: PlanTerms,
    pub tax_category: String,
    pub allowances: Vec<Allowance>,
    pub locations: Vec<LocationId>,
    /// Such as "Mon-Fri 08:00-18:00"; empty is at any time.
    pub access_hours: String,
}

/// The most people of one membership.
const MAX_SEATS: i64 = 500;

/// How a plan is paid and left, beyond its price; the default is by the month, in advance, to be left at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanTerms {
    pub length: CycleLength,
    pub in_arrears: bool,
    /// In the price's currency, told as the price is.
    pub set_up_fee_minor: i64,
    pub trial_days: i64,
    pub term_cycles: i64,
    pub notice_days: i64,
    pub rollover_cycles: i64,
    pub allowances_by_days: bool,
    /// How many people may use one membership, its holder among them.
    pub seats: i64,
    /// That each cycle grants.
    pub day_passes: i64,
    /// That each cycle grants, net, in the price's currency.
    pub money_minor: i64,
    /// In the price's currency.
    pub deposit_minor: i64,
}

impl Default for PlanTerms {
    fn default() -> Self {
        Self {
            length: CycleLength::Month,
            in_arrears: false,
            set_up_fee_minor: 0,
            trial_days: 0,
            term_cycles: 0,
            notice_days: 0,
            rollover_cycles: 0,
            allowances_by_days: false,
            seats: 1,
            day_passes: 0,
            money_minor: 0,
            deposit_minor: 0,
        }
    }
}

impl PlanTerms {
    fn check(&self, faults: &mut Faults) {
        for (minor, field, sentence) in [
            (
                self.set_up_fee_minor,
                "set_up_fee",
                "Please give a fee of zero or more.",
            ),
            (self.money_minor, "money", "Please grant an amount of zero or more."),
            (self.deposit_minor, "deposit", "Please give a deposit of zero or more."),
        ] {
            faults.check((0..=MAX_AMOUNT_MINOR).contains(&minor), field, sentence);
        }
        for (value, most, field, sentence) in [
            (self.trial_days, 366, "trial_days", "Please give up to 366 free days."),
            (
                self.term_cycles,
                120,
                "term_cycles",
                "Please give a term of up to 120 cycles.",
            ),
            (
                self.notice_days,
                366,
                "notice_days",
                "Please give up to 366 days of notice.",
            ),
            (
                self.rollover_cycles,
                12,
                "rollover_cycles",
                "Please let allowances live for up to 12 more cycles.",
            ),
            (
                self.seats,
                MAX_SEATS,
                "seats",
                "Please let up to 500 people use one membership.",
            ),
            (
                self.day_passes,
                366,
                "day_passes",
                "Please grant up to 366 day passes a cycle.",
            ),
        ] {
            faults.check((0..=most).contains(&value), field, sentence);
        }
    }
}

/// # Errors
/// Unknown ids, a currency that is not the entity's, or all faulty fields at once.
pub fn publish(
    plan: PlanId,
    version: PlanVersionId,
    new: NewPlanVersion,
    catalogue: &Catalogue,
) -> Result<PlanVersionPublished, Refusal> {
    let entity = catalogue.legal_entity(new.legal_entity_id)?;
    entity.check_currency("currency", new.price.currency)?;
    period::check_billing_day(new.billing_day)?;
    for location in &new.locations {
        if catalogue.location(*location)?.legal_entity_id != new.legal_entity_id {
            return Err(Refusal::field(
                "location_of_another_entity",
                "locations",
                "A plan covers locations of its own legal entity.",
            ));
        }
    }
    for allowance in &new.allowances {
        catalogue.resource_type(allowance.resource_type_id)?;
    }
    let mut faults = Faults::default();
    let name = text::name(&new.name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    let tax_category = text::name(&new.tax_category)
        .map_err(|message| faults.add("tax_category", message))
        .unwrap_or_default()
        .to_lowercase();
    faults.check(
        (0..=MAX_AMOUNT_MINOR).contains(&new.price.minor),
        "price",
        "Please give a price of zero or more.",
    );
    faults.check(
        new.allowances
            .iter()
            .all(|allowance| (1..=60 * 24 * 31).contains(&allowance.minutes)),
        "allowances",
        "Please grant between one minute and a month.",
    );
    new.terms.check(&mut faults);
    let access_hours = match new.access_hours.trim() {
        "" => None,
        text => OpeningHours::parse(text)
            .map_err(|message| faults.add("access_hours", message))
            .ok(),
    };
    let previous = catalogue.latest_version_of(plan);
    faults.check(
        previous.is_none_or(|version| version.legal_entity_id == new.legal_entity_id),
        "legal_entity_id",
        "A plan stays with its legal entity; publish another plan instead.",
    );
    faults.finish()?;
    let some = |minor: i64| (minor > 0).then(|| Money::new(minor, new.price.currency));
    Ok(PlanVersionPublished {
        plan_id: plan,
        plan_version_id: version,
        number: previous.map_or(1, |version| version.number + 1),
        name,
        legal_entity_id: new.legal_entity_id,
        price: new.price,
        tax_included: new.tax_included,
        length: new.terms.length,
        billing_day: new.billing_day,
        in_arrears: new.terms.in_arrears,
        set_up_fee: some(new.terms.set_up_fee_minor),
        trial_days: new.terms.trial_days,
        term_cycles: new.terms.term_cycles,
        notice_days: new.terms.notice_days,
        rollover_cycles: new.terms.rollover_cycles,
        allowances_by_days: new.terms.allowances_by_days,
        tax_category,
        allowances: new.allowances,
        locations: new.locations,
        access_hours,
        seats: (new.terms.seats > 1).then_some(new.terms.seats),
        day_passes: new.terms.day_passes,
        money: some(new.terms.money_minor),
        deposit: some(new.terms.deposit_minor),
    })
}

impl PlanVersionPublished {
    /// How it is paid and left, as it would be published again.
    pub fn terms(&self) -> PlanTerms {
        PlanTerms {
            length: self.length,
            in_arrears: self.in_arrears,
            set_up_fee_minor: self.set_up_fee.map_or(0, |fee| fee.minor),
            trial_days: self.trial_days,
            term_cycles: self.term_cycles,
            notice_days: self.notice_days,
            rollover_cycles: self.rollover_cycles,
            allowances_by_days: self.allowances_by_days,
            seats: self.people(),
            day_passes: self.day_passes,
            money_minor: self.money.map_or(0, |money| money.minor),
            deposit_minor: self.deposit.map_or(0, |deposit| deposit.minor),
        }
    }

    /// Refuses a time, `[start, end)` on the wall of a house, at which the plan lets nobody in.
    ///
    /// # Errors
    /// Outside of its access hours; the sentence names them.
    pub fn check_access(&self, start: DateTime, end: DateTime, time_zone: &str) -> Result<(), Refusal> {
        let Some(hours) = self.access_hours.filter(|hours| !hours.cover(start, end)) else {
            return Ok(());
        };
        let sentence = format!("{} lets you in {hours} ({time_zone}).", self.name);
        Err(Refusal::field("outside_access_hours", "starts_at", sentence).with("access_hours", hours.to_string()))
    }
}
