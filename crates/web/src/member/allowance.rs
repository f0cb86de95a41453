//! What she has left, and what has gathered for her next invoice, as figures.

use coterie_app::{
    charge,
    membership::page::{AllowanceRow, MembershipRow},
};
use coterie_domain::{Money, Payer, credit::Holds, local_time};
use jiff::tz::TimeZone;

use super::{money, when, who::Me};
use crate::{components::Tile, failure::Failure, house::House, session::MemberSession};

/// What waits for her next invoice, net; nothing where a company pays.
pub(super) async fn coming(house: &House, session: &MemberSession, payer: Payer) -> Result<Vec<Money>, Failure> {
    if matches!(payer, Payer::Company(_)) {
        return Ok(Vec::new());
    }
    let charges = charge::page::open_for_payer(&house.app, session.tenant.tenant, payer).await?;
    let mut sums: Vec<Money> = Vec::new();
    for charge in charges {
        let net = charge.charge.net;
        match sums.iter_mut().find(|sum| sum.currency == net.currency) {
            Some(sum) => sum.minor += net.minor,
            None => sums.push(net),
        }
    }
    Ok(sums)
}

/// What is left of each allowance now, and what the next invoice would hold.
pub(super) fn tiles(
    me: &Me,
    memberships: &[MembershipRow],
    allowances: &[AllowanceRow],
    coming: Vec<Money>,
) -> Result<Vec<Tile>, Failure> {
    let mut tiles = Vec::new();
    for lot in allowances.iter().filter(|lot| lot.current) {
        let membership = memberships.iter().find(|row| row.membership_id == lot.membership_id);
        let zone = match membership {
            Some(row) => me.catalogue.zone_of(row.home_location_id)?,
            None => TimeZone::UTC,
        };
        tiles.push(Tile {
            label: format!("{} left", name(lot)),
            value: format!("{} of {}", lot.holds.told(lot.left), lot.holds.told(lot.granted)).into(),
            note: format!("until {}", last_day(lot, &zone)),
            href: Some(
                if lot.pack_name.is_some() {
                    "/packs"
                } else {
                    "/bookings/new"
                }
                .to_owned(),
            ),
        });
    }
    tiles.extend(coming.into_iter().map(|sum| Tile {
        label: "On your next invoice so far".to_owned(),
        value: money(sum).into(),
        note: "plus VAT".to_owned(),
        href: None,
    }));
    Ok(tiles)
}

/// What a lot is of: the pack that was bought, its type's hours, passes or money.
pub(super) fn name(lot: &AllowanceRow) -> &str {
    if let Some(pack) = &lot.pack_name {
        return pack;
    }
    match lot.holds {
        Holds::Minutes { .. } => &lot.type_name,
        Holds::DayPasses => "Day passes",
        Holds::Money { .. } => "Money for bookings and passes",
    }
}

/// The last day on which a lot can be drawn on, in the zone of the membership's home.
pub(super) fn last_day(lot: &AllowanceRow, zone: &TimeZone) -> String {
    // A lot ends at the midnight after its last day; a moment before is inside it.
    let inside = lot.valid_until.checked_sub(jiff::SignedDuration::from_secs(1));
    when::date(local_time::day_at(inside.unwrap_or(lot.valid_until), zone))
}
