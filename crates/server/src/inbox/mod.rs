//! A mail server that keeps what it is sent: where a sandbox's email goes, for the demo and the tests.
//!
//! It speaks real ESMTP on a loopback port and shows what came on a page, so a link in an email can be
//! followed. A test can put answers into its mouth: refuse, defer, or hang up at the worst moment.
//! Never for live mail: it has no TLS, no sign-in, and it trusts whoever connects.
//!
//! The protocol is written out here, in `session`, because the crate at hand for it (mailin 0.6) knows no
//! `SIZE`, refuses the null sender, and stays in DATA once it has refused a message.

mod mail;
mod pages;
mod script;
mod session;
mod store;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;

pub use mail::{AttachedFile, Mail};
pub use pages::pages;
pub use script::Scripted;
pub use store::Inbox;

/// Conversations at the same time; more wait until one ends.
const MAX_CONVERSATIONS: usize = 64;

/// An inbox whose server runs until this is dropped.
#[derive(Debug)]
pub struct RunningInbox {
    /// Where it listens.
    pub addr: SocketAddr,
    inbox: Inbox,
    _server: AbortOnDropHandle<()>,
}

impl Inbox {
    /// Listens on `addr` (port 0 for any free one). With `dir`, every message is also written there as an
    /// `.eml` file, and those already there are shown again.
    ///
    /// # Errors
    /// If the address is not loopback or is taken, or the directory cannot be used.
    pub async fn start(addr: SocketAddr, dir: Option<PathBuf>) -> io::Result<RunningInbox> {
        if !addr.ip().is_loopback() {
            return Err(io::Error::other(
                "the inbox listens on loopback only: it takes mail from anybody",
            ));
        }
        let inbox = Inbox::open(dir).await?;
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let server = AbortOnDropHandle::new(tokio::spawn(serve(listener, inbox.clone())));
        Ok(RunningInbox {
            addr,
            inbox,
            _server: server,
        })
    }
}

impl RunningInbox {
    /// The inbox itself, for [`pages`].
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }

    /// `smtp://host:port`, as the mail configuration wants it.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.addr)
    }

    /// Everything received, oldest first.
    pub fn messages(&self) -> Vec<Mail> {
        self.inbox.messages()
    }

    /// Appends answers to give: each message offered from now on uses up one.
    pub fn script(&self, answers: impl IntoIterator<Item = Scripted>) {
        self.inbox.script(answers);
    }

    /// The first message that fits, waiting for it if need be; `None` after `timeout`.
    pub async fn wait_for(&self, predicate: impl Fn(&Mail) -> bool, timeout: Duration) -> Option<Mail> {
        self.inbox.wait_for(predicate, timeout).await
    }
}

async fn serve(listener: TcpListener, inbox: Inbox) {
    let slots = Arc::new(Semaphore::new(MAX_CONVERSATIONS));
    let mut conversations = tokio::task::JoinSet::new();
    loop {
        while conversations.try_join_next().is_some() {}
        let Ok(slot) = slots.clone().acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let inbox = inbox.clone();
                conversations.spawn(async move {
                    if let Err(error) = session::converse(stream, &inbox).await {
                        tracing::debug!(%error, "an SMTP conversation ended early");
                    }
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the inbox could not accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
