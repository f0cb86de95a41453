//! What all parts of a running simulator share.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::books::{Books, Desk, Pending};
use crate::config::SimConfig;
use crate::courier::Courier;
use crate::due;
use crate::faults::Faults;
use crate::recorded::{LIMIT, Recorded};

pub(crate) struct Core {
    pub config: SimConfig,
    pub public_url: String,
    pub books: Mutex<Books>,
    pub faults: Mutex<Faults>,
    pub courier: Courier,
    pub stop: CancellationToken,
    /// Rung when there is something to save.
    pub changed: Notify,
    in_flight: Mutex<HashSet<String>>,
    recorded: Mutex<Vec<Recorded>>,
}

/// Locks; a panic elsewhere leaves the books as they were, which is good enough for a simulator.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who asks, for the events that follow.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asker {
    pub request_id: String,
    pub key: Option<String>,
}

impl Core {
    pub fn new(config: SimConfig, public_url: String, books: Books) -> Arc<Self> {
        Arc::new(Self {
            courier: Courier::new(&config),
            config,
            public_url,
            books: Mutex::new(books),
            faults: Mutex::default(),
            stop: CancellationToken::new(),
            changed: Notify::new(),
            in_flight: Mutex::default(),
            recorded: Mutex::default(),
        })
    }

    /// Does something in an account's books, first letting happen what is due there. Returns the deliveries that
    /// follow from it, which are already on their way.
    pub fn with_desk<R>(
        self: &Arc<Self>,
        account: &str,
        asker: Asker,
        act: impl FnOnce(&mut Desk) -> R,
    ) -> (R, Vec<Pending>) {
        let mut books = lock(&self.books);
        let now = books.now(account, self.config.wall_clock.seconds());
        due::run(&mut books, account, now, &self.public_url);
        let mut desk = Desk {
            books: &mut books,
            account: account.to_owned(),
            now,
            public_url: &self.public_url,
            request_id: asker.request_id,
            key: asker.key,
        };
        let result = act(&mut desk);
        // Under the lock, so that deliveries are queued in the order of events.
        let queued = self.courier.post(self, &mut books);
        drop(books);
        self.changed.notify_one();
        (result, queued)
    }

    /// Moves an account's clock; what falls due on the way happens at its own second. False when it would go back.
    pub fn move_clock(self: &Arc<Self>, account: &str, to: i64) -> bool {
        let mut books = lock(&self.books);
        let Some(world) = books.accounts.get_mut(account) else {
            return false;
        };
        if world.clock.is_some_and(|now| to < now) {
            return false;
        }
        world.clock = Some(to);
        due::run(&mut books, account, to, &self.public_url);
        self.courier.post(self, &mut books);
        drop(books);
        self.changed.notify_one();
        true
    }

    /// Takes an idempotency key into use until the guard is dropped; `None` when it is in use already.
    pub fn use_key(self: &Arc<Self>, scoped_key: &str) -> Option<KeyInUse> {
        let fresh = lock(&self.in_flight).insert(scoped_key.to_owned());
        fresh.then(|| KeyInUse {
            core: Arc::clone(self),
            scoped_key: scoped_key.to_owned(),
        })
    }

    pub fn record(&self, exchange: impl FnOnce() -> Recorded) {
        if self.config.record {
            let mut recorded = lock(&self.recorded);
            if recorded.len() < LIMIT {
                recorded.push(exchange());
            }
        }
    }

    pub fn recorded(&self) -> Vec<Recorded> {
        lock(&self.recorded).clone()
    }

    /// The account that holds an object: hosted pages know only the object's id.
    pub fn account_of(&self, id: &str) -> Option<String> {
        let books = lock(&self.books);
        books
            .accounts
            .iter()
            .find(|(_, world)| world.objects.contains_key(id))
            .map(|(account, _)| account.clone())
    }
}

/// A key that a request is using.
pub(crate) struct KeyInUse {
    core: Arc<Core>,
    scoped_key: String,
}

impl Drop for KeyInUse {
    fn drop(&mut self) {
        lock(&self.core.in_flight).remove(&self.scoped_key);
    }
}
