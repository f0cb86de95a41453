use super::{date, link, organization_name, queue};
use crate::{
    WorkerConfig,
    jobs::{after, after_database, event, reading},
    mail::templates::{Amount, PriceChangeOff, PriceChanged},
    queue::{Job, JobError},
};
use coterie_app::{Operation, company, member, operation, price_change};
use coterie_domain::{
    Payer, PriceChangeId,
    catalogue::Catalogue,
    charge::ChargeKind,
    membership::{Membership, MembershipEvent, Term},
    price_change::differences,
    refusal::Refusal,
};
use coterie_eventlog::RecordedEvent;
use jiff::civil::Date;
use uuid::Uuid;

/// Events of one membership that are read; a stream never gets near it.
const MOST: i64 = 10_000;

/// Another price is announced to a membership: one letter, to who pays for it.
pub(in crate::jobs) async fn announced(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let mut op = reading(config, &job).await?;
    let recorded = event(&mut op, &job).await?;
    let MembershipEvent::PlanChangeAnnounced(told) = operation::decode(&recorded).map_err(after)? else {
        return Ok(());
    };
    // The change itself stands just before.
    let before = folded(&mut op, &recorded, recorded.version - 2).await?;
    let changed = folded(&mut op, &recorded, recorded.version).await?;
    let announced = price_change::announced(&mut op, told.price_change_id)
        .await
        .map_err(after)?;
    let Some(reader) = Reader::of(&mut op, &changed, told.from).await? else {
        return Ok(());
    };
    let catalogue = op.catalogue().await.map_err(after)?;
    let (old, new) = (before.term_on(told.from), changed.term_on(told.from));
    let versions = [old, new].map(|term| catalogue.plan_version(term.plan_version_id));
    let differences = match versions {
        [Ok(old), Ok(new)] => differences(old, new, &catalogue),
        _ => Vec::new(),
    };
    let last = told.from.yesterday().unwrap_or(told.from);
    let organization = organization_name(&mut op).await?;
    let letter = PriceChanged {
        organization: organization.clone(),
        name: reader.name.clone(),
        link: link(config, job.tenant, &reader.path).await?,
        what: what(old, &changed, &catalogue).map_err(refused)?,
        from: date(told.from),
        prices: vec![
            price(format!("Until {}", date(last)), old),
            price(format!("From {}", date(told.from)), new),
        ],
        differences,
        message: paragraphs(announced.terms.message.as_deref()),
        leave: reader.leave(last),
        button: reader.button.to_owned(),
    };
    let subject = subject(told.price_change_id, &recorded);
    queue(
        config,
        op,
        &organization,
        &letter,
        subject,
        reader.person,
        &reader.name,
        &reader.email,
    )
    .await
}

/// An announced change is off: who was told of it is told so. A change that a member chose herself is none of this letter's.
pub(in crate::jobs) async fn called_off(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let mut op = reading(config, &job).await?;
    let recorded = event(&mut op, &job).await?;
    let MembershipEvent::PlanChangeCalledOff(off) = operation::decode(&recorded).map_err(after)? else {
        return Ok(());
    };
    let before = folded(&mut op, &recorded, recorded.version - 1).await?;
    let told = before.announced.as_ref().filter(|told| told.from == off.from);
    let Some(told) = told.cloned() else { return Ok(()) };
    let Some(reader) = Reader::of(&mut op, &before, off.from).await? else {
        return Ok(());
    };
    let catalogue = op.catalogue().await.map_err(after)?;
    let stays = folded(&mut op, &recorded, recorded.version).await?;
    let term = stays.term_on(off.from);
    let organization = organization_name(&mut op).await?;
    let letter = PriceChangeOff {
        organization: organization.clone(),
        name: reader.name.clone(),
        link: link(config, job.tenant, &reader.path).await?,
        what: what(term, &stays, &catalogue).map_err(refused)?,
        from: date(off.from),
        price: told_price(term),
        notice: stays.notice.map(date),
        button: reader.button.to_owned(),
    };
    let subject = subject(told.price_change_id, &recorded);
    queue(
        config,
        op,
        &organization,
        &letter,
        subject,
        reader.person,
        &reader.name,
        &reader.email,
    )
    .await
}

/// What the letter is about: this membership in this announcement, so that the next one has a letter of its own.
fn subject(id: PriceChangeId, recorded: &RecordedEvent) -> Uuid {
    Uuid::new_v5(&id.0, recorded.stream_id.as_bytes())
}

/// A membership as it stood at a version of its stream.
async fn folded(op: &mut Operation, recorded: &RecordedEvent, version: i64) -> Result<Membership, JobError> {
    let tenant = op.tenant();
    let events = coterie_eventlog::read_stream(op.conn(), tenant, recorded.stream_id, 0, MOST)
        .await
        .map_err(after_database)?;
    let mut state = None;
    for event in events.iter().filter(|event| event.version <= version) {
        state = Membership::evolve(state, operation::decode(event).map_err(after)?);
    }
    state.ok_or_else(|| JobError::fail(format!("there is no membership {}", recorded.stream_id)))
}

fn refused(refusal: Refusal) -> JobError {
    JobError::fail(refusal.sentence)
}

/// `Flex at Mitte`
fn what(term: &Term, membership: &Membership, catalogue: &Catalogue) -> Result<String, Refusal> {
    let place = catalogue.location(membership.fact.home_location_id)?;
    Ok(format!("{} at {}", term.plan_name, place.name))
}

fn told_price(term: &Term) -> String {
    let vat = if term.tax_included { "VAT included" } else { "plus VAT" };
    format!("{} a {}, {vat}", term.price, term.length)
}

fn price(label: String, term: &Term) -> Amount {
    Amount {
        label,
        amount: told_price(term),
    }
}

/// A message as it was typed, a paragraph for each of its lines that say something.
fn paragraphs(message: Option<&str>) -> Vec<String> {
    let lines = message.unwrap_or_default().lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Who pays, and so reads the letter.
struct Reader {
    person: Uuid,
    name: String,
    email: String,
    path: String,
    button: &'static str,
    /// Whether the membership is the reader's own, so that she can give notice herself.
    holds: bool,
}

impl Reader {
    /// `None` where nobody is left to write to.
    async fn of(op: &mut Operation, membership: &Membership, day: Date) -> Result<Option<Self>, JobError> {
        let holder = membership.fact.member_id;
        let paid = membership.paid_by(ChargeKind::Recurring, holder, day);
        match paid.payer {
            Payer::Company(id) => {
                let company = match company::load(op, id).await {
                    Err(error) if error.code() == Some("forgotten") => return Ok(None),
                    found => found.map_err(after)?.0,
                };
                Ok(Some(Self {
                    person: id.0,
                    name: company.fact.name,
                    email: company.fact.billing_email,
                    path: "/company".to_owned(),
                    button: "See your company's memberships",
                    holds: false,
                }))
            }
            Payer::Member(id) => {
                let member = match member::load(op, id).await {
                    Err(error) if error.code() == Some("forgotten") => return Ok(None),
                    found => found.map_err(after)?.0,
                };
                let holds = id == holder;
                Ok(Some(Self {
                    person: id.0,
                    name: member.name,
                    email: member.email,
                    path: if holds {
                        format!("/memberships/{}", membership.fact.membership_id)
                    } else {
                        "/".to_owned()
                    },
                    button: if holds { "See your membership" } else { "Sign in" },
                    holds,
                }))
            }
        }
    }

    fn leave(&self, last: Date) -> String {
        let last = date(last);
        if self.holds {
            format!(
                "If you agree, there is nothing to do. If you do not, give notice until {last}: your membership then ends on {last} at the latest, \
                 whatever your notice period says. The link below leads to it."
            )
        } else {
            // Who it is stands in no letter to somebody else.
            format!(
                "If you agree, there is nothing to do. If you do not, whoever holds the membership can give notice until {last}: it then \
                 ends on {last} at the latest, whatever its notice period says."
            )
        }
    }
}
