use super::Used;
use crate::{
    MemberId, MeterId, catalogue::Catalogue, charge::quantity, membership::Membership, meter::MeterDefined,
    refusal::Refusal,
};
use jiff::{ToSpan, civil::Date};

/// The most of one batch.
pub const MAX_BATCH: usize = 500;
/// How long ago something may have been used.
const MAX_DAYS_AGO: i32 = 366;
/// The longest id of a reporter.
const MAX_ID_CHARS: usize = 128;

/// Usage as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUsage {
    pub event_id: String,
    pub meter_id: MeterId,
    pub member_id: MemberId,
    /// A decimal text, in the meter's unit.
    pub quantity: String,
    pub used_on: Date,
}

/// Judges one piece. `memberships` are hers, the one to prefer first.
///
/// # Errors
/// What cannot be counted: a meter that is not there, a quantity or day that is out of bounds, no membership with the
/// meter's company on that day, no tax rate.
pub fn judge(new: &NewUsage, memberships: &[Membership], today: Date, catalogue: &Catalogue) -> Result<Used, Refusal> {
    let event_id = new.event_id.trim();
    if event_id.is_empty() || event_id.chars().count() > MAX_ID_CHARS || event_id.chars().any(char::is_control) {
        let sentence = format!("Give every piece of usage an id of 1 to {MAX_ID_CHARS} characters.");
        return Err(Refusal::field("event_id_missing", "event_id", sentence));
    }
    let meter = meter(new.meter_id, catalogue)?;
    let quantity =
        quantity(&new.quantity).map_err(|message| Refusal::field("quantity_unreadable", "quantity", message))?;
    // The house's clock is not the reporter's: tomorrow may have begun there.
    let latest = today.tomorrow().unwrap_or(today);
    if new.used_on > latest || new.used_on < today.saturating_sub(MAX_DAYS_AGO.days()) {
        let sentence = "Usage is counted of the year before today, and not before it happens.";
        return Err(Refusal::field("day_out_of_range", "used_on", sentence));
    }
    let membership = memberships
        .iter()
        .find(|membership| {
            membership.fact.legal_entity_id == meter.legal_entity_id
                && membership.agreed_on(new.used_on)
                && membership.used_by(new.member_id, new.used_on)
        })
        .ok_or_else(|| {
            let entity = &catalogue.legal_entities[&meter.legal_entity_id].fact.name;
            let sentence = format!("She has no membership with {entity} on {}.", new.used_on);
            Refusal::field("no_membership", "member_id", sentence)
        })?;
    let place = catalogue.location(membership.fact.home_location_id)?;
    catalogue
        .tax_rate(&place.address.country, &meter.tax_category, new.used_on)
        .map_err(|refusal| {
            let sentence = refusal.sentence.clone();
            refusal.on("meter_id", sentence)
        })?;
    Ok(Used {
        event_id: event_id.to_owned(),
        meter_id: meter.meter_id,
        member_id: new.member_id,
        membership_id: membership.fact.membership_id,
        quantity,
        used_on: new.used_on,
    })
}

/// # Errors
/// When the organization has no such meter.
pub fn meter(id: MeterId, catalogue: &Catalogue) -> Result<&MeterDefined, Refusal> {
    catalogue.meters.get(&id).ok_or_else(|| {
        Refusal::not_found("unknown_meter", "There is no such meter.").on("meter_id", "There is no such meter.")
    })
}

/// Whether what is told again under an id is what was told before; under which membership it counts does not matter.
///
/// # Errors
/// When it is something else.
pub fn same_again(known: &Used, told: &Used) -> Result<(), Refusal> {
    let content = |used: &Used| (used.meter_id, used.member_id, used.quantity.normalize(), used.used_on);
    if content(known) == content(told) {
        return Ok(());
    }
    let sentence = "This id stands for other usage already; nothing of it was changed.";
    Err(Refusal::conflict("event_id_reused", sentence).on("event_id", sentence))
}
