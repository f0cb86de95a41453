//! Coupons as lists show them, read from the log and the guard themselves, so that they never lag.

use crate::{App, UseCaseError, operation::decode, read};
use coterie_domain::{
    CouponId, DomainEvent,
    coupon::{Coupon, CouponEvent},
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Events read at once.
const PAGE: i64 = 500;
/// The most events that are folded: beyond that the newest coupons are not listed.
const MOST: usize = 10_000;

#[derive(Debug, Clone, PartialEq)]
pub struct CouponRow {
    pub coupon: Coupon,
    /// How often it was redeemed.
    pub redeemed: i64,
}

/// All coupons of an organization by id, the oldest first.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn all(app: &App, tenant: Uuid) -> Result<Vec<CouponRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let mut coupons: BTreeMap<Uuid, Coupon> = BTreeMap::new();
    let (mut position, mut seen) = (0, 0);
    while seen < MOST {
        let events =
            coterie_eventlog::read_categories(&mut tx, tenant, &[CouponEvent::CATEGORY], position, PAGE).await?;
        let Some(last) = events.last() else { break };
        position = last.position;
        seen += events.len();
        for event in &events {
            let before = coupons.remove(&event.stream_id);
            if let Some(coupon) = Coupon::evolve(before, decode(event)?) {
                coupons.insert(event.stream_id, coupon);
            }
        }
    }
    let used: Vec<(Uuid, i64)> =
        sqlx::query_as("select coupon_id, count(*) from coupon_use where tenant_id = $1 group by coupon_id")
            .bind(tenant)
            .fetch_all(&mut *tx)
            .await?;
    let used: BTreeMap<Uuid, i64> = used.into_iter().collect();
    Ok(coupons
        .into_iter()
        .map(|(id, coupon)| CouponRow {
            coupon,
            redeemed: used.get(&id).copied().unwrap_or(0),
        })
        .collect())
}

/// One of them.
///
/// # Errors
/// `NotFound` for an unknown one; when the database fails.
pub async fn find(app: &App, tenant: Uuid, id: CouponId) -> Result<CouponRow, UseCaseError> {
    let all = all(app, tenant).await?;
    let found = all.into_iter().find(|row| row.coupon.fact.coupon_id == id);
    found.ok_or(UseCaseError::NotFound)
}
