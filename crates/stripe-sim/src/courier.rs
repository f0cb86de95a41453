//! Carries events to endpoints: in order per endpoint and account, at least once, until given up.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::sync::watch;

use crate::books::{Books, Endpoint, Pending};
use crate::config::SimConfig;
use crate::core::{Core, lock};
use crate::faults::FaultKind;

const LONGEST_PAUSE: Duration = Duration::from_secs(2);

type Lane = (String, String);

pub(crate) struct Courier {
    client: reqwest::Client,
    lanes: Mutex<HashMap<Lane, VecDeque<Pending>>>,
    held: Mutex<Vec<Pending>>,
    /// Deliveries under way; those held back do not count.
    under_way: watch::Sender<usize>,
}

impl Courier {
    pub fn new(config: &SimConfig) -> Self {
        // Endpoints are ours and near; a proxy of the environment has no business here.
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(config.webhook_timeout)
            .build()
            .unwrap_or_default();
        Self {
            client,
            lanes: Mutex::default(),
            held: Mutex::default(),
            under_way: watch::Sender::new(0),
        }
    }

    /// Takes events out of the outbox and sends them on their way. The caller holds the books.
    pub fn post(&self, core: &Arc<Core>, books: &mut Books) -> Vec<Pending> {
        let mut queued = Vec::new();
        for (account, event) in std::mem::take(&mut books.outbox) {
            let kind = books
                .event(&account, &event)
                .map(|event| event["type"].as_str().unwrap_or_default().to_owned());
            let Some(kind) = kind else { continue };
            let wanted = |endpoint: &&Endpoint| {
                endpoint
                    .enabled_events
                    .iter()
                    .any(|wanted| wanted == "*" || *wanted == kind)
            };
            let endpoints: Vec<String> = books
                .endpoints
                .iter()
                .filter(wanted)
                .map(|endpoint| endpoint.id.clone())
                .collect();
            if endpoints.is_empty() {
                continue;
            }
            let fault = lock(&core.faults).for_event(&kind, &account);
            for endpoint in endpoints {
                let delivery = Pending {
                    endpoint,
                    account: account.clone(),
                    event: event.clone(),
                };
                match fault {
                    Some(FaultKind::DropWebhook) => {}
                    Some(FaultKind::DelayWebhook) => lock(&self.held).push(delivery),
                    Some(FaultKind::DuplicateWebhook) => {
                        self.start(core, books, delivery.clone(), true);
                        self.start(core, books, delivery.clone(), false);
                        queued.push(delivery);
                    }
                    _ => {
                        self.start(core, books, delivery.clone(), false);
                        queued.push(delivery);
                    }
                }
            }
        }
        queued
    }

    /// Puts a delivery into its lane, or beside all lanes (`alone`).
    pub fn start(&self, core: &Arc<Core>, books: &mut Books, delivery: Pending, alone: bool) {
        books.pending.push(delivery.clone());
        self.resume(core, delivery, alone);
    }

    /// Starts a delivery that already stands in the books.
    pub fn resume(&self, core: &Arc<Core>, delivery: Pending, alone: bool) {
        self.under_way.send_modify(|count| *count += 1);
        let core = Arc::clone(core);
        if alone {
            tokio::spawn(async move { core.courier.carry(&core, &delivery).await });
            return;
        }
        let lane = (delivery.endpoint.clone(), delivery.account.clone());
        let mut lanes = lock(&self.lanes);
        if let Some(queue) = lanes.get_mut(&lane) {
            queue.push_back(delivery);
            return;
        }
        lanes.insert(lane.clone(), VecDeque::from([delivery]));
        drop(lanes);
        tokio::spawn(async move { core.courier.work(&core, &lane).await });
    }

    async fn work(&self, core: &Arc<Core>, lane: &Lane) {
        loop {
            let next = {
                let mut lanes = lock(&self.lanes);
                let next = lanes.get_mut(lane).and_then(VecDeque::pop_front);
                if next.is_none() {
                    lanes.remove(lane);
                }
                next
            };
            let Some(delivery) = next else { return };
            self.carry(core, &delivery).await;
        }
    }

    /// Delivers until it is taken, given up, or the simulator stops; only the last leaves it in the books.
    async fn carry(&self, core: &Arc<Core>, delivery: &Pending) {
        let done = tokio::select! {
            () = core.stop.cancelled() => false,
            () = self.try_all(core, delivery) => true,
        };
        if done {
            let mut books = lock(&core.books);
            if let Some(position) = books.pending.iter().position(|pending| pending == delivery) {
                books.pending.remove(position);
            }
            drop(books);
            core.changed.notify_one();
        }
        self.under_way.send_modify(|count| *count -= 1);
    }

    async fn try_all(&self, core: &Core, delivery: &Pending) {
        let mut pause = core.config.webhook_backoff;
        for attempt in 1..=core.config.webhook_attempts {
            let (endpoint, body) = {
                let books = lock(&core.books);
                let endpoint = books
                    .endpoints
                    .iter()
                    .find(|endpoint| endpoint.id == delivery.endpoint)
                    .cloned();
                (
                    endpoint,
                    books.event(&delivery.account, &delivery.event).map(ToString::to_string),
                )
            };
            let (Some(endpoint), Some(body)) = (endpoint, body) else {
                return;
            };
            let signature = signature(&body, &endpoint, core.config.wall_clock.seconds());
            let request = self.client.post(&endpoint.url).header("stripe-signature", signature);
            let answer = request
                .header("content-type", "application/json; charset=utf-8")
                .body(body)
                .send()
                .await;
            match answer {
                Ok(answer) if answer.status().is_success() => return,
                Ok(answer) => tracing::debug!(status = %answer.status(), attempt, "a webhook was not taken"),
                Err(error) => tracing::debug!(%error, attempt, "a webhook did not arrive"),
            }
            if attempt < core.config.webhook_attempts {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        tracing::warn!(
            event = delivery.event,
            endpoint = delivery.endpoint,
            "a webhook was given up"
        );
    }

    /// Sends what was held back, after everything already on its way.
    pub fn release(&self, core: &Arc<Core>) -> usize {
        let held = std::mem::take(&mut *lock(&self.held));
        let mut books = lock(&core.books);
        for delivery in &held {
            self.start(core, &mut books, delivery.clone(), false);
        }
        held.len()
    }

    /// Sends an event once more to every endpoint. False when the account has no such event.
    pub fn redeliver(&self, core: &Arc<Core>, account: &str, event: &str) -> bool {
        let mut books = lock(&core.books);
        if books.event(account, event).is_none() {
            return false;
        }
        let endpoints: Vec<String> = books.endpoints.iter().map(|endpoint| endpoint.id.clone()).collect();
        for endpoint in endpoints {
            let delivery = Pending {
                endpoint,
                account: account.to_owned(),
                event: event.to_owned(),
            };
            self.start(core, &mut books, delivery, false);
        }
        true
    }

    pub fn held(&self) -> usize {
        lock(&self.held).len()
    }

    /// Waits, bounded, until nothing is under way; says how much still is.
    pub async fn idle(&self, wait: Duration) -> usize {
        let mut watch = self.under_way.subscribe();
        let waited = tokio::time::timeout(wait, watch.wait_for(|count| *count == 0)).await;
        drop(waited);
        *self.under_way.borrow()
    }

    /// Waits, bounded, until these deliveries were taken or given up.
    pub async fn delivered(&self, core: &Core, deliveries: &[Pending], wait: Duration) {
        let mut watch = self.under_way.subscribe();
        let gone = |_: &usize| {
            !lock(&core.books)
                .pending
                .iter()
                .any(|pending| deliveries.contains(pending))
        };
        drop(tokio::time::timeout(wait, watch.wait_for(gone)).await);
    }
}

/// `t=...,v1=...`, with two `v1` during a rotation. The key is the whole secret, `whsec_` included.
fn signature(body: &str, endpoint: &Endpoint, time: i64) -> String {
    let secrets = std::iter::once(&endpoint.secret).chain(&endpoint.previous_secret);
    let signatures = secrets.filter_map(|secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(format!("{time}.{body}").as_bytes());
        Some(format!("v1={}", hex::encode(mac.finalize().into_bytes())))
    });
    let signatures: Vec<String> = signatures.collect();
    format!("t={time},{}", signatures.join(","))
}
