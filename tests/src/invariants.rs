//! What must hold after whatever happened: nothing acknowledged is lost, the chain verifies, the books balance, nobody was
//! charged twice, no letter went out twice. Most of it holds at every moment; what only holds once everything has come to
//! rest is looked at when the evidence says so.
//!
//! A checker that finds nothing proves nothing: `tests/it/crash/checker.rs` shows each of these finding what it looks for.

mod books;
mod gateway;
mod mail;

use crate::{Database, chain};
use coterie_app::guard;
use coterie_eventlog::Verdict;
use coterie_server::inbox::Mail;
use coterie_stripe_sim::RunningSim;
use sqlx::PgPool;
use uuid::Uuid;

/// A command that was answered with success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    pub tenant: Uuid,
    /// As written beside the events: `key:...`.
    pub actor: String,
    /// The idempotency key.
    pub key: String,
    /// The position in the answer.
    pub position: i64,
    /// What was made: the stream of its first event.
    pub stream: Uuid,
}

/// What there is to look at.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// A pool of the superuser.
    pub owner: &'a PgPool,
    pub sim: Option<&'a RunningSim>,
    /// Everything that the inbox received.
    pub mail: Option<&'a [Mail]>,
    pub acknowledged: &'a [Acknowledged],
    /// Nothing is on its way any more: what was begun must be finished.
    pub at_rest: bool,
}

/// Asserts that a test's database and the simulator agree, at rest.
///
/// # Panics
/// With everything that was found.
pub async fn assert_sound(database: &Database, sim: &RunningSim) {
    let evidence = Evidence {
        owner: &database.owner,
        sim: Some(sim),
        mail: None,
        acknowledged: &[],
        at_rest: true,
    };
    evidence.assert_sound("").await;
}

impl Evidence<'_> {
    /// # Panics
    /// With everything that was found, and when it was found.
    pub async fn assert_sound(&self, when: &str) {
        let found = self.findings().await.expect("the database answers");
        assert!(
            found.is_empty(),
            "{when}: {} findings:\n  {}",
            found.len(),
            found.join("\n  ")
        );
    }

    /// Everything that should not be, a sentence each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn findings(&self) -> Result<Vec<String>, sqlx::Error> {
        let mut found = Vec::new();
        let tenants: Vec<Uuid> = sqlx::query_scalar("select tenant_id from event_head order by tenant_id")
            .fetch_all(self.owner)
            .await?;
        for tenant in tenants {
            let verdict = coterie_eventlog::verify(self.owner, tenant, |_| ()).await?;
            if let Verdict::Broken { position, reason, .. } = verdict {
                found.push(format!("the chain of {tenant} breaks at {position}: {reason}"));
            }
            // Guards are written in the transaction of their events, so they agree at every moment.
            match guard::compare(&chain::app(self.owner.clone()), tenant, None).await {
                Ok(agreement) => found.extend(
                    agreement
                        .differences
                        .iter()
                        .map(|one| format!("the guards of {tenant}: {one}")),
                ),
                Err(error) => found.push(format!("the guards of {tenant} cannot be compared: {error}")),
            }
        }
        for one in self.acknowledged {
            found.extend(lost(self.owner, one).await?);
        }
        found.extend(books::unbalanced(self.owner).await?);
        if self.at_rest {
            found.extend(books::models_disagree(self.owner).await?);
        }
        if let Some(sim) = self.sim {
            found.extend(gateway::disagrees(self.owner, sim, self.at_rest).await?);
        }
        if let Some(mail) = self.mail {
            found.extend(mail::doubled(self.owner, mail, self.at_rest).await?);
        }
        Ok(found)
    }
}

/// What is missing of a command that was acknowledged.
async fn lost(owner: &PgPool, one: &Acknowledged) -> Result<Option<String>, sqlx::Error> {
    let mut tx = owner.begin().await?;
    coterie_eventlog::set_tenant_in_op(&mut tx, one.tenant).await?;
    let known = coterie_eventlog::find_command(&mut tx, one.tenant, &one.actor, &one.key).await?;
    let event = coterie_eventlog::read_tenant(&mut tx, one.tenant, one.position - 1, Some(one.position), 1).await?;
    let made = coterie_eventlog::read_stream(&mut tx, one.tenant, one.stream, 0, 1).await?;
    tx.commit().await?;
    let Acknowledged {
        key, position, stream, ..
    } = one;
    Ok(match (known, event.first(), made.first()) {
        (None, ..) => Some(format!(
            "the command {key} was acknowledged at {position} and is not remembered"
        )),
        (Some(known), ..) if known.position != *position => Some(format!(
            "the command {key} was acknowledged at {position} and is remembered at {}",
            known.position
        )),
        (_, None, _) => Some(format!(
            "the event {position} of the acknowledged command {key} is gone"
        )),
        (_, _, None) => Some(format!("the command {key} made {stream}, which has no event")),
        (_, _, Some(first)) if first.position > *position => Some(format!(
            "{stream} begins at {} and was acknowledged at {position}",
            first.position
        )),
        _ => None,
    })
}
