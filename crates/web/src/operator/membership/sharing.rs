//! Who uses a membership beside its holder, and who pays for what of it: each form of its page.

use axum::{extract::Path, response::Response};
use coterie_app::{
    member::page as member_page,
    membership::{
        self,
        sharing::{self, Sharing},
    },
};
use coterie_domain::{MemberId, MembershipId, Payer, membership::Item};
use jiff::civil::Date;

use super::{
    super::{
        desk::{Desk, shown_again},
        form::{Form, beside},
        sheet::{Html, Sheet},
        times,
        typed::{Typed, required},
    },
    Found, Ids, Refused, address, finish, until,
};
use crate::{
    components::{Checkbox, Choice, Column, EmptyState, Field, Link, Select, Table},
    failure::Failure,
    form::Submitted,
};

/// Seats and split, where a company settles the membership.
pub(super) async fn cards(
    found: &Found,
    desk: &Desk,
    mut sheet: Sheet,
    refused: Refused<'_>,
) -> Result<Sheet, Failure> {
    let shared = sharing::sharing(&desk.house.app, desk.tenant(), found.row.membership_id).await?;
    let Payer::Company(company) = shared.payer else {
        return Ok(sheet);
    };
    let again = |verb: &str, form: Form| match refused {
        Some((name, submitted, failure)) if name == verb => form.refused(submitted, failure),
        _ => form,
    };
    if shared.people > 1 || !shared.seats.is_empty() {
        let table = Html::of(&table(&shared));
        let mut parts = vec![table];
        let people = member_page::company(&desk.house.app, desk.tenant(), company).await?;
        let colleagues = people.map(|company| company.members).unwrap_or_default();
        let free = colleagues
            .iter()
            .filter(|one| one.member_id != shared.holder && one.company_until.is_none())
            .filter(|one| shared.seats.iter().all(|seat| seat.member_id != one.member_id))
            .map(|one| Choice::new(one.member_id.to_string(), &one.name));
        let give = found.post("seats", "Give her a seat").with(beside([
            Select::new("member_id", "Who", free).into(),
            Field::date("from", "From").value(shared.today.to_string()).into(),
        ]));
        parts.push(Html::of(&again("seats", give)));
        if !shared.seats.is_empty() {
            let seated = shared
                .seats
                .iter()
                .map(|seat| Choice::new(seat.member_id.to_string(), &seat.name));
            let take = found.post("seats/take", "Take the seat away").danger().with(beside([
                Select::new("lost_by", "Whose seat", seated)
                    .hint("What she has booked with it from that day on is given up at no cost, and named.")
                    .into(),
                Field::date("lost_from", "From").value(shared.today.to_string()).into(),
            ]));
            parts.push(Html::of(&again("seats/take", take)));
        }
        sheet = sheet.card("seats", "Seats", &parts);
    }
    let split = Html::of(&again("split", split_form(found, &shared)));
    let remark = Html::text("The company pays for the rest. Charges that were made before stay as they are.");
    Ok(sheet.card("split", "What the member pays herself", &[remark, split]))
}

fn table(shared: &Sharing) -> Table {
    let caption = format!(
        "{} of {} people use it, {} among them",
        shared.used, shared.people, shared.holder_name
    );
    let mut table = Table::new(caption, [Column::text("Who"), Column::text("When")])
        .empty(EmptyState::new("No seat is given", "Its holder uses it alone."));
    for seat in &shared.seats {
        table.push([
            Link::new(&seat.name, super::member_detail::address(seat.member_id)).into(),
            until(seat.from, seat.until).into(),
        ]);
    }
    table
}

fn field(item: Item) -> (&'static str, &'static str) {
    match item {
        Item::Plan => ("own_plan", "The plan's price"),
        Item::Bookings => ("own_bookings", "Bookings beyond what is included"),
        Item::Passes => ("own_passes", "Day passes"),
        Item::OneOff => ("own_one_off", "What staff charge beside the plan"),
        Item::Metered => ("own_metered", "Metered use"),
    }
}

fn split_form(found: &Found, shared: &Sharing) -> Form {
    let mut form = found.post("split", "Split it like this");
    for item in Item::ALL {
        let (name, label) = field(item);
        form = form.with(Checkbox::new(name, label).checked(shared.own.contains(&item)));
    }
    form.with(Field::date("split_from", "From").value(shared.today.to_string()))
}

fn day(typed: &mut Typed<'_>, submitted: &Submitted, name: &str) -> Option<Date> {
    if submitted.get(name).trim().is_empty() {
        return None;
    }
    typed.date(name)
}

async fn shown(
    desk: Desk,
    ids: (uuid::Uuid, uuid::Uuid),
    verb: &str,
    submitted: &Submitted,
    failure: Failure,
) -> Result<Response, Failure> {
    let failure = shown_again(failure)?;
    let found = Found::load(&desk, ids.0, ids.1).await?;
    let sheet = found.sheet(&desk, Some((verb, submitted, &failure))).await?;
    Ok(sheet.show_with(failure.status))
}

/// Gives a seat.
pub(in crate::operator) async fn give(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let member: Option<MemberId> = typed.id("member_id");
        let from = day(&mut typed, &submitted, "from");
        typed.finish()?;
        let member = required(member, "member_id")?;
        let (app, caller) = (&desk.house.app, desk.caller());
        Ok::<_, Failure>(membership::give_seat(app, &caller, MembershipId(ids.1), member, from).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(done.position, "The seat is given.", &address(ids.0, ids.1))),
        Err(failure) => shown(desk, ids, "seats", &submitted, failure).await,
    }
}

/// What was given up with a seat, in a sentence.
pub(in crate::operator) fn given_up(what: &str, lost: &[membership::GivenUp]) -> Result<String, Failure> {
    let mut named = Vec::with_capacity(lost.len());
    for one in lost {
        let zone = coterie_domain::local_time::zone(&one.time_zone)?;
        named.push(format!(
            "{}, {}",
            one.resource_name,
            times::moment(one.starts_at, &zone)
        ));
    }
    Ok(match named.as_slice() {
        [] => what.to_owned(),
        named => format!("{what} Given up at no cost: {}.", named.join("; ")),
    })
}

/// Takes a seat away.
pub(in crate::operator) async fn take(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let member: Option<MemberId> = typed.id("lost_by");
        let from = day(&mut typed, &submitted, "lost_from");
        typed.finish()?;
        let member = required(member, "lost_by")?;
        let (app, caller) = (&desk.house.app, desk.caller());
        let done = membership::take_seat(app, &caller, MembershipId(ids.1), member, from).await?;
        let sentence = given_up("The seat is taken away.", &done.outcome.given_up)?;
        Ok::<_, Failure>((done.position, sentence))
    };
    match attempt.await {
        Ok((position, sentence)) => Ok(desk.done(position, sentence, &address(ids.0, ids.1))),
        Err(mut failure) => {
            for fault in &mut failure.fields {
                let name = match fault.field.as_str() {
                    "member_id" => "lost_by",
                    "from" => "lost_from",
                    _ => continue,
                };
                name.clone_into(&mut fault.field);
            }
            shown(desk, ids, "seats/take", &submitted, failure).await
        }
    }
}

/// Says who pays for what.
pub(in crate::operator) async fn split(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let own: Vec<Item> = Item::ALL
        .into_iter()
        .filter(|item| !submitted.get(field(*item).0).is_empty())
        .collect();
    let outcome = async {
        let mut typed = Typed::new(&submitted);
        let from = day(&mut typed, &submitted, "split_from");
        typed.finish()?;
        let (app, caller) = (&desk.house.app, desk.caller());
        Ok(membership::set_split(app, &caller, MembershipId(ids.1), &own, from).await?)
    };
    let outcome = outcome.await;
    finish(desk, ids, "split", "It is split like this.", &submitted, outcome).await
}
