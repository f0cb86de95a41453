//! One membership of a member: what is agreed, what lies ahead, and every way to change it, with what each gives back and
//! charges said before or after it is done.

pub(super) mod add_on;
pub(super) mod changes;
pub(super) mod coupon;
pub(super) mod courtesy;
pub(super) mod plan;
pub(super) mod sharing;

use axum::{extract::Path, response::Response};
use coterie_app::{
    Done,
    deposit::page::{self as deposit_page, DepositRow},
    member::page as member_page,
    membership::{
        self, Changed,
        page::{self as membership_page, MembershipRow, MembershipState},
    },
    page::{MAX_PAGE, PageRequest},
    projections,
};
use coterie_domain::{MemberId, MembershipId, Payer, catalogue::Catalogue, local_time, membership::Membership};
use jiff::civil::Date;
use uuid::Uuid;

use super::{
    desk::{Desk, shown_again},
    form::{Form, beside},
    member_detail,
    sheet::{Html, Sheet},
    times,
};
use crate::{
    audit::links,
    components::{Badge, Choice, DefinitionList, Field, Money, Select, Tone},
    failure::Failure,
    form::Submitted,
    told,
};

pub(super) fn address(member: impl std::fmt::Display, membership: impl std::fmt::Display) -> String {
    format!("{}/memberships/{membership}", member_detail::address(member))
}

/// The membership that the address names, and today at its house; below another member's name there is none.
struct Found {
    row: MembershipRow,
    /// As its events say it is.
    membership: Membership,
    today: Date,
    here: String,
    catalogue: std::sync::Arc<Catalogue>,
    deposits: Vec<DepositRow>,
}

impl Found {
    async fn load(desk: &Desk, member: Uuid, membership: Uuid) -> Result<Self, Failure> {
        desk.caught_up(&[projections::PEOPLE]).await?;
        let row = membership_page::find(&desk.house.app, desk.tenant(), MembershipId(membership))
            .await?
            .filter(|row| row.member_id == MemberId(member))
            .ok_or_else(Failure::not_found)?;
        let catalogue = desk.catalogue().await?;
        let agreed = membership::agreement(&desk.house.app, desk.tenant(), row.membership_id).await?;
        let zone = catalogue.zone_of(row.home_location_id)?;
        Ok(Self {
            today: local_time::day_at(desk.now().await?, &zone),
            here: address(member, membership),
            membership: agreed.ok_or_else(Failure::not_found)?,
            deposits: deposit_page::of_membership(&desk.house.app, desk.tenant(), row.membership_id).await?,
            row,
            catalogue,
        })
    }

    fn facts(&self) -> DefinitionList {
        let row = &self.row;
        let state = match (row.state, row.paused_on(self.today)) {
            (MembershipState::Ended, _) => Badge::new(Tone::Neutral, "Ended"),
            (_, true) => Badge::new(Tone::Info, "Paused"),
            (MembershipState::Notice, false) => Badge::new(Tone::Warning, "Notice given"),
            (MembershipState::Active, false) => Badge::new(Tone::Good, "Active"),
        };
        let mut facts = DefinitionList::new()
            .item("State", state)
            .item("Plan", row.plan_name.clone())
            .item("At", row.home_location_name.clone())
            .item("Since", times::day(row.start))
            .item(format!("A {}", row.length), told::price(row.price, row.tax_included));
        if let Some(cycle) = row.cycle {
            facts = facts.item(
                "This cycle",
                format!("{} to {}", times::day(cycle.start), times::day(cycle.last())),
            );
        }
        if let Some(agreed) = &row.agreed {
            let days = until(agreed.from, agreed.until);
            facts = facts.item(
                "Agreed price",
                format!("{} {days}", told::price(agreed.price, agreed.tax_included)),
            );
        }
        for redeemed in &self.membership.coupons {
            facts = facts.item("Coupon", coupon::told(&self.membership, redeemed));
        }
        for told in add_on::told(self) {
            facts = facts.item("Beside it", told);
        }
        if let Some((from, to)) = row.pause {
            facts = facts.item("Pause", until(from, to));
        }
        if let Some(next) = &row.next {
            let text = format!(
                "{}, {} a {}, from {}",
                next.plan_name,
                told::price(next.price, next.tax_included),
                next.length,
                times::day(next.from)
            );
            facts = facts.item("Ahead", text);
        }
        for deposit in &self.deposits {
            facts = facts.item("Deposit", deposit.told());
        }
        if let Some(last) = row.last_day {
            facts = facts.item("Last day", times::day(last));
        }
        facts
    }

    fn plan_form(&self) -> Form {
        let offered = self.catalogue.plans_on_offer();
        let plans = offered
            .iter()
            .filter(|plan| {
                plan.legal_entity_id == self.row.legal_entity_id
                    && plan.covers(self.row.home_location_id)
                    && plan.plan_version_id != self.row.plan_version_id
            })
            .map(|plan| {
                let label = format!(
                    "{} (version {}), {} a {}",
                    plan.name,
                    plan.number,
                    told::price(plan.price, plan.tax_included),
                    plan.length
                );
                Choice::new(plan.plan_version_id.to_string(), label)
            });
        let when = [("now", "from a day on, by days"), ("renewal", "with the next cycle")];
        let when = when.map(|(value, label)| Choice::new(value, label));
        Form::get(format!("{}/plan", self.here), "Show what it costs")
            .with(Select::new("plan_version_id", "New plan", plans))
            .with(beside([
                Select::new("when", "When", when).into(),
                Field::date("from", "From").value(self.today.to_string()).into(),
            ]))
    }

    fn post(&self, verb: &str, submit: &str) -> Form {
        Form::post(format!("{}/{verb}", self.here), submit)
    }

    fn pause_form(&self) -> Form {
        self.post("pause", "Pause it").with(beside([
            Field::date("from", "First day of the pause")
                .value(self.today.to_string())
                .into(),
            Field::date("until", "Goes on again on").optional().into(),
        ]))
    }

    fn resume_form(&self) -> Form {
        self.post("resume", "Let it go on")
            .with(Field::date("on", "First day again").value(self.today.to_string()))
    }

    fn price_form(&self) -> Form {
        self.post("price", "Agree on this price")
            .with(beside([
                Field::text(
                    "price",
                    format!(
                        "Price a {}, {}, in {}",
                        self.row.length,
                        told::vat(self.row.tax_included),
                        self.row.price.currency
                    ),
                )
                .attribute("inputmode", "decimal")
                .into(),
                Field::date("from", "From").value(self.today.to_string()).into(),
                Field::date("until", "Until before").optional().into(),
            ]))
            .with(Field::text("reason", "Why").attribute("maxlength", "120"))
    }

    fn end_form(&self) -> Form {
        self.post("end", "End it").danger().with(
            Field::date("last_day", "Last day")
                .optional()
                .hint("Left empty: the end of the cycle that notice and term allow. A day that is over gives back what was paid beyond it."),
        )
    }

    async fn payer_form(&self, desk: &Desk) -> Result<Form, Failure> {
        let request = PageRequest {
            limit: Some(MAX_PAGE),
            after: None,
        };
        let companies = member_page::companies(&desk.house.app, desk.tenant(), &request).await?;
        let herself = Choice::new("member", format!("{} herself", self.row.member_name));
        let choices = companies
            .items
            .iter()
            .map(|company| Choice::new(company.company_id.to_string(), &company.name));
        let value = match self.row.payer {
            Payer::Member(_) => "member".to_owned(),
            Payer::Company(id) => id.to_string(),
        };
        Ok(self.post("payer", "Let them pay").with(beside([
            Select::new("payer", "Who pays", std::iter::once(herself).chain(choices))
                .value(value)
                .into(),
            Field::date("from", "From").value(self.today.to_string()).into(),
        ])))
    }

    async fn sheet(&self, desk: &Desk, refused: Refused<'_>) -> Result<Sheet, Failure> {
        let row = &self.row;
        let mut sheet = Sheet::people(desk, format!("{} of {}", row.plan_name, row.member_name))
            .back(&row.member_name, member_detail::address(row.member_id))
            .history(links::stream(row.membership_id.0))
            .card("facts", "Agreement", &[Html::of(&self.facts())]);
        if row.state == MembershipState::Ended {
            return Ok(sheet);
        }
        let again = |verb: &str, form: Form| match refused {
            Some((name, submitted, failure)) if name == verb => form.refused(submitted, failure),
            _ => form,
        };
        sheet = sheet.card("plan", "Change the plan", &[Html::of(&again("plan", self.plan_form()))]);
        if row.next.is_some() {
            let off = Html::of(&self.post("plan/call-off", "Call the change off"));
            sheet = sheet.card("call-off", "The change ahead", &[off]);
        }
        let rests = row
            .pause
            .is_some_and(|(_, until)| until.is_none_or(|until| self.today < until));
        sheet = if rests {
            sheet.card("resume", "Resume", &[Html::of(&again("resume", self.resume_form()))])
        } else {
            sheet.card("pause", "Pause", &[Html::of(&again("pause", self.pause_form()))])
        };
        sheet = sheet
            .card(
                "price",
                "Agree on another price",
                &[Html::of(&again("price", self.price_form()))],
            )
            .card(
                "payer",
                "Who pays",
                &[Html::of(&again("payer", self.payer_form(desk).await?))],
            );
        let beside: Vec<Html> = [
            add_on::add_form(self).map(|form| again("add-ons", form)),
            add_on::remove_form(self).map(|form| again("add-ons/remove", form)),
        ]
        .iter()
        .flatten()
        .map(Html::of)
        .collect();
        if !beside.is_empty() {
            sheet = sheet.card("add-ons", "Add-ons", &beside);
        }
        let redeem = again("coupons", coupon::form(&self.here));
        sheet = sheet.card("coupons", "Redeem a coupon", &[Html::of(&redeem)]);
        sheet = sharing::cards(self, desk, sheet, refused).await?;
        if !self.catalogue.resource_types.is_empty() {
            let form = again("courtesies", courtesy::form(&self.here, &self.catalogue));
            let remark = Html::text("Beside what the plan grants. What is not used by the last day lapses.");
            sheet = sheet.card("courtesies", "Give hours", &[remark, Html::of(&form)]);
        }
        Ok(if row.state == MembershipState::Notice {
            let stays = Html::of(&self.post("stay", "Take the notice back"));
            sheet.card("stay", "Notice", &[stays])
        } else {
            sheet.card("end", "End", &[Html::of(&again("end", self.end_form()))])
        })
    }
}

fn money(amount: coterie_domain::Money) -> Money {
    Money::new(amount.minor, amount.currency.code())
}

/// `from 1 Feb 2026 on`, `1 Feb 2026 to 14 Feb 2026`
fn until(from: Date, until: Option<Date>) -> String {
    match until.and_then(|until| until.yesterday().ok()) {
        Some(last) => format!("{} to {}", times::day(from), times::day(last)),
        None => format!("from {} on", times::day(from)),
    }
}

/// Its page.
pub(super) async fn detail(desk: Desk, Path((member, membership)): Path<(Uuid, Uuid)>) -> Result<Response, Failure> {
    let found = Found::load(&desk, member, membership).await?;
    Ok(found.sheet(&desk, None).await?.show())
}

/// What was done, as the next page says it.
fn said(what: &str, changed: &Changed) -> String {
    let net = Money::new(changed.net.minor.abs(), changed.net.currency.code()).text();
    match (changed.net.minor, changed.invoices.is_empty()) {
        (0, _) => what.to_owned(),
        (..0, _) => format!("{what} {net} net are given back on the next invoice."),
        (_, true) => format!("{what} {net} net are on the next invoice."),
        (_, false) => format!("{what} {net} net are invoiced."),
    }
}

/// What a form of the membership's page led to: back there with a sentence, or the form again.
async fn finish(
    desk: Desk,
    (member, membership): (Uuid, Uuid),
    verb: &str,
    what: &str,
    submitted: &Submitted,
    outcome: Result<Done<Changed>, Failure>,
) -> Result<Response, Failure> {
    match outcome {
        Ok(done) => {
            let sentence = said(what, &done.outcome);
            Ok(desk.done(done.position, sentence, &address(member, membership)))
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            let found = Found::load(&desk, member, membership).await?;
            let sheet = found.sheet(&desk, Some((verb, submitted, &failure))).await?;
            Ok(sheet.show_with(failure.status))
        }
    }
}

type Ids = Path<(Uuid, Uuid)>;

/// The form that was refused, by its verb, with what was typed.
type Refused<'a> = Option<(&'a str, &'a Submitted, &'a Failure)>;
