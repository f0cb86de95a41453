//! `/operator/bookings/find`: where and when a booking fits for a member, at her prices.

use axum::{extract::RawQuery, response::Response};
use coterie_app::{booking, member::page as member_page, projections};
use coterie_domain::MemberId;
use uuid::Uuid;

use super::{
    book::{self, find_members, member_field},
    bookings, choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    sheet::Sheet,
};
use crate::{
    components::{Choice, Column, EmptyState, Field, Link, Select, Table},
    failure::{Failure, FieldError},
    form::Submitted,
    member::find,
    told,
};

pub(super) const HERE: &str = "/operator/bookings/find";

/// The search; once something was asked for, what is free.
pub(super) async fn show(desk: Desk, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let asked = Submitted::from_encoded(query.as_deref().unwrap_or_default())?;
    let form = form(&desk, &asked).await?;
    let sheet = Sheet::new(&desk, "Find a free time for a member")
        .back("Bookings", bookings::HERE)
        .lead("Whatever suits her, in every house, at her prices.");
    if !asked.has("minutes") {
        return Ok(sheet.part(&form).show());
    }
    match offers(&desk, &asked).await {
        Ok(table) => Ok(sheet.part(&form).part(&table).show()),
        Err(failure) => {
            let failure = shown_again(failure)?;
            Ok(sheet.part(&form.refused(&asked, &failure)).show_with(failure.status))
        }
    }
}

async fn offers(desk: &Desk, asked: &Submitted) -> Result<Table, Failure> {
    let email = asked.get("member").trim().to_lowercase();
    let member = match email.as_str() {
        "" => None,
        _ => Some(
            find_members(desk, Some(email.clone()))
                .await?
                .into_iter()
                .find(|member| member.email == email)
                .ok_or_else(|| Failure::invalid(vec![FieldError::new("member", "No member has this address.")]))?
                .member_id,
        ),
    };
    let search = find::read(asked)?;
    let found = booking::find_free(&desk.house.app, &desk.caller(), member, &search, None).await?;
    let columns = [
        Column::text("When"),
        Column::text("Start"),
        Column::text("What"),
        Column::text("Where"),
        Column::number("Price"),
    ];
    let caption = if found.cut {
        "Free; there is more than is shown, so narrow it down"
    } else {
        "Free"
    };
    let empty = EmptyState::new(
        "Nothing is free like that",
        "Try other days, a shorter time or another house.",
    );
    let mut table = Table::new(caption, columns).empty(empty);
    let catalogue = desk.catalogue().await?;
    for offer in &found.offers {
        let (first, last) = (offer.window.first_start, offer.window.last_start);
        let zone = catalogue.zone_of(offer.resource.location_id)?;
        let mut query = vec![("resource", offer.resource.resource_id.to_string())];
        query.extend(
            zone.to_ambiguous_timestamp(first)
                .compatible()
                .ok()
                .map(|at| ("start", at.to_string())),
        );
        query.push(("minutes", search.minutes.to_string()));
        query.extend(member.map(|id| ("member", id.to_string())));
        let href = format!(
            "{}?{}",
            book::HERE,
            serde_urlencoded::to_string(query).unwrap_or_default()
        );
        let starts = if first == last {
            format!("at {}", first.strftime("%H:%M"))
        } else {
            format!("{} to {}", first.strftime("%H:%M"), last.strftime("%H:%M"))
        };
        table.push([
            Link::new(first.strftime("%a %-d %b %Y, %H:%M").to_string(), href).into(),
            starts.into(),
            offer.resource.name.clone().into(),
            format!("{} ({})", offer.location_name, offer.time_zone).into(),
            told::either(offer.price, offer.price_with_tax).into(),
        ]);
    }
    Ok(table)
}

async fn form(desk: &Desk, asked: &Submitted) -> Result<Form, Failure> {
    let catalogue = desk.catalogue().await?;
    // Her page leads here by her id; the form says her address.
    let email = match asked.get("member").parse::<Uuid>() {
        Ok(id) => member_page::find(&desk.house.app, desk.tenant(), MemberId(id))
            .await?
            .map(|member| member.email)
            .unwrap_or_default(),
        Err(_) => asked.get("member").to_owned(),
    };
    let value = |name: &str, usual: &str| {
        if asked.has(name) {
            asked.get(name).to_owned()
        } else {
            usual.to_owned()
        }
    };
    let today = desk.now().await?.to_zoned(jiff::tz::TimeZone::UTC).date();
    let places = std::iter::once(Choice::new("", "Any house")).chain(
        choices::locations(&catalogue)
            .into_iter()
            .map(|place| Choice::new(place.location_id.to_string(), &place.name)),
    );
    let (member, suggestions) = member_field(desk, &email).await?;
    Ok(Form::get(HERE, "Find")
        .with(
            member
                .optional()
                .hint("Her email address; without one, the prices for everybody."),
        )
        .with(suggestions)
        .with(beside([
            Field::date("first_day", "From day")
                .value(value("first_day", &today.to_string()))
                .into(),
            Field::date("last_day", "Until day")
                .value(value("last_day", ""))
                .optional()
                .hint("The first day alone, without one.")
                .into(),
            Field::number("minutes", "Minutes")
                .value(value("minutes", "60"))
                .attribute("min", "5")
                .attribute("max", "1440")
                .into(),
        ]))
        .with(beside([
            Field::time("from", "Not before")
                .value(value("from", ""))
                .optional()
                .into(),
            Field::time("until", "Not after")
                .value(value("until", ""))
                .optional()
                .into(),
            Field::number("people", "People")
                .value(value("people", ""))
                .attribute("min", "0")
                .optional()
                .into(),
            Select::new("location", "House", places)
                .value(asked.get("location"))
                .optional()
                .into(),
        ])))
}
