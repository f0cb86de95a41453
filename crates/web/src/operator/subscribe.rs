//! Starting a membership on behalf of a member: choose, see what it costs, agree.

use axum::{
    extract::{Path, RawQuery},
    response::Response,
};
use coterie_app::{
    membership::{self, Subscribe, WithCoupon},
    projections,
};
use coterie_domain::{
    LocationId, MemberId, PlanVersionId, catalogue::Catalogue, coupon::for_cycles, membership::Quote,
};
use uuid::Uuid;

use super::{
    choices,
    desk::{Desk, shown_again},
    form::Form,
    member_detail::{address, find},
    sheet::{Html, Sheet},
    times,
    typed::{Typed, required},
};
use crate::{
    components::{Choice, DefinitionList, Field, Hidden, Money, Select},
    failure::Failure,
    form::Submitted,
    told,
};

/// The choice, and below it what it costs once it is made.
pub(super) async fn new(desk: Desk, Path(id): Path<Uuid>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let member = find(&desk, id).await?;
    let catalogue = desk.catalogue().await?;
    let asked = Submitted::from_encoded(query.as_deref().unwrap_or_default())?;
    let sheet = Sheet::people(&desk, "Start a membership")
        .back(&member.name, address(id))
        .lead("It starts today. Its first, perhaps short, cycle is invoiced at once.");
    if !asked.has("plan_version_id") {
        return Ok(sheet.part(&form(&catalogue, id)).show());
    }
    match attempt_quote(&desk, MemberId(id), &asked).await {
        Ok((quote, version, location)) => {
            let form = form(&catalogue, id).refilled(&asked);
            let terms = terms(&quote);
            let agree = Form::post(format!("{}/memberships", address(id)), "Start this membership")
                .with(Hidden::new("plan_version_id", version.to_string()))
                .with(Hidden::new("location_id", location.to_string()))
                .with(Hidden::new("coupon", asked.get("coupon").trim()))
                .with(Hidden::new("agreed_gross_minor", quote.gross.minor.to_string()));
            let remark =
                Html::text("She needs no saved card: an invoice that no card pays can be paid by bank transfer.");
            Ok(sheet
                .part(&form)
                .card("terms", "What it costs", &[Html::of(&terms), remark, Html::of(&agree)])
                .show())
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form(&catalogue, id).refused(&asked, &failure);
            Ok(sheet.part(&form).show_with(failure.status))
        }
    }
}

async fn attempt_quote(
    desk: &Desk,
    member: MemberId,
    asked: &Submitted,
) -> Result<(Quote, PlanVersionId, LocationId), Failure> {
    let mut typed = Typed::new(asked);
    let (version, location) = (typed.id("plan_version_id"), typed.id("location_id"));
    typed.finish()?;
    let (version, location) = (
        required(version, "plan_version_id")?,
        required(location, "location_id")?,
    );
    let code = asked.get("coupon").trim();
    let with = (!code.is_empty()).then_some(WithCoupon {
        code,
        member_id: member,
    });
    let (house, caller) = (&desk.house, desk.caller());
    let quote = membership::quote(&house.app, &caller, Some(member), version, location, None, with).await?;
    Ok((quote, version, location))
}

fn terms(quote: &Quote) -> DefinitionList {
    let money = |amount: coterie_domain::Money| Money::new(amount.minor, amount.currency.code());
    let days = format!(
        "{} to {}: {} of {} days",
        times::day(quote.days.start),
        times::day(quote.days.last()),
        quote.days.count(),
        quote.cycle.count()
    );
    let mut terms = DefinitionList::new()
        .item("Plan", format!("{}, version {}", quote.plan.name, quote.plan.number))
        .item("First cycle", days);
    if let Some(coupon) = &quote.coupon {
        let off = format!("Coupon {}, {} {}", coupon.code, coupon.off, for_cycles(coupon.cycles));
        terms = terms.item(
            off,
            money(coterie_domain::Money::new(-quote.off.minor, quote.off.currency)),
        );
    }
    terms
        .item("Net", money(quote.net))
        .item(format!("VAT {} %", quote.tax_percent), money(quote.tax))
        .item(due(quote), money(quote.gross))
        .item(
            format!("Each {} after", quote.plan.length),
            told::price(quote.plan.price, quote.plan.tax_included),
        )
}

fn due(quote: &Quote) -> String {
    if quote.plan.in_arrears {
        format!("To pay on {}", times::day(quote.billed_on))
    } else {
        "To pay now".to_owned()
    }
}

/// Starts it at the price that was shown.
pub(super) async fn create(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, id, &submitted).await {
        Ok(position) => Ok(desk.done(position, "The membership is started.", &address(id))),
        Err(failure) => {
            let query = [
                ("plan_version_id", submitted.get("plan_version_id")),
                ("location_id", submitted.get("location_id")),
                ("coupon", submitted.get("coupon")),
            ];
            let query = serde_urlencoded::to_string(query).unwrap_or_default();
            desk.refused(failure, &format!("{}/memberships/new?{query}", address(id)))
        }
    }
}

async fn attempt(desk: &Desk, id: Uuid, submitted: &Submitted) -> Result<i64, Failure> {
    let mut typed = Typed::new(submitted);
    let (version, location) = (typed.id("plan_version_id"), typed.id("location_id"));
    let agreed = typed.number("agreed_gross_minor", None);
    let typed_code = typed.text("coupon");
    typed.finish()?;
    let command = Subscribe {
        member_id: MemberId(id),
        plan_version_id: required(version, "plan_version_id")?,
        location_id: required(location, "location_id")?,
        agreed_gross_minor: Some(agreed),
        without_card: true,
        coupon: Some(typed_code),
    };
    let done = membership::subscribe(&desk.house.app, &desk.caller(), command).await?;
    Ok(done.position)
}

fn form(catalogue: &Catalogue, id: Uuid) -> Form {
    let plans = catalogue.plans_on_offer().into_iter().map(|version| {
        Choice::new(
            version.plan_version_id.to_string(),
            format!(
                "{}, {} a {}",
                version.name,
                told::price(version.price, version.tax_included),
                version.length
            ),
        )
    });
    Form::get(format!("{}/memberships/new", address(id)), "Show what it costs")
        .with(Select::new("plan_version_id", "Plan", plans))
        .with(choices::location_select(catalogue).hint("Her home: it decides cycle and tax."))
        .with(Field::text("coupon", "Coupon").optional().autocomplete("off"))
}
