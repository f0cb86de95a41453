//! A newer version of a plan, announced to those who have an older one: who moves and who does not, then how far it is.

use axum::{
    extract::{Path, RawQuery},
    response::Response,
};
use coterie_app::{
    Done,
    price_change::{
        self,
        page::{self, MembershipRow, PriceChangeRow},
    },
};
use coterie_domain::{
    MembershipId, PlanVersionId, PriceChangeId,
    catalogue::Catalogue,
    price_change::{
        MESSAGE_MAX_CHARS, NOTICE_DAYS, NOTICE_DAYS_MAX, NewPriceChange, Phase, Preview, Reason, differences,
        more_or_less, today_of,
    },
};
use uuid::Uuid;

use super::{
    desk::{Desk, shown_again},
    form::{Form, beside},
    plans,
    sheet::{Html, Sheet},
    times,
    typed::{Typed, required},
};
use crate::{
    audit::links,
    components::{
        Badge, Cell, Choice, Column, DefinitionList, EmptyState, Field, Hidden, Link, Money, Pagination, Select, Table,
        TextArea, Tone,
    },
    failure::Failure,
    form::Submitted,
    told,
};

pub(super) const HERE: &str = "/operator/price-changes";
pub(super) const NEW: &str = "/operator/price-changes/new";

/// Memberships that stay out of it and are named in a preview.
const NAMED: usize = 100;

fn address(id: PriceChangeId) -> String {
    format!("{HERE}/{id}")
}

fn money(amount: coterie_domain::Money) -> Money {
    Money::new(amount.minor, amount.currency.code())
}

fn named(row: &PriceChangeRow) -> String {
    format!("{} version {}", row.plan_name, row.number)
}

fn state(phase: Phase) -> Badge {
    match phase {
        Phase::Telling => Badge::new(Tone::Warning, "Members are being told"),
        Phase::Told => Badge::new(Tone::Good, "Announced"),
        Phase::CallingOff => Badge::new(Tone::Warning, "Being called off"),
        Phase::CalledOff => Badge::new(Tone::Neutral, "Called off"),
    }
}

/// All announcements, the newest first.
pub(super) async fn list(desk: Desk, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Submitted::from_encoded(query.as_deref().unwrap_or_default())?;
    let found = page::list(&desk.house.app, desk.tenant(), &request(&asked)).await?;
    let columns = [
        Column::text("Plan"),
        Column::text("From"),
        Column::text("Announced on"),
        Column::number("Told"),
        Column::number("Left out"),
        Column::text("State"),
    ];
    let mut table = Table::new("Announced price changes", columns).empty(
        EmptyState::new(
            "No price change yet",
            "Who has an older version of a plan keeps it, until she chooses a newer one or a change is announced to her.",
        )
        .action("Announce one", NEW),
    );
    for row in &found.items {
        let cells: [Cell; 6] = [
            Link::new(named(row), address(row.price_change_id)).into(),
            times::day(row.effective_from).into(),
            times::day(row.announced_on).into(),
            row.counts.told.to_string().into(),
            row.counts.left_out.to_string().into(),
            state(row.phase).into(),
        ];
        table.push(cells);
    }
    Ok(Sheet::set_up(&desk, "Announced price changes")
        .back("Plans", plans::HERE)
        .action("Announce one", NEW)
        .part(&table)
        .part(&more("Announced price changes", HERE, found.next.as_ref()))
        .show())
}

fn request(asked: &Submitted) -> coterie_app::page::PageRequest {
    coterie_app::page::PageRequest {
        limit: None,
        after: asked.has("after").then(|| asked.get("after").to_owned()),
    }
}

/// The way on in a list; `here` is its address, with a question mark where something is asked for.
fn more(label: &str, here: &str, next: Option<&String>) -> Pagination {
    let sign = if here.contains('?') { '&' } else { '?' };
    Pagination {
        label: label.to_owned(),
        previous: None,
        next: next.map(|next| format!("{here}{sign}after={next}")),
    }
}

/// What to announce, and once that is said, what it would lead to.
pub(super) async fn new(desk: Desk, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let asked = Submitted::from_encoded(query.as_deref().unwrap_or_default())?;
    if !asked.has("effective_from") {
        let form = ask(&catalogue, asked.get("plan_version_id"));
        return Ok(ask_sheet(&desk, &form, &catalogue).show());
    }
    let previewed = async {
        let new = read(&asked)?;
        let preview = price_change::preview(&desk.house.app, &desk.caller(), &new).await?;
        Ok::<_, Failure>((new, preview))
    };
    match previewed.await {
        Ok((new, preview)) => {
            let form = agree(&new, &preview);
            Ok(preview_sheet(&desk, &preview, &catalogue, form.as_ref()).await?.show())
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = ask(&catalogue, "").refused(&asked, &failure);
            Ok(ask_sheet(&desk, &form, &catalogue).show_with(failure.status))
        }
    }
}

/// The newest versions of plans that have an older one.
fn newer(catalogue: &Catalogue) -> Vec<Choice> {
    let newer = catalogue.plans_on_offer().into_iter().filter(|plan| plan.number > 1);
    newer
        .map(|plan| {
            let label = format!(
                "{} (version {}), {} a {}",
                plan.name,
                plan.number,
                told::price(plan.price, plan.tax_included),
                plan.length
            );
            Choice::new(plan.plan_version_id.to_string(), label)
        })
        .collect()
}

/// The form of what to announce; a link may have said already of which plan.
fn ask(catalogue: &Catalogue, version: &str) -> Form {
    Form::get(NEW, "Show who would move")
        .with(Select::new("plan_version_id", "The newest version of", newer(catalogue)).value(version))
        .with(beside([
            Field::date("effective_from", "From")
                .hint("It applies to each membership from its first cycle that begins on this day or later.")
                .into(),
            Field::number("notice_days", "Days of notice")
                .value(NOTICE_DAYS.to_string())
                .attribute("min", "0")
                .attribute("max", NOTICE_DAYS_MAX.to_string())
                .hint("At least as many lie between the letter and the first day.")
                .into(),
        ]))
}

fn ask_sheet(desk: &Desk, form: &Form, catalogue: &Catalogue) -> Sheet {
    let sheet = Sheet::set_up(desk, "Announce a price change")
        .back("Announced price changes", HERE)
        .lead("Nothing is announced before you have seen whom it concerns.");
    if newer(catalogue).is_empty() {
        return sheet.part(
            &EmptyState::new(
                "Nothing to announce",
                "No plan has a newer version: publish one first, on the page of the plan.",
            )
            .action("Plans", plans::HERE),
        );
    }
    sheet.part(form)
}

fn read(asked: &Submitted) -> Result<NewPriceChange, Failure> {
    let mut typed = Typed::new(asked);
    let version: Option<PlanVersionId> = typed.id("plan_version_id");
    let effective_from = typed.date("effective_from");
    let notice_days = typed.number("notice_days", Some(NOTICE_DAYS));
    let message = asked.get("message").to_owned();
    typed.finish()?;
    Ok(NewPriceChange {
        plan_version_id: required(version, "plan_version_id")?,
        effective_from: required(effective_from, "effective_from")?,
        notice_days,
        message,
    })
}

/// The form that announces what is shown above it.
fn agree(new: &NewPriceChange, preview: &Preview) -> Option<Form> {
    let count = preview.moves.len();
    if count == 0 {
        return None;
    }
    let them = if count == 1 {
        "one membership".to_owned()
    } else {
        format!("{count} memberships")
    };
    let form = Form::post(HERE, format!("Announce it to {them}"))
        .cancel(NEW)
        .with(
            TextArea::new("message", "What the letter says beside prices and days", 5)
                .optional()
                .hint(format!(
                    "At most {MESSAGE_MAX_CHARS} characters. Everybody reads the same, so it names nobody."
                )),
        )
        .with(Hidden::new("plan_version_id", new.plan_version_id.to_string()))
        .with(Hidden::new("effective_from", new.effective_from.to_string()))
        .with(Hidden::new("notice_days", new.notice_days.to_string()))
        .with(Hidden::new("preview_sha256", preview.sha256()));
    Some(form)
}

async fn preview_sheet(
    desk: &Desk,
    preview: &Preview,
    catalogue: &Catalogue,
    form: Option<&Form>,
) -> Result<Sheet, Failure> {
    let terms = &preview.terms;
    let plan = catalogue.plan_version(terms.plan_version_id)?;
    let (before, after) = preview.sums();
    let facts = DefinitionList::new()
        .item(
            "To",
            format!(
                "version {}, {} a {}",
                plan.number,
                told::price(plan.price, plan.tax_included),
                plan.length
            ),
        )
        .item("From", times::day(terms.effective_from))
        .item("Days of notice", terms.notice_days.to_string())
        .item("Memberships that move", preview.moves.len().to_string())
        .item("A cycle of all of them, net", format!("{after} instead of {before}"))
        .item("Difference", more_or_less(before, after));
    let mut sheet = Sheet::set_up(desk, format!("{} from {}", plan.name, times::day(terms.effective_from)))
        .back("Announce a price change", NEW)
        .card("facts", "What would be announced", &[Html::of(&facts)])
        .part(&groups(preview, catalogue));
    if !preview.stays.is_empty() {
        sheet = sheet.part(&reasons(preview.reasons()));
        let named: Vec<_> = preview
            .stays
            .iter()
            .filter(|stays| stays.why.reason != Reason::AlreadyOnIt)
            .take(NAMED)
            .collect();
        if !named.is_empty() {
            let ids: Vec<MembershipId> = named.iter().map(|stays| stays.membership_id).collect();
            let people = page::names(&desk.house.app, desk.tenant(), &ids).await?;
            let columns = [Column::text("Member"), Column::text("Why")];
            let mut table = Table::new("Who stays out of it", columns);
            for stays in named {
                let (id, why) = (stays.membership_id, stays.why.told());
                table.push([person(id, people.get(&id)), why.into()]);
            }
            sheet = sheet.part(&table);
        }
    }
    Ok(match form {
        Some(form) => sheet.card("announce", "Announce it", &[Html::of(form)]),
        None => sheet.part(&EmptyState::new(
            "Nobody moves",
            "No membership would move, so there is nothing to announce.",
        )),
    })
}

/// The link to a membership, by its member's name.
fn person(id: MembershipId, known: Option<&(coterie_domain::MemberId, String)>) -> Cell {
    match known {
        Some((member, name)) if !name.is_empty() => {
            Link::new(name, format!("/operator/members/{member}/memberships/{id}")).into()
        }
        _ => id.to_string().into(),
    }
}

fn groups(preview: &Preview, catalogue: &Catalogue) -> Table {
    let columns = [
        Column::text("From"),
        Column::text("Their version"),
        Column::number("Now, net"),
        Column::number("Difference"),
        Column::text("What else differs"),
        Column::number("Memberships"),
    ];
    let mut table = Table::new("Who moves", columns).empty(EmptyState::new("Nobody moves", ""));
    let new = catalogue.plan_version(preview.terms.plan_version_id);
    for group in preview.groups() {
        let old = catalogue.plan_version(group.plan_version_id);
        let mut from = times::day(group.from);
        if group.bound {
            from.push_str(", when their term is over");
        }
        let different = match (&old, &new) {
            (Ok(old), Ok(new)) => differences(old, new, catalogue).join(" "),
            _ => String::new(),
        };
        let cells: [Cell; 6] = [
            from.into(),
            old.map_or_else(|_| String::new(), |old| old.number.to_string()).into(),
            money(group.price).into(),
            more_or_less(group.price, preview.terms.price).into(),
            different.into(),
            group.memberships.to_string().into(),
        ];
        table.push(cells);
    }
    table
}

fn reasons(reasons: Vec<(Reason, i64)>) -> Table {
    let columns = [Column::text("Why"), Column::number("Memberships")];
    let mut table = Table::new("How many do not move", columns);
    for (reason, count) in reasons {
        table.push([
            coterie_domain::price_change::Why::from(reason).told().into(),
            count.to_string().into(),
        ]);
    }
    table
}

/// Announces it; where memberships changed since, it is shown anew.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(done) => Ok(desk.done(done.position, "It is announced.", &address(done.outcome))),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let catalogue = desk.catalogue().await?;
            let again = async {
                // What is wrong with the message alone must not keep the rest from being shown.
                let new = NewPriceChange {
                    message: String::new(),
                    ..read(&submitted)?
                };
                let preview = price_change::preview(&desk.house.app, &desk.caller(), &new).await?;
                Ok::<_, Failure>((new, preview))
            };
            if let Ok((new, preview)) = again.await {
                let form = agree(&new, &preview).map(|form| form.refused(&submitted, &failure));
                let sheet = preview_sheet(&desk, &preview, &catalogue, form.as_ref()).await?;
                return Ok(sheet.show_with(failure.status));
            }
            let form = ask(&catalogue, "").refused(&submitted, &failure);
            Ok(ask_sheet(&desk, &form, &catalogue).show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<Done<PriceChangeId>, Failure> {
    let new = read(submitted)?;
    let agreed = submitted.get("preview_sha256");
    Ok(price_change::announce(&desk.house.app, &desk.caller(), &new, agreed).await?)
}

/// One of them: how far it is, and who does not move.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Submitted::from_encoded(query.as_deref().unwrap_or_default())?;
    let id = PriceChangeId(id);
    let row = found(&desk, id).await?;
    let (app, tenant) = (&desk.house.app, desk.tenant());
    let message = page::message(app, tenant, id).await?;
    let mut facts = DefinitionList::new()
        .item("State", state(row.phase))
        .item(
            "To",
            format!("{}, {} a cycle, as its version tells it", named(&row), row.price),
        )
        .item("From", times::day(row.effective_from))
        .item("Announced on", times::day(row.announced_on))
        .item("Days of notice", row.notice_days.to_string())
        .item("Told", format!("{} of {}", row.counts.told, row.counts.moves()));
    if row.counts.waiting > 0 {
        facts = facts.item("Still to be told", row.counts.waiting.to_string());
    }
    if row.counts.released > 0 {
        facts = facts.item("Keep what they have", row.counts.released.to_string());
    }
    facts = facts
        .item(
            "A cycle of all who move, net",
            format!("{} instead of {}", row.after, row.before),
        )
        .item("Difference", more_or_less(row.before, row.after));
    if let Some(message) = message {
        facts = facts.item("The letter also says", message);
    }
    let mut sheet = Sheet::set_up(
        &desk,
        format!("{} from {}", row.plan_name, times::day(row.effective_from)),
    )
    .back("Announced price changes", HERE)
    .history(links::stream(id.0))
    .card("facts", "What is announced", &[Html::of(&facts)]);
    let why = page::reasons(app, tenant, id).await?;
    if !why.is_empty() {
        sheet = sheet.part(&reasons(why));
    }
    let standing = page::STANDINGS.into_iter().find(|name| *name == asked.get("standing"));
    let members = page::memberships(app, tenant, id, standing, &request(&asked)).await?;
    let here = address(id);
    let filter = Form::get(&here, "Show").with(
        Select::new("standing", "Which memberships", standings())
            .prompt("all of them")
            .optional()
            .value(standing.unwrap_or_default()),
    );
    let onward = match standing {
        Some(name) => format!("{here}?standing={name}"),
        None => here.clone(),
    };
    sheet = sheet
        .part(&filter)
        .part(&table(&members.items))
        .part(&more("Memberships", &onward, members.next.as_ref()));
    let catalogue = desk.catalogue().await?;
    let today = today_of(row.legal_entity_id, desk.now().await?, &catalogue)?;
    let open = matches!(row.phase, Phase::Telling | Phase::Told);
    if open && today < row.effective_from {
        let remark = Html::text(
            "Everybody who was told gets a letter that it is off, and keeps what she has. For one membership alone it is called off on the page of that membership.",
        );
        let form = Form::get(format!("{here}/call-off"), "Call it off").danger();
        sheet = sheet.card("call-off", "Call it off", &[remark, Html::of(&form)]);
    }
    Ok(sheet.show())
}

async fn found(desk: &Desk, id: PriceChangeId) -> Result<PriceChangeRow, Failure> {
    page::find(&desk.house.app, desk.tenant(), id)
        .await?
        .ok_or_else(Failure::not_found)
}

fn standings() -> Vec<Choice> {
    let label = |name: &str| match name {
        "waiting" => "to be told",
        "told" => "told",
        "left_out" => "left out",
        "released" => "keep what they have",
        _ => "never were to move",
    };
    page::STANDINGS
        .into_iter()
        .map(|name| Choice::new(name, label(name)))
        .collect()
}

fn table(rows: &[MembershipRow]) -> Table {
    let columns = [
        Column::text("Member"),
        Column::text("State"),
        Column::text("From"),
        Column::number("Before, net"),
        Column::text("Why"),
    ];
    let mut table = Table::new("Memberships", columns).empty(EmptyState::new("None of these", ""));
    for row in rows {
        let known = row.member_id.map(|member| (member, row.member_name.clone()));
        let badge = match row.standing {
            "waiting" => Badge::new(Tone::Warning, "To be told"),
            "told" => Badge::new(Tone::Good, "Told"),
            "left_out" => Badge::new(Tone::Bad, "Left out"),
            "released" => Badge::new(Tone::Neutral, "Keeps what it has"),
            _ => Badge::new(Tone::Neutral, "Stays out of it"),
        };
        let cells: [Cell; 5] = [
            person(row.membership_id, known.as_ref()),
            badge.into(),
            row.planned
                .map_or_else(String::new, |planned| times::day(planned.from))
                .into(),
            row.planned
                .map_or_else(|| String::new().into(), |planned| money(planned.price).into()),
            row.why
                .map_or_else(String::new, coterie_domain::price_change::Why::told)
                .into(),
        ];
        table.push(cells);
    }
    table
}

/// Whether all of it is to be called off.
pub(super) async fn ask_call_off(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let row = found(&desk, PriceChangeId(id)).await?;
    let here = address(row.price_change_id);
    let told = row.counts.told;
    let sentence = format!(
        "{told} memberships were told of it. Each gets a letter that it is off, and keeps its price. It cannot be announced as it was again."
    );
    let form = Form::post(format!("{here}/call-off"), "Call it off for everybody")
        .danger()
        .cancel(&here);
    Ok(Sheet::set_up(&desk, format!("Call off {}", named(&row)))
        .back(&named(&row), &here)
        .card("call-off", "Call it off", &[Html::warning(&sentence), Html::of(&form)])
        .show())
}

/// Calls all of it off.
pub(super) async fn call_off(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let here = address(PriceChangeId(id));
    match price_change::call_off(&desk.house.app, &desk.caller(), PriceChangeId(id)).await {
        Ok(done) => Ok(desk.done(done.position, "It is off. Whoever was told of it is told so.", &here)),
        Err(error) => desk.refused(error.into(), &here),
    }
}

/// What hangs together with the plan of a version: how to announce it.
pub(super) fn of_version(version: PlanVersionId) -> String {
    format!("{NEW}?plan_version_id={version}")
}
