//! What a price would have meant: last month's bookings, priced by the rules that count now and by the rules with the new one
//! among them. The same function prices them that prices a booking.

use crate::{
    App, Caller, Operation, UseCaseError, access, catalogue,
    read::{self, Columns},
};
use coterie_domain::{
    BookingId, Money, PriceRuleId,
    booking::{self, BookingConfirmed, Slot},
    catalogue::Catalogue,
    local_time,
    resource::{self, Booker, NewPriceRule},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use jiff_sqlx::ToSqlx;

/// The most bookings that are looked at.
const MOST: i64 = 20_000;
/// The most differences that are listed, the greatest first.
const TOLD: usize = 50;

/// What a rule would have changed.
#[derive(Debug, Clone, PartialEq)]
pub struct PricePreview {
    /// The month, `[first, last]`.
    pub first_day: Date,
    pub last_day: Date,
    /// Bookings of the type that were looked at.
    pub bookings: usize,
    /// Net, by the rules that count now.
    pub before: Money,
    /// Net, with the new rule among them.
    pub after: Money,
    /// How many would have cost something else.
    pub changed: usize,
    pub rows: Vec<PreviewRow>,
    /// There were more bookings than are looked at.
    pub cut: bool,
}

/// A booking that would have cost something else.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviewRow {
    pub booking_id: BookingId,
    pub resource_name: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub time_zone: String,
    pub before: Money,
    pub after: Money,
}

/// Prices last month's bookings with a rule that is not published. Writes nothing.
///
/// # Errors
/// As publishing it: faulty fields, unknown ids; operators only.
pub async fn preview_price(app: &App, caller: &Caller, new: &NewPriceRule) -> Result<PricePreview, UseCaseError> {
    access::operates(caller)?;
    let tenant = caller.tenant;
    let mut op = Operation::open(app, caller).await?;
    super::check_company_in_op(&mut op, new).await?;
    drop(op);
    let mut tx = read::begin(app, tenant).await?;
    let now = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let draft = PriceRuleId(uuid::Uuid::max());
    let rule = resource::publish_price(draft, new, &now)?;
    let mut then = Catalogue::clone(&now);
    then.price_rules.insert(draft, rule);
    then.price_rule_positions.insert(draft, i64::MAX);

    let today = local_time::day_at(read::now(&mut tx, tenant).await?, &jiff::tz::TimeZone::UTC);
    let last_day = today.first_of_month().yesterday().unwrap_or(today);
    let first_day = last_day.first_of_month();
    let utc = jiff::tz::TimeZone::UTC;
    // A day more on either side: the month is the location's own.
    let from = local_time::day_start(first_day.saturating_sub(1.day()), &utc)?;
    let until = local_time::day_start(last_day.saturating_add(2.days()), &utc)?;
    let rows = sqlx::query(
        "select b.document, m.plan_id from booking_view b
         left join membership_view m on m.tenant_id = b.tenant_id and m.membership_id = (b.document->>'membership_id')::uuid
         where b.tenant_id = $1 and b.state = 'confirmed' and b.starts_at >= $2 and b.starts_at < $3
         order by b.starts_at, b.booking_id limit $4",
    )
    .bind(tenant)
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .bind(MOST + 1)
    .fetch_all(&mut *tx)
    .await?;
    let zero = Money::new(0, new.per_hour.currency);
    let mut preview = PricePreview {
        first_day,
        last_day,
        bookings: 0,
        before: zero,
        after: zero,
        changed: 0,
        rows: Vec::new(),
        cut: rows.len() > usize::try_from(MOST).unwrap_or(usize::MAX),
    };
    for row in rows.iter().take(usize::try_from(MOST).unwrap_or(usize::MAX)) {
        let fact: BookingConfirmed = row.document("document")?;
        let booker = match fact.membership_id {
            Some(_) => Booker::paid_by(row.maybe_id("plan_id")?, fact.payer),
            None => Booker::Visitor,
        };
        preview.add(&fact, booker, new, (&now, &then))?;
    }
    preview
        .rows
        .sort_by_key(|row| std::cmp::Reverse((row.after.minor - row.before.minor).abs()));
    preview.rows.truncate(TOLD);
    Ok(preview)
}

impl PricePreview {
    fn add(
        &mut self,
        fact: &BookingConfirmed,
        booker: Booker,
        new: &NewPriceRule,
        (now, then): (&Catalogue, &Catalogue),
    ) -> Result<(), UseCaseError> {
        let Ok(resource) = now.resource(fact.resource_id) else {
            return Ok(());
        };
        let day = local_time::day_at(fact.starts_at, &local_time::zone(&fact.time_zone)?);
        let there = new.location_id.is_none_or(|place| place == fact.location_id);
        if resource.resource_type_id != new.resource_type_id
            || !there
            || !(self.first_day..=self.last_day).contains(&day)
        {
            return Ok(());
        }
        let slot = Slot {
            resource: resource.clone(),
            starts_at: fact.starts_at,
            ends_at: fact.ends_at,
            blocked_from: fact.blocked_from,
            blocked_until: fact.blocked_until,
            people: fact.people,
            minutes: (fact.ends_at.as_second() - fact.starts_at.as_second()) / 60,
            time_zone: fact.time_zone.clone(),
            zone: local_time::zone(&fact.time_zone)?,
            occupied: [fact.resource_id].into(),
        };
        // What no rule prices any more cannot be compared; it was booked all the same.
        let cost = |by: &Catalogue| booking::price(&slot, booker, &fact.credit_uses, by).map(|price| price.charged);
        let (Ok(before), Ok(after)) = (cost(now), cost(then)) else {
            return Ok(());
        };
        if before.currency != self.before.currency {
            return Ok(());
        }
        self.bookings += 1;
        self.before.minor += before.minor;
        self.after.minor += after.minor;
        if before != after {
            self.changed += 1;
            self.rows.push(PreviewRow {
                booking_id: fact.booking_id,
                resource_name: slot.resource.name,
                starts_at: slot.starts_at,
                ends_at: slot.ends_at,
                time_zone: slot.time_zone,
                before,
                after,
            });
        }
        Ok(())
    }
}
