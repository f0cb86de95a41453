use super::{
    LeftOut, MembershipsConcerned, Move, Phase, PriceChange, PriceChangeAnnounced, PriceChangeCalledOff,
    PriceChangeEvent, Reason, Terms, Why,
};
use crate::{
    LegalEntityId, Money, PlanVersionId, PriceChangeId,
    catalogue::Catalogue,
    local_time,
    membership::{self, Membership, MembershipEvent, When},
    plan::PlanVersionPublished,
    refusal::{Faults, Refusal},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write as _};

/// Days of notice where nobody said how many.
pub const NOTICE_DAYS: i64 = 30;
/// The most days of notice.
pub const NOTICE_DAYS_MAX: i64 = 365;
/// The most days from today to the day from which it applies.
pub const AHEAD_DAYS_MAX: i64 = 730;
/// The longest message, in characters.
pub const MESSAGE_MAX_CHARS: usize = 2_000;
/// Memberships that one announcement may look at; a limit of memory and time, far above what a legal entity has.
pub const MEMBERSHIPS_MAX: usize = 20_000;
/// Memberships that one event tells of.
pub const IN_ONE_EVENT: usize = 500;

/// What an operator asks to announce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPriceChange {
    pub plan_version_id: PlanVersionId,
    pub effective_from: Date,
    pub notice_days: i64,
    pub message: String,
}

fn message(text: &str) -> Result<Option<String>, String> {
    let trimmed = text.replace("\r\n", "\n").trim().to_owned();
    if trimmed.chars().count() > MESSAGE_MAX_CHARS {
        return Err(format!("Please use at most {MESSAGE_MAX_CHARS} characters."));
    }
    if trimmed.chars().any(|c| c.is_control() && c != '\n') {
        return Err("Please leave out control characters.".to_owned());
    }
    Ok((!trimmed.is_empty()).then_some(trimmed))
}

/// What would be announced, if it can be at all.
///
/// # Errors
/// All faulty fields at once; a version that is not the plan's newest, or its only one.
pub fn propose(new: &NewPriceChange, now: Timestamp, catalogue: &Catalogue) -> Result<Terms, Refusal> {
    let version = catalogue.plan_version(new.plan_version_id)?;
    if version.number == 1 {
        return Err(Refusal::conflict(
            "first_version",
            format!("{} has one version only: publish the next one first.", version.name),
        ));
    }
    if let Some(latest) = catalogue
        .latest_version_of(version.plan_id)
        .filter(|latest| latest.number != version.number)
    {
        return Err(Refusal::conflict(
            "plan_superseded",
            format!(
                "{} has version {} by now, which is the one that is sold: announce that one.",
                version.name, latest.number
            ),
        ));
    }
    let today = today_of(version.legal_entity_id, now, catalogue)?;
    let mut faults = Faults::default();
    let last = today.saturating_add(AHEAD_DAYS_MAX.days());
    faults.check(
        today < new.effective_from && new.effective_from <= last,
        "effective_from",
        format!("Please choose a day after today, {today}, and no later than {last}."),
    );
    faults.check(
        (0..=NOTICE_DAYS_MAX).contains(&new.notice_days),
        "notice_days",
        format!("Please give 0 to {NOTICE_DAYS_MAX} days."),
    );
    let message = message(&new.message)
        .map_err(|sentence| faults.add("message", sentence))
        .unwrap_or_default();
    faults.finish()?;
    Ok(Terms {
        plan_id: version.plan_id,
        plan_version_id: version.plan_version_id,
        legal_entity_id: version.legal_entity_id,
        price: version.price,
        effective_from: new.effective_from,
        notice_days: new.notice_days,
        announced_on: today,
        message,
    })
}

/// The day it is where a legal entity keeps its books.
///
/// # Errors
/// An unknown legal entity.
pub fn today_of(entity: LegalEntityId, now: Timestamp, catalogue: &Catalogue) -> Result<Date, Refusal> {
    let zone = local_time::zone(&catalogue.legal_entity(entity)?.fact.time_zone)?;
    Ok(local_time::day_at(now, &zone))
}

/// Whether a membership moves, and when; or why it does not. `None` where it is none of this plan's, or over.
///
/// # Errors
/// When the plan's version is gone from the catalogue.
pub fn verdict(
    membership: &Membership,
    terms: &Terms,
    today: Date,
    catalogue: &Catalogue,
) -> Result<Option<Result<Move, Why>>, Refusal> {
    let now = membership.term_on(today);
    if now.plan_id != terms.plan_id || membership.ended.is_some() {
        return Ok(None);
    }
    let plan = catalogue.plan_version(terms.plan_version_id)?;
    Ok(Some(moves(membership, terms, plan, today, catalogue)))
}

fn moves(
    membership: &Membership,
    terms: &Terms,
    plan: &PlanVersionPublished,
    today: Date,
    catalogue: &Catalogue,
) -> Result<Move, Why> {
    let now = membership.term_on(today);
    if now.plan_version_id == plan.plan_version_id {
        return Err(Reason::AlreadyOnIt.into());
    }
    if let Some(last) = membership.notice {
        return Err(Reason::NoticeGiven.on(last));
    }
    if let Some(planned) = membership.changed_after(today) {
        return Err(Reason::ChangePlanned.on(planned.from));
    }
    let same_cycles =
        now.length == plan.length && (now.billing_day == plan.billing_day || !plan.length.has_billing_day());
    if !same_cycles {
        return Err(Reason::OtherCycles.into());
    }
    if !plan.covers(membership.fact.home_location_id) {
        return Err(Reason::NotOffered.into());
    }
    // The house of a membership may be a day ahead of the legal entity.
    let told_in_time = terms.announced_on.max(today).saturating_add(terms.notice_days.days());
    let free = terms.effective_from.max(told_in_time);
    let bound = membership.fact.bound_until.filter(|until| free < *until);
    // It lies ahead wherever it is today.
    let earliest = bound.unwrap_or(free).max(today.saturating_add(1.days()));
    let changed = membership::agree_on(membership, plan, When::AtRenewal(earliest), true, catalogue);
    let changed = changed.map_err(|refusal| match refusal.code {
        "no_seat_left" => Why::from(Reason::MorePeople),
        "not_started" => Reason::NotBegun.into(),
        _ => Reason::Changed.into(),
    })?;
    let from = changed.term.from;
    let mut agreed = membership.overrides.iter().rev();
    if let Some(agreed) = agreed.find(|agreed| membership::within(from, agreed.from, agreed.until)) {
        return Err(Why {
            reason: Reason::AgreedPrice,
            day: agreed.until,
        });
    }
    Ok(Move {
        membership_id: membership.fact.membership_id,
        plan_version_id: now.plan_version_id,
        price: now.price,
        from,
        bound_until: bound,
    })
}

/// What announcing would lead to; nothing is decided by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub terms: Terms,
    /// By id.
    pub moves: Vec<Move>,
    /// By id.
    pub stays: Vec<LeftOut>,
}

/// Memberships that move alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    pub plan_version_id: PlanVersionId,
    /// Net, of a whole cycle, of the version that they have.
    pub price: Money,
    pub from: Date,
    /// Whether their terms put it off to that day.
    pub bound: bool,
    pub memberships: i64,
}

impl Preview {
    pub fn new(terms: Terms, mut moves: Vec<Move>, mut stays: Vec<LeftOut>) -> Self {
        moves.sort_unstable_by_key(|planned| planned.membership_id);
        stays.sort_unstable_by_key(|stays| stays.membership_id);
        Self { terms, moves, stays }
    }

    /// SHA-256 of what is announced, who moves, from which terms and when, hexadecimal. Who stays out does not count: somebody
    /// who starts a membership meanwhile starts it with the newest version.
    pub fn sha256(&self) -> String {
        let mut hasher = Sha256::new();
        let terms = &self.terms;
        let mut text = format!(
            "{} {} {}\n",
            terms.plan_version_id, terms.effective_from, terms.notice_days
        );
        for planned in &self.moves {
            let _ = writeln!(
                text,
                "{} {} {} {}",
                planned.membership_id, planned.plan_version_id, planned.price, planned.from
            );
        }
        hasher.update(text);
        let mut hex = String::with_capacity(64);
        for byte in hasher.finalize() {
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }

    /// Net of a cycle of all that move: before, and after.
    pub fn sums(&self) -> (Money, Money) {
        let price = self.terms.price;
        let before = self.moves.iter().map(|planned| planned.price.minor).sum();
        let count = i64::try_from(self.moves.len()).unwrap_or(i64::MAX);
        let after = price.minor.saturating_mul(count);
        (Money::new(before, price.currency), Money::new(after, price.currency))
    }

    /// Who moves, from what and when, the earliest first.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: BTreeMap<(Date, PlanVersionId, bool), Group> = BTreeMap::new();
        for planned in &self.moves {
            let bound = planned.bound_until.is_some();
            let group = groups
                .entry((planned.from, planned.plan_version_id, bound))
                .or_insert(Group {
                    plan_version_id: planned.plan_version_id,
                    price: planned.price,
                    from: planned.from,
                    bound,
                    memberships: 0,
                });
            group.memberships += 1;
        }
        groups.into_values().collect()
    }

    /// How many stay out, by why.
    pub fn reasons(&self) -> Vec<(Reason, i64)> {
        let mut reasons: BTreeMap<Reason, i64> = BTreeMap::new();
        for stays in &self.stays {
            *reasons.entry(stays.why.reason).or_default() += 1;
        }
        reasons.into_iter().collect()
    }
}

/// Announces what was shown, whose SHA-256 the operator agreed to.
///
/// # Errors
/// When nobody moves, or what was shown is not what would be announced now.
pub fn announce(id: PriceChangeId, preview: &Preview, agreed_sha256: &str) -> Result<Vec<PriceChangeEvent>, Refusal> {
    if preview.moves.is_empty() {
        return Err(Refusal::conflict(
            "nobody_moves",
            "No membership would move: there is nothing to announce.",
        ));
    }
    let preview_sha256 = preview.sha256();
    if preview_sha256 != agreed_sha256 {
        return Err(Refusal::conflict(
            "preview_changed",
            "What was shown is not what would be announced now: memberships changed meanwhile. Please look again before you announce it.",
        )
        .with("preview_sha256", preview_sha256));
    }
    let announced = PriceChangeAnnounced {
        price_change_id: id,
        terms: preview.terms.clone(),
        memberships: i64::try_from(preview.moves.len()).unwrap_or(i64::MAX),
        preview_sha256,
    };
    let mut events = vec![PriceChangeEvent::from(announced)];
    let concerned = |moves: &[Move], stays: &[LeftOut]| MembershipsConcerned {
        price_change_id: id,
        moves: moves.to_vec(),
        stays: stays.to_vec(),
    };
    let moves = preview.moves.chunks(IN_ONE_EVENT);
    events.extend(moves.map(|moves| concerned(moves, &[]).into()));
    let stays = preview.stays.chunks(IN_ONE_EVENT);
    events.extend(stays.map(|stays| concerned(&[], stays).into()));
    Ok(events)
}

/// What telling a membership makes, or why it is left out: it is not what was shown any more, or the letter would come too late.
///
/// # Errors
/// When the plan's version is gone from the catalogue.
pub fn tell(
    id: PriceChangeId,
    terms: &Terms,
    planned: &Move,
    membership: &Membership,
    today: Date,
    catalogue: &Catalogue,
) -> Result<Result<Vec<MembershipEvent>, Why>, Refusal> {
    let now = match verdict(membership, terms, today, catalogue)? {
        None => return Ok(Err(Reason::Changed.into())),
        Some(Err(why)) => return Ok(Err(why)),
        Some(Ok(now)) => now,
    };
    if planned.from < today.saturating_add(terms.notice_days.days()) {
        return Ok(Err(Reason::TooLate.on(planned.from)));
    }
    if now != *planned {
        return Ok(Err(Reason::Changed.into()));
    }
    let plan = catalogue.plan_version(terms.plan_version_id)?;
    let changed = membership::agree_on(membership, plan, When::AtRenewal(planned.from), true, catalogue)?;
    Ok(Ok(membership::announced(membership, changed, id)))
}

/// What releasing a membership from it makes, or why it cannot be: the day has come, or she chose something else.
pub fn release(id: PriceChangeId, membership: &Membership, today: Date) -> Result<Vec<MembershipEvent>, Why> {
    let told = membership.announced.as_ref();
    if told.is_none_or(|told| told.price_change_id != id) {
        return Err(Reason::Changed.into());
    }
    membership::call_announced_off(membership, today).ok_or_else(|| Reason::HasCome.into())
}

/// Calls the whole of it off.
///
/// # Errors
/// When it is off already, or its day has come.
pub fn call_off(price_change: &PriceChange, today: Date) -> Result<PriceChangeCalledOff, Refusal> {
    if matches!(price_change.phase, Phase::CallingOff | Phase::CalledOff) {
        return Err(Refusal::conflict("already_called_off", "It is called off already."));
    }
    let from = price_change.fact.terms.effective_from;
    if from <= today {
        return Err(Refusal::conflict(
            "has_come",
            format!("It applies since {from}: it can be called off for single memberships whose day is to come."),
        ));
    }
    Ok(PriceChangeCalledOff {
        price_change_id: price_change.fact.price_change_id,
    })
}
