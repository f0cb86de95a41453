//! The frame of an operator's page: heading, what can be done, and the parts below.

use askama::{Template, filters::HtmlSafe};
use axum::response::Response;
use http::StatusCode;
use std::fmt::Display;

use super::desk::Desk;
use crate::{
    access::Capability,
    components::{Link, prints_html},
    context::PageContext,
    page::page_with_status,
};

/// The pages that set a chain up, in the order in which they are needed.
pub(super) const SET_UP: [(&str, &str); 16] = [
    ("Checklist", "/operator/set-up"),
    ("Legal entities", "/operator/legal-entities"),
    ("Locations", "/operator/locations"),
    ("Tax rates", "/operator/tax-rates"),
    ("Types", "/operator/resource-types"),
    ("Prices", "/operator/prices"),
    ("Rooms and desks", "/operator/resources"),
    ("Plans", "/operator/plans"),
    ("What if", "/operator/simulation"),
    ("Meters", "/operator/meters"),
    ("Add-ons", "/operator/add-ons"),
    ("Packs", "/operator/credit-packs"),
    ("Coupons", "/operator/coupons"),
    ("Staff", "/operator/staff"),
    ("API keys", "/operator/api-keys"),
    ("Test clock", "/operator/test-clock"),
];

/// The pages about people and about those who pay for them.
const PEOPLE: [(&str, &str); 2] = [("Members", "/operator/members"), ("Companies", "/operator/companies")];

/// The pages about what is taken of the houses.
const BOOKED: [(&str, &str); 4] = [
    ("Bookings", "/operator/bookings"),
    ("Waiting list", "/operator/waitlist"),
    ("Day passes", "/operator/passes"),
    ("Usage", "/operator/usage"),
];

/// A part of a page that has printed itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Html(String);

impl Html {
    pub(super) fn of(part: &impl HtmlSafe) -> Self {
        Self(part.to_string())
    }

    /// A paragraph of plain text.
    pub(super) fn text(text: &str) -> Self {
        Self::of(&Paragraph { text })
    }

    /// Something to know before reading on.
    pub(super) fn warning(text: &str) -> Self {
        Self::of(&Warning { text })
    }
}

impl Display for Html {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[derive(Template)]
#[template(source = "<p>{{ text }}</p>", ext = "html")]
struct Paragraph<'a> {
    text: &'a str,
}

#[derive(Template)]
#[template(
    source = r#"<div class="notice notice-error" role="status"><p>{{ text }}</p></div>"#,
    ext = "html"
)]
struct Warning<'a> {
    text: &'a str,
}

#[derive(Template)]
#[template(path = "operator/card.html")]
struct Card<'a> {
    id: &'a str,
    heading: &'a str,
    parts: &'a [Html],
}

/// Something to copy, set apart from its sentence.
#[derive(Template)]
#[template(
    source = r#"<p>{{ sentence }}</p><p><code id="{{ id }}">{{ value }}</code></p>"#,
    ext = "html"
)]
pub(super) struct Secret<'a> {
    pub(super) id: &'a str,
    pub(super) sentence: &'a str,
    pub(super) value: &'a str,
}

/// A picture of a page's own.
#[derive(Template)]
#[template(
    source = r#"<p><img class="picture" src="{{ src }}" alt="{{ alt }}"></p>"#,
    ext = "html"
)]
pub(super) struct Picture {
    pub(super) src: String,
    pub(super) alt: String,
}

prints_html!(Picture, Html, Paragraph<'_>, Warning<'_>, Card<'_>, Secret<'_>);

/// A page.
#[derive(Template)]
#[template(path = "operator/sheet.html")]
pub(super) struct Sheet {
    ctx: PageContext,
    title: String,
    lead: String,
    back: Option<Link>,
    actions: Vec<Link>,
    tabs_name: &'static str,
    tabs: Vec<(&'static str, &'static str, bool)>,
    parts: Vec<Html>,
}

impl Sheet {
    pub(super) fn new(desk: &Desk, title: impl Into<String>) -> Self {
        Self {
            ctx: desk.ctx.clone(),
            title: title.into(),
            lead: String::new(),
            back: None,
            actions: Vec::new(),
            tabs_name: "",
            tabs: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// A page among those that set a chain up, with the others beside it. In the header all of them are "Set-up".
    pub(super) fn set_up(desk: &Desk, title: impl Into<String>) -> Self {
        let (owner, sandbox) = (desk.owns().is_ok(), desk.staff.tenant.sandbox);
        let tabs = SET_UP.into_iter().filter(|(_, href)| match *href {
            "/operator/staff" | "/operator/api-keys" => owner,
            "/operator/test-clock" => sandbox,
            _ => true,
        });
        Self::beside(desk, title, "Set-up", "/operator/set-up", tabs)
    }

    /// A page about those who use the houses, or about those who pay for them. In the header both are "Members".
    pub(super) fn people(desk: &Desk, title: impl Into<String>) -> Self {
        Self::beside(desk, title, "Members and companies", PEOPLE[0].1, PEOPLE)
    }

    /// A page about bookings, day passes or usage. In the header all are "Bookings".
    pub(super) fn booked(desk: &Desk, title: impl Into<String>) -> Self {
        Self::beside(desk, title, "Bookings, passes and usage", BOOKED[0].1, BOOKED)
    }

    /// A page among others that stand under one name in the header.
    fn beside(
        desk: &Desk,
        title: impl Into<String>,
        tabs_name: &'static str,
        in_header: &str,
        tabs: impl IntoIterator<Item = (&'static str, &'static str)>,
    ) -> Self {
        let mut sheet = Self::new(desk, title);
        let path = std::mem::replace(&mut sheet.ctx.path, in_header.to_owned());
        sheet.tabs_name = tabs_name;
        sheet.tabs = tabs
            .into_iter()
            .map(|(label, href)| {
                let below = path
                    .strip_prefix(href)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                (label, href, below)
            })
            .collect();
        sheet
    }

    pub(super) fn lead(mut self, lead: impl Into<String>) -> Self {
        self.lead = lead.into();
        self
    }

    /// The page above this one.
    pub(super) fn back(mut self, label: &str, href: impl Into<String>) -> Self {
        self.back = Some(Link::new(label, href));
        self
    }

    /// What can be done here; the first one stands out.
    pub(super) fn action(mut self, label: &str, href: impl Into<String>) -> Self {
        // Who only reads is not shown what she may not do.
        if self.ctx.viewer.can(Capability::Operate) {
            self.actions.push(Link::new(label, href));
        }
        self
    }

    /// The history of what the page is about, for those who may read the log.
    pub(super) fn history(mut self, href: impl Into<String>) -> Self {
        if self.ctx.viewer.can(Capability::Audit) {
            self.actions.push(Link::new("History", href));
        }
        self
    }

    pub(super) fn part(mut self, part: &impl HtmlSafe) -> Self {
        self.parts.push(Html::of(part));
        self
    }

    /// Parts on a card with a heading; `id` is unique on the page.
    pub(super) fn card(self, id: &str, heading: &str, parts: &[Html]) -> Self {
        self.part(&Card { id, heading, parts })
    }

    pub(super) fn show(self) -> Response {
        self.show_with(StatusCode::OK)
    }

    pub(super) fn show_with(self, status: StatusCode) -> Response {
        page_with_status(status, &self.ctx, &self)
    }
}
