//! Leases: which worker follows which organizations for which follower.
//!
//! Organizations fall into 64 shards by the low bits of their ids. A worker takes its fair share of every follower's
//! shards, says every second that it is still there, and gives them back when it stops; whoever is frozen or gone loses
//! them after [`LEASE`]. A lease only keeps workers out of each other's way: what makes each event count once is the
//! checkpoint's row, locked in the transaction that writes.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use sqlx::{PgPool, Row};
use uuid::Uuid;

/// How many shards there are.
pub const SHARDS: u32 = 64;
/// How long a lease holds without being renewed.
pub const LEASE: Duration = Duration::from_secs(3);
/// How often to call [`Leases::renew`].
pub const RENEW_EVERY: Duration = Duration::from_secs(1);

/// A set of shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shards(u64);

impl Shards {
    /// All of them.
    pub const ALL: Self = Self(u64::MAX);
    /// None of them.
    pub const NONE: Self = Self(0);

    /// The shard that an organization falls into; `installation.shard_of` in PostgreSQL is the same.
    pub fn of(tenant: Uuid) -> u32 {
        u32::from(tenant.as_bytes()[15]) % SHARDS
    }

    /// Whether an organization falls into one of them.
    pub fn contain(self, tenant: Uuid) -> bool {
        self.0 >> Self::of(tenant) & 1 == 1
    }

    /// How many they are.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// As PostgreSQL takes them: one bit each.
    pub(crate) fn bits(self) -> i64 {
        self.0.cast_signed()
    }

    fn with(self, shard: i16) -> Self {
        u32::try_from(shard)
            .ok()
            .and_then(|shard| 1_u64.checked_shl(shard))
            .map_or(self, |bit| Self(self.0 | bit))
    }
}

/// What one worker holds. Clones share it.
#[derive(Debug, Clone)]
pub struct Leases {
    worker: Uuid,
    followers: Arc<[&'static str]>,
    held: Arc<RwLock<BTreeMap<String, Shards>>>,
}

impl Leases {
    /// A worker by an id of its own, holding nothing yet.
    pub fn new(worker: Uuid, followers: Vec<&'static str>) -> Self {
        Self {
            worker,
            followers: followers.into(),
            held: Arc::default(),
        }
    }

    /// What the worker held for a follower when it last asked.
    pub fn held(&self, follower: &str) -> Shards {
        let held = self.held.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        held.get(follower).copied().unwrap_or_default()
    }

    /// Says that the worker is there, keeps what it has, gives away what is more than its share and takes what is free.
    /// True when it holds other shards than before. Needs the worker role.
    ///
    /// # Errors
    /// When the database fails; what is held then stays as it was, and runs out if that goes on.
    pub async fn renew(&self, pool: &PgPool) -> Result<bool, sqlx::Error> {
        let seconds = LEASE.as_secs_f64();
        let mut tx = pool.begin().await?;
        sqlx::query(
            "insert into installation.follower_worker (worker, expires_at)
             values ($1, clock_timestamp() + make_interval(secs => $2))
             on conflict (worker) do update set expires_at = excluded.expires_at",
        )
        .bind(self.worker)
        .bind(seconds)
        .execute(&mut *tx)
        .await?;
        let workers: i64 = sqlx::query_scalar(
            "select count(*) from installation.follower_worker where expires_at > clock_timestamp()",
        )
        .fetch_one(&mut *tx)
        .await?;
        let share = i64::from(SHARDS).div_euclid(workers.max(1)) + i64::from(i64::from(SHARDS) % workers.max(1) > 0);
        // More than the share goes back; what ran out meanwhile may have another holder and is not touched.
        sqlx::query(
            "update installation.follower_lease l set worker = $3, expires_at = '-infinity'
             from (
                 select projection, shard, row_number() over (partition by projection order by shard) as nth
                 from installation.follower_lease where worker = $1
             ) mine
             where l.worker = $1 and l.projection = mine.projection and l.shard = mine.shard and mine.nth > $2",
        )
        .bind(self.worker)
        .bind(share)
        .bind(Uuid::nil())
        .execute(&mut *tx)
        .await?;
        let rows = sqlx::query(
            "update installation.follower_lease set expires_at = clock_timestamp() + make_interval(secs => $2)
             where worker = $1 and projection = any($3) returning projection, shard",
        )
        .bind(self.worker)
        .bind(seconds)
        .bind(&self.followers[..])
        .fetch_all(&mut *tx)
        .await?;
        let mut held: BTreeMap<String, Shards> = BTreeMap::new();
        let mut add = |row: &sqlx::postgres::PgRow| -> Result<(), sqlx::Error> {
            let shards = held.entry(row.try_get(0)?).or_default();
            *shards = shards.with(row.try_get(1)?);
            Ok(())
        };
        rows.iter().try_for_each(&mut add)?;
        for follower in self.followers.iter() {
            let mine = i64::try_from(
                rows.iter()
                    .filter(|row| row.try_get::<&str, _>(0).ok() == Some(follower))
                    .count(),
            );
            let wanted = share - mine.unwrap_or(share);
            if wanted > 0 {
                self.claim(&mut tx, follower, wanted, seconds)
                    .await?
                    .iter()
                    .try_for_each(&mut add)?;
            }
        }
        tx.commit().await?;
        let mut known = self.held.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let changed = *known != held;
        *known = held;
        Ok(changed)
    }

    /// Takes up to `wanted` shards that nobody holds; one that another worker is just taking is passed over.
    async fn claim(
        &self,
        conn: &mut sqlx::PgConnection,
        follower: &str,
        wanted: i64,
        seconds: f64,
    ) -> Result<Vec<sqlx::postgres::PgRow>, sqlx::Error> {
        sqlx::query(
            "insert into installation.follower_lease (projection, shard, worker, expires_at)
             select $1, s, $2, '-infinity' from generate_series(0, $3::integer - 1) s
             on conflict (projection, shard) do nothing",
        )
        .bind(follower)
        .bind(Uuid::nil())
        .bind(i32::try_from(SHARDS).unwrap_or(i32::MAX))
        .execute(&mut *conn)
        .await?;
        sqlx::query(
            "with free as (
                 select projection, shard from installation.follower_lease
                 where projection = $1 and expires_at <= clock_timestamp()
                 order by shard limit $3 for update skip locked
             )
             update installation.follower_lease l
             set worker = $2, expires_at = clock_timestamp() + make_interval(secs => $4)
             from free where l.projection = free.projection and l.shard = free.shard
             returning l.projection, l.shard",
        )
        .bind(follower)
        .bind(self.worker)
        .bind(wanted)
        .bind(seconds)
        .fetch_all(conn)
        .await
    }

    /// Gives everything back, so that others need not wait until it runs out.
    ///
    /// # Errors
    /// When the database fails; then it runs out.
    pub async fn give_back(&self, pool: &PgPool) -> Result<(), sqlx::Error> {
        let mut tx = pool.begin().await?;
        sqlx::query("update installation.follower_lease set worker = $2, expires_at = '-infinity' where worker = $1")
            .bind(self.worker)
            .bind(Uuid::nil())
            .execute(&mut *tx)
            .await?;
        // Also those who never said goodbye, an hour after they were last seen.
        sqlx::query(
            "delete from installation.follower_worker
             where worker = $1 or expires_at < clock_timestamp() - interval '1 hour'",
        )
        .bind(self.worker)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        self.held
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_low_bits_say_the_shard() {
        assert_eq!(Shards::of(Uuid::from_u128(0)), 0);
        assert_eq!(Shards::of(Uuid::from_u128(63)), 63);
        assert_eq!(Shards::of(Uuid::from_u128(64)), 0);
        assert!(Shards::ALL.contain(Uuid::from_u128(u128::MAX)));
        assert!(!Shards::NONE.contain(Uuid::from_u128(7)));
        assert!(Shards::NONE.with(7).contain(Uuid::from_u128(7)));
        assert_eq!((Shards::ALL.count(), Shards::NONE.with(63).bits()), (64, i64::MIN));
    }
}
