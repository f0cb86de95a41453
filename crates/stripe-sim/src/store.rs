//! Keeps the books in one file: written beside it and renamed, so that a kill leaves the old or the new, never half.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::books::Books;
use crate::core::{Core, lock};

/// Changes within this time are written together.
const DEBOUNCE: Duration = Duration::from_millis(500);
/// Writing takes at most one part in so many of the time, however large the books grow: they are written whole, and
/// nobody is served meanwhile.
const SHARE: u32 = 25;
/// The longest that a change waits to be written.
const LONGEST: Duration = Duration::from_secs(10);

/// Reads the books, or opens new ones when there is no file.
pub(crate) fn load(path: &Path) -> std::io::Result<Books> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(std::io::Error::other),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Books::new()),
        Err(error) => Err(error),
    }
}

/// Saves after changes until the simulator stops, then once more.
pub(crate) async fn keep_saving(core: Arc<Core>) {
    let Some(path) = core.config.data_file.clone() else {
        return;
    };
    let mut debounce = DEBOUNCE;
    loop {
        let stopping = tokio::select! {
            () = core.stop.cancelled() => true,
            () = core.changed.notified() => false,
        };
        if !stopping {
            tokio::select! {
                () = core.stop.cancelled() => {}
                () = tokio::time::sleep(debounce) => {}
            }
        }
        let (core, path, started) = (Arc::clone(&core), path.clone(), Instant::now());
        let saved = tokio::task::spawn_blocking(move || save(&core, &path)).await;
        if !matches!(saved, Ok(Ok(()))) {
            tracing::error!(?saved, "the simulator's data could not be saved");
        }
        debounce = (started.elapsed() * SHARE).clamp(DEBOUNCE, LONGEST);
        if stopping {
            return;
        }
    }
}

fn save(core: &Core, path: &Path) -> std::io::Result<()> {
    let bytes = serde_json::to_vec(&*lock(&core.books)).map_err(std::io::Error::other)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("new");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    std::fs::rename(beside, path)
}
