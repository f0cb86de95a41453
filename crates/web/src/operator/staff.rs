//! Those who run the chain. Owners see and add them.

use axum::response::Response;
use coterie_app::organization::{self, AddStaff};
use coterie_domain::organization::Role;

use super::{
    desk::{Desk, shown_again},
    form::Form,
    members::password_link,
    sheet::Sheet,
    typed::Typed,
};
use crate::{
    audit::links,
    components::{Choice, Column, Field, Link, Select, Table},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/staff";
const NEW: &str = "/operator/staff/new";

/// Staff by name.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    desk.owns()?;
    let staff = organization::staff(&desk.house.app, desk.tenant()).await?;
    let mut table = Table::new(
        "Staff",
        ["Name", "Role", "May", "Reads the log", "History"].map(Column::text),
    );
    for person in staff {
        table.push([
            person.name.into(),
            name_of(person.role).into(),
            may(person.role).into(),
            if person.role.audits() { "yes" } else { "no" }.into(),
            Link::new("What she did", links::actor(&format!("staff:{}", person.staff_id))).into(),
        ]);
    }
    Ok(Sheet::set_up(&desk, "Staff")
        .action("Add a colleague", NEW)
        .part(&table)
        .show())
}

fn name_of(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Operator => "Operator",
        Role::Finance => "Finance",
    }
}

fn may(role: Role) -> &'static str {
    match role {
        Role::Owner => "everything, staff and API keys included",
        Role::Operator => "catalogue, members, bookings",
        Role::Finance => "invoices, payments, journal, exports",
    }
}

pub(super) fn role_select() -> Select {
    let choices = [Role::Operator, Role::Finance, Role::Owner]
        .map(|role| Choice::new(role.name(), format!("{}: {}", name_of(role), may(role))));
    Select::new("role", "Role", choices)
}

/// The role that was chosen.
pub(super) fn role_of(typed: &mut Typed<'_>) -> Option<Role> {
    let role = Role::from_name(&typed.text("role"));
    if role.is_none() {
        typed.wrong("role", "Please choose a role.");
    }
    role
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    desk.owns()?;
    Ok(sheet(&desk, &form()).show())
}

/// Adds a colleague. Where no password was given, the page that follows has the link by which she sets one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    desk.owns()?;
    let mut typed = Typed::new(&submitted);
    let role = role_of(&mut typed);
    let command = AddStaff {
        name: typed.text("name"),
        email: typed.text("email"),
        role: role.unwrap_or(Role::Operator),
        password: Some(typed.text("password")).filter(|password| !password.is_empty()),
    };
    let without_password = command.password.is_none();
    let attempt = match typed.finish() {
        Ok(()) => organization::add_staff(&desk.house.app, &desk.caller(), command)
            .await
            .map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    match attempt {
        Ok(done) if without_password => {
            let page = password_link(&desk, done.outcome.0, submitted.get("name").trim(), HERE);
            Ok(desk.shown(done.position, page))
        }
        Ok(done) => Ok(desk.done(done.position, "Your colleague is added.", HERE)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            Ok(sheet(&desk, &form().refused(&submitted, &failure)).show_with(failure.status))
        }
    }
}

fn form() -> Form {
    Form::post(HERE, "Add colleague")
        .cancel(HERE)
        .with(
            Field::text("name", "Name")
                .attribute("maxlength", "120")
                .autocomplete("off"),
        )
        .with(
            Field::email("email", "Email")
                .hint("She signs in with it.")
                .autocomplete("off"),
        )
        .with(role_select())
        .with(
            Field::password("password", "Password")
                .optional()
                .hint("At least 10 characters. Left empty, you get a link by which she sets one.")
                .autocomplete("new-password"),
        )
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "Add a colleague").back("Staff", HERE).part(form)
}
