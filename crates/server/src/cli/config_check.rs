use super::CliError;
use crate::config::{self, Config, Env, Severity};
use std::io::Write;

/// `coterie config check`: every finding a sentence; 1 if any of them would keep `serve` and `work` from starting.
pub(super) async fn run(env: Env<'_>, out: &mut dyn Write) -> Result<u8, CliError> {
    let config = match Config::from_env(env) {
        Ok(config) => config,
        Err(errors) => {
            for sentence in errors.0 {
                writeln!(out, "unsafe: {sentence}")?;
            }
            return Ok(1);
        }
    };
    let installation = config::examine(&config).await;
    let findings = config::check(&config, Some(&installation));
    for finding in &findings {
        let word = if finding.severity == Severity::Refuse {
            "unsafe"
        } else {
            "note"
        };
        writeln!(out, "{word}: {}", finding.sentence)?;
    }
    if findings.iter().any(|finding| finding.severity == Severity::Refuse) {
        return Ok(1);
    }
    writeln!(out, "The configuration is good.")?;
    Ok(0)
}
