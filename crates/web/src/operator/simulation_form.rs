//! The form of a draft: the next version of a plan, prefilled with the published one, and a few price rules. Its rows are there from
//! the start, so that it works without script, and it asks by GET, so that a draft is an address.

use coterie_domain::{
    Currency, Money, PlanId, PriceRuleId,
    catalogue::Catalogue,
    local_time::Hours,
    period::CycleLength,
    plan::{Allowance, PlanVersionPublished},
    resource::{BookedBy, Conditions, NewPriceRule, PriceRulePublished, precedence},
    simulation::{Draft, PlanDraft, RuleDraft},
};

use super::{
    choices,
    form::{CheckGroup, Control, Form, beside, group},
    plan_form::{ALLOWANCE_ROWS, hours_of, minutes_of},
    typed::Typed,
};
use crate::{
    components::{Checkbox, Choice, Field, Hidden, Select},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/simulation";
/// What stands in the field of a row whose rule stands for no other.
const ONE_MORE: &str = "new";

/// The names of a row's fields.
struct Names {
    group: &'static str,
    what: &'static str,
    kind: &'static str,
    place: &'static str,
    currency: &'static str,
    per_hour: &'static str,
    half_day: &'static str,
    minimum: &'static str,
    day_cap: &'static str,
    per_seat: &'static str,
    weekdays: &'static str,
    from: &'static str,
    until: &'static str,
    plan: &'static str,
    booked_by: &'static str,
}

macro_rules! names {
    ($($prefix:literal),+) => {
        [$(Names {
            group: $prefix,
            what: concat!($prefix, "_what"),
            kind: concat!($prefix, "_resource_type_id"),
            place: concat!($prefix, "_location_id"),
            currency: concat!($prefix, "_currency"),
            per_hour: concat!($prefix, "_per_hour"),
            half_day: concat!($prefix, "_half_day"),
            minimum: concat!($prefix, "_minimum"),
            day_cap: concat!($prefix, "_day_cap"),
            per_seat: concat!($prefix, "_per_seat"),
            weekdays: concat!($prefix, "_weekdays"),
            from: concat!($prefix, "_from"),
            until: concat!($prefix, "_until"),
            plan: concat!($prefix, "_plan_id"),
            booked_by: concat!($prefix, "_booked_by"),
        }),+]
    };
}

/// More rules in one draft are for programs.
const ROWS: [Names; 3] = names!("rule_1", "rule_2", "rule_3");

/// The draft of a form, and in which row each of its rules was typed.
pub(super) struct Read {
    pub draft: Draft,
    rows: Vec<&'static Names>,
}

/// Which month, and which plan to draft the next version of.
pub(super) fn chooser(catalogue: &Catalogue, month: &str) -> Form {
    Form::get(HERE, "Write a draft")
        .with(month_field(month))
        .with(plan_select(catalogue).optional().prompt("None: prices alone").value(""))
}

fn month_field(month: &str) -> Field {
    Field::text("month", "Month")
        .value(month)
        .hint("Such as 2026-01. Of a month that is not over, the days that have passed.")
        .autocomplete("off")
        .attribute("maxlength", "7")
}

fn plan_select(catalogue: &Catalogue) -> Select {
    let plans = catalogue.plans_on_offer().into_iter();
    let plans = plans.map(|plan| Choice::new(plan.plan_id.to_string(), plan.name.clone()));
    Select::new("plan_id", "Draft the next version of", plans)
}

/// The draft itself.
pub(super) fn form(catalogue: &Catalogue, month: &str, plan: Option<&PlanVersionPublished>) -> Form {
    let mut form = Form::get(HERE, "Price the month")
        .cancel(HERE)
        .with(Hidden::new("draft", "1"))
        .with(month_field(month));
    if let Some(plan) = plan {
        form = form
            .with(Hidden::new("plan_id", plan.plan_id.to_string()))
            .with(plan_group(catalogue, plan));
    }
    for (number, names) in (1..).zip(&ROWS) {
        form = form.with(rule_group(catalogue, number, names));
    }
    let published = published(catalogue);
    if !published.is_empty() {
        let published = published.into_iter().map(|(id, label)| (id, label, false));
        form = form.with(CheckGroup::new(
            "withdrawn",
            "Published prices that would not count",
            published,
        ));
    }
    form
}

fn decimal(name: &'static str, label: &str) -> Field {
    Field::text(name, label)
        .attribute("inputmode", "decimal")
        .autocomplete("off")
}

fn plan_group(catalogue: &Catalogue, plan: &PlanVersionPublished) -> Control {
    let terms = plan.terms();
    let currency = plan.price.currency;
    let amount = |name, label: &str, minor: i64| {
        let field = decimal(name, label).optional();
        if minor > 0 {
            field.value(Money::new(minor, currency).amount())
        } else {
            field
        }
    };
    let number = |name, label: &str, value: i64| {
        Field::number(name, label)
            .optional()
            .value(value.to_string())
            .attribute("min", "0")
    };
    let earlier = [("move", "are on the draft too"), ("stay", "keep theirs")];
    let earlier = Select::new(
        "earlier",
        format!("Memberships on versions before {}", plan.number),
        earlier.map(|(value, label)| Choice::new(value, label)),
    )
    .value("move")
    .hint("A price that was agreed with somebody stays in any case.");
    let mut controls: Vec<Control> = vec![
        beside([
            decimal("price", &format!("Price a cycle, {currency}"))
                .value(plan.price.amount())
                .hint("With or without VAT, as the published one.")
                .into(),
            Field::text("cycle", "Cycle")
                .value(plan.length.to_string())
                .hint("week, month, quarter, year, or days such as 10 days.")
                .into(),
            Field::number("billing_day", "Billing day")
                .value(plan.billing_day.to_string())
                .attribute("min", "1")
                .attribute("max", "31")
                .into(),
        ]),
        beside([
            amount("set_up_fee", "Set-up fee", terms.set_up_fee_minor).into(),
            number("trial_days", "Free days", terms.trial_days).into(),
        ]),
    ];
    let rows = (1..).zip(ALLOWANCE_ROWS).map(|(row, (kind_name, hours_name))| {
        let known = plan.allowances.get(row - 1);
        let kind = Select::new(
            kind_name,
            format!("Included hours of, row {row}"),
            choices::type_choices(catalogue),
        )
        .optional()
        .prompt("None")
        .value(known.map_or_else(String::new, |known| known.resource_type_id.to_string()));
        let hours = decimal(hours_name, "Hours a cycle")
            .optional()
            .value(known.map_or_else(String::new, |known| hours_of(known.minutes)));
        beside([kind.into(), hours.into()])
    });
    controls.extend(rows);
    controls.push(beside([
        number("day_passes", "Day passes a cycle", terms.day_passes).into(),
        amount("money", "Money a cycle", terms.money_minor).into(),
        number("rollover_cycles", "Cycles that hours live on", terms.rollover_cycles).into(),
    ]));
    controls.push(
        Checkbox::new("allowances_by_days", "A short cycle grants only the part of its days")
            .checked(terms.allowances_by_days)
            .into(),
    );
    controls.push(earlier.into());
    group(
        "allowances",
        &format!("{}, next version", plan.name),
        "As it is published; change what is to be tried.",
        controls,
    )
}

/// The published rules, the broader ones first, each in a line.
fn published(catalogue: &Catalogue) -> Vec<(String, String)> {
    let mut rules: Vec<&PriceRulePublished> = catalogue.price_rules.values().collect();
    rules.sort_by_cached_key(|rule| (type_name(catalogue, rule).to_owned(), precedence(rule, catalogue)));
    let line = |rule: &PriceRulePublished| {
        let place = rule.location_id.and_then(|id| catalogue.locations.get(&id));
        let when = rule.conditions.sentence(catalogue, None);
        let mut line = format!("{}, {} an hour", type_name(catalogue, rule), rule.per_hour);
        if let Some(place) = place {
            line = format!("{line}, {}", place.name);
        }
        if when.is_empty() {
            line
        } else {
            format!("{line}, {when}")
        }
    };
    rules
        .iter()
        .map(|rule| (rule.price_rule_id.to_string(), line(rule)))
        .collect()
}

fn type_name<'a>(catalogue: &'a Catalogue, rule: &PriceRulePublished) -> &'a str {
    let kind = catalogue.resource_types.get(&rule.resource_type_id);
    kind.map_or("", |kind| kind.name.as_str())
}

fn rule_group(catalogue: &Catalogue, number: usize, names: &Names) -> Control {
    let what = published(catalogue)
        .into_iter()
        .map(|(id, line)| Choice::new(id, format!("instead of {line}")));
    let what = std::iter::once(Choice::new(ONE_MORE, "beside all others")).chain(what);
    let places = choices::locations(catalogue)
        .into_iter()
        .map(|place| Choice::new(place.location_id.to_string(), place.name.clone()));
    let currencies = Currency::all().map(|currency| Choice::new(currency.code(), currency.code()));
    let mut used = catalogue.legal_entities.values().map(|entity| entity.fact.currency);
    let only = used.next().filter(|first| used.all(|other| other == *first));
    let plans = catalogue.plans_on_offer().into_iter();
    let plans = plans.map(|plan| Choice::new(plan.plan_id.to_string(), plan.name.clone()));
    let days = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let days = (1..)
        .zip(days)
        .map(|(day, name): (i8, _)| (day.to_string(), name.to_owned(), false));
    let everybody = [("member", "Members"), ("visitor", "Visitors")];
    let everybody = everybody.map(|(value, label)| Choice::new(value, label));
    group(
        names.group,
        &format!("Price {number}"),
        "Instead of another, it has that one's type, place and conditions, and the amounts below.",
        [
            Select::new(names.what, "It counts", what)
                .optional()
                .prompt("Not at all")
                .value("")
                .into(),
            beside([
                decimal(names.per_hour, "Price of an hour")
                    .optional()
                    .hint("With VAT where the rule that it stands for is told so, or your last price.")
                    .into(),
                decimal(names.half_day, "A half day").optional().into(),
                decimal(names.minimum, "At least a day").optional().into(),
                decimal(names.day_cap, "At most a day").optional().into(),
            ]),
            beside([
                Select::new(names.kind, "Type", choices::type_choices(catalogue))
                    .optional()
                    .prompt("Choose one")
                    .value("")
                    .into(),
                Select::new(names.place, "Location", places)
                    .optional()
                    .prompt("Everywhere this currency is used")
                    .value("")
                    .into(),
                Select::new(names.currency, "Currency", currencies)
                    .optional()
                    .value(only.map_or("", |currency| currency.code()))
                    .into(),
            ]),
            CheckGroup::new(names.weekdays, "On", days).into(),
            beside([
                Field::time(names.from, "From").optional().into(),
                Field::time(names.until, "Until")
                    .optional()
                    .hint("00:00 is the end of the day.")
                    .into(),
                Select::new(names.plan, "Only on", plans)
                    .optional()
                    .prompt("Any plan")
                    .value("")
                    .into(),
                Select::new(names.booked_by, "Only for", everybody)
                    .optional()
                    .prompt("Everybody")
                    .value("")
                    .into(),
            ]),
            Checkbox::new(names.per_seat, "These amounts are for each of those who come").into(),
        ],
    )
}

/// The plan that a form is about.
pub(super) fn plan_of<'a>(submitted: &Submitted, catalogue: &'a Catalogue) -> Option<&'a PlanVersionPublished> {
    let id: PlanId = submitted.get("plan_id").trim().parse().ok()?;
    catalogue.latest_version_of(id)
}

/// Reads a draft.
pub(super) fn read(submitted: &Submitted, catalogue: &Catalogue) -> Result<Read, Failure> {
    let mut typed = Typed::new(submitted);
    let plan = match plan_of(submitted, catalogue) {
        Some(plan) => Some(read_plan(submitted, &mut typed, plan)),
        None if submitted.get("plan_id").trim().is_empty() => None,
        None => {
            typed.wrong("month", "There is no such plan.");
            None
        }
    };
    let (mut rules, mut rows) = (Vec::new(), Vec::new());
    for names in &ROWS {
        if let Some(rule) = read_rule(submitted, &mut typed, names, catalogue) {
            rules.push(rule);
            rows.push(names);
        }
    }
    let withdrawn: Option<Vec<PriceRuleId>> = submitted.all("withdrawn").map(|id| id.parse().ok()).collect();
    if withdrawn.is_none() {
        typed.wrong("withdrawn", "Please choose from the list.");
    }
    let month = typed.text("month");
    typed.finish()?;
    let draft = Draft {
        month,
        plan,
        rules,
        withdrawn: withdrawn.unwrap_or_default(),
    };
    Ok(Read { draft, rows })
}

fn read_plan(submitted: &Submitted, typed: &mut Typed<'_>, plan: &PlanVersionPublished) -> PlanDraft {
    let currency = Some(plan.price.currency);
    let mut draft = PlanDraft::of(plan);
    draft.price = typed.money("price", currency).unwrap_or(plan.price);
    draft.billing_day = typed.number("billing_day", Some(plan.billing_day));
    draft.earlier_stay = submitted.get("earlier") == "stay";
    let terms = &mut draft.terms;
    match CycleLength::parse(submitted.get("cycle")) {
        Ok(length) => terms.length = length,
        Err(sentence) => typed.wrong("cycle", sentence),
    }
    terms.set_up_fee_minor = typed.maybe_money("set_up_fee", currency).map_or(0, |fee| fee.minor);
    terms.trial_days = typed.number("trial_days", Some(0));
    terms.rollover_cycles = typed.number("rollover_cycles", Some(0));
    terms.day_passes = typed.number("day_passes", Some(0));
    terms.money_minor = typed.maybe_money("money", currency).map_or(0, |money| money.minor);
    terms.allowances_by_days = submitted.has("allowances_by_days");
    // Rows that the form does not have stay as they are.
    let beyond: Vec<Allowance> = draft.allowances.drain(..).skip(ALLOWANCE_ROWS.len()).collect();
    for (kind_name, hours_name) in ALLOWANCE_ROWS {
        let kind = typed.maybe_id(kind_name);
        match (kind, submitted.get(hours_name).trim()) {
            (None, "") => {}
            (None, _) => typed.wrong(kind_name, "Please choose what these hours are for."),
            (Some(_), "") => typed.wrong(hours_name, "Please say how many hours."),
            (Some(resource_type_id), hours) => match minutes_of(hours) {
                Some(minutes) => draft.allowances.push(Allowance {
                    resource_type_id,
                    minutes,
                }),
                None => typed.wrong(hours_name, "Please write hours such as 5 or 2.5."),
            },
        }
    }
    draft.allowances.extend(beyond);
    draft
}

fn read_rule(submitted: &Submitted, typed: &mut Typed<'_>, names: &Names, catalogue: &Catalogue) -> Option<RuleDraft> {
    let what = submitted.get(names.what).trim();
    if what.is_empty() {
        return None;
    }
    let id: Option<PriceRuleId> = what.parse().ok();
    let known = id.and_then(|id| catalogue.price_rules.get(&id));
    if known.is_none() && what != ONE_MORE {
        typed.wrong(names.what, "Please choose one from the list.");
        return None;
    }
    let currency = match known {
        Some(known) => Some(known.per_hour.currency),
        None => typed.currency(names.currency),
    };
    let per_hour = typed.money(names.per_hour, currency);
    let half_day = typed.maybe_money(names.half_day, currency);
    let minimum = typed.maybe_money(names.minimum, currency);
    let day_cap = typed.maybe_money(names.day_cap, currency);
    let amounts = |rule: NewPriceRule| NewPriceRule {
        half_day,
        minimum,
        day_cap,
        ..rule
    };
    let rule = if let Some(known) = known {
        NewPriceRule {
            location_id: known.location_id,
            per_seat: known.per_seat,
            tax_included: known.tax_included,
            conditions: known.conditions.clone(),
            ..NewPriceRule::by_the_hour(known.resource_type_id, per_hour?)
        }
    } else {
        let kind = typed.id(names.kind);
        let location_id = typed.maybe_id(names.place);
        let conditions = read_conditions(submitted, typed, names);
        let place = location_id.and_then(|id| catalogue.locations.get(&id));
        NewPriceRule {
            location_id,
            tax_included: catalogue.tells_with_tax(place.map(|place| place.legal_entity_id)),
            per_seat: submitted.has(names.per_seat),
            conditions,
            ..NewPriceRule::by_the_hour(kind?, per_hour?)
        }
    };
    Some(RuleDraft {
        replaces: id,
        rule: amounts(rule),
    })
}

fn read_conditions(submitted: &Submitted, typed: &mut Typed<'_>, names: &Names) -> Conditions {
    let given = |name: &str| !submitted.get(name).trim().is_empty();
    let hours = if given(names.from) || given(names.until) {
        let (from, to) = (typed.time(names.from), typed.time(names.until));
        from.zip(to).map(|(from, to)| Hours { from, to })
    } else {
        None
    };
    Conditions {
        weekdays: submitted
            .all(names.weekdays)
            .filter_map(|day| day.parse().ok())
            .collect(),
        hours,
        plan_id: typed.maybe_id(names.plan),
        booked_by: match submitted.get(names.booked_by) {
            "member" => Some(BookedBy::Member),
            "visitor" => Some(BookedBy::Visitor),
            _ => None,
        },
        ..Conditions::default()
    }
}

impl Read {
    /// Names the fields of a refusal as the form has them.
    pub(super) fn naming(&self, mut failure: Failure) -> Failure {
        for field in &mut failure.fields {
            let mut parts = field.field.splitn(3, '.');
            let (first, index, name) = (parts.next(), parts.next(), parts.next());
            let row = index
                .and_then(|index| index.parse::<usize>().ok())
                .and_then(|index| self.rows.get(index));
            let named = match (first, row, name) {
                (Some("rules"), Some(names), Some(name)) => match name {
                    "per_hour" => names.per_hour,
                    "half_day" => names.half_day,
                    "minimum" => names.minimum,
                    "day_cap" => names.day_cap,
                    "currency" => names.currency,
                    "weekdays" => names.weekdays,
                    "until" => names.until,
                    "location_id" => names.place,
                    "resource_type_id" => names.kind,
                    "plan_id" => names.plan,
                    "booked_by" => names.booked_by,
                    _ => names.what,
                },
                (Some("withdrawn" | "rules"), _, _) => "withdrawn",
                (Some("plan_id" | "resource_type_id"), _, _) => "allowances",
                _ => continue,
            };
            named.clone_into(&mut field.field);
        }
        failure
    }
}
