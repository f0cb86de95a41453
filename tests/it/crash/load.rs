//! Clients that book, start memberships and bring members in through the API, each command under a key of its own. What is
//! not acknowledged is asked for again, under the same key, until it is.

use super::set_up::{Harbour, LONGEST_ANSWER};
use coterie_tests::invariants::Acknowledged;
use coterie_tests::processes::House;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// How long one command may be asked for, again and again, before the house counts as gone for good.
const PATIENCE: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(25);
/// Between two commands of one client.
const BREATH: Duration = Duration::from_millis(60);
/// Bookings of one room: an hour each, 14 a day, well within the horizon.
const SLOTS: usize = 14 * 300;

/// One command as it is sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub key: String,
    pub path: &'static str,
    pub body: Value,
    /// The member of the answer that names what was made.
    id: &'static str,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Answered {
    pub sent: Sent,
    pub acknowledged: Acknowledged,
}

/// What a refusal for lack of breath looked like: its status, and whether it said when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnedAway {
    pub status: u16,
    pub retry_after: bool,
}

#[derive(Debug, Default)]
struct Shared {
    answered: Mutex<Vec<Answered>>,
    turned_away: Mutex<Vec<TurnedAway>>,
    count: watch::Sender<usize>,
    longest: Mutex<Duration>,
}

/// Clients at work.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    stop: CancellationToken,
    clients: Vec<AbortOnDropHandle<()>>,
}

impl Load {
    /// Starts one client for each room.
    pub fn start(house: &House, harbour: &Harbour) -> Self {
        let (shared, stop) = (Arc::<Shared>::default(), CancellationToken::new());
        let clients = (0..harbour.rooms.len())
            .map(|number| {
                let client = Client {
                    number,
                    harbour: harbour.clone(),
                    http: house.client(LONGEST_ANSWER),
                    url: house.url(),
                    shared: shared.clone(),
                };
                AbortOnDropHandle::new(tokio::spawn(client.work(stop.clone())))
            })
            .collect();
        Self { shared, stop, clients }
    }

    /// So many commands of one client, one after the other.
    pub async fn one_by_one(house: &House, harbour: &Harbour, commands: usize) {
        let client = Client {
            number: 0,
            harbour: harbour.clone(),
            http: house.client(LONGEST_ANSWER),
            url: house.url(),
            shared: Arc::default(),
        };
        for count in 0..commands {
            client.insist(&client.command(count)).await;
            house.settle(harbour.tenant).await;
        }
    }

    /// Waits until so many more commands were acknowledged.
    ///
    /// # Panics
    /// When they are not in time, or a client failed.
    pub async fn goes_on(&mut self, more: usize) {
        let mut count = self.shared.count.subscribe();
        let wanted = *count.borrow() + more;
        let began = Instant::now();
        while *count.borrow_and_update() < wanted {
            // A client that panicked has said why.
            assert!(
                !self.clients.iter().any(AbortOnDropHandle::is_finished),
                "a client of the load failed"
            );
            assert!(began.elapsed() < PATIENCE, "the load does not go on");
            drop(tokio::time::timeout(Duration::from_secs(1), count.changed()).await);
        }
    }

    /// Waits until so many requests were turned away.
    ///
    /// # Panics
    /// When they are not in time.
    pub async fn is_turned_away(&self, times: usize) {
        let began = Instant::now();
        while lock(&self.shared.turned_away).len() < times {
            assert!(began.elapsed() < PATIENCE, "nobody is turned away");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Lets every client finish what it asked for.
    ///
    /// # Panics
    /// When a client failed.
    pub async fn finish(mut self) -> Finished {
        self.stop.cancel();
        for client in self.clients.drain(..) {
            client.await.expect("a client finishes");
        }
        Finished {
            answered: self.answered(),
            turned_away: self.turned_away(),
            longest: *lock(&self.shared.longest),
        }
    }

    pub fn answered(&self) -> Vec<Answered> {
        lock(&self.shared.answered).clone()
    }

    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        lock(&self.shared.answered)
            .iter()
            .map(|one| one.acknowledged.clone())
            .collect()
    }

    pub fn turned_away(&self) -> Vec<TurnedAway> {
        lock(&self.shared.turned_away).clone()
    }
}

/// What a load leaves behind.
#[derive(Debug)]
pub struct Finished {
    pub answered: Vec<Answered>,
    pub turned_away: Vec<TurnedAway>,
    /// The longest that any request waited for its answer.
    pub longest: Duration,
}

impl Finished {
    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        self.answered.iter().map(|one| one.acknowledged.clone()).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Client {
    number: usize,
    harbour: Harbour,
    http: reqwest::Client,
    url: String,
    shared: Arc<Shared>,
}

impl Client {
    async fn work(self, stop: CancellationToken) {
        let mut count = 0;
        while !stop.is_cancelled() {
            let sent = self.command(count);
            let acknowledged = self.insist(&sent).await;
            lock(&self.shared.answered).push(Answered { sent, acknowledged });
            self.shared.count.send_modify(|count| *count += 1);
            count += 1;
            // As people do: a house that is only ever behind could not be waited for.
            tokio::time::sleep(BREATH).await;
        }
    }

    /// Every command differs from every other, so that doing one twice shows.
    fn command(&self, count: usize) -> Sent {
        let (number, harbour) = (self.number, &self.harbour);
        let member = harbour.members[(number + count) % harbour.members.len()];
        let key = format!("client-{number}-{count}");
        match count % 3 {
            0 if count / 3 < SLOTS => {
                let (day, hour) = (1 + count / 3 / 14, 7 + count / 3 % 14);
                let date = "2026-01-20".parse::<jiff::civil::Date>().expect("a date");
                let date = date.saturating_add(jiff::Span::new().days(i64::try_from(day).unwrap_or(1)));
                let body = json!({ "member_id": member, "resource_id": harbour.rooms[number],
                    "starts_at": format!("{date}T{hour:02}:00"), "ends_at": format!("{date}T{:02}:00", hour + 1) });
                Sent {
                    key,
                    path: "/v1/bookings",
                    body,
                    id: "booking_id",
                }
            }
            1 => {
                let body = json!({ "member_id": member, "plan_version_id": harbour.plan_version,
                    "location_id": harbour.location });
                Sent {
                    key,
                    path: "/v1/memberships",
                    body,
                    id: "membership_id",
                }
            }
            _ => {
                let name = format!("new-{number}-{count}");
                let body = json!({ "external_id": name, "name": name, "email": format!("{name}@example.test") });
                Sent {
                    key,
                    path: "/v1/members",
                    body,
                    id: "member_id",
                }
            }
        }
    }

    /// Asks until it is acknowledged.
    async fn insist(&self, sent: &Sent) -> Acknowledged {
        let asked = Instant::now();
        loop {
            if let Some(acknowledged) = self.ask(sent).await {
                return acknowledged;
            }
            assert!(
                asked.elapsed() < PATIENCE,
                "{} of {} is never acknowledged",
                sent.key,
                sent.path
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// `None`: nobody answered, or the answer was to come back later. An answer that does not come within
    /// [`LONGEST_ANSWER`] fails the test: nothing may hang.
    async fn ask(&self, sent: &Sent) -> Option<Acknowledged> {
        let request = self
            .http
            .post(format!("{}{}", self.url, sent.path))
            .bearer_auth(&self.harbour.key);
        let began = Instant::now();
        let answer = match request
            .header("idempotency-key", &sent.key)
            .json(&sent.body)
            .send()
            .await
        {
            Ok(answer) => answer,
            Err(error) => {
                assert!(!error.is_timeout(), "{} hung for {:?}", sent.path, began.elapsed());
                return None;
            }
        };
        {
            let mut longest = lock(&self.shared.longest);
            *longest = began.elapsed().max(*longest);
        }
        let status = answer.status();
        if status.is_server_error() || status.as_u16() == 429 {
            let retry_after = answer.headers().contains_key("retry-after");
            lock(&self.shared.turned_away).push(TurnedAway {
                status: status.as_u16(),
                retry_after,
            });
            return None;
        }
        let position = answer
            .headers()
            .get("log-position")
            .and_then(|value| value.to_str().ok()?.parse().ok());
        // An answer that breaks off was none.
        let body: Value = answer.json().await.ok()?;
        assert!(status.is_success(), "{} answers {status}: {body}", sent.path);
        Some(Acknowledged {
            tenant: self.harbour.tenant,
            actor: self.harbour.actor.clone(),
            key: sent.key.clone(),
            position: position.expect("a command answers its position"),
            stream: serde_json::from_value(body[sent.id].clone()).expect("an id"),
        })
    }
}

/// Every key has exactly one outcome: as many of each were made as keys were acknowledged, and asking again for some of
/// them answers the same.
///
/// # Panics
/// When a command was carried out twice, or answers something else now.
pub async fn assert_once_each(house: &House, harbour: &Harbour, answered: &[Answered]) {
    for (path, event) in [
        ("/v1/bookings", "BookingConfirmed"),
        ("/v1/memberships", "MembershipStarted"),
        ("/v1/members", "MemberImported"),
    ] {
        let made: i64 = sqlx::query_scalar("select count(*) from event where event_type = $1 and actor = $2")
            .bind(event)
            .bind(&harbour.actor)
            .fetch_one(&house.owner)
            .await
            .expect("the database answers");
        let asked = answered.iter().filter(|one| one.sent.path == path).count();
        // Each member was brought in and given a membership before the load.
        let before = if path == "/v1/bookings" {
            0
        } else {
            harbour.members.len()
        };
        assert_eq!(
            made,
            i64::try_from(asked + before).unwrap_or(0),
            "{event}: made and acknowledged"
        );
    }
    let again = Client {
        number: 0,
        harbour: harbour.clone(),
        http: house.client(LONGEST_ANSWER),
        url: house.url(),
        shared: Arc::default(),
    };
    for one in answered.iter().rev().step_by(answered.len() / 20 + 1) {
        assert_eq!(
            again.insist(&one.sent).await,
            one.acknowledged,
            "{} asked again",
            one.sent.key
        );
    }
}
