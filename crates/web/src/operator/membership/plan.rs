//! Another plan for a membership: what it gives back and charges, then the change itself.

use axum::{
    extract::{Path, RawQuery},
    response::Response,
};
use coterie_app::membership::{self, ChangePlan};
use coterie_domain::{
    MembershipId, PlanVersionId,
    membership::{ChangeQuote, Stretch},
};
use uuid::Uuid;

use super::{
    super::{
        desk::{Desk, shown_again},
        sheet::{Html, Sheet},
        times,
        typed::{Typed, required},
    },
    Found, Ids, finish, money, said,
};
use crate::{
    components::{Column, DefinitionList, EmptyState, Hidden, Money, Table},
    failure::Failure,
    form::Submitted,
};

fn read_change(asked: &Submitted, id: Uuid) -> Result<ChangePlan, Failure> {
    let mut typed = Typed::new(asked);
    let version: Option<PlanVersionId> = typed.id("plan_version_id");
    let from = (!asked.get("from").trim().is_empty())
        .then(|| typed.date("from"))
        .flatten();
    let agreed = asked
        .has("agreed_gross_minor")
        .then(|| typed.number("agreed_gross_minor", None));
    typed.finish()?;
    Ok(ChangePlan {
        membership_id: MembershipId(id),
        plan_version_id: required(version, "plan_version_id")?,
        at_renewal: asked.get("when") == "renewal",
        from,
        agreed_gross_minor: agreed,
    })
}

/// What a change of plan would cost, before it is agreed to.
pub(in crate::operator) async fn quote(
    desk: Desk,
    Path((member, membership)): Path<(Uuid, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let found = Found::load(&desk, member, membership).await?;
    let asked = Submitted::from_encoded(query.as_deref().unwrap_or_default())?;
    let quoted = async {
        let change = read_change(&asked, membership)?;
        Ok::<_, Failure>(membership::quote_plan_change(&desk.house.app, &desk.caller(), &change).await?)
    };
    match quoted.await {
        Ok(quote) => {
            let name = asked
                .get("plan_version_id")
                .parse()
                .ok()
                .and_then(|id| found.catalogue.plan_version(id).ok());
            let title = format!("Change to {}", name.map_or("another plan", |plan| plan.name.as_str()));
            let agree = found
                .post("plan", "Change the plan")
                .cancel(&found.here)
                .with(Hidden::new("plan_version_id", asked.get("plan_version_id")))
                .with(Hidden::new("when", asked.get("when")))
                .with(Hidden::new("from", asked.get("from")))
                .with(Hidden::new("agreed_gross_minor", quote.gross.minor.to_string()));
            Ok(Sheet::people(&desk, title)
                .back(&found.row.plan_name, &found.here)
                .part(&days(&found, &quote))
                .card(
                    "agree",
                    "What it comes to",
                    &[Html::of(&sums(&quote)), Html::of(&agree)],
                )
                .show())
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            let sheet = found.sheet(&desk, Some(("plan", &asked, &failure))).await?;
            Ok(sheet.show_with(failure.status))
        }
    }
}

fn days(found: &Found, quote: &ChangeQuote) -> Table {
    let columns = [
        Column::text("Days"),
        Column::text("Plan"),
        Column::text("Part of the cycle"),
        Column::number("Net"),
    ];
    let mut table = Table::new("What is given back and charged", columns).empty(EmptyState::new(
        "Nothing changes in this cycle",
        "The new plan is charged with the first cycle that begins under it.",
    ));
    let mut push = |stretch: &Stretch, sign: i64| {
        let plan = found.catalogue.plan_version(stretch.plan_version_id);
        table.push([
            format!(
                "{} to {}",
                times::day(stretch.days.start),
                times::day(stretch.days.last())
            )
            .into(),
            plan.map_or_else(|_| String::new(), |plan| plan.name.clone()).into(),
            format!("{} of {} days", stretch.days.count(), stretch.cycle.count()).into(),
            Money::new(sign * stretch.net().minor, stretch.price.currency.code()).into(),
        ]);
    };
    let of_plans = |stretch: &&Stretch| stretch.add_on.is_none();
    let (back, billed) = (&quote.unsettled.given_back, &quote.unsettled.billed);
    back.iter().filter(of_plans).for_each(|stretch| push(stretch, -1));
    billed.iter().filter(of_plans).for_each(|stretch| push(stretch, 1));
    for charge in quote.beside_plans() {
        table.push([
            format!(
                "{} to {}",
                times::day(charge.service_from),
                times::day(charge.service_to.yesterday().unwrap_or(charge.service_to))
            )
            .into(),
            charge.description.clone().into(),
            charge.quantity.clone().into(),
            Money::new(charge.net.minor, charge.net.currency.code()).into(),
        ]);
    }
    table
}

fn sums(quote: &ChangeQuote) -> DefinitionList {
    let due = if quote.gross.minor > 0 {
        "To pay now"
    } else {
        "On the next invoice"
    };
    DefinitionList::new()
        .item("From", times::day(quote.from))
        .item("Net", money(quote.net))
        .item("VAT", money(quote.tax))
        .item(due, money(quote.gross))
}

/// Changes the plan at the price that was shown.
pub(in crate::operator) async fn change_plan(
    desk: Desk,
    Path(ids): Ids,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let found = Found::load(&desk, ids.0, ids.1).await?;
    let change = read_change(&submitted, ids.1)?;
    match membership::change_plan(&desk.house.app, &desk.caller(), change).await {
        Ok(done) => {
            let sentence = said("The plan is changed.", &done.outcome);
            Ok(desk.done(done.position, sentence, &found.here))
        }
        Err(error) => desk.refused(error.into(), &found.here),
    }
}

/// Calls the change that lies ahead off.
pub(in crate::operator) async fn call_off(
    desk: Desk,
    Path(ids): Ids,
    submitted: Submitted,
) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let done = membership::call_plan_change_off(&desk.house.app, &desk.caller(), MembershipId(ids.1)).await;
    let outcome = done.map_err(Failure::from);
    finish(desk, ids, "call-off", "The change is off.", &submitted, outcome).await
}
