//! Coupons: what they take off, how often they were redeemed, and codes for new ones.

use axum::{extract::Path, response::Response};
use coterie_app::coupon::{self, page::CouponRow};
use coterie_domain::{
    CouponId, PlanId,
    catalogue::Catalogue,
    coupon::{NewCoupon, NewOff, for_cycles},
};
use uuid::Uuid;

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{CheckGroup, Form, beside},
    sheet::{Html, Sheet},
    times,
    typed::Typed,
};
use crate::{
    audit::links,
    components::{Badge, Cell, Checkbox, Column, DefinitionList, EmptyState, Field, Link, Table, Tone},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/coupons";
const NEW: &str = "/operator/coupons/new";

fn address(id: CouponId) -> String {
    format!("{HERE}/{id}")
}

/// All coupons, the newest first.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let columns = [
        Column::text("Code"),
        Column::text("Name"),
        Column::text("Takes off"),
        Column::text("For"),
        Column::text("Can be redeemed"),
        Column::number("Redeemed"),
        Column::text("State"),
    ];
    let mut table = Table::new("Coupons", columns).empty(
        EmptyState::new(
            "No coupon yet",
            "A coupon takes something off the price of plans, for whoever knows its code.",
        )
        .action("Make a coupon", NEW),
    );
    let mut all = coupon::page::all(&desk.house.app, desk.tenant()).await?;
    all.reverse();
    for row in &all {
        let fact = &row.coupon.fact;
        let cells: [Cell; 7] = [
            Link::new(&fact.code, address(fact.coupon_id)).into(),
            fact.name.clone().into(),
            takes_off(row).into(),
            plans(row, &catalogue).into(),
            days(row).into(),
            redeemed(row).into(),
            state(row).into(),
        ];
        table.push(cells);
    }
    Ok(Sheet::set_up(&desk, "Coupons")
        .lead("Members type the code when they agree to a plan, or later on the page of their membership.")
        .action("Make a coupon", NEW)
        .part(&table)
        .show())
}

/// `50 % for 3 cycles`
fn takes_off(row: &CouponRow) -> String {
    let fact = &row.coupon.fact;
    format!("{} {}", fact.off, for_cycles(fact.cycles))
}

fn plans(row: &CouponRow, catalogue: &Catalogue) -> String {
    let named: Vec<&str> = row
        .coupon
        .fact
        .plans
        .iter()
        .filter_map(|plan| catalogue.latest_version_of(*plan))
        .map(|version| version.name.as_str())
        .collect();
    if named.is_empty() {
        "every plan".to_owned()
    } else {
        named.join(", ")
    }
}

fn days(row: &CouponRow) -> String {
    match (row.coupon.fact.first_day, row.coupon.fact.last_day) {
        (None, None) => "on any day".to_owned(),
        (Some(first), None) => format!("from {}", times::day(first)),
        (None, Some(last)) => format!("until {}", times::day(last)),
        (Some(first), Some(last)) => format!("{} to {}", times::day(first), times::day(last)),
    }
}

fn redeemed(row: &CouponRow) -> String {
    match row.coupon.fact.limit {
        Some(limit) => format!("{} of {limit}", row.redeemed),
        None => row.redeemed.to_string(),
    }
}

fn state(row: &CouponRow) -> Badge {
    let used_up = row.coupon.fact.limit.is_some_and(|limit| row.redeemed >= limit);
    match (row.coupon.withdrawn, used_up) {
        (true, _) => Badge::new(Tone::Neutral, "Withdrawn"),
        (false, true) => Badge::new(Tone::Warning, "Used up"),
        (false, false) => Badge::new(Tone::Good, "Can be redeemed"),
    }
}

/// One of them, and the way to withdraw it.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let row = coupon::page::find(&desk.house.app, desk.tenant(), CouponId(id)).await?;
    let catalogue = desk.catalogue().await?;
    let fact = &row.coupon.fact;
    let each = if fact.once_per_member {
        "once"
    } else {
        "any number of times"
    };
    let facts = DefinitionList::new()
        .item("State", state(&row))
        .item("Takes off", takes_off(&row))
        .item("Of", plans(&row, &catalogue))
        .item("Can be redeemed", days(&row))
        .item("By each member", each)
        .item("Redeemed", redeemed(&row));
    let sheet = Sheet::set_up(&desk, format!("Coupon {}", fact.code))
        .back("Coupons", HERE)
        .history(links::stream(id))
        .card("facts", &fact.name, &[Html::of(&facts)]);
    if row.coupon.withdrawn {
        return Ok(sheet.show());
    }
    let form = Form::post(format!("{}/withdraw", address(fact.coupon_id)), "Withdraw it").danger();
    let remark = Html::text("Nobody can redeem it any more. Memberships that have it keep what it gives them.");
    Ok(sheet.card("withdraw", "Withdraw", &[remark, Html::of(&form)]).show())
}

/// Lets nobody redeem it any more.
pub(super) async fn withdraw(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let here = address(CouponId(id));
    match coupon::withdraw(&desk.house.app, &desk.caller(), CouponId(id)).await {
        Ok(done) => Ok(desk.done(done.position, "The coupon is withdrawn.", &here)),
        Err(error) => desk.refused(error.into(), &here),
    }
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    let form = form(&*desk.catalogue().await?);
    Ok(sheet(&desk, &form).show())
}

/// Makes one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok((id, position)) => Ok(desk.done(position, "The coupon is made.", &address(id))),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form(&*desk.catalogue().await?).refused(&submitted, &failure);
            Ok(sheet(&desk, &form).show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<(CouponId, i64), Failure> {
    let mut typed = Typed::new(submitted);
    let empty = |name: &str| submitted.get(name).trim().is_empty();
    let percent = (!empty("percent")).then(|| typed.percent("percent"));
    let amount = if empty("amount") {
        None
    } else {
        let currency = typed.currency("currency");
        typed.money("amount", currency)
    };
    let cycles = (!empty("cycles")).then(|| typed.number("cycles", None));
    let limit = (!empty("limit")).then(|| typed.number("limit", None));
    let mut day = |name: &str| if empty(name) { None } else { typed.date(name) };
    let (first_day, last_day) = (day("first_day"), day("last_day"));
    let mut plans = Vec::new();
    for text in submitted.all("plans") {
        match text.parse::<PlanId>() {
            Ok(plan) => plans.push(plan),
            Err(_) => typed.wrong("plans", "Please choose from the list."),
        }
    }
    typed.finish()?;
    let new = NewCoupon {
        code: submitted.get("code").to_owned(),
        name: submitted.get("name").to_owned(),
        off: NewOff { percent, amount },
        cycles,
        plans,
        first_day,
        last_day,
        limit,
        once_per_member: submitted.has("once_per_member"),
    };
    let done = coupon::create(&desk.house.app, &desk.caller(), &new).await?;
    Ok((done.outcome, done.position))
}

fn form(catalogue: &Catalogue) -> Form {
    let plans = catalogue.plans_on_offer();
    let plans = plans
        .iter()
        .map(|plan| (plan.plan_id.to_string(), plan.name.clone(), false));
    Form::post(HERE, "Make this coupon")
        .cancel(HERE)
        .with(beside([
            Field::text("code", "Code")
                .hint("Such as SPRING-26. Members may type it in any letters.")
                .attribute("maxlength", "32")
                .into(),
            Field::text("name", "Name")
                .hint("As it stands on invoices.")
                .attribute("maxlength", "120")
                .into(),
        ]))
        .with(beside([
            Field::text("percent", "Percent off")
                .hint("Such as 50 or 12.5. This or an amount.")
                .attribute("inputmode", "decimal")
                .optional()
                .into(),
            Field::text("amount", "Amount off a cycle")
                .hint("Off the price as it is told, with VAT or without. It takes off no more than that; what is beyond it lapses.")
                .attribute("inputmode", "decimal")
                .optional()
                .into(),
            choices::currency_select(catalogue).into(),
        ]))
        .with(
            Field::number("cycles", "For how many cycles")
                .hint("Counted as they begin, paused or not. Left empty, for ever.")
                .optional(),
        )
        .with(CheckGroup::new("plans", "For these plans", plans).hint("None is every plan."))
        .with(beside([
            Field::date("first_day", "Can be redeemed from").optional().into(),
            Field::date("last_day", "Can be redeemed until").optional().into(),
            Field::number("limit", "How often in all").optional().into(),
        ]))
        .with(Checkbox::new("once_per_member", "Once for each member"))
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "Make a coupon").back("Coupons", HERE).part(form)
}
