//! Tests that cannot run say so by name, where the run's summary can count them.

use std::io::Write;
use std::path::{Path, PathBuf};

/// Notes that a test did not run, and why. `.ci/run` refuses any such note; a developer's machine may have them.
///
/// The note goes to standard output and, one line each, to the file that `COTERIE_SKIPPED_FILE` names, or else
/// `target/skipped.txt`.
pub fn skip(name: &str, reason: &str) {
    println!("SKIPPED: {name}: {reason}");
    let path =
        std::env::var_os("COTERIE_SKIPPED_FILE").map_or_else(|| root().join("target/skipped.txt"), PathBuf::from);
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    if let Ok(mut file) = file {
        // One write, so that lines of parallel tests do not mix.
        drop(file.write_all(format!("{name}: {reason}\n").as_bytes()));
    }
}

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The Python interpreter with the judges' packages: `COTERIE_PYTHON`, or the one `infra/local` installs.
pub fn python() -> Option<PathBuf> {
    let named = std::env::var_os("COTERIE_PYTHON").map(PathBuf::from);
    let named = named.unwrap_or_else(|| root().join(".local/python/bin/python"));
    named.exists().then_some(named)
}
