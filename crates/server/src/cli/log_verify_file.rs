use super::CliError;
use coterie_eventlog::{AnchorPublicKey, Fault, FileVerdict, Proof, verify_file};
use std::io::Write;
use std::path::PathBuf;

/// `coterie log verify --file`: proves an exported log without database or environment; 1 if it is not what it was.
pub(super) async fn run(file: PathBuf, keys: Vec<AnchorPublicKey>, out: &mut dyn Write) -> Result<u8, CliError> {
    let name = file.display().to_string();
    let trusted = (!keys.is_empty()).then_some(keys);
    let pinned = trusted.is_some();
    let verifying = tokio::task::spawn_blocking(move || verify_file(&file, trusted.as_deref()));
    let verdict = verifying
        .await
        .map_err(std::io::Error::other)
        .and_then(std::convert::identity)
        .map_err(|error| CliError::File(name.clone(), error))?;
    match verdict {
        FileVerdict::Intact(proof) => {
            writeln!(out, "{}", intact(&proof, pinned))?;
            Ok(0)
        }
        FileVerdict::Broken(Fault { line, sentence, .. }) => {
            writeln!(out, "{name}: broken at line {line}: {sentence}")?;
            Ok(1)
        }
    }
}

fn intact(proof: &Proof, pinned: bool) -> String {
    let vouched = match proof.anchored_up_to {
        None => "No anchor vouches for it: somebody could have recomputed the whole chain.".to_owned(),
        Some(position) if pinned => format!("{} anchors agree, the last one for event {position}.", proof.anchors),
        Some(position) => format!(
            "{} anchors agree, the last one for event {position}, with keys that the file itself names ({}): compare them, or \
             give yours with --public-key.",
            proof.anchors,
            proof.key_ids.join(", ")
        ),
    };
    format!(
        "{}: {} events, intact, head {}. {vouched}",
        proof.slug,
        proof.events,
        hex::encode(proof.head)
    )
}

/// For the command line.
pub(super) fn public_key(text: &str) -> Result<AnchorPublicKey, &'static str> {
    AnchorPublicKey::from_base64(text).ok_or("a public key is 32 bytes in base64, as `coterie anchors key` prints it")
}
