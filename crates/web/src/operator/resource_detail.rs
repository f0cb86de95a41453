//! One room or desk: how far ahead it is booked, what it has, what it is combined of, and when it is out of service.

use axum::{
    extract::Path,
    response::{IntoResponse as _, Response},
};
use coterie_app::{
    blocker::{self, BlockerRow, NewBlocker},
    booking,
    calendar_feed::Subject,
    resource as app_resource,
};
use coterie_domain::{
    BlockerId, FloorId, Money, ResourceId,
    catalogue::Catalogue,
    local_time,
    resource::{NewPosition, NewTerms, ResourceAdded},
};
use http::header;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    assignments, calendar_feed,
    desk::{Desk, shown_again},
    door, floor_detail,
    form::{CheckGroup, Form, beside},
    location_detail, photos, resources,
    sheet::{Html, Picture, Secret, Sheet},
    times,
    typed::{Typed, required},
};
use crate::{
    audit::links,
    components::{Checkbox, Choice, Column, DefinitionList, EmptyState, Field, Link, Select, Table},
    failure::Failure,
    form::Submitted,
};

pub(super) fn address(id: impl std::fmt::Display) -> String {
    format!("{}/{id}", resources::HERE)
}

/// The forms of the page; after a refusal one of them comes back with what was typed.
struct Forms {
    terms: Form,
    position: Form,
    photo: Form,
    assignment: Form,
    blocker: Form,
}

impl Forms {
    fn of(resource: &ResourceAdded, catalogue: &Catalogue) -> Self {
        let here = address(resource.resource_id);
        let terms = catalogue.terms_of(resource.resource_id);
        let mut form = Form::post(format!("{here}/terms"), "Change")
            .with(beside([
                Field::number("lead_minutes", "Notice, minutes")
                    .value(terms.lead_minutes.to_string())
                    .hint("A booking starts at least so long after it is made.")
                    .attribute("min", "0")
                    .into(),
                Field::number("horizon_days", "Open for, days ahead")
                    .value(terms.horizon_days.to_string())
                    .attribute("min", "1")
                    .into(),
            ]))
            .with(
                Field::text("amenities", "What it has")
                    .value(terms.amenities.join(", "))
                    .hint("Divided by commas: projector, whiteboard.")
                    .optional(),
            )
            .with(Checkbox::new("approval", "Members ask for it, staff say yes or no").checked(terms.approval))
            .with(
                Checkbox::new(
                    "visitors",
                    "Visitors can book it without an account, and pay when they do",
                )
                .checked(terms.visitors),
            )
            .with(beside([
                Field::number("hold_minutes", "Can be held for, minutes")
                    .value(terms.hold_minutes.to_string())
                    .hint("0 where it is booked at once or not at all.")
                    .attribute("min", "0")
                    .into(),
                Field::number("check_in_minutes", "Given to others after, minutes")
                    .value(
                        terms
                            .check_in_minutes
                            .map_or_else(String::new, |minutes| minutes.to_string()),
                    )
                    .hint("After its start, where nobody has checked in. Empty asks nobody to.")
                    .attribute("min", "5")
                    .optional()
                    .into(),
                Field::text("no_show_fee", "Fee for not coming, net")
                    .value(terms.no_show_fee.map_or_else(String::new, Money::amount))
                    .hint("On top of the price.")
                    .optional()
                    .into(),
            ]));
        let mut others: Vec<_> = catalogue
            .resources
            .values()
            .filter(|other| other.location_id == resource.location_id && other.resource_id != resource.resource_id)
            .filter(|other| !catalogue.occupied_by(other.resource_id).contains(&resource.resource_id))
            .collect();
        others.sort_by(|a, b| a.name.cmp(&b.name));
        if !others.is_empty() {
            let choices = others.into_iter().map(|other| {
                let ticked = terms.parts.contains(&other.resource_id);
                (other.resource_id.to_string(), other.name.clone(), ticked)
            });
            form = form.with(CheckGroup::new("parts", "Combined of", choices).hint(
                "Booking it takes all of them; a booking of one of them takes it. None where it stands for itself.",
            ));
        }
        Self {
            terms: form,
            position: position(resource, catalogue),
            photo: photos::form(resource.resource_id),
            assignment: assignments::form(resource.resource_id),
            blocker: Form::post(format!("{here}/blockers"), "Take it out of service")
                .with(beside([
                    Field::date("first_day", "From day").into(),
                    Field::time("from", "From").value("00:00").into(),
                ]))
                .with(beside([
                    Field::date("last_day", "Until day").into(),
                    Field::time("until", "Until")
                        .value("00:00")
                        .hint("00:00 is the beginning of that day.")
                        .into(),
                ]))
                .with(
                    Field::text("reason", "Reason")
                        .hint("Members read it: painting, new floor.")
                        .attribute("maxlength", "120"),
                ),
        }
    }
}

/// Where it stands on a plan.
fn position(resource: &ResourceAdded, catalogue: &Catalogue) -> Form {
    let now = catalogue.positions.get(&resource.resource_id);
    let floors = catalogue.floors_of(resource.location_id).into_iter();
    let choices = std::iter::once(Choice::new("", "On no plan"))
        .chain(floors.map(|floor| Choice::new(floor.fact.floor_id.to_string(), &floor.fact.name)));
    let percent = |name, label, value: Option<Decimal>| {
        Field::text(name, label)
            .value(value.map_or_else(String::new, |value| value.to_string()))
            .attribute("inputmode", "decimal")
            .optional()
    };
    Form::post(format!("{}/position", address(resource.resource_id)), "Put it there").with(beside([
        Select::new("floor_id", "Floor", choices)
            .value(now.map_or_else(String::new, |now| now.floor_id.to_string()))
            .into(),
        percent("x_percent", "Percent from the left", now.map(|now| now.x_percent)).into(),
        percent("y_percent", "Percent from the top", now.map(|now| now.y_percent)).into(),
    ]))
}

/// The page of a room or desk.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let resource = catalogue.resource(ResourceId(id))?;
    let forms = Forms::of(resource, &catalogue);
    Ok(sheet(&desk, &catalogue, resource, forms).await?.show())
}

async fn sheet(desk: &Desk, catalogue: &Catalogue, resource: &ResourceAdded, forms: Forms) -> Result<Sheet, Failure> {
    let here = address(resource.resource_id);
    let place = catalogue.location(resource.location_id)?;
    let zone = local_time::zone(&place.time_zone)?;
    let kind = catalogue.resource_types.get(&resource.resource_type_id);
    let mut facts = DefinitionList::new()
        .item("Type", kind.map_or_else(String::new, |kind| kind.name.clone()))
        .item(
            "Where",
            Link::new(&place.name, location_detail::address(place.location_id)),
        )
        .item("People it holds", resource.capacity.to_string())
        .item("Length", length(resource))
        .item("Buffers", buffers(resource));
    let wholes: Vec<_> = catalogue
        .resources
        .values()
        .filter(|other| {
            let parts = catalogue.terms_of(other.resource_id).parts;
            parts.contains(&resource.resource_id)
        })
        .map(|other| other.name.as_str())
        .collect();
    if let Some(position) = catalogue.positions.get(&resource.resource_id)
        && let Some(floor) = catalogue.floors.get(&position.floor_id)
    {
        facts = facts.item(
            "Floor",
            Link::new(&floor.fact.name, floor_detail::address(position.floor_id)),
        );
    }
    if !wholes.is_empty() {
        facts = facts.item("A part of", wholes.join(", "));
    }
    let mut table = Table::new("Out of service", ["Time", "Reason", "Change"].map(Column::text)).empty(
        EmptyState::new("In service", "Nothing keeps it from being booked in its house's hours."),
    );
    for row in blocker::list(&desk.house.app, desk.tenant(), Some(resource.resource_id)).await? {
        table.push([
            time_of(&row, &zone).into(),
            row.reason.into(),
            Link::new("Give it back", format!("{here}/blockers/{}", row.blocker_id)).into(),
        ]);
    }
    let feed = calendar_feed::parts(desk, Subject::Resource(resource.resource_id), &here).await?;
    let door = door::parts(desk, resource.resource_id.into(), &here).await?;
    Ok(Sheet::set_up(desk, &resource.name)
        .back("Rooms and desks", resources::HERE)
        .history(links::stream(resource.resource_id.0))
        .card("facts", "What it is", &[Html::of(&facts)])
        .card("terms", "How it is booked", &[Html::of(&forms.terms)])
        .card(
            "photos",
            "What it looks like",
            &photos::parts(resource.resource_id, catalogue, &forms.photo),
        )
        .card("position", "Where it stands", &[Html::of(&forms.position)])
        .part(&assignments::table(desk, Some(resource.resource_id), None).await?)
        .card("assignment", "Assign it", &[Html::of(&forms.assignment)])
        .part(&table)
        .card("blocker", "Out of service", &[Html::of(&forms.blocker)])
        .card("feed", "In a calendar", &feed)
        .card("door", "Beside the door", &door)
        .card("sign", "Sign for the door", &sign(desk, resource)))
}

/// The sign that members scan to check in.
fn sign(desk: &Desk, resource: &ResourceAdded) -> [Html; 2] {
    let leads_to = sign_address(desk, resource.resource_id);
    let words = Secret {
        id: "sign-address",
        sentence: "Print it and hang it at the door: members scan it to check in. It stays the same, and leads here:",
        value: &leads_to,
    };
    let picture = Picture {
        src: format!("{}/sign.svg", address(resource.resource_id)),
        alt: format!("QR code that leads to checking in for {}", resource.name),
    };
    [Html::of(&picture), Html::of(&words)]
}

fn sign_address(desk: &Desk, id: ResourceId) -> String {
    desk.address(&format!(
        "/check-in/{}",
        booking::sign(&desk.house.app, desk.tenant(), id)
    ))
}

/// The picture on the sign.
pub(super) async fn sign_picture(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let id = ResourceId(id);
    desk.catalogue().await?.resource(id)?;
    let address = sign_address(&desk, id);
    let picture = coterie_documents::qr_code(&address).map_err(|error| Failure::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response())
}

/// It may last for days, so both its ends have theirs.
fn time_of(row: &BlockerRow, zone: &TimeZone) -> String {
    format!(
        "{} to {}",
        times::moment(row.starts_at, zone),
        times::moment(row.ends_at, zone)
    )
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
    let resource = catalogue.resource(ResourceId(id))?;
    let mut forms = Forms::of(resource, &catalogue);
    let form = which(&mut forms);
    *form = form.clone().refused(submitted, &failure);
    Ok(sheet(desk, &catalogue, resource, forms)
        .await?
        .show_with(failure.status))
}

/// The page again, with what was said of an assignment.
pub(super) async fn assignment_again(
    desk: &Desk,
    id: Uuid,
    submitted: &Submitted,
    failure: Failure,
) -> Result<Response, Failure> {
    again(desk, id, submitted, failure, |forms| &mut forms.assignment).await
}

/// The page again, with what was said of a photo.
pub(super) async fn photo_again(
    desk: &Desk,
    id: Uuid,
    submitted: &Submitted,
    failure: Failure,
) -> Result<Response, Failure> {
    again(desk, id, submitted, failure, |forms| &mut forms.photo).await
}

/// Sets how it is booked.
pub(super) async fn terms(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let currency = {
        let catalogue = desk.catalogue().await?;
        let place = catalogue.location(catalogue.resource(ResourceId(id))?.location_id)?;
        catalogue.legal_entity(place.legal_entity_id)?.fact.currency
    };
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let amenities = submitted.get("amenities").split(',').map(str::trim);
        let mut new = NewTerms {
            lead_minutes: typed.number("lead_minutes", Some(0)),
            horizon_days: typed.number("horizon_days", None),
            amenities: amenities.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            parts: Vec::new(),
            approval: submitted.has("approval"),
            hold_minutes: typed.number("hold_minutes", Some(0)),
            check_in_minutes: match submitted.get("check_in_minutes").trim() {
                "" => None,
                _ => Some(typed.number("check_in_minutes", None)),
            },
            no_show_fee_minor: typed
                .maybe_money("no_show_fee", Some(currency))
                .map_or(0, |fee| fee.minor),
            visitors: submitted.has("visitors"),
        };
        for part in submitted.all("parts") {
            match part.parse() {
                Ok(id) => new.parts.push(ResourceId(id)),
                Err(_) => typed.wrong("parts", "Please choose from the list."),
            }
        }
        typed.finish()?;
        Ok(app_resource::set_terms(&desk.house.app, &desk.caller(), ResourceId(id), new).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(
            done.position,
            "This counts for bookings made from now on.",
            &address(ResourceId(id)),
        )),
        Err(failure) => again(&desk, id, &submitted, failure, |forms| &mut forms.terms).await,
    }
}

/// Puts it on the plan of a floor, or takes it off.
pub(super) async fn place(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let floor: Option<FloorId> = typed.maybe_id("floor_id");
        let new = floor.map(|floor_id| NewPosition {
            floor_id,
            x_percent: typed.percent("x_percent"),
            y_percent: typed.percent("y_percent"),
        });
        typed.finish()?;
        Ok::<_, Failure>(app_resource::place(&desk.house.app, &desk.caller(), ResourceId(id), new).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(done.position, "Its place was changed.", &address(id))),
        Err(failure) => again(&desk, id, &submitted, failure, |forms| &mut forms.position).await,
    }
}

/// Takes it out of service for a time.
pub(super) async fn block(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let (first, from) = (typed.date("first_day"), typed.time("from"));
        let (last, until) = (typed.date("last_day"), typed.time("until"));
        typed.finish()?;
        let new = NewBlocker {
            resource_id: ResourceId(id),
            start: required(first, "first_day")?.to_datetime(required(from, "from")?),
            end: required(last, "last_day")?.to_datetime(required(until, "until")?),
            reason: submitted.get("reason").to_owned(),
        };
        Ok::<_, Failure>(blocker::place(&desk.house.app, &desk.caller(), new).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(
            done.position,
            "Nobody can book it in this time.",
            &address(ResourceId(id)),
        )),
        Err(mut failure) => {
            for field in &mut failure.fields {
                match field.field.as_str() {
                    "starts_at" => "first_day".clone_into(&mut field.field),
                    "ends_at" => "last_day".clone_into(&mut field.field),
                    _ => {}
                }
            }
            again(&desk, id, &submitted, failure, |forms| &mut forms.blocker).await
        }
    }
}

/// Asks before it is given back.
pub(super) async fn ask_lift(desk: Desk, Path((id, known)): Path<(Uuid, Uuid)>) -> Result<Response, Failure> {
    let rows = blocker::list(&desk.house.app, desk.tenant(), Some(ResourceId(id))).await?;
    let row = rows
        .into_iter()
        .find(|row| row.blocker_id == BlockerId(known))
        .ok_or_else(Failure::not_found)?;
    let zone = local_time::zone(&row.time_zone)?;
    let here = address(ResourceId(id));
    let form = Form::post(format!("{here}/blockers/{known}"), "Give it back").cancel(&here);
    let sentence = format!(
        "{} can be booked again: {}, {}.",
        row.resource_name,
        time_of(&row, &zone),
        row.reason
    );
    Ok(Sheet::set_up(&desk, "Give it back")
        .back(&row.resource_name, &here)
        .card("lift", "Back in service", &[Html::text(&sentence), Html::of(&form)])
        .show())
}

/// Gives it back.
pub(super) async fn lift(desk: Desk, Path((id, known)): Path<(Uuid, Uuid)>) -> Result<Response, Failure> {
    let here = address(ResourceId(id));
    match blocker::lift(&desk.house.app, &desk.caller(), BlockerId(known), Some(ResourceId(id))).await {
        Ok(done) => Ok(desk.done(done.position, "It can be booked again.", &here)),
        Err(error) => {
            let failure = Failure::from(error);
            if failure.status.as_u16() == 409 {
                desk.refused(failure, &here)
            } else {
                Err(failure)
            }
        }
    }
}

/// `30 min to 8 h, by 30 min`
pub(super) fn length(room: &ResourceAdded) -> String {
    format!(
        "{} to {}, by {}",
        times::minutes(room.min_minutes.into()),
        times::minutes(room.max_minutes.into()),
        times::minutes(room.step_minutes.into())
    )
}

/// `10 min before, 15 min after`
pub(super) fn buffers(room: &ResourceAdded) -> String {
    match (room.buffer_before_minutes, room.buffer_after_minutes) {
        (0, 0) => "none".to_owned(),
        (before, after) => format!("{before} min before, {after} min after"),
    }
}

/// Makes the address of its calendar feed.
pub(super) async fn make_feed(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let name = catalogue.resource(ResourceId(id))?.name.clone();
    calendar_feed::make(desk, Subject::Resource(ResourceId(id)), &name, &address(id)).await
}

/// Revokes it.
pub(super) async fn revoke_feed(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    calendar_feed::revoke(desk, Subject::Resource(ResourceId(id)), &address(id)).await
}

/// Makes the address of the page beside its door.
pub(super) async fn make_door(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let name = catalogue.resource(ResourceId(id))?.name.clone();
    door::make(desk, ResourceId(id).into(), &name, &address(id)).await
}

/// Revokes it.
pub(super) async fn revoke_door(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    door::revoke(desk, ResourceId(id).into(), &address(id)).await
}
