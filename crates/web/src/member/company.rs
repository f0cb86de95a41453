//! `/companies/{id}`: a company's own page, for whoever of its members manages it: its invoices, what is open, who is covered, who
//! has its seats.

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller, company,
    invoice::page::{self as invoice_page, InvoiceFilter, InvoiceRow},
    member::page::{self as member_page, CompanyDetail},
    membership::{
        self,
        sharing::{self, Sharing},
    },
    page::{MAX_PAGE, PageRequest},
    projections,
};
use coterie_domain::{CompanyId, MemberId, MembershipId, Money, Payer, Refusal, local_time};
use http::StatusCode;
use jiff::civil::Date;

use super::{
    answers_form,
    billing::{self, Of},
    command, id, invoices, money, query, when,
};
use crate::{
    components::{Choice, Column, DefinitionList, EmptyState, ErrorSummary, Field, Hidden, Link, Select, Table},
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    page::{page, page_with_status},
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/company.html")]
struct CompanyPage<'a> {
    ctx: &'a PageContext,
    name: String,
    here: String,
    errors: Option<ErrorSummary>,
    facts: DefinitionList,
    covered: Table,
    seats: Table,
    give: Option<(Select, Select, Field)>,
    invoices: Table,
    command: Hidden,
}

#[derive(Template)]
#[template(path = "member/seat_take.html")]
struct TakePage<'a> {
    ctx: &'a PageContext,
    here: String,
    title: String,
    errors: Option<ErrorSummary>,
    from: Field,
    given_up: Vec<String>,
    hidden: [Hidden; 3],
}

fn here(id: CompanyId) -> String {
    format!("/companies/{id}")
}

/// The company that she manages; any other does not exist for her.
async fn managed(house: &House, session: &MemberSession, id: CompanyId) -> Result<(), Failure> {
    Ok(company::check_acts_for(&house.app, &Caller::from(session), id).await?)
}

struct Found {
    id: CompanyId,
    detail: CompanyDetail,
    settled: Vec<Sharing>,
    invoices: Vec<InvoiceRow>,
}

impl Found {
    async fn load(
        state: &AppState,
        house: &House,
        jar: &CookieJar,
        session: &MemberSession,
        id: CompanyId,
    ) -> Result<Self, Failure> {
        managed(house, session, id).await?;
        let (app, tenant) = (&house.app, session.tenant.tenant);
        let models = [projections::PEOPLE, projections::MONEY];
        house.caught_up(state, jar, tenant, &models).await?;
        let detail = member_page::company(app, tenant, id)
            .await?
            .ok_or_else(Failure::not_found)?;
        let filter = InvoiceFilter {
            payer: Some(Payer::Company(id)),
            ..InvoiceFilter::default()
        };
        let latest = PageRequest {
            limit: Some(MAX_PAGE),
            after: None,
        };
        Ok(Self {
            id,
            detail,
            settled: sharing::settled_by(app, tenant, Payer::Company(id)).await?,
            invoices: invoice_page::list(app, tenant, filter, &latest).await?.items,
        })
    }

    fn facts(&self) -> DefinitionList {
        let fact = &self.detail.row.fact;
        let mut open: Vec<Money> = Vec::new();
        for invoice in self.invoices.iter().filter(|invoice| !invoice.is_closed()) {
            let left = invoice.open();
            match open.iter_mut().find(|sum| sum.currency == left.currency) {
                Some(sum) => sum.minor += left.minor,
                None => open.push(left),
            }
        }
        let sums: Vec<String> = open.into_iter().map(|sum| money(sum).text()).collect();
        let address = &fact.address;
        let lines = [
            address.street.clone(),
            format!("{} {}", address.postcode, address.city).trim().to_owned(),
            address.country.clone(),
        ];
        let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        DefinitionList::new()
            .item(
                "Open",
                if sums.is_empty() {
                    "Nothing".to_owned()
                } else {
                    sums.join(", ")
                },
            )
            .item("Invoices go to", fact.billing_email.clone())
            .item("Registered address", lines.join(", "))
            .item("VAT id", fact.tax_id.clone())
    }

    fn covered(&self) -> Table {
        let columns = ["Member", "Plan", "People", "Paid by the member"].map(Column::text);
        let mut table = Table::new("Who is covered", columns).empty(EmptyState::new(
            "Nobody yet",
            "Memberships that the company pays for appear here.",
        ));
        for shared in &self.settled {
            let own: Vec<&str> = shared.own.iter().map(|item| item.words()).collect();
            table.push([
                shared.holder_name.clone().into(),
                shared.plan_name.clone().into(),
                format!("{} of {}", shared.used, shared.people).into(),
                own.join(", ").into(),
            ]);
        }
        table
    }

    fn seats(&self) -> Table {
        let columns = ["Who", "Plan", "When", ""].map(Column::text);
        let mut table = Table::new("Seats", columns).empty(EmptyState::new(
            "No seats are given",
            "With a seat, somebody of the company books and buys by a membership that it pays for.",
        ));
        for shared in &self.settled {
            for seat in &shared.seats {
                let days = match seat.until {
                    Some(until) => format!(
                        "{} to {}",
                        when::date(seat.from),
                        when::date(until.yesterday().unwrap_or(until))
                    ),
                    None => format!("from {} on", when::date(seat.from)),
                };
                let asked = format!(
                    "{}/seats/take?membership_id={}&member_id={}",
                    here(self.id),
                    shared.membership_id,
                    seat.member_id
                );
                table.push([
                    seat.name.clone().into(),
                    format!("{} of {}", shared.plan_name, shared.holder_name).into(),
                    days.into(),
                    Link::new("Take it away", asked).into(),
                ]);
            }
        }
        table
    }

    /// The form that gives a seat, where one is left and somebody is there for it.
    fn give(&self, refused: Option<(&Submitted, &Failure)>) -> Option<(Select, Select, Field)> {
        let several: Vec<&Sharing> = self.settled.iter().filter(|shared| shared.people > 1).collect();
        let today = several.first()?.today;
        let memberships = several.iter().map(|shared| {
            let label = format!(
                "{} of {}, {} of {} used",
                shared.plan_name, shared.holder_name, shared.used, shared.people
            );
            Choice::new(shared.membership_id.to_string(), label)
        });
        let people: Vec<Choice> = self
            .detail
            .members
            .iter()
            .filter(|one| one.company_until.is_none())
            .map(|one| Choice::new(one.member_id.to_string(), &one.name))
            .collect();
        if people.is_empty() {
            return None;
        }
        let mut membership = Select::new("membership_id", "Membership", memberships);
        let mut member = Select::new("member_id", "Who", people);
        let mut from = Field::date("from", "From").value(today.to_string());
        if let Some((submitted, failure)) = refused {
            membership = membership.refused(submitted, failure);
            member = member.refused(submitted, failure);
            from = from.refused(submitted, failure);
        }
        Some((membership, member, from))
    }

    fn render(&self, ctx: &PageContext, refused: Option<(&Submitted, &Failure)>) -> Response {
        let none = EmptyState::new("No invoices yet", "The first one comes with a membership.");
        let template = CompanyPage {
            ctx,
            name: self.detail.row.name.clone(),
            here: here(self.id),
            errors: refused.map(|(_, failure)| ErrorSummary::new(failure)),
            facts: self.facts(),
            covered: self.covered(),
            seats: self.seats(),
            give: self.give(refused),
            invoices: invoices::table("Invoices, the newest first", &self.invoices).empty(none),
            command: command::token(),
        };
        let status = refused.map_or(StatusCode::OK, |(_, failure)| failure.status);
        page_with_status(status, ctx, &template)
    }
}

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(company): Path<String>,
) -> Result<Response, Failure> {
    let found = Found::load(&state, &house, &jar, &session, id(&company)?).await?;
    Ok(found.render(&ctx, None))
}

fn day(submitted: &Submitted, name: &str) -> Result<Option<Date>, Failure> {
    let text = submitted.get(name).trim();
    if text.is_empty() {
        return Ok(None);
    }
    let sentence = "Please give a date, such as 2026-01-20.";
    let parsed = text.parse::<Date>();
    parsed
        .map(Some)
        .map_err(|_| Refusal::field("no_date", name, sentence).into())
}

/// Only memberships that the company settles are its to give seats of.
fn settles(found: &Found, membership: MembershipId) -> Result<&Sharing, Failure> {
    let mut settled = found.settled.iter();
    settled
        .find(|shared| shared.membership_id == membership)
        .ok_or_else(Failure::not_found)
}

pub(super) async fn give(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(company): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let company: CompanyId = id(&company)?;
    let found = Found::load(&state, &house, &jar, &session, company).await?;
    let membership: MembershipId = id(submitted.get("membership_id"))?;
    let member: MemberId = id(submitted.get("member_id"))?;
    settles(&found, membership)?;
    let given = async {
        let from = day(&submitted, "from")?;
        let asked = format!("give-seat:{membership}:{member}:{from:?}");
        let caller = command::keyed(Caller::from(&session), &submitted, &asked);
        Ok::<_, Failure>(membership::give_seat(&house.app, &caller, membership, member, from).await?)
    };
    match given.await {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success("The seat is given."));
            Ok((jar, Redirect::to(&here(company))).into_response())
        }
        Err(failure) if answers_form(&failure) => Ok(found.render(&ctx, Some((&submitted, &failure)))),
        Err(failure) => Err(failure),
    }
}

/// What taking a seat away would give up, before it is done.
pub(super) async fn ask_take(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(company): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let found = Found::load(&state, &house, &jar, &session, id(&company)?).await?;
    render_take(&ctx, (&house, &session), &found, &query(raw)?, None).await
}

async fn render_take(
    ctx: &PageContext,
    (house, session): (&House, &MemberSession),
    found: &Found,
    asked: &Submitted,
    refused: Option<&Failure>,
) -> Result<Response, Failure> {
    let membership: MembershipId = id(asked.get("membership_id"))?;
    let member: MemberId = id(asked.get("member_id"))?;
    let shared = settles(found, membership)?;
    let mut seats = shared.seats.iter();
    let seat = seats
        .find(|seat| seat.member_id == member)
        .ok_or_else(Failure::not_found)?;
    let from = day(asked, "from").ok().flatten();
    let caller = Caller::from(session);
    let mut given_up = Vec::new();
    if let Ok(lost) = membership::quote_take_seat(&house.app, &caller, membership, member, from).await {
        for one in lost.given_up {
            let zone = local_time::zone(&one.time_zone)?;
            let starts = zone.to_datetime(one.starts_at);
            given_up.push(format!(
                "{}, {} {}",
                one.resource_name,
                when::date(starts.date()),
                starts.strftime("%H:%M")
            ));
        }
    }
    let mut field = Field::date("from", "First day without it").value(from.unwrap_or(shared.today).to_string());
    if let Some(failure) = refused {
        field = field.refused(asked, failure);
    }
    let template = TakePage {
        ctx,
        here: here(found.id),
        title: format!("{}: take the seat of {} away", seat.name, shared.plan_name),
        errors: refused.map(ErrorSummary::new),
        from: field,
        given_up,
        hidden: [
            Hidden::new("membership_id", membership.to_string()),
            Hidden::new("member_id", member.to_string()),
            command::token(),
        ],
    };
    Ok(match refused {
        Some(failure) => page_with_status(failure.status, ctx, &template),
        None => page(ctx, &template),
    })
}

pub(super) async fn take(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(company): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let company: CompanyId = id(&company)?;
    let found = Found::load(&state, &house, &jar, &session, company).await?;
    let membership: MembershipId = id(submitted.get("membership_id"))?;
    let member: MemberId = id(submitted.get("member_id"))?;
    settles(&found, membership)?;
    let taken = async {
        let from = day(&submitted, "from")?;
        let asked = format!("take-seat:{membership}:{member}:{from:?}");
        let caller = command::keyed(Caller::from(&session), &submitted, &asked);
        Ok::<_, Failure>(membership::take_seat(&house.app, &caller, membership, member, from).await?)
    };
    match taken.await {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let sentence = match done.outcome.given_up.len() {
                0 => "The seat is taken away.".to_owned(),
                1 => "The seat is taken away, and one booking is given up at no cost.".to_owned(),
                more => format!("The seat is taken away, and {more} bookings are given up at no cost."),
            };
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
            Ok((jar, Redirect::to(&here(company))).into_response())
        }
        Err(failure) if answers_form(&failure) => {
            let asked = (&house, &session);
            match render_take(&ctx, asked, &found, &submitted, Some(&failure)).await {
                Ok(page) => Ok(page),
                // There is no such seat to ask about.
                Err(_) => Ok(found.render(&ctx, Some((&submitted, &failure)))),
            }
        }
        Err(failure) => Err(failure),
    }
}

fn addressed(id: CompanyId) -> Of {
    Of {
        payer: Payer::Company(id),
        title: "How the company's invoices are addressed".to_owned(),
        action: format!("{}/billing", here(id)),
        back: here(id),
        done: "",
    }
}

pub(super) async fn show_billing(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    Path(company): Path<String>,
) -> Result<Response, Failure> {
    let company: CompanyId = id(&company)?;
    managed(&house, &session, company).await?;
    billing::show_of(&ctx, &house, &session, &addressed(company)).await
}

pub(super) async fn set_billing(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(company): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let company: CompanyId = id(&company)?;
    managed(&house, &session, company).await?;
    billing::submit_of(&ctx, &state, (&house, jar), &session, &addressed(company), &submitted).await
}
