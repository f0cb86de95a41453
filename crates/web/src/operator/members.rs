//! Members: looking one up, and adding one by hand.

use axum::{extract::Query, response::Response};
use coterie_app::{
    Done,
    member::{self, ImportMember, page::MemberFilter},
    page::PageRequest,
    projections, session,
};
use coterie_domain::{MemberId, catalogue::Catalogue};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    choices,
    desk::{Desk, shown_again},
    form::Form,
    member_table,
    sheet::{Html, Secret, Sheet},
    typed::Typed,
};
use crate::{
    components::{EmptyState, Field, Pagination},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/members";
const NEW: &str = "/operator/members/new";

/// What is looked for, and where in the list.
#[derive(Deserialize)]
pub(super) struct Asked {
    search: Option<String>,
    after: Option<String>,
}

/// Members by name.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let search = asked
        .search
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    let request = PageRequest {
        limit: None,
        after: asked.after,
    };
    let filter = MemberFilter { search: search.clone() };
    let page = member::page::list(&desk.house.app, desk.tenant(), filter, &request).await?;
    let empty = match &search {
        Some(search) => EmptyState::new("Nobody found", format!("No name and no address has “{search}” in it."))
            .action("Show all members", HERE),
        None => EmptyState::new(
            "No members yet",
            "Members sign up at your own address, or you add them by hand.",
        )
        .action("Add a member", NEW),
    };
    let table = member_table::of(&page.items, "Members").empty(empty);
    let next = page.next.map(|after| {
        let query = [("search", search.as_deref().unwrap_or_default()), ("after", &after)];
        format!("{HERE}?{}", serde_urlencoded::to_string(query).unwrap_or_default())
    });
    let pagination = Pagination {
        label: "Members".to_owned(),
        previous: None,
        next,
    };
    let form = Form::get(HERE, "Search").with(
        Field::text("search", "Name or email")
            .optional()
            .value(search.unwrap_or_default())
            .attribute("maxlength", "120")
            .autocomplete("off"),
    );
    Ok(Sheet::people(&desk, "Members")
        .action("Add a member", NEW)
        .part(&form)
        .part(&table)
        .part(&pagination)
        .show())
}

/// The empty form.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    Ok(sheet(&desk, &form(&catalogue)).show())
}

/// Adds one. Where no password was given, the page that follows has the link by which she sets one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(done) => {
            let next = format!("{HERE}/{}", done.outcome);
            if submitted.get("password").is_empty() {
                let page = password_link(&desk, done.outcome.0, submitted.get("name").trim(), &next);
                return Ok(desk.shown(done.position, page));
            }
            Ok(desk.done(done.position, "The member is added.", &next))
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form(&*desk.catalogue().await?).refused(&submitted, &failure);
            Ok(sheet(&desk, &form).show_with(failure.status))
        }
    }
}

/// The page that hands over a link for setting a password.
pub(super) fn password_link(desk: &Desk, person: Uuid, name: &str, next: &str) -> Response {
    let token = session::set_password_token(&desk.house.app, desk.tenant(), person);
    let link = Secret {
        id: "password-link",
        sentence: "Hand this link over. It works for seven days, and whoever opens it sets the password.",
        value: &desk.address(&format!("/set-password/{token}")),
    };
    Sheet::new(desk, format!("{name} is added"))
        .action("Continue", next)
        .card("link", "Setting a password", &[Html::of(&link)])
        .show()
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<Done<MemberId>, Failure> {
    let mut typed = Typed::new(submitted);
    let home_location_id = typed.maybe_id("location_id");
    let password = Some(typed.text("password")).filter(|password| !password.is_empty());
    let (name, email) = (typed.text("name"), typed.text("email"));
    typed.finish()?;
    if let Some(password) = &password {
        session::check_password(password)?;
    }
    let command = ImportMember {
        // Nobody else's list has this row.
        external_id: format!("by-hand:{}", Uuid::now_v7()),
        name,
        email,
        home_location_id,
        password,
    };
    Ok(member::import(&desk.house.app, &desk.caller(), command).await?)
}

fn form(catalogue: &Catalogue) -> Form {
    Form::post(HERE, "Add member")
        .cancel(HERE)
        .with(
            Field::text("name", "Name")
                .attribute("maxlength", "120")
                .autocomplete("off"),
        )
        .with(
            Field::email("email", "Email")
                .hint("It counts as confirmed: make sure that it is hers.")
                .autocomplete("off"),
        )
        .with(
            choices::location_select(catalogue)
                .optional()
                .prompt("No home location"),
        )
        .with(
            Field::password("password", "Password")
                .optional()
                .hint("At least 10 characters. Left empty, you get a link by which she sets one.")
                .autocomplete("new-password"),
        )
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::people(desk, "Add a member").back("Members", HERE).part(form)
}
