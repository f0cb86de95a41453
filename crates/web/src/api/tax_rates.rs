//! The tax table.

use coterie_app::{catalogue, tax};
use coterie_domain::tax::TaxRateSet;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    command::Command,
    reading::{PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
};
use crate::failure::{Failure, FieldError};

/// From this day on, supplies of this category in this country carry this rate.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// ISO 3166-1 alpha-2.
    #[schema(example = "DE")]
    country: String,
    #[schema(example = "standard")]
    category: String,
    /// Percent as a decimal text.
    #[schema(example = "19")]
    rate_percent: String,
    effective_from: Date,
}

impl From<&TaxRateSet> for TaxRate {
    fn from(fact: &TaxRateSet) -> Self {
        Self {
            country: fact.country.clone(),
            category: fact.category.clone(),
            rate_percent: fact.rate_percent.to_string(),
            effective_from: fact.effective_from,
        }
    }
}

#[utoipa::path(post, path = "/v1/tax_rates", tag = "catalogue", request_body = TaxRate,
    responses((status = 201, description = "Set", body = TaxRate)))]
pub async fn create(command: Command<TaxRate>) -> CommandAnswer<TaxRate> {
    let rate = command.body;
    let percent = rate.rate_percent.parse().map_err(|_| {
        let message = "Write a percentage such as 19 or 7.7.";
        Failure::invalid(vec![FieldError::new("rate_percent", message)])
    })?;
    let app = &command.house.app;
    let done = tax::set_rate(
        app,
        &command.caller,
        &rate.country,
        &rate.category,
        percent,
        rate.effective_from,
    )
    .await?;
    Ok(Carried::created(&done, "/v1/tax_rates".to_owned(), rate))
}

#[utoipa::path(get, path = "/v1/tax_rates", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "Rates in the order in which they were set", body = List<TaxRate>)))]
pub async fn list(reading: Reading) -> Answer<List<TaxRate>> {
    reading.settled(&[]).await?;
    let request = reading.page()?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    // Rates have no id; their place in the log's order never changes.
    let seen = request.after::<usize>().map_or(0, |last| last.saturating_add(1));
    let wanted = usize::try_from(request.limit() + 1).unwrap_or(1);
    let items: Vec<_> = catalogue.tax_rates.iter().enumerate().skip(seen).take(wanted).collect();
    Ok(List::of(request.cut(items, |(place, _)| *place), |(_, fact)| {
        fact.into()
    }))
}
