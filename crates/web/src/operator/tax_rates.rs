//! VAT by country and category.

use axum::response::Response;
use coterie_app::{Done, tax};
use coterie_domain::catalogue::Catalogue;
use jiff::{Timestamp, tz::TimeZone};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    sheet::Sheet,
    times,
    typed::{Typed, required},
};
use crate::{
    components::{Column, EmptyState, Field, Table},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/tax-rates";
const NEW: &str = "/operator/tax-rates/new";

/// All rates that were ever set; the latest day comes first.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let columns = [
        Column::text("Country"),
        Column::text("Category"),
        Column::number("Rate"),
        Column::text("From"),
    ];
    let mut table = Table::new("Tax rates", columns).empty(
        EmptyState::new(
            "No tax rate yet",
            "Invoices need the VAT rate of each country and category.",
        )
        .action("Set a rate", NEW),
    );
    let mut rates: Vec<_> = catalogue.tax_rates.iter().collect();
    rates.sort_by(|a, b| (&a.country, &a.category, b.effective_from).cmp(&(&b.country, &b.category, a.effective_from)));
    for rate in rates {
        table.push([
            rate.country.clone().into(),
            rate.category.clone().into(),
            format!("{} %", rate.rate_percent).into(),
            times::day(rate.effective_from).into(),
        ]);
    }
    Ok(Sheet::set_up(&desk, "Tax rates")
        .lead("By the country of the location, from a day on. Of two rates for one day the one set later counts.")
        .action("Set a rate", NEW)
        .history("/log?category=tax")
        .part(&table)
        .show())
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    Ok(sheet(&desk, &form(&catalogue, desk.now().await?)).show())
}

/// Sets one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(done) => Ok(desk.done(done.position, "The rate is set.", HERE)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form(&*desk.catalogue().await?, desk.now().await?).refused(&submitted, &failure);
            Ok(sheet(&desk, &form).show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<Done<Uuid>, Failure> {
    let mut typed = Typed::new(submitted);
    let (country, category) = (typed.text("country"), typed.text("category"));
    let rate = Decimal::from_str_exact(typed.text("rate_percent").trim().trim_end_matches('%').trim_end()).ok();
    if rate.is_none() {
        typed.wrong("rate_percent", "Please write a percentage such as 19 or 7.7.");
    }
    let from = typed.date("effective_from");
    typed.finish()?;
    let (rate, from) = (required(rate, "rate_percent")?, required(from, "effective_from")?);
    Ok(tax::set_rate(&desk.house.app, &desk.caller(), &country, &category, rate, from).await?)
}

/// The rate of this year is what is most likely set first.
fn form(catalogue: &Catalogue, now: Timestamp) -> Form {
    let this_year = now.to_zoned(TimeZone::UTC).date().first_of_year();
    let (category, suggestions) = choices::category_field("category", catalogue);
    let countries: Vec<_> = catalogue
        .locations
        .values()
        .map(|place| place.address.country.as_str())
        .collect();
    let only = countries
        .first()
        .filter(|first| countries.iter().all(|country| country == *first));
    Form::post(HERE, "Set rate")
        .cancel(HERE)
        .with(
            Field::text("country", "Country")
                .value(only.copied().unwrap_or_default())
                .hint("Two letters, such as DE.")
                .attribute("maxlength", "2"),
        )
        .with(category)
        .with(suggestions)
        .with(beside([
            Field::text("rate_percent", "Rate in percent")
                .hint("Such as 19 or 7.7.")
                .attribute("inputmode", "decimal")
                .into(),
            Field::date("effective_from", "From")
                .hint("The first day on which it counts.")
                .value(this_year.to_string())
                .into(),
        ]))
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "Set a tax rate").back("Tax rates", HERE).part(form)
}
