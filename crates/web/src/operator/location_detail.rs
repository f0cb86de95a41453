//! One house: its hours, what cancelling costs there, the days on which it is closed, and its calendar feed.

use axum::{extract::Path, response::Response};
use coterie_app::{
    calendar_feed::Subject,
    floor,
    location::{self, Closed, NewClosure},
};
use coterie_domain::{
    ClosureId, Currency, LocationId,
    catalogue::Catalogue,
    local_time,
    location::{CancellationPolicy, CancellationStep, LocationOpened, NewDayPasses},
};
use uuid::Uuid;

use super::{
    calendar_feed, choices,
    desk::{Desk, shown_again},
    door, floor_detail,
    form::{Form, beside},
    locations,
    sheet::{Html, Sheet},
    times,
    typed::{Typed, required},
};
use crate::{
    audit::links,
    components::{Column, DefinitionList, EmptyState, Field, Link, Table, TextArea},
    failure::{Failure, FieldError},
    form::Submitted,
};

pub(super) fn address(id: impl std::fmt::Display) -> String {
    format!("{}/{id}", locations::HERE)
}

/// The forms of the page; after a refusal one of them comes back with what was typed.
struct Forms {
    hours: Form,
    amenities: Form,
    cancellation: Form,
    passes: Form,
    closure: Form,
    calendar: Form,
    floor: Form,
}

impl Forms {
    fn of(place: &LocationOpened, catalogue: &Catalogue) -> Self {
        let here = address(place.location_id);
        let passes = passes_form(place, catalogue);
        Self {
            hours: Form::post(format!("{here}/hours"), "Change hours").with(
                Field::text("opening_hours", "Opening hours")
                    .value(place.hours.to_string())
                    .hint("Such as Mon-Fri 08:00-20:00; Sat 09:00-18:00. Bookings that stand are not touched.")
                    .attribute("spellcheck", "false"),
            ),
            amenities: Form::post(format!("{here}/amenities"), "Change what it has").with(
                Field::text("amenities", "What the house has")
                    .value(catalogue.amenities_of(place.location_id).join(", "))
                    .hint("Divided by commas: showers, kitchen. Members read it where they book.")
                    .optional(),
            ),
            cancellation: Form::post(format!("{here}/cancellation"), "Change terms").with(
                TextArea::new("cancellation", "Steps", 4)
                    .value(steps_as_text(&place.cancellation))
                    .hint("One a line: hours before the start, then the percent that stays due, such as \u{201c}24 h: 0 %\u{201d}. With less notice than the last line names, the whole price stays due. Bookings made before keep their terms.")
                    .optional(),
            ),
            passes,
            closure: Form::post(format!("{here}/closures"), "Close on these days")
                .with(beside([
                    Field::date("first_day", "First day").into(),
                    Field::date("last_day", "Last day").hint("Left empty, it is the first day alone.").optional().into(),
                ]))
                .with(Field::text("reason", "Reason").hint("Members read it: Christmas, new carpets.").attribute("maxlength", "120")),
            floor: floor_detail::form(format!("{here}/floors"), "Add a floor", None),
            calendar: Form::post(format!("{here}/closures/import"), "Take over its days").with(
                TextArea::new("calendar", "Calendar file", 6)
                    .hint("The text of an .ics file, from BEGIN:VCALENDAR to END:VCALENDAR. Its whole-day entries that are not over come in, each once."),
            ),
        }
    }
}

/// What it sells of day passes, in the currency of its legal entity.
fn passes_form(place: &LocationOpened, catalogue: &Catalogue) -> Form {
    let terms = catalogue.day_passes.get(&place.location_id);
    let currency = currency_of(place, catalogue).map_or("", Currency::code);
    let (category, suggestions) = choices::category_field("tax_category", catalogue);
    let category = match terms {
        Some(terms) => category.value(terms.tax_category.clone()),
        None => category,
    };
    let number = |number: Option<i32>| number.map_or_else(String::new, |number| number.to_string());
    Form::post(format!("{}/day-passes", address(place.location_id)), "Change passes")
        .with(beside([
            Field::text("price", format!("Price of a day ({currency})"))
                .value(terms.map_or_else(String::new, |terms| terms.price.amount()))
                .attribute("inputmode", "decimal")
                .into(),
            choices::told_select(terms.map_or_else(
                || catalogue.tells_with_tax(Some(place.legal_entity_id)),
                |terms| terms.tax_included,
            ))
            .into(),
            Field::number("capacity", "Passes a day")
                .value(number(terms.map(|terms| terms.capacity)))
                .hint("None are sold at 0.")
                .attribute("min", "0")
                .into(),
            Field::number("horizon_days", "Sold for, days ahead")
                .value(number(terms.map(|terms| terms.horizon_days).or(Some(30))))
                .attribute("min", "0")
                .into(),
        ]))
        .with(category)
        .with(suggestions)
}

fn currency_of(place: &LocationOpened, catalogue: &Catalogue) -> Option<Currency> {
    let entity = catalogue.legal_entities.get(&place.legal_entity_id)?;
    Some(entity.fact.currency)
}

/// The house's page.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let place = catalogue.location(LocationId(id))?;
    Ok(sheet(&desk, &catalogue, place, Forms::of(place, &catalogue))
        .await?
        .show())
}

async fn sheet(desk: &Desk, catalogue: &Catalogue, place: &LocationOpened, forms: Forms) -> Result<Sheet, Failure> {
    let here = address(place.location_id);
    let facts = DefinitionList::new()
        .item(
            "Address",
            format!(
                "{}, {} {}, {}",
                place.address.street, place.address.postcode, place.address.city, place.address.country
            ),
        )
        .item("Time zone", place.time_zone.clone())
        .item("Opening hours", place.hours.to_string());
    let zone = local_time::zone(&place.time_zone)?;
    let today = local_time::day_at(desk.now().await?, &zone);
    let mut table = Table::new("Closed on", ["Days", "Reason", "Change"].map(Column::text)).empty(EmptyState::new(
        "No closure ahead",
        "Holidays and repairs close the house whatever its hours say.",
    ));
    for closure in catalogue
        .closures_of(place.location_id)
        .filter(|closure| closure.last_day >= today)
    {
        let days = if closure.first_day == closure.last_day {
            times::day(closure.first_day)
        } else {
            format!("{} to {}", times::day(closure.first_day), times::day(closure.last_day))
        };
        table.push([
            days.into(),
            closure.reason.clone().into(),
            Link::new("Open again", format!("{here}/closures/{}", closure.closure_id)).into(),
        ]);
    }
    let feed = calendar_feed::parts(desk, Subject::Location(place.location_id), &here).await?;
    let kiosk = door::parts(desk, place.location_id.into(), &here).await?;
    let remark = "Nobody can book on a day on which the house is closed. Bookings that stand there are not touched, and cancelling them costs nothing.";
    Ok(Sheet::set_up(desk, &place.name)
        .back("Locations", locations::HERE)
        .action(
            "What is booked",
            format!("/operator/bookings?location={}", place.location_id),
        )
        .action("Day passes", format!("/operator/passes?location={}", place.location_id))
        .history(links::stream(place.location_id.0))
        .card(
            "facts",
            "Where and when",
            &[Html::of(&facts), Html::of(&forms.hours), Html::of(&forms.amenities)],
        )
        .card("cancellation", "Cancelling", &[Html::of(&forms.cancellation)])
        .part(&floor_detail::table(place.location_id, catalogue))
        .card("floor", "Add a floor", &[Html::of(&forms.floor)])
        .card(
            "day-passes",
            "Day passes",
            &[
                Html::text("Passes that are sold stand as they were bought. Giving one back follows the terms above, counted from the opening of its day."),
                Html::of(&forms.passes),
            ],
        )
        .part(&table)
        .card("closure", "Close it", &[Html::text(remark), Html::of(&forms.closure)])
        .card("calendar", "Holidays from a calendar", &[Html::of(&forms.calendar)])
        .card("feed", "In a calendar", &feed)
        .card("kiosk", "At the entrance", &kiosk))
}

/// The page again, with one form as it was typed.
async fn again(
    desk: &Desk,
    id: Uuid,
    submitted: &Submitted,
    failure: Failure,
    which: fn(&mut Forms) -> &mut Form,
) -> Result<Response, Failure> {
    let failure = shown_again(failure)?;
    let catalogue = desk.catalogue().await?;
    let place = catalogue.location(LocationId(id))?;
    let mut forms = Forms::of(place, &catalogue);
    let form = which(&mut forms);
    *form = form.clone().refused(submitted, &failure);
    Ok(sheet(desk, &catalogue, place, forms).await?.show_with(failure.status))
}

/// Changes the hours.
pub(super) async fn hours(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let hours = submitted.get("opening_hours").to_owned();
    match location::set_hours(&desk.house.app, &desk.caller(), LocationId(id), &hours).await {
        Ok(done) => Ok(desk.done(done.position, "The new hours count from now on.", &address(id))),
        Err(error) => again(&desk, id, &submitted, error.into(), |forms| &mut forms.hours).await,
    }
}

/// Says what it has.
pub(super) async fn amenities(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let named = submitted.get("amenities").split(',').map(str::trim);
    let named: Vec<String> = named.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    match location::set_amenities(&desk.house.app, &desk.caller(), LocationId(id), &named).await {
        Ok(done) => Ok(desk.done(done.position, "Members read it where they book.", &address(id))),
        Err(error) => again(&desk, id, &submitted, error.into(), |forms| &mut forms.amenities).await,
    }
}

/// Changes what cancelling costs.
pub(super) async fn cancellation(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = match steps_from_text(submitted.get("cancellation")) {
        Ok(steps) => location::set_cancellation(&desk.house.app, &desk.caller(), LocationId(id), &steps)
            .await
            .map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    match attempt {
        Ok(done) => Ok(desk.done(
            done.position,
            "The new terms count for bookings made from now on.",
            &address(id),
        )),
        Err(failure) => again(&desk, id, &submitted, failure, |forms| &mut forms.cancellation).await,
    }
}

/// Changes what it sells of day passes.
pub(super) async fn day_passes(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let catalogue = desk.catalogue().await?;
        let place = catalogue.location(LocationId(id))?;
        let mut typed = Typed::new(&submitted);
        let price = typed.money("price", currency_of(place, &catalogue));
        let tax_included = typed.tax_included();
        let capacity = typed.number("capacity", None);
        let horizon_days = typed.number("horizon_days", None);
        let tax_category = typed.text("tax_category");
        typed.finish()?;
        let new = NewDayPasses {
            price: required(price, "price")?,
            tax_included,
            capacity,
            tax_category,
            horizon_days,
        };
        Ok::<_, Failure>(location::set_day_passes(&desk.house.app, &desk.caller(), LocationId(id), &new).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(
            done.position,
            "This counts for passes bought from now on.",
            &address(id),
        )),
        Err(failure) => again(&desk, id, &submitted, failure, |forms| &mut forms.passes).await,
    }
}

/// Closes it on days.
pub(super) async fn close(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let first = typed.date("first_day");
        let last = if submitted.get("last_day").trim().is_empty() {
            first
        } else {
            typed.date("last_day")
        };
        typed.finish()?;
        let new = NewClosure {
            first_day: required(first, "first_day")?,
            last_day: required(last, "last_day")?,
            reason: submitted.get("reason").to_owned(),
            external_id: None,
        };
        Ok(location::close(&desk.house.app, &desk.caller(), LocationId(id), new).await?)
    };
    match attempt.await {
        Ok(done) => {
            let sentence = closed(&done.outcome);
            Ok(desk.done(done.position, sentence, &address(id)))
        }
        Err(failure) => again(&desk, id, &submitted, failure, |forms| &mut forms.closure).await,
    }
}

/// Closes it on the days of a calendar.
pub(super) async fn import(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let calendar = submitted.get("calendar").to_owned();
    match location::import_closures(&desk.house.app, &desk.caller(), LocationId(id), &calendar).await {
        Ok(done) => {
            let sentence = closed(&done.outcome);
            Ok(desk.done(done.position, sentence, &address(id)))
        }
        Err(error) => again(&desk, id, &submitted, error.into(), |forms| &mut forms.calendar).await,
    }
}

fn closed(closed: &Closed) -> String {
    let mut sentence = match closed.closures.len() {
        0 => "Nothing new: every entry was known or is over.".to_owned(),
        1 => "It is closed on these days.".to_owned(),
        many => format!("{many} closures came in."),
    };
    if closed.passed_over > 0 && !closed.closures.is_empty() {
        sentence = format!("{sentence} {} were known or are over.", closed.passed_over);
    }
    match closed.bookings {
        0 => sentence,
        1 => format!("{sentence} One booking stands there; cancelling it costs nothing."),
        many => format!("{sentence} {many} bookings stand there; cancelling them costs nothing."),
    }
}

/// Adds a floor.
pub(super) async fn add_floor(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let new = floor_detail::typed(&submitted)?;
        Ok::<_, Failure>(floor::add(&desk.house.app, &desk.caller(), LocationId(id), new).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(
            done.position,
            "The floor is there. Give it a plan.",
            &floor_detail::address(done.outcome),
        )),
        Err(failure) => again(&desk, id, &submitted, failure, |forms| &mut forms.floor).await,
    }
}

/// Makes the address of its calendar feed.
pub(super) async fn make_feed(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let place = desk.catalogue().await?.location(LocationId(id))?.clone();
    calendar_feed::make(desk, Subject::Location(place.location_id), &place.name, &address(id)).await
}

/// Revokes it.
pub(super) async fn revoke_feed(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    calendar_feed::revoke(desk, Subject::Location(LocationId(id)), &address(id)).await
}

/// Makes the address of the page at its entrance.
pub(super) async fn make_kiosk(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let name = desk.catalogue().await?.location(LocationId(id))?.name.clone();
    door::make(desk, LocationId(id).into(), &name, &address(id)).await
}

/// Revokes it.
pub(super) async fn revoke_kiosk(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    door::revoke(desk, LocationId(id).into(), &address(id)).await
}

/// Asks before a closure is taken away.
pub(super) async fn ask_lift(desk: Desk, Path((id, closure)): Path<(Uuid, Uuid)>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let place = catalogue.location(LocationId(id))?;
    let known = catalogue
        .closures_of(place.location_id)
        .find(|known| known.closure_id == ClosureId(closure))
        .ok_or_else(Failure::not_found)?;
    let form = Form::post(format!("{}/closures/{closure}", address(id)), "Open again").cancel(address(id));
    let sentence = format!(
        "{} opens by its usual hours on {} to {}, which were closed: {}.",
        place.name,
        times::day(known.first_day),
        times::day(known.last_day),
        known.reason
    );
    Ok(Sheet::set_up(&desk, "Open again")
        .back(&place.name, address(id))
        .card(
            "lift",
            "Take the closure away",
            &[Html::text(&sentence), Html::of(&form)],
        )
        .show())
}

/// Takes a closure away.
pub(super) async fn lift(desk: Desk, Path((id, closure)): Path<(Uuid, Uuid)>) -> Result<Response, Failure> {
    match location::lift_closure(&desk.house.app, &desk.caller(), LocationId(id), ClosureId(closure)).await {
        Ok(done) => Ok(desk.done(done.position, "It is open on those days again.", &address(id))),
        Err(error) => {
            let failure = Failure::from(error);
            if failure.status.as_u16() == 409 {
                desk.refused(failure, &address(id))
            } else {
                Err(failure)
            }
        }
    }
}

/// `24 h: 0 %`, a line for each step.
fn steps_as_text(policy: &CancellationPolicy) -> String {
    let mut steps = policy.steps.clone();
    steps.sort_by_key(|step| std::cmp::Reverse(step.at_least_minutes_before));
    let lines = steps.iter().map(|step| {
        let minutes = step.at_least_minutes_before;
        let before = if minutes % 60 == 0 {
            format!("{} h", minutes / 60)
        } else {
            format!("{minutes} min")
        };
        format!("{before}: {} %", step.percent_due)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn steps_from_text(text: &str) -> Result<Vec<CancellationStep>, Failure> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            step(line).ok_or_else(|| {
                let message = format!("\u{201c}{line}\u{201d} cannot be read. Write it as \u{201c}24 h: 0 %\u{201d}.");
                Failure::invalid(vec![FieldError::new("cancellation", message)])
            })
        })
        .collect()
}

fn step(line: &str) -> Option<CancellationStep> {
    let (before, percent) = line.split_once(':')?;
    let before = before.trim();
    let at_least_minutes_before = match before.strip_suffix('h') {
        Some(hours) => hours.trim().parse::<i64>().ok()?.checked_mul(60)?,
        None => before.strip_suffix("min")?.trim().parse().ok()?,
    };
    Some(CancellationStep {
        at_least_minutes_before,
        percent_due: percent.trim().trim_end_matches('%').trim().parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_as_they_are_written() {
        let text = "48 h: 0 %\n90 min: 50 %";
        let steps = steps_from_text("\n 90 min : 50\n48h:0 % \n").unwrap();
        assert_eq!(steps_as_text(&CancellationPolicy { steps }), text);
        let refused = steps_from_text("two days: free").unwrap_err();
        assert!(
            refused
                .field("cancellation")
                .unwrap_or_default()
                .contains("two days: free")
        );
    }
}
