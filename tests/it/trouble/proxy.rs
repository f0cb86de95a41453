//! A connection to PostgreSQL that loses one answer at the worst moment.

use sqlx::postgres::PgConnectOptions;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PASSING: u8 = 0;
const ARMED: u8 = 1;
const LOST: u8 = 2;

/// Passes bytes on between the application and the database.
pub struct Proxy {
    pub port: u16,
    state: Arc<AtomicU8>,
}

impl Proxy {
    /// In front of the cluster of the tests.
    pub async fn start(upstream: &PgConnectOptions) -> Self {
        let address = (upstream.get_host().to_owned(), upstream.get_port());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(AtomicU8::new(PASSING));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&address).await.unwrap();
                tokio::spawn(pass(client, server, Arc::clone(&shared)));
            }
        });
        Self { port, state }
    }

    /// The next commit reaches the database; its answer does not come back, and the connection breaks.
    pub fn lose_next_commit(&self) {
        self.state.store(ARMED, Ordering::SeqCst);
    }

    pub fn lost(&self) -> bool {
        self.state.load(Ordering::SeqCst) == LOST
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, state: Arc<AtomicU8>) {
    let (mut asked, mut answered) = ([0; 16 * 1024], [0; 16 * 1024]);
    // Only the commit of a transaction that wrote something is worth losing.
    let mut wrote = false;
    loop {
        tokio::select! {
            count = client.read(&mut asked) => {
                let Ok(count @ 1..) = count else { return };
                let committing = has(&asked[..count], b"COMMIT");
                let lose = committing
                    && wrote
                    && state.compare_exchange(ARMED, LOST, Ordering::SeqCst, Ordering::SeqCst).is_ok();
                if server.write_all(&asked[..count]).await.is_err() {
                    return;
                }
                if lose {
                    // The database has answered, so it has committed; nobody hears of it.
                    drop(server.read(&mut answered).await);
                    return;
                }
                wrote &= !committing;
            }
            count = server.read(&mut answered) => {
                let Ok(count @ 1..) = count else { return };
                // A booking's rows go in inside of functions, but for what it draws on the allowance.
                wrote |= has(&answered[..count], b"INSERT 0 1") || has(&answered[..count], b"UPDATE 1");
                if client.write_all(&answered[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn has(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}
