use sqlx::PgPool;

/// Days a finished job is kept. Its idempotency key is remembered exactly as long; what must never
/// happen twice needs a guard of its own.
pub const KEEP_DONE_DAYS: i32 = 7;

/// Rows removed by one statement, so that a sweep never holds locks for long.
const BATCH: i64 = 5_000;

/// Forgets jobs done more than [`KEEP_DONE_DAYS`] ago and workers nobody refers to any more; says
/// how many jobs. Killed jobs stay until a person has looked at them.
///
/// # Errors
/// Whatever the database says.
pub async fn sweep(pool: &PgPool) -> Result<u64, sqlx::Error> {
    let mut swept = 0;
    loop {
        let batch = sqlx::query(
            "DELETE FROM apalis.jobs WHERE id IN ( \
               SELECT id FROM apalis.jobs \
               WHERE status = 'Done' AND done_at < now() - make_interval(days => $1) LIMIT $2)",
        )
        .bind(KEEP_DONE_DAYS)
        .bind(BATCH)
        .execute(pool)
        .await?
        .rows_affected();
        swept += batch;
        if batch < BATCH.cast_unsigned() {
            break;
        }
    }
    sqlx::query(
        "DELETE FROM apalis.workers WHERE last_seen < now() - make_interval(days => $1) \
           AND NOT EXISTS (SELECT FROM apalis.jobs WHERE lock_by = workers.id)",
    )
    .bind(KEEP_DONE_DAYS)
    .execute(pool)
    .await?;
    Ok(swept)
}
