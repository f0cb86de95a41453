//! Desks and offices that are one member's, on the page of each and on the page of the member.

use axum::{extract::Path, response::Response};
use coterie_app::{
    assignment::{self, AssignmentRow, NewAssignment},
    membership::page::{self as membership_page, MembershipFilter, MembershipState},
    page::{MAX_PAGE, PageRequest},
    projections,
};
use coterie_domain::{AssignmentId, MemberId, MembershipId, ResourceId};
use uuid::Uuid;

use super::{
    book,
    desk::Desk,
    form::{Form, beside},
    member_detail,
    resource_detail::{self, address},
    sheet::{Html, Sheet},
    times,
    typed::{Typed, required},
};
use crate::{
    components::{Column, EmptyState, Field, Link, Table},
    failure::Failure,
    form::Submitted,
};

/// The form that assigns a resource.
pub(super) fn form(resource: ResourceId) -> Form {
    Form::post(format!("{}/assignments", address(resource)), "Assign it")
        .with(
            Field::email("member", "Member")
                .hint("Her email address. She needs a membership with the company of this house.")
                .autocomplete("off"),
        )
        .with(beside([
            Field::date("assigned_from", "First day of hers").into(),
            Field::date("assigned_until", "Last day of hers")
                .optional()
                .hint("Left empty, it is hers as long as her membership lasts.")
                .into(),
        ]))
}

/// What is assigned: of one resource, or to one member.
pub(super) async fn table(
    desk: &Desk,
    resource: Option<ResourceId>,
    member: Option<MemberId>,
) -> Result<Table, Failure> {
    let rows = assignment::list(&desk.house.app, desk.tenant(), resource, member).await?;
    let (caption, who, empty) = if member.is_some() {
        ("Her own rooms and desks", "What", "No room or desk is assigned to her.")
    } else {
        ("Assigned", "To", "It is no member's own.")
    };
    let mut table =
        Table::new(caption, [who, "Days", "Change"].map(Column::text)).empty(EmptyState::new("Not assigned", empty));
    for row in rows {
        let what = if member.is_some() {
            let name = format!("{}, {}", row.resource_name, row.location_name);
            Link::new(name, address(row.resource_id))
        } else {
            Link::new(&row.member_name, member_detail::address(row.member_id))
        };
        let end = format!("{}/assignments/{}", address(row.resource_id), row.assignment_id);
        table.push([what.into(), days(&row).into(), Link::new("End it", end).into()]);
    }
    Ok(table)
}

fn days(row: &AssignmentRow) -> String {
    match row.last_day {
        Some(last) => format!("{} to {}", times::day(row.first_day), times::day(last)),
        None => format!("from {} on", times::day(row.first_day)),
    }
}

/// Assigns it.
pub(super) async fn make(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let first_day = typed.date("assigned_from");
        let last_day = if submitted.get("assigned_until").trim().is_empty() {
            None
        } else {
            typed.date("assigned_until")
        };
        let membership = membership_of(&desk, ResourceId(id), submitted.get("member")).await?;
        if membership.is_none() {
            typed.wrong("member", "No member with a membership has this address.");
        }
        typed.finish()?;
        let new = NewAssignment {
            resource_id: ResourceId(id),
            membership_id: required(membership, "member")?,
            first_day: required(first_day, "assigned_from")?,
            last_day,
        };
        Ok::<_, Failure>(assignment::make(&desk.house.app, &desk.caller(), new).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(done.position, "It is hers on these days.", &address(id))),
        Err(mut failure) => {
            // The form beside it has days of these names, too.
            for field in &mut failure.fields {
                match field.field.as_str() {
                    "first_day" => "assigned_from".clone_into(&mut field.field),
                    "last_day" => "assigned_until".clone_into(&mut field.field),
                    _ => {}
                }
            }
            resource_detail::assignment_again(&desk, id, &submitted, failure).await
        }
    }
}

/// Her membership that is not over: one with the company of the house, else any.
async fn membership_of(desk: &Desk, resource: ResourceId, email: &str) -> Result<Option<MembershipId>, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let email = email.trim().to_lowercase();
    let members = book::find_members(desk, Some(email.clone())).await?;
    let Some(member) = members.into_iter().find(|member| member.email == email) else {
        return Ok(None);
    };
    let catalogue = desk.catalogue().await?;
    let entity = catalogue
        .location(catalogue.resource(resource)?.location_id)?
        .legal_entity_id;
    let filter = MembershipFilter {
        member: Some(member.member_id),
        state: None,
    };
    let request = PageRequest {
        limit: Some(MAX_PAGE),
        after: None,
    };
    let mut found = membership_page::list(&desk.house.app, desk.tenant(), filter, &request)
        .await?
        .items;
    found.retain(|row| row.state != MembershipState::Ended);
    found.sort_by_key(|row| row.legal_entity_id != entity);
    Ok(found.first().map(|row| row.membership_id))
}

async fn find(desk: &Desk, resource: Uuid, id: Uuid) -> Result<AssignmentRow, Failure> {
    let rows = assignment::list(&desk.house.app, desk.tenant(), Some(ResourceId(resource)), None).await?;
    rows.into_iter()
        .find(|row| row.assignment_id == AssignmentId(id))
        .ok_or_else(Failure::not_found)
}

fn end_sheet(desk: &Desk, row: &AssignmentRow, submitted: Option<(&Submitted, &Failure)>) -> Sheet {
    let here = address(row.resource_id);
    let form = Form::post(format!("{here}/assignments/{}", row.assignment_id), "End it")
        .with(
            Field::date("last_day", "Last day")
                .optional()
                .hint("Left empty, it ends today. One that has not begun is taken back."),
        )
        .danger()
        .cancel(&here);
    let form = match submitted {
        Some((submitted, failure)) => form.refused(submitted, failure),
        None => form,
    };
    let sentence = format!(
        "{} is assigned to {}: {}. From the day after the last one on, others can book it.",
        row.resource_name,
        row.member_name,
        days(row)
    );
    Sheet::set_up(desk, "End an assignment")
        .back(&row.resource_name, &here)
        .card("end", "When it ends", &[Html::text(&sentence), Html::of(&form)])
}

/// Asks when it ends.
pub(super) async fn ask_end(desk: Desk, Path((id, known)): Path<(Uuid, Uuid)>) -> Result<Response, Failure> {
    let row = find(&desk, id, known).await?;
    Ok(end_sheet(&desk, &row, None).show())
}

/// Ends it.
pub(super) async fn end(
    desk: Desk,
    Path((id, known)): Path<(Uuid, Uuid)>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let last_day = if submitted.get("last_day").trim().is_empty() {
            None
        } else {
            typed.date("last_day")
        };
        typed.finish()?;
        let of = Some(ResourceId(id));
        Ok::<_, Failure>(assignment::end(&desk.house.app, &desk.caller(), AssignmentId(known), of, last_day).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(done.position, "The assignment ends.", &address(id))),
        Err(failure) if failure.status.as_u16() == 422 => {
            let row = find(&desk, id, known).await?;
            Ok(end_sheet(&desk, &row, Some((&submitted, &failure))).show_with(failure.status))
        }
        Err(failure) if failure.status.as_u16() == 409 => desk.refused(failure, &address(id)),
        Err(failure) => Err(failure),
    }
}
