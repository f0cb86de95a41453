//! Every entry sums to zero, and so does every currency of every organization; the models say what the log says.

use sqlx::{PgPool, Row};
use uuid::Uuid;

/// Entries and currencies that do not sum to zero, from the log itself.
pub(super) async fn unbalanced(owner: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    let mut found = Vec::new();
    let entries = sqlx::query(
        "select tenant_id, position, sum((posting->>'amount_minor')::bigint)::bigint as left_over
         from event cross join lateral json_array_elements(payload->'postings') as posting
         where event_type = 'JournalEntryPosted'
         group by tenant_id, position having sum((posting->>'amount_minor')::bigint) <> 0 order by 1, 2 limit 20",
    )
    .fetch_all(owner)
    .await?;
    for row in entries {
        let (tenant, position, left): (Uuid, i64, i64) = (
            row.try_get("tenant_id")?,
            row.try_get("position")?,
            row.try_get("left_over")?,
        );
        found.push(format!(
            "the journal entry at {position} of {tenant} does not balance: {left} minor units are left"
        ));
    }
    let ledgers = sqlx::query(
        "select tenant_id, currency, sum(amount_minor)::bigint as left_over from posting_view
         group by tenant_id, currency having sum(amount_minor) <> 0 order by 1, 2 limit 20",
    )
    .fetch_all(owner)
    .await?;
    for row in ledgers {
        let (tenant, currency, left): (Uuid, String, i64) = (
            row.try_get("tenant_id")?,
            row.try_get("currency")?,
            row.try_get("left_over")?,
        );
        found.push(format!(
            "the ledger of {tenant} in {currency} does not balance: {left} minor units are left"
        ));
    }
    Ok(found)
}

/// At rest: every model has seen everything and none is parked; the ledger that people see is the one in the log; each
/// booking, membership and invoice of the log is in its model once.
pub(super) async fn models_disagree(owner: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    let mut found = Vec::new();
    let behind = sqlx::query(
        "select c.tenant_id, c.projection, c.position, h.position as head, c.parked_reason
         from checkpoint c join event_head h using (tenant_id)
         where c.position < h.position or c.parked_at is not null order by 1, 2 limit 20",
    )
    .fetch_all(owner)
    .await?;
    for row in behind {
        let (tenant, name): (Uuid, String) = (row.try_get("tenant_id")?, row.try_get("projection")?);
        let (position, head): (i64, i64) = (row.try_get("position")?, row.try_get("head")?);
        let parked: Option<String> = row.try_get("parked_reason")?;
        let parked = parked.unwrap_or_else(|| "not parked".to_owned());
        found.push(format!("{name} of {tenant} stands at {position} of {head} ({parked})"));
    }
    let accounts = sqlx::query(
        "with logged as (
             select tenant_id, payload->>'legal_entity_id' as entity, posting->>'account' as account,
                    payload->>'currency' as currency, sum((posting->>'amount_minor')::bigint)::bigint as total
             from event cross join lateral json_array_elements(payload->'postings') as posting
             where event_type = 'JournalEntryPosted' group by 1, 2, 3, 4),
         shown as (
             select tenant_id, legal_entity_id::text as entity, account, currency, sum(amount_minor)::bigint as total
             from posting_view group by 1, 2, 3, 4)
         select account, currency, l.total as logged, s.total as shown
         from logged l full join shown s using (tenant_id, entity, account, currency)
         where l.total is distinct from s.total order by 1, 2 limit 20",
    )
    .fetch_all(owner)
    .await?;
    for row in accounts {
        let (account, currency): (String, String) = (row.try_get("account")?, row.try_get("currency")?);
        let (logged, shown): (Option<i64>, Option<i64>) = (row.try_get("logged")?, row.try_get("shown")?);
        found.push(format!(
            "{account} in {currency} is {logged:?} in the log and {shown:?} in the ledger shown"
        ));
    }
    let counts = sqlx::query(
        "select noun, logged, shown from (
             select 'bookings' as noun, (select count(*) from event where category = 'booking' and version = 1) as logged,
                    (select count(*) from booking_view) as shown
             union all select 'memberships', (select count(*) from event where event_type = 'MembershipStarted'),
                    (select count(*) from membership_view)
             union all select 'invoices', (select count(*) from event where event_type = 'InvoiceIssued'),
                    (select count(*) from invoice_view)) as counted
         where logged <> shown",
    )
    .fetch_all(owner)
    .await?;
    for row in counts {
        let (noun, logged, shown): (String, i64, i64) =
            (row.try_get("noun")?, row.try_get("logged")?, row.try_get("shown")?);
        found.push(format!("the log has {logged} {noun} and the model shows {shown}"));
    }
    Ok(found)
}
