//! The draft: the next version of a plan, and price rules that are added, replaced or withdrawn. It is checked by the functions that
//! publish, so what cannot be published cannot be tried either.

use crate::{
    Money, PlanId, PlanVersionId, PriceRuleId,
    catalogue::Catalogue,
    local_time,
    period::{Days, next_month},
    plan::{self, Allowance, NewPlanVersion, PlanTerms, PlanVersionPublished},
    refusal::Refusal,
    resource::{self, NewPriceRule},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

/// The most price rules of one draft.
pub const MOST_RULES: usize = 20;

/// What an operator wants to try, unchecked.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Such as 2026-01.
    pub month: String,
    pub plan: Option<PlanDraft>,
    pub rules: Vec<RuleDraft>,
    /// Published rules that would not count.
    pub withdrawn: Vec<PriceRuleId>,
}

/// What the next version of a plan would say. Its name, its houses and its access hours stay: they are no price.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanDraft {
    pub plan_id: PlanId,
    pub price: Money,
    /// Whether the price and the set-up fee have the tax in them.
    pub tax_included: bool,
    pub billing_day: i8,
    pub terms: PlanTerms,
    pub allowances: Vec<Allowance>,
    /// Whether memberships on versions before the last one keep theirs; else all of them are on the draft.
    pub earlier_stay: bool,
}

impl PlanDraft {
    /// What is published, to be changed.
    pub fn of(latest: &PlanVersionPublished) -> Self {
        Self {
            plan_id: latest.plan_id,
            price: latest.price,
            tax_included: latest.tax_included,
            billing_day: latest.billing_day,
            terms: latest.terms(),
            allowances: latest.allowances.clone(),
            earlier_stay: false,
        }
    }
}

/// A rule that would count.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleDraft {
    /// Instead of this one; beside all others where there is none.
    pub replaces: Option<PriceRuleId>,
    pub rule: NewPriceRule,
}

/// The plan's version of a draft, and who would be on it.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftPlan {
    pub version: PlanVersionPublished,
    /// Those alone who were on this version; all versions of the plan where there is none.
    pub only: Option<PlanVersionId>,
}

/// A month and the two ways to price it.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// The whole month; each house counts the days of it that have passed there.
    pub month: Days,
    pub now: Timestamp,
    pub published: Arc<Catalogue>,
    pub draft: Catalogue,
    pub plan: Option<DraftPlan>,
    /// How many rules are added, replaced or withdrawn.
    pub rules: usize,
}

impl Terms {
    /// Whether the draft says nothing but what is published.
    pub fn change_nothing(&self) -> bool {
        self.plan.is_none() && self.rules == 0
    }

    /// The days of the month that have passed in a zone.
    pub fn days_in(&self, zone: &TimeZone) -> Days {
        let today = local_time::day_at(self.now, zone);
        Days {
            start: self.month.start,
            end: self.month.end.min(today.max(self.month.start)),
        }
    }
}

/// Reads `2026-01`.
///
/// # Errors
/// What is no month, or one of which no day has passed.
pub fn month(text: &str, now: Timestamp) -> Result<Days, Refusal> {
    let first: Result<Date, _> = format!("{}-01", text.trim()).parse();
    let start = first.map_err(|_| Refusal::field("no_month", "month", "Write a month such as 2026-01."))?;
    // Somewhere it may be tomorrow already; who lives there sees it a day later.
    if start >= local_time::day_at(now, &TimeZone::UTC) {
        let sentence = "No day of that month has passed. Choose one of which days have.";
        return Err(Refusal::field("month_not_begun", "month", sentence));
    }
    Ok(Days {
        start,
        end: next_month(start),
    })
}

/// Checks a draft and makes the catalogue that it would be.
///
/// # Errors
/// A month of which no day has passed; whatever publishing the plan's version or the rules refuses, with the field of the draft; a
/// rule that is not published or is named twice.
pub fn draft(new: &Draft, now: Timestamp, published: Arc<Catalogue>) -> Result<Terms, Refusal> {
    let month = month(&new.month, now)?;
    let mut then = Catalogue::clone(&published);
    let plan = match &new.plan {
        Some(plan) => draft_plan(plan, &published)?,
        None => None,
    };
    if let Some(plan) = &plan {
        then.plan_versions
            .insert(plan.version.plan_version_id, plan.version.clone());
    }
    let rules = draft_rules(new, &published, &mut then)?;
    Ok(Terms {
        month,
        now,
        published,
        draft: then,
        plan,
        rules,
    })
}

/// The drafted version; none where it says what the last published one says.
fn draft_plan(new: &PlanDraft, published: &Catalogue) -> Result<Option<DraftPlan>, Refusal> {
    let latest = published.latest_version_of(new.plan_id).ok_or_else(|| {
        Refusal::not_found("unknown_plan", "There is no such plan.").on("plan_id", "There is no such plan.")
    })?;
    let mut kinds = BTreeSet::new();
    if new
        .allowances
        .iter()
        .any(|granted| !kinds.insert(granted.resource_type_id))
    {
        return Err(Refusal::field(
            "allowance_twice",
            "allowances",
            "Please name each type once.",
        ));
    }
    let wanted = NewPlanVersion {
        name: latest.name.clone(),
        legal_entity_id: latest.legal_entity_id,
        price: new.price,
        tax_included: new.tax_included,
        billing_day: new.billing_day,
        terms: new.terms.clone(),
        tax_category: latest.tax_category.clone(),
        allowances: new.allowances.clone(),
        locations: latest.locations.clone(),
        access_hours: String::new(),
    };
    let version = PlanVersionPublished {
        access_hours: latest.access_hours,
        ..plan::publish(new.plan_id, PlanVersionId(Uuid::max()), wanted, published)?
    };
    let as_published = PlanVersionPublished {
        plan_version_id: latest.plan_version_id,
        number: latest.number,
        ..version.clone()
    };
    Ok((as_published != *latest).then(|| DraftPlan {
        version,
        only: new.earlier_stay.then_some(latest.plan_version_id),
    }))
}

/// Puts the rules of a draft into its catalogue, and says how many of them change something.
fn draft_rules(new: &Draft, published: &Catalogue, then: &mut Catalogue) -> Result<usize, Refusal> {
    if new.rules.len() + new.withdrawn.len() > MOST_RULES {
        let sentence = format!("A draft has up to {MOST_RULES} rules.");
        return Err(Refusal::field("too_many_rules", "rules", sentence));
    }
    let mut named = BTreeSet::new();
    let mut known = |rule: PriceRuleId, field: &str| {
        if !published.price_rules.contains_key(&rule) {
            let sentence = "There is no such price.";
            return Err(Refusal::not_found("unknown_price_rule", sentence).on(field, sentence));
        }
        if !named.insert(rule) {
            let sentence = "This price is replaced or withdrawn already.";
            return Err(Refusal::field("rule_named_twice", field, sentence));
        }
        Ok(())
    };
    let mut changed = 0;
    for (index, wanted) in new.rules.iter().enumerate() {
        let field = |name: &str| format!("rules.{index}.{name}");
        if let Some(replaced) = wanted.replaces {
            known(replaced, &field("replaces"))?;
        }
        // As if each had been published after the one before, and all of them now.
        let back = u128::try_from(MOST_RULES - index).unwrap_or_default();
        let id = PriceRuleId(Uuid::from_u128(u128::MAX - back));
        let rule = resource::publish_price(id, &wanted.rule, published).map_err(|mut refusal| {
            for fault in &mut refusal.fields {
                fault.field = field(&fault.field);
            }
            refusal
        })?;
        if let Some(replaced) = wanted.replaces {
            let same = published.price_rules.get(&replaced).is_some_and(|old| {
                *old == resource::PriceRulePublished {
                    price_rule_id: replaced,
                    ..rule.clone()
                }
            });
            if same {
                continue;
            }
            then.price_rules.remove(&replaced);
            then.price_rule_positions.remove(&replaced);
        }
        then.price_rules.insert(id, rule);
        let place = i64::MAX - i64::try_from(MOST_RULES - index).unwrap_or_default();
        then.price_rule_positions.insert(id, place);
        changed += 1;
    }
    for (index, withdrawn) in new.withdrawn.iter().enumerate() {
        known(*withdrawn, &format!("withdrawn.{index}"))?;
        then.price_rules.remove(withdrawn);
        then.price_rule_positions.remove(withdrawn);
        changed += 1;
    }
    Ok(changed)
}
