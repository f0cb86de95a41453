//! What `serve` and `work` do before anything else: look whether it is safe to start, and say so.

use crate::cli::CliError;
use crate::config::{self, Config, Severity};

/// Logs every finding and refuses to start where one of them is unsafe.
///
/// # Errors
/// [`CliError::Unsafe`] with every sentence.
pub(crate) async fn allowed(config: &Config) -> Result<(), CliError> {
    let installation = config::examine(config).await;
    let (refused, noted): (Vec<_>, Vec<_>) = config::check(config, Some(&installation))
        .into_iter()
        // A server that runs without the owner's rights is as it should be.
        .filter(|finding| !finding.sentence.starts_with("DATABASE_URL"))
        .partition(|finding| finding.severity == Severity::Refuse);
    for finding in noted {
        tracing::warn!("{}", finding.sentence);
    }
    if refused.is_empty() {
        return Ok(());
    }
    let sentences: Vec<String> = refused.into_iter().map(|finding| finding.sentence).collect();
    Err(CliError::Unsafe(sentences.join(" ")))
}
