//! What the simulator's books say of the same payments: one intent per invoice, never more captured than it asked for, and,
//! at rest, exactly what the log says was settled.

use coterie_stripe_sim::RunningSim;
use serde_json::Value;
use sqlx::{PgPool, Row};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An invoice as the log knows it.
#[derive(Debug, Default)]
struct Logged {
    gross_minor: i64,
    attempted: bool,
    settled_minor: i64,
}

pub(super) async fn disagrees(owner: &PgPool, sim: &RunningSim, at_rest: bool) -> Result<Vec<String>, sqlx::Error> {
    let mut found = Vec::new();
    let accounts = sqlx::query(
        "select account_id, tenant_id, legal_entity_id from installation.stripe_account order by account_id",
    )
    .fetch_all(owner)
    .await?;
    for row in accounts {
        let account: String = row.try_get("account_id")?;
        let Some(state) = sim.state(&account) else { continue };
        let invoices = invoices(owner, row.try_get("tenant_id")?, row.try_get("legal_entity_id")?).await?;
        found.extend(over_captured(&invoices, &state));
        let succeeded = |of: &str| state[of]["succeeded"].as_i64().unwrap_or_default();
        let (charges, intents) = (succeeded("charges"), succeeded("intents"));
        if charges != intents {
            found.push(format!(
                "{charges} charges of {account} stand against {intents} intents: somebody was charged twice"
            ));
        }
        if at_rest {
            let late = late_visits(owner, row.try_get("tenant_id")?, row.try_get("legal_entity_id")?).await?;
            found.extend(unsettled(&invoices, &state, late));
        }
    }
    Ok(found)
}

/// Holds at every moment.
fn over_captured(invoices: &BTreeMap<String, Logged>, state: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (invoice, at_gateway) in state["invoices"].as_object().into_iter().flatten() {
        // What came too late for a visit has no invoice, and went back.
        let back = at_gateway["refunded_minor"].as_i64().unwrap_or_default();
        let captured = at_gateway["captured_minor"].as_i64().unwrap_or_default() - back;
        match invoices.get(invoice) {
            None if captured == 0 => {}
            None => found.push(format!(
                "the gateway captured {captured} for {invoice}, which the log does not know"
            )),
            Some(logged) if captured > logged.gross_minor => found.push(format!(
                "the gateway captured {captured} for {invoice}, whose total is {}",
                logged.gross_minor
            )),
            Some(logged) if !logged.attempted => {
                found.push(format!(
                    "the gateway captured {captured} for {invoice}, which nobody attempted to collect"
                ));
            }
            Some(_) => {}
        }
    }
    found
}

/// Holds at rest.
fn unsettled(invoices: &BTreeMap<String, Logged>, state: &Value, late: u64) -> Vec<String> {
    let mut found = Vec::new();
    for (invoice, logged) in invoices {
        let captured = state["invoices"][invoice]["captured_minor"]
            .as_i64()
            .unwrap_or_default();
        if captured != logged.settled_minor {
            found.push(format!(
                "the gateway captured {captured} for {invoice}, and the log says that {} was settled",
                logged.settled_minor
            ));
        }
    }
    let attempted = invoices.values().filter(|logged| logged.attempted).count() as u64 + late;
    let intents: u64 = state["intents"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, count)| count.as_u64())
        .sum();
    if intents != attempted {
        found.push(format!(
            "{attempted} invoices were to be collected, and the gateway has {intents} intents"
        ));
    }
    found
}

/// Visits of a company's houses whose money came too late: each has an intent, and none an invoice.
async fn late_visits(owner: &PgPool, tenant: Uuid, entity: Uuid) -> Result<u64, sqlx::Error> {
    let late: i64 = sqlx::query_scalar(
        "select count(*) from event l join event o using (tenant_id, stream_id)
         where l.tenant_id = $1 and l.event_type = 'VisitorPaidLate' and o.event_type = 'VisitorBookingOpened'
           and o.payload->>'legal_entity_id' = $2",
    )
    .bind(tenant)
    .bind(entity.to_string())
    .fetch_one(owner)
    .await?;
    Ok(u64::try_from(late).unwrap_or_default())
}

async fn invoices(owner: &PgPool, tenant: Uuid, entity: Uuid) -> Result<BTreeMap<String, Logged>, sqlx::Error> {
    let rows = sqlx::query(
        "with attempted as (
             select distinct payload->>'invoice_id' as id from event where tenant_id = $1 and event_type = 'PaymentAttempted'),
         settled as (
             select payload->>'invoice_id' as id, sum((payload->'amount'->>'minor')::bigint)::bigint as total
             from event where tenant_id = $1 and event_type = 'PaymentSettled' group by 1)
         select i.payload->>'invoice_id' as id, (i.payload->>'gross_minor')::bigint as gross, a.id is not null as attempted,
                coalesce(s.total, 0) as settled
         from event i left join attempted a on a.id = i.payload->>'invoice_id'
              left join settled s on s.id = i.payload->>'invoice_id'
         where i.tenant_id = $1 and i.event_type = 'InvoiceIssued' and i.payload->>'legal_entity_id' = $2",
    )
    .bind(tenant)
    .bind(entity.to_string())
    .fetch_all(owner)
    .await?;
    rows.iter()
        .map(|row| {
            let logged = Logged {
                gross_minor: row.try_get("gross")?,
                attempted: row.try_get("attempted")?,
                settled_minor: row.try_get("settled")?,
            };
            Ok((row.try_get("id")?, logged))
        })
        .collect()
}
