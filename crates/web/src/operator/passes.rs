//! Day passes of a location: who comes on a day, buying one on behalf of a member, and giving one back for her.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use coterie_app::{
    member::page::{self as member_page, MemberFilter, MemberRow},
    page::{MAX_PAGE, PageRequest},
    pass::{
        self, BuyPass,
        page::{self as pass_page, PassFilter, PassRow, PassState},
    },
    projections,
};
use coterie_domain::{LocationId, PassId, catalogue::Catalogue, pass as rules};
use jiff::{ToSpan, civil::Date};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    bookings::{PlaceAndDay, chooser, place_and_day},
    desk::{Desk, shown_again},
    form::{Form, Suggestions},
    location_detail,
    sheet::{Html, Sheet},
    times,
    typed::{Typed, required},
};
use crate::{
    audit::links,
    components::{
        Badge, Checkbox, Column, DefinitionList, EmptyState, Field, Hidden, Link, Money, Pagination, Table, Tile,
        Tiles, Tone,
    },
    failure::{Failure, FieldError},
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/passes";

/// Which place and which day. What cannot be read counts as not asked for.
#[derive(Deserialize)]
pub(super) struct Asked {
    location: Option<String>,
    date: Option<String>,
    after: Option<String>,
}

pub(super) fn address(location: LocationId, day: Date) -> String {
    format!("{HERE}?location={location}&date={day}")
}

/// The passes of one day.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE, projections::BOOKINGS]).await?;
    let catalogue = desk.catalogue().await?;
    let Some(shown) = place_and_day(&desk, &catalogue, asked.location.as_deref(), asked.date.as_deref()).await? else {
        let empty = EmptyState::new("No location yet", "Day passes are sold for a location.")
            .action("Set up your chain", "/operator/set-up");
        return Ok(Sheet::booked(&desk, "Day passes").part(&empty).show());
    };
    let form = buy_form(&desk, shown.place.location_id, shown.day).await?;
    Ok(sheet(&desk, &catalogue, &shown, &form, asked.after).await?.show())
}

async fn sheet(
    desk: &Desk,
    catalogue: &Catalogue,
    shown: &PlaceAndDay<'_>,
    form: &Form,
    after: Option<String>,
) -> Result<Sheet, Failure> {
    let id = shown.place.location_id;
    let sheet = Sheet::booked(desk, "Day passes")
        .lead(format!("{}, {}", shown.place.name, times::day(shown.day)))
        .part(&chooser(catalogue, HERE, shown));
    let days = Pagination {
        label: "Days".to_owned(),
        previous: Some(address(id, shown.day.saturating_sub(1.day()))),
        next: Some(address(id, shown.day.saturating_add(1.day()))),
    };
    let filter = PassFilter {
        location: Some(id),
        from: Some(shown.day),
        until: Some(shown.day),
        ..PassFilter::default()
    };
    let request = PageRequest {
        limit: Some(MAX_PAGE),
        after,
    };
    let page = pass_page::list(&desk.house.app, desk.tenant(), filter, &request).await?;
    let more = Pagination {
        label: "Passes of the day".to_owned(),
        previous: None,
        next: page.next.map(|next| format!("{}&after={next}", address(id, shown.day))),
    };
    let sells = catalogue.day_passes.get(&id).is_some_and(|terms| terms.capacity > 0);
    if !sells && page.items.is_empty() {
        let empty = EmptyState::new("No day passes", format!("{} sells none.", shown.place.name))
            .action("Say what it sells", location_detail::address(id));
        return Ok(sheet.part(&empty).part(&days));
    }
    let of_day = pass_page::days(&desk.house.app, desk.tenant(), id, Some(shown.day), 1).await?;
    let of_day = of_day.into_iter().find(|day| day.day == shown.day);
    let sheet = match of_day {
        Some(day) if day.open => sheet.part(&Tiles {
            tiles: vec![Tile {
                label: "Sold".to_owned(),
                value: format!("{} of {}", day.sold, day.capacity).into(),
                note: format!("{} left", day.left()),
                href: None,
            }],
        }),
        _ => sheet,
    };
    Ok(sheet
        .part(&table(desk, &page.items, shown))
        .part(&more)
        .part(&days)
        .card("buy", "Buy one for a member", &[Html::of(form)]))
}

fn table(desk: &Desk, passes: &[PassRow], shown: &PlaceAndDay<'_>) -> Table {
    let mut columns = vec![
        Column::text("Member"),
        Column::number("Price, net"),
        Column::text("Bought"),
        Column::text("State"),
        Column::text("Change"),
    ];
    columns.extend(desk.history_column());
    let mut table = Table::new(format!("{}, {}", shown.place.name, times::day(shown.day)), columns).empty(
        EmptyState::new("Nobody yet", "Whoever buys a pass for this day is listed here."),
    );
    for pass in passes {
        let (state, change) = match pass.state {
            PassState::Bought => (
                Badge::new(Tone::Good, "Bought"),
                Link::new("Give back", format!("{HERE}/{}/give-back", pass.pass_id)).into(),
            ),
            PassState::GivenBack => (Badge::new(Tone::Neutral, "Given back"), String::new().into()),
        };
        let mut cells = vec![
            Link::new(&pass.member_name, format!("/operator/members/{}", pass.member_id)).into(),
            Money::new(pass.price.minor, pass.price.currency.code()).into(),
            times::moment(pass.bought_at, &shown.zone).into(),
            state.into(),
            change,
        ];
        cells.extend(desk.history_cell(pass.pass_id.0));
        table.push(cells);
    }
    table
}

async fn find_members(desk: &Desk, search: Option<String>) -> Result<Vec<MemberRow>, Failure> {
    let request = PageRequest {
        limit: Some(MAX_PAGE),
        after: None,
    };
    let filter = MemberFilter { search };
    Ok(member_page::list(&desk.house.app, desk.tenant(), filter, &request)
        .await?
        .items)
}

async fn buy_form(desk: &Desk, location: LocationId, day: Date) -> Result<Form, Failure> {
    let members = find_members(desk, None).await?;
    let suggested = members.into_iter().map(|member| (member.email, member.name));
    Ok(Form::post(HERE, "Buy the pass")
        .with(Hidden::new("location_id", location.to_string()))
        .with(
            Field::email("member", "Member")
                .hint("Her email address.")
                .attribute("list", "members")
                .autocomplete("off"),
        )
        .with(Suggestions::new("members", suggested))
        .with(Field::date("day", "Day").value(day.to_string())))
}

/// Buys one on behalf of a member.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok((wish, position)) => {
            let next = address(wish.location_id, wish.day);
            Ok(desk.done(position, "The pass is bought.", &next))
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            let catalogue = desk.catalogue().await?;
            let (location, day) = (submitted.get("location_id"), submitted.get("day"));
            let shown = place_and_day(&desk, &catalogue, Some(location), Some(day)).await?;
            let shown = shown.ok_or_else(Failure::not_found)?;
            let form = buy_form(&desk, shown.place.location_id, shown.day)
                .await?
                .refused(&submitted, &failure);
            let sheet = sheet(&desk, &catalogue, &shown, &form, None).await?;
            Ok(sheet.show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<(BuyPass, i64), Failure> {
    let mut typed = Typed::new(submitted);
    let location = typed.id("location_id");
    let day = typed.date("day");
    let email = typed.text("member").trim().to_lowercase();
    let member = find_members(desk, Some(email.clone()))
        .await?
        .into_iter()
        .find(|member| member.email == email);
    if member.is_none() {
        typed.wrong("member", "No member has this address.");
    }
    typed.finish()?;
    let wish = BuyPass {
        member_id: required(member, "member")?.member_id,
        location_id: required(location, "location_id")?,
        day: required(day, "day")?,
    };
    let done = pass::buy(&desk.house.app, &desk.caller(), wish.clone()).await?;
    Ok((wish, done.position))
}

async fn find(desk: &Desk, id: Uuid) -> Result<PassRow, Failure> {
    desk.caught_up(&[projections::PEOPLE, projections::BOOKINGS]).await?;
    pass_page::find(&desk.house.app, desk.tenant(), PassId(id))
        .await?
        .ok_or_else(Failure::not_found)
}

fn back_form(id: Uuid) -> Form {
    Form::post(format!("{HERE}/{id}/give-back"), "Give it back")
        .danger()
        .with(Checkbox::new("confirm", "Yes, give it back. This cannot be taken back.").required())
}

async fn back_sheet(desk: &Desk, pass: &PassRow, form: &Form) -> Result<Sheet, Failure> {
    let mut facts = DefinitionList::new()
        .item(
            "Member",
            Link::new(&pass.member_name, format!("/operator/members/{}", pass.member_id)),
        )
        .item("Where", pass.location_name.clone())
        .item("Day", times::day(pass.day))
        .item("Price, net", Money::new(pass.price.minor, pass.price.currency.code()));
    for because in &pass.because {
        facts = facts.item("Because", because.text.clone());
    }
    let sheet = Sheet::booked(desk, format!("Day pass, {}", times::day(pass.day)))
        .back("Day passes", address(pass.location_id, pass.day))
        .history(links::stream(pass.pass_id.0))
        .card("facts", "Pass", &[Html::of(&facts)]);
    if let Some(back) = &pass.given_back {
        let sentence = format!("It was given back with {} % of its price still due.", back.percent_due);
        return Ok(sheet.card("back", "Given back", &[Html::text(&sentence)]));
    }
    let mut op = coterie_app::Operation::open(&desk.house.app, &desk.caller()).await?;
    let (held, _) = pass::load(&mut op, pass.pass_id).await?;
    let catalogue = op.catalogue().await?;
    let percent = rules::percent_due(&held.fact, op.now, &catalogue)?;
    let sentence = match percent {
        0 => "Giving it back now costs nothing.".to_owned(),
        _ => format!(
            "By the rules of {}, {percent} % of the price stays due.",
            pass.location_name
        ),
    };
    Ok(sheet.card("back", "Give it back for her", &[Html::text(&sentence), Html::of(form)]))
}

/// Asks before one is given back.
pub(super) async fn ask_back(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let pass = find(&desk, id).await?;
    Ok(back_sheet(&desk, &pass, &back_form(id)).await?.show())
}

/// Gives one back.
pub(super) async fn give_back(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let pass = find(&desk, id).await?;
    let attempt = if submitted.has("confirm") {
        pass::give_back(&desk.house.app, &desk.caller(), PassId(id))
            .await
            .map_err(Failure::from)
    } else {
        let error = FieldError::new("confirm", "Please tick this to go on.");
        Err(Failure::invalid(vec![error]))
    };
    let next = address(pass.location_id, pass.day);
    match attempt {
        Ok(done) => {
            let message = format!(
                "It is given back; {} % of its price is still due.",
                done.outcome.percent_due
            );
            Ok(desk.done(done.position, message, &next))
        }
        Err(failure) if failure.fields.is_empty() => desk.refused(failure, &next),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = back_form(id).refused(&submitted, &failure);
            Ok(back_sheet(&desk, &pass, &form).await?.show_with(failure.status))
        }
    }
}
