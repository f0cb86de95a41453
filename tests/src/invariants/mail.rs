//! One letter for each (kind, subject, recipient), delivered once. Only a letter whose worker died between handing it over
//! and hearing the answer may come a second time, with the same Message-ID; the outbox has noted each such hand-over.

use coterie_server::inbox::Mail;
use sqlx::{PgPool, Row};
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn doubled(owner: &PgPool, mail: &[Mail], at_rest: bool) -> Result<Vec<String>, sqlx::Error> {
    let mut delivered: BTreeMap<(String, String), i32> = BTreeMap::new();
    for one in mail {
        let id = one.header("Message-ID").unwrap_or_default();
        let to = one.to.join(",");
        *delivered.entry((id, to)).or_default() += 1;
    }
    let mut found = Vec::new();
    let mut asked_for = BTreeSet::new();
    let rows = sqlx::query(
        "select message_id, kind, recipient, state, unanswered, subject_id::text as subject from mail_outbox",
    )
    .fetch_all(owner)
    .await?;
    for row in rows {
        let (id, recipient): (String, String) = (row.try_get("message_id")?, row.try_get("recipient")?);
        let (kind, state): (String, String) = (row.try_get("kind")?, row.try_get("state")?);
        let (subject, unanswered): (String, i32) = (row.try_get("subject")?, row.try_get("unanswered")?);
        if !asked_for.insert((kind.clone(), subject.clone(), recipient.clone())) {
            found.push(format!(
                "the outbox has two letters {kind} about {subject} to {recipient}"
            ));
        }
        let times = delivered.remove(&(id, recipient.clone())).unwrap_or_default();
        if times > 1 + unanswered {
            found.push(format!(
                "the letter {kind} about {subject} reached {recipient} {times} times"
            ));
        }
        if at_rest && times == 0 {
            found.push(format!(
                "the letter {kind} about {subject} to {recipient} never arrived; it is {state}"
            ));
        }
    }
    for ((id, to), times) in delivered {
        found.push(format!(
            "{times} letters {id} reached {to}, and the outbox knows of none"
        ));
    }
    if at_rest {
        found.extend(unwritten(owner).await?);
    }
    Ok(found)
}

/// Facts that call for a letter and have none.
async fn unwritten(owner: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::query(
        "select e.event_type, e.position from event e
         join (values ('InvoiceIssued', 'invoice_issued', 'invoice_id'), ('PaymentSettled', 'receipt', 'payment_id'))
              as wanted (event_type, kind, subject) using (event_type)
         where not exists (select from mail_outbox m where m.tenant_id = e.tenant_id and m.kind = wanted.kind
                           and m.subject_id::text = e.payload->>wanted.subject)
         order by e.position limit 20",
    )
    .fetch_all(owner)
    .await?;
    rows.iter()
        .map(|row| {
            let (kind, position): (String, i64) = (row.try_get("event_type")?, row.try_get("position")?);
            Ok(format!("nobody was written to about the {kind} at {position}"))
        })
        .collect()
}
