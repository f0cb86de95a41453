use super::Membership;
use crate::{LocationId, MemberId, catalogue::Catalogue};
use jiff::civil::Date;

/// The membership that somebody books, buys and is charged by at a location on a day, of all that she may use: her own ones and
/// those that she has a seat of.
///
/// One whose plan covers the location comes before one that does not, then one with the location's company before another's,
/// then one that is at home there, then her own before a seat, then the one that began first. Its prices, access hours, payer and allowances count, and no
/// other's.
pub fn used_for<'a>(
    memberships: &'a [Membership],
    member: MemberId,
    location: LocationId,
    day: Date,
    catalogue: &Catalogue,
) -> Option<&'a Membership> {
    let entity = catalogue.location(location).ok()?.legal_entity_id;
    let usable = memberships
        .iter()
        .filter(|membership| membership.active_on(day) && membership.used_by(member, day));
    usable.min_by_key(|membership| {
        let with_it = membership.fact.legal_entity_id == entity;
        let plan = catalogue.plan_version(membership.term_on(day).plan_version_id);
        let covered = with_it && plan.is_ok_and(|plan| plan.covers(location));
        (
            !covered,
            !with_it,
            membership.fact.home_location_id != location,
            membership.fact.member_id != member,
            membership.fact.start,
            membership.fact.membership_id,
        )
    })
}
