//! `coterie`: see `cli`.

use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> ExitCode {
    let cancel = CancellationToken::new();
    stop_on_signals(&cancel);
    let env = |name: &str| std::env::var(name).ok();
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let output = coterie_server::cli::Output {
        out: &mut out,
        err: &mut err,
    };
    Box::pin(coterie_server::cli::run(std::env::args_os(), &env, output, cancel))
        .await
        .into()
}

/// The first SIGINT or SIGTERM asks to finish; a second one ends the process at once.
fn stop_on_signals(cancel: &CancellationToken) {
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let Ok(mut signals) = signal(kind) else { continue };
        let cancel = cancel.clone();
        tokio::spawn(async move {
            signals.recv().await;
            cancel.cancel();
            signals.recv().await;
            std::process::exit(130);
        });
    }
}
