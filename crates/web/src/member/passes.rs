//! `/passes`: the days for which a house sells passes, buying one, and her own.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller,
    page::PageRequest,
    pass::{
        self, BuyPass,
        page::{self as model, PassDay, PassFilter, PassRow, PassState},
    },
    projections,
};
use coterie_domain::{
    LocationId,
    booking::hours,
    local_time,
    location::{CancellationPolicy, LocationOpened},
};
use jiff::civil::Date;

use super::{answers_form, badges, command, id, money, query, when, who::Me};
use crate::{
    components::{Badge, Choice, Column, EmptyState, Hidden, Link, Select, Table, Tone},
    context::{Flash, PageContext},
    cookies,
    failure::{Failure, FieldError},
    form::Submitted,
    house::House,
    page::{page, page_with_status},
    session::MemberSession,
    state::AppState,
    told,
};

/// Days that are shown at once.
const DAYS: i32 = 14;
/// Passes of hers that are shown.
const HERS: i64 = 100;

#[derive(Template)]
#[template(path = "member/passes.html")]
struct PassesPage<'a> {
    ctx: &'a PageContext,
    chooser: Option<Select>,
    remark: String,
    days: Option<Table>,
    none: EmptyState,
    hers: Table,
}

#[derive(Template)]
#[template(path = "member/pass_new.html")]
struct BuyPage<'a> {
    ctx: &'a PageContext,
    what: String,
    because: Vec<String>,
    policy: Vec<String>,
    refused: String,
    again: Option<Link>,
    hidden: [Hidden; 3],
    back: String,
}

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let asked = query(raw)?;
    let tenant = session.tenant.tenant;
    house.caught_up(&state, &jar, tenant, &[projections::BOOKINGS]).await?;
    let me = Me::load(&house, &session).await?;
    let filter = PassFilter {
        member: Some(me.member.member_id),
        latest_first: true,
        ..PassFilter::default()
    };
    let request = PageRequest {
        limit: Some(HERS),
        after: None,
    };
    let hers = model::list(&house.app, tenant, filter, &request).await?.items;
    let places = selling(&me);
    let chosen = chosen(&me, &places, asked.get("location"));
    let mut table = None;
    let mut remark = String::new();
    if let Some(place) = chosen {
        let days = model::days(&house.app, tenant, place.location_id, None, DAYS).await?;
        if let Some(terms) = me.catalogue.day_passes.get(&place.location_id) {
            remark = format!(
                "A pass lets you in at {} for a day, {}. It costs {}, and is sold {} days ahead.",
                place.name,
                place.hours,
                told::price(terms.price, terms.tax_included),
                terms.horizon_days
            );
        }
        table = Some(days_of(place, &days, &hers));
    }
    let chooser = chosen.filter(|_| places.len() > 1).map(|place| {
        let choices = places
            .iter()
            .map(|place| Choice::new(place.location_id.to_string(), &place.name));
        Select::new("location", "Where", choices).value(place.location_id.to_string())
    });
    let template = PassesPage {
        ctx: &ctx,
        chooser,
        remark,
        days: table,
        none: EmptyState::new("No day passes", "None of the houses sells passes for a day at present."),
        hers: mine("Your passes", &hers, me.now)?,
    };
    Ok(page(&ctx, &template))
}

/// Houses that sell passes, by name.
fn selling(me: &Me) -> Vec<&LocationOpened> {
    let sells = |place: &&LocationOpened| {
        let terms = me.catalogue.day_passes.get(&place.location_id);
        terms.is_some_and(|terms| terms.capacity > 0)
    };
    let mut places: Vec<_> = me.catalogue.locations.values().filter(sells).collect();
    places.sort_by(|a, b| a.name.cmp(&b.name));
    places
}

/// The house that was asked for, else her own, else the first.
fn chosen<'a>(me: &Me, places: &[&'a LocationOpened], asked: &str) -> Option<&'a LocationOpened> {
    let by = |id: LocationId| places.iter().find(|place| place.location_id == id).copied();
    let asked = asked.parse().ok().and_then(by);
    let home = || me.member.home_location_id.and_then(by);
    asked.or_else(home).or_else(|| places.first().copied())
}

fn days_of(place: &LocationOpened, days: &[PassDay], hers: &[PassRow]) -> Table {
    let columns = [Column::text("Day"), Column::number("Left"), Column::text("Buy")];
    let mut table = Table::new(format!("The next days at {}", place.name), columns);
    for day in days {
        let has = hers.iter().any(|pass| {
            pass.location_id == place.location_id && pass.day == day.day && pass.state == PassState::Bought
        });
        let (left, buy) = match (day.open, day.left()) {
            _ if has => (day.left().to_string(), Badge::new(Tone::Good, "You have one").into()),
            (false, _) => (String::new(), Badge::new(Tone::Neutral, "Closed").into()),
            (true, 0) => ("0".to_owned(), Badge::new(Tone::Warning, "Sold out").into()),
            (true, left) => {
                let href = format!("/passes/new?location={}&day={}", place.location_id, day.day);
                (
                    left.to_string(),
                    Link::new(format!("Buy for {}", when::day(day.day)), href).into(),
                )
            }
        };
        table.push([when::day(day.day).into(), left.into(), buy]);
    }
    table
}

/// Passes as rows; those that can still be given back lead there.
pub(super) fn mine(caption: &str, passes: &[PassRow], now: jiff::Timestamp) -> Result<Table, Failure> {
    let columns = [
        Column::text("Day"),
        Column::text("Where"),
        Column::number("Price, net"),
        Column::text("Status"),
        Column::text("Change"),
    ];
    let empty = EmptyState::new(
        "No passes",
        "A pass that you buy appears here, with a way to give it back.",
    );
    let mut table = Table::new(caption, columns).empty(empty);
    for pass in passes {
        let zone = local_time::zone(&pass.time_zone)?;
        let change = if pass.state == PassState::Bought && now < pass.opens_at {
            let label = format!("Give back {}", when::day(pass.day));
            Link::new(label, format!("/passes/{}/give-back", pass.pass_id)).into()
        } else {
            String::new().into()
        };
        table.push([
            when::day(pass.day).into(),
            format!("{} ({})", pass.location_name, when::zone_name(&zone)).into(),
            money(pass.price).into(),
            badges::pass(pass.state).into(),
            change,
        ]);
    }
    Ok(table)
}

/// What a pass would cost and why, before it is bought.
pub(super) async fn new(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let asked = query(raw)?;
    offer(&ctx, &house, &session, &asked, None).await
}

async fn offer(
    ctx: &PageContext,
    house: &House,
    session: &MemberSession,
    asked: &Submitted,
    refused: Option<Failure>,
) -> Result<Response, Failure> {
    let me = Me::load(house, session).await?;
    let location: LocationId = id(asked.get("location"))?;
    let place = me.catalogue.locations.get(&location).ok_or_else(Failure::not_found)?;
    let (quote, refused) = match (wish(&me, asked), refused) {
        (Ok(_), Some(refused)) => (None, Some(refused)),
        (Ok(wish), None) => match pass::quote(&house.app, &Caller::from(session), &wish).await {
            Ok(quote) => (Some(quote), None),
            Err(error) => (None, Some(Failure::from(error))),
        },
        (Err(failure), _) => (None, Some(failure)),
    };
    if let Some(failure) = refused.as_ref().filter(|failure| !answers_form(failure)) {
        return Err(failure.clone());
    }
    let day = asked.get("day").parse::<Date>().ok();
    let another = |key: &str| {
        let next: Date = refused.as_ref()?.extra.get(key)?.as_str()?.parse().ok()?;
        let href = format!("/passes/new?location={location}&day={next}");
        Some(Link::new(format!("Take {} instead", when::day(next)), href))
    };
    let policy = quote.as_ref().map_or_else(Vec::new, |_| terms(&place.cancellation));
    let template = BuyPage {
        ctx,
        what: format!(
            "{}, {} ({})",
            place.name,
            day.map_or_else(String::new, when::day),
            place.time_zone.replace('_', " ")
        ),
        because: quote.map_or_else(Vec::new, |quote| {
            let terms = me.catalogue.day_passes.get(&location);
            let vat = if terms.is_some_and(|terms| terms.tax_included) {
                "VAT is in it. It stands on your next invoice."
            } else {
                "VAT comes on top, on your next invoice."
            };
            let steps = quote.fact.because.iter().map(|step| step.text.clone());
            steps.chain([vat.to_owned()]).collect()
        }),
        policy,
        refused: refused.as_ref().map_or_else(String::new, said),
        again: another("next_day").or_else(|| another("next_open_day")),
        hidden: [
            Hidden::new("location", location.to_string()),
            Hidden::new("day", asked.get("day")),
            command::token(),
        ],
        back: format!("/passes?location={location}"),
    };
    let status = refused.map_or(http::StatusCode::OK, |failure| failure.status);
    Ok(page_with_status(status, ctx, &template))
}

/// What giving back costs, the longest notice first.
fn terms(policy: &CancellationPolicy) -> Vec<String> {
    let mut steps = policy.steps.clone();
    steps.sort_by_key(|step| std::cmp::Reverse(step.at_least_minutes_before));
    let mut sentences: Vec<_> = steps
        .iter()
        .map(|step| {
            let before = hours(step.at_least_minutes_before);
            match step.percent_due {
                0 => format!("Up to {before} before the house opens on that day: free."),
                percent => format!("Up to {before} before the house opens: {percent} % of the price stays due."),
            }
        })
        .collect();
    sentences.push("Later: the whole price stays due.".to_owned());
    sentences
}

/// A refusal in one sentence; what is wrong with a field says more than that something is.
fn said(failure: &Failure) -> String {
    match failure.fields.first() {
        Some(field) if failure.code == "invalid" => field.message.clone(),
        _ => failure.detail.clone(),
    }
}

fn wish(me: &Me, asked: &Submitted) -> Result<BuyPass, Failure> {
    let day = asked
        .get("day")
        .parse()
        .map_err(|_| Failure::invalid(vec![FieldError::new("day", "Please give a day, such as 2026-01-22.")]))?;
    Ok(BuyPass {
        member_id: me.member.member_id,
        location_id: id(asked.get("location"))?,
        day,
    })
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let me = Me::load(&house, &session).await?;
    let bought = async {
        let wish = wish(&me, &submitted)?;
        let asked = format!("pass:{}:{}", wish.location_id, wish.day);
        let caller = command::keyed(Caller::from(&session), &submitted, &asked);
        Ok::<_, Failure>((wish.day, pass::buy(&house.app, &caller, wish).await?))
    };
    match bought.await {
        Ok((day, done)) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let sentence = format!("The pass for {} is yours.", when::day(day));
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
            let next = format!("/passes?location={}", submitted.get("location"));
            Ok((jar, Redirect::to(&next)).into_response())
        }
        Err(failure) if answers_form(&failure) => offer(&ctx, &house, &session, &submitted, Some(failure)).await,
        Err(failure) => Err(failure),
    }
}
