//! Who uses a membership and who pays for what of it, read from the log itself, so that it never lags.

use super::load;
use crate::{App, Caller, Operation, UseCaseError, member};
use coterie_domain::{
    MemberId, MembershipId, Payer, local_time,
    membership::{Item, Split},
};
use jiff::civil::Date;
use uuid::Uuid;

/// Somebody's seat, `[from, until)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatRow {
    pub member_id: MemberId,
    pub name: String,
    pub from: Date,
    pub until: Option<Date>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sharing {
    pub membership_id: MembershipId,
    pub holder: MemberId,
    pub holder_name: String,
    pub plan_name: String,
    pub payer: Payer,
    /// Today at its home location.
    pub today: Date,
    /// How many people may use it today, its holder among them, and how many do.
    pub people: i64,
    pub used: i64,
    /// Those of today and later.
    pub seats: Vec<SeatRow>,
    /// What whoever uses it pays herself today.
    pub own: Vec<Item>,
    /// What is agreed on for later.
    pub splits_ahead: Vec<Split>,
}

/// # Errors
/// `NotFound` when the organization has no such membership; when the database fails.
pub async fn sharing(app: &App, tenant: Uuid, id: MembershipId) -> Result<Sharing, UseCaseError> {
    let mut op = Operation::open(app, &Caller::system(tenant, "reading")).await?;
    sharing_in_op(&mut op, id).await
}

/// # Errors
/// As [`sharing`].
pub async fn sharing_in_op(op: &mut Operation, id: MembershipId) -> Result<Sharing, UseCaseError> {
    let (membership, _) = load(op, id).await?;
    let catalogue = op.catalogue().await?;
    let today = local_time::day_at(op.now, &catalogue.zone_of(membership.fact.home_location_id)?);
    let term = membership.term_on(today);
    let mut seats = Vec::new();
    for seat in membership
        .seats
        .iter()
        .filter(|seat| seat.until.is_none_or(|until| until > today))
    {
        seats.push(SeatRow {
            member_id: seat.member_id,
            name: member::load(op, seat.member_id).await?.0.name,
            from: seat.from,
            until: seat.until,
        });
    }
    let holder = membership.fact.member_id;
    Ok(Sharing {
        membership_id: id,
        holder,
        holder_name: member::load(op, holder).await?.0.name,
        plan_name: term.plan_name.clone(),
        payer: term.payer,
        today,
        people: catalogue.plan_version(term.plan_version_id)?.people(),
        used: membership.people_on(today),
        seats,
        own: membership
            .split_on(today)
            .map(|split| split.own.clone())
            .unwrap_or_default(),
        splits_ahead: membership
            .splits
            .iter()
            .filter(|split| split.from > today)
            .cloned()
            .collect(),
    })
}

/// The memberships that a payer settles today and that have not ended.
///
/// # Errors
/// When the database fails.
pub async fn settled_by(app: &App, tenant: Uuid, payer: Payer) -> Result<Vec<Sharing>, UseCaseError> {
    let mut op = Operation::open(app, &Caller::system(tenant, "reading")).await?;
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select membership_id from membership_view
         where tenant_id = $1 and payer_id = $2 and state <> 'ended' order by position limit 500",
    )
    .bind(tenant)
    .bind(payer.id())
    .fetch_all(op.conn())
    .await?;
    let mut settled = Vec::with_capacity(ids.len());
    for id in ids {
        settled.push(sharing_in_op(&mut op, MembershipId(id)).await?);
    }
    Ok(settled)
}

/// The memberships of others that somebody has a seat of today.
///
/// # Errors
/// When the database fails.
pub async fn seats_of(app: &App, tenant: Uuid, member: MemberId) -> Result<Vec<Sharing>, UseCaseError> {
    let mut op = Operation::open(app, &Caller::system(tenant, "reading")).await?;
    let now = op.now;
    let ids = super::seats_of_in_op(&mut op, member, local_time::day_at(now, &jiff::tz::TimeZone::UTC)).await?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(sharing_in_op(&mut op, id).await?);
    }
    Ok(found)
}

/// Whether somebody pays a part of what she uses today herself, where a company settles the rest.
///
/// # Errors
/// When the database fails.
pub async fn pays_a_part(app: &App, tenant: Uuid, member: MemberId) -> Result<bool, UseCaseError> {
    let mut op = Operation::open(app, &Caller::system(tenant, "reading")).await?;
    let today = local_time::day_at(op.now, &jiff::tz::TimeZone::UTC);
    let usable = super::usable_in_op(&mut op, member, today).await?;
    let mut splits = usable.iter().filter_map(|membership| membership.split_on(today));
    Ok(splits.any(|split| !split.own.is_empty()))
}
