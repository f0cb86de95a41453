use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::mail::{Mail, recipients_of};
use super::script::Scripted;

/// Messages kept; the oldest go first. Their files stay.
const MAX_MESSAGES: usize = 50_000;

/// Bytes kept, likewise.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// Everything received. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Inbox {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    dir: Option<PathBuf>,
    state: Mutex<State>,
    arrivals: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    messages: VecDeque<Mail>,
    bytes: usize,
    last: u64,
    script: VecDeque<Scripted>,
}

impl Inbox {
    pub(super) async fn open(dir: Option<PathBuf>) -> io::Result<Self> {
        let mut state = State::default();
        if let Some(dir) = &dir {
            tokio::fs::create_dir_all(dir).await?;
            for (number, path) in stored(dir).await? {
                let bytes: Arc<[u8]> = tokio::fs::read(path).await?.into();
                state.keep(Mail {
                    number,
                    from: String::new(),
                    to: recipients_of(&bytes),
                    bytes,
                });
            }
        }
        let arrivals = watch::Sender::new(state.last);
        Ok(Self {
            shared: Arc::new(Shared {
                dir,
                state: Mutex::new(state),
                arrivals,
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment or push, so a panic elsewhere leaves nothing half done.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything received, oldest first.
    pub fn messages(&self) -> Vec<Mail> {
        self.state().messages.iter().cloned().collect()
    }

    /// One message.
    pub fn message(&self, number: u64) -> Option<Mail> {
        self.state().messages.iter().find(|mail| mail.number == number).cloned()
    }

    /// Appends answers to give: each message offered from now on uses up one.
    pub fn script(&self, answers: impl IntoIterator<Item = Scripted>) {
        self.state().script.extend(answers);
    }

    pub(super) fn next_answer(&self) -> Scripted {
        self.state().script.pop_front().unwrap_or(Scripted::Take)
    }

    /// The first message that fits, waiting for it if need be; `None` after `timeout`.
    pub async fn wait_for(&self, predicate: impl Fn(&Mail) -> bool, timeout: Duration) -> Option<Mail> {
        let mut arrivals = self.shared.arrivals.subscribe();
        let found = async {
            loop {
                arrivals.borrow_and_update();
                if let Some(mail) = self.messages().into_iter().find(|mail| predicate(mail)) {
                    return Some(mail);
                }
                arrivals.changed().await.ok()?;
            }
        };
        tokio::time::timeout(timeout, found).await.ok().flatten()
    }

    /// Keeps a message: on disk first, so that what was acknowledged is there at the next start.
    pub(super) async fn deliver(&self, from: String, to: Vec<String>, bytes: Vec<u8>) -> io::Result<u64> {
        let number = {
            let mut state = self.state();
            state.last += 1;
            state.last
        };
        if let Some(dir) = &self.shared.dir {
            let unfinished = dir.join(format!("{number:06}.part"));
            tokio::fs::write(&unfinished, &bytes).await?;
            tokio::fs::rename(&unfinished, dir.join(format!("{number:06}.eml"))).await?;
        }
        self.state().keep(Mail {
            number,
            from,
            to,
            bytes: bytes.into(),
        });
        self.shared.arrivals.send_modify(|last| *last = number.max(*last));
        Ok(number)
    }
}

impl State {
    fn keep(&mut self, mail: Mail) {
        self.last = self.last.max(mail.number);
        self.bytes += mail.bytes.len();
        self.messages.push_back(mail);
        while self.messages.len() > MAX_MESSAGES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.messages.pop_front() else {
                return;
            };
            self.bytes -= oldest.bytes.len();
        }
    }
}

/// The `.eml` files of an earlier run with their numbers, in order.
async fn stored(dir: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut entries = tokio::fs::read_dir(dir).await?;
    let mut found = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        let path = entry.path();
        let number = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .and_then(|stem| stem.parse().ok());
        if let (Some(number), Some("eml")) = (number, path.extension().and_then(|ext| ext.to_str())) {
            found.push((number, path));
        }
    }
    found.sort();
    // More than are kept would be read for nothing.
    let surplus = found.len().saturating_sub(MAX_MESSAGES);
    Ok(found.split_off(surplus))
}
