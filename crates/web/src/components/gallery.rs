//! Every component on one page: rendered by a test, and looked at by people. With
//! `COTERIE_GALLERY` naming a folder, the page and its assets are written there.

use std::{fs, path::Path};

use askama::Template;
use jiff::{Timestamp, tz::TimeZone};
use uuid::Uuid;

use super::*;
use crate::{
    access::Capability,
    assets,
    context::{Flash, PageContext, Viewer},
    failure::{Failure, FieldError},
    form::Submitted,
    identity::TenantInfo,
    nav::{Area, Navigation},
};

#[derive(Template)]
#[template(path = "gallery.html")]
struct Gallery {
    ctx: PageContext,
    tiles: Tiles,
    grid: DayGrid,
    table: Table,
    pagination: Pagination,
    chart: BarChart,
    facts: DefinitionList,
    timeline: Timeline,
    empty: EmptyState,
    errors: ErrorSummary,
    fields: Vec<Field>,
    date: Field,
    time: Field,
    number: Field,
    select: Select,
    area: TextArea,
    check: Checkbox,
    hidden: Hidden,
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn context() -> PageContext {
    let mut navigation = Navigation::default();
    navigation.add(Area::Operator, "Today", "/operator");
    navigation.add(Area::Operator, "Locations", "/operator/locations");
    navigation.add(Area::Operator, "Members", "/operator/members");
    navigation.add(Area::Operator, "Plans", "/operator/plans");
    navigation.add(Area::Finance, "Invoices", "/finance/invoices");
    navigation.add(Area::Finance, "Journal", "/finance/journal");
    PageContext {
        tenant: Some(TenantInfo {
            tenant: Uuid::nil(),
            name: "Harbour & Sons".into(),
            slug: "harbour".into(),
            sandbox: true,
        }),
        viewer: Viewer::Staff {
            id: Uuid::nil(),
            name: "Ada Lindqvist".into(),
            email: "ada@example.org".into(),
            capabilities: vec![Capability::Operate, Capability::Finance],
        },
        clock: Some("Tue 20 Jan 2026, 09:10 UTC".into()),
        flash: Some(Flash::success("Room Elbe is yours on 20 January, 14:00–16:00.")),
        path: "/operator".into(),
        navigation: Some(std::sync::Arc::new(navigation)),
        https: false,
    }
}

fn grid() -> DayGrid {
    let occupied = |start: &str, end: &str, occupancy, label: &str, href: Option<&str>| Occupied {
        start: at(&format!("2026-01-20T{start}:00Z")),
        end: at(&format!("2026-01-20T{end}:00Z")),
        occupancy,
        label: label.into(),
        href: href.map(str::to_owned),
    };
    let room = |name: &str, detail: &str, occupied| GridResource {
        name: name.into(),
        detail: detail.into(),
        book_href: Some(format!("/bookings/new?resource={}", name.to_lowercase())),
        occupied,
    };
    let rooms = vec![
        room(
            "Elbe",
            "8 seats, screen",
            vec![
                occupied("09:00", "10:30", Occupancy::Busy, "Booked", None),
                occupied("13:00", "15:00", Occupancy::Mine, "Yours", Some("/bookings/7")),
            ],
        ),
        room(
            "Alster",
            "4 seats",
            vec![occupied("08:00", "12:00", Occupancy::Closed, "Maintenance", None)],
        ),
        room(
            "Phone booth 1",
            "1 seat",
            vec![
                occupied("10:00", "10:30", Occupancy::Busy, "Booked", None),
                occupied("10:30", "11:00", Occupancy::Busy, "Booked", None),
            ],
        ),
    ];
    let hours = (at("2026-01-20T07:00:00Z"), at("2026-01-20T19:00:00Z"));
    DayGrid::new(
        "rooms",
        "Rooms on Tue 20 January",
        &berlin(),
        hours,
        at("2026-01-20T08:10:00Z"),
        rooms,
    )
}

fn table() -> Table {
    let columns = [
        Column::text("Invoice"),
        Column::text("Date"),
        Column::text("Status"),
        Column::number("Total"),
    ];
    let row = |number: &str, date: &str, badge: Badge, minor| -> [Cell; 4] {
        let link = Link::new(number, format!("/invoices/{number}"));
        [link.into(), date.into(), badge.into(), Money::new(minor, "EUR").into()]
    };
    Table::new("Invoices", columns)
        .row(row(
            "B-2026-0003",
            "1 Mar 2026",
            Badge::new(Tone::Warning, "Due"),
            35_700,
        ))
        .row(row(
            "B-2026-0002",
            "1 Feb 2026",
            Badge::new(Tone::Bad, "Declined"),
            38_080,
        ))
        .row(row(
            "B-2026-0001",
            "20 Jan 2026",
            Badge::new(Tone::Good, "Paid"),
            13_819,
        ))
        .row(row(
            "C-2026-0001",
            "2 Mar 2026",
            Badge::new(Tone::Neutral, "Credit note"),
            -2_380,
        ))
        .row(row(
            "B-2026-0004",
            "1 Apr 2026",
            Badge::new(Tone::Info, "Pending"),
            35_700,
        ))
        .footer(["Open".into(), "".into(), "".into(), Money::new(73_780, "EUR").into()])
}

fn chart() -> BarChart {
    let months = ["Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan"];
    let bars = months
        .into_iter()
        .zip([410, 432, 428, 466, 391, 480, 512, 530, 497, 561])
        .map(|(month, thousands)| Bar::new(month, thousands, format!("EUR {thousands},000")))
        .collect();
    BarChart::new("revenue", "Revenue by month, net", ("Month", "Net"), bars)
}

fn timeline() -> Timeline {
    let event = |instant: &str, title: &str| TimelineEvent::new(at(instant), &berlin(), title);
    Timeline {
        events: vec![
            event("2026-02-01T00:05:00Z", "Payment settled")
                .tone(Tone::Good)
                .detail("EUR 380.80 by card ending 4242."),
            event("2026-02-01T00:00:00Z", "Invoice issued")
                .tone(Tone::Info)
                .link("B-2026-0002", "/invoices/2"),
            event("2026-01-28T15:12:00Z", "Card declined")
                .tone(Tone::Bad)
                .detail("The bank asked for another card."),
            event("2026-01-20T09:00:00Z", "Membership started"),
        ],
    }
}

fn gallery() -> Gallery {
    let submitted = Submitted::from_encoded("name=Mia+Okafor&email=mia%40&zone=&note=").unwrap();
    let failure = Failure::invalid(vec![
        FieldError::new("email", "Enter a whole address, such as mia@example.org."),
        FieldError::new("terms", "Tick this to go on."),
    ]);
    let tile = |label: &str, value: Cell, note: &str| Tile {
        label: label.into(),
        value,
        note: note.into(),
        href: None,
    };
    let zones = [
        Choice::new("Europe/Berlin", "Europe/Berlin (CET)"),
        Choice::new("Europe/Lisbon", "Europe/Lisbon (WET)"),
    ];
    Gallery {
        ctx: context(),
        tiles: Tiles {
            tiles: vec![
                tile("Room hours left", "3 of 5".into(), "until 31 January"),
                tile("Open balance", Money::new(38_080, "EUR").into(), "due 8 February"),
                tile("Checked in now", "42".into(), "of 96 desks"),
                Tile {
                    href: Some("/operator/bookings".into()),
                    ..tile("Bookings today", "27".into(), "4 more than last Tuesday")
                },
            ],
        },
        grid: grid(),
        table: table(),
        pagination: Pagination {
            label: "Invoices".into(),
            previous: Some("?before=3".into()),
            next: Some("?after=9".into()),
        },
        chart: chart(),
        facts: DefinitionList::new()
            .item("Plan", "Fixed desk, version 3")
            .item("Status", Badge::new(Tone::Good, "Active"))
            .item("Price", Money::new(30_000, "EUR"))
            .item("Home location", Link::new("Harbour House", "/locations/1"))
            .item("Next invoice", "1 February 2026"),
        timeline: timeline(),
        empty: EmptyState::new(
            "No bookings yet",
            "What you book appears here, with a way to cancel it.",
        )
        .action("Book a room", "/bookings/new"),
        errors: ErrorSummary::new(&failure),
        fields: vec![
            Field::text("name", "Name")
                .autocomplete("name")
                .refused(&submitted, &failure),
            Field::email("email", "Email")
                .hint("We send a link to confirm it.")
                .refused(&submitted, &failure),
            Field::password("password", "Password")
                .autocomplete("new-password")
                .hint("At least 12 characters."),
        ],
        date: Field::date("start", "Start").value("2026-01-20"),
        time: Field::time("opens", "Opens").value("08:00"),
        number: Field::number("seats", "Seats")
            .attribute("min", "1")
            .attribute("max", "400")
            .value("8"),
        select: Select::new("zone", "Time zone", zones).hint("Prices and hours follow it."),
        area: TextArea::new("note", "Note", 3).optional(),
        check: Checkbox::new("terms", "I agree to the house rules")
            .required()
            .refused(&submitted, &failure),
        hidden: Hidden::new("command", "0198c0de"),
    }
}

#[test]
fn every_component_renders_without_inline_style_or_script() {
    let html = gallery().render().unwrap();
    assert!(!html.contains("style=") && !html.contains("<style") && !html.contains("onclick"));
    assert_eq!(
        html.matches("<script").count(),
        html.matches("<script src=\"/assets/").count()
    );
    let mut ids: Vec<_> = html
        .split(" id=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "ids are unique");
    for reference in html
        .split(" for=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        assert!(ids.contains(&reference), "a label points at {reference}");
    }
    for reference in html
        .split("aria-describedby=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        assert!(
            reference.split(' ').all(|id| ids.contains(&id)),
            "a description at {reference}"
        );
    }
    if let Ok(folder) = std::env::var("COTERIE_GALLERY") {
        write(Path::new(&folder), &html);
    }
}

fn write(folder: &Path, html: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("index.html"), html).unwrap();
    for name in ["app.css", "app.js", "icon.svg", "vendor/htmx-4.0.1.min.js"] {
        let target = folder.join(assets::url(name).trim_start_matches('/'));
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name), target).unwrap();
    }
}
