//! One small question to the database for everybody who waits in this worker, instead of one from each of them: was
//! anything appended, is a webhook waiting, is a clock to be moved? What it says is only a hint to look now; whoever waits
//! also looks by himself from time to time.

use crate::{IDLE, pause};
use sqlx::{PgPool, Row};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The longest anybody waits without looking by himself.
const LONGEST: Duration = Duration::from_secs(1);
/// Looks without news after which the pulse slows down, and how much.
const QUIET_LOOKS: u32 = 40;
const SLOWER: u32 = 2;

/// What somebody waits for. Cloning waits for the same.
#[derive(Clone)]
pub(crate) struct Signal(watch::Receiver<()>);

impl Signal {
    /// From here on, news count. Call before looking, so that what comes while looking is not missed.
    pub(crate) fn arm(&mut self) {
        self.0.borrow_and_update();
    }
    /// Waits for news since [`Signal::arm`], or long enough; `false` when it is time to stop.
    pub(crate) async fn wait(&mut self, cancel: &CancellationToken) -> bool {
        tokio::select! {
            () = cancel.cancelled() => false,
            changed = tokio::time::timeout(LONGEST, self.0.changed()) => {
                // Without a pulse there is only the waiting.
                if matches!(changed, Ok(Err(_))) { pause(cancel, LONGEST).await } else { true }
            }
        }
    }
}

/// The side that asks.
pub(crate) struct Pulse {
    log: watch::Sender<()>,
    webhooks: watch::Sender<()>,
    clocks: watch::Sender<()>,
}

impl Pulse {
    pub(crate) fn new() -> Self {
        let sender = || watch::channel(()).0;
        Self {
            log: sender(),
            webhooks: sender(),
            clocks: sender(),
        }
    }
    /// Something was appended to a log.
    pub(crate) fn log(&self) -> Signal {
        Signal(self.log.subscribe())
    }
    /// A webhook has no job yet.
    pub(crate) fn webhooks(&self) -> Signal {
        Signal(self.webhooks.subscribe())
    }
    /// A test clock is on its way.
    pub(crate) fn clocks(&self) -> Signal {
        Signal(self.clocks.subscribe())
    }

    /// Asks until cancelled. Heads only grow, so their sum changes with every append.
    pub(crate) async fn run(self, pool: PgPool, cancel: CancellationToken) {
        let (mut known, mut quiet) = (-1_i64, 0_u32);
        loop {
            quiet = quiet.saturating_add(1);
            match look(&pool).await {
                Ok(seen) => {
                    if seen.heads != known {
                        known = seen.heads;
                        quiet = 0;
                        self.log.send_replace(());
                    }
                    if seen.webhooks {
                        quiet = 0;
                        self.webhooks.send_replace(());
                    }
                    if seen.clocks {
                        self.clocks.send_replace(());
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the database could not be asked for news; trying again");
                    if !pause(&cancel, LONGEST).await {
                        return;
                    }
                }
            }
            let wait = if quiet > QUIET_LOOKS { IDLE * SLOWER } else { IDLE };
            if !pause(&cancel, wait).await {
                return;
            }
        }
    }
}

struct Seen {
    heads: i64,
    webhooks: bool,
    clocks: bool,
}

async fn look(pool: &PgPool) -> Result<Seen, sqlx::Error> {
    let row = sqlx::query(
        "select (select coalesce(sum(position), 0)::bigint from public.event_head) as heads,
                exists (select from installation.webhook_inbox where queued_at is null) as webhooks,
                exists (select from public.organization where clock_target is not null) as clocks",
    )
    .fetch_one(pool)
    .await?;
    Ok(Seen {
        heads: row.try_get("heads")?,
        webhooks: row.try_get("webhooks")?,
        clocks: row.try_get("clocks")?,
    })
}
