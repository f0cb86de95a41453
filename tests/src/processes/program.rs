//! A process that a test starts and ends by its id.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Bytes of its log that are shown when the test fails.
const TAIL: u64 = 4_000;

/// A running program whose output goes to a file. Dropping it kills it; a failing test shows the end of its log.
#[derive(Debug)]
pub struct Program {
    pub name: String,
    pub started: Instant,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts it. Should the test's own process be killed, the kernel ends this one too.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(name: &str, program: &Path, log: &Path, set: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(program);
        set(&mut command);
        Self::spawn(name, command, log)
    }

    /// Starts a command as it is.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn spawn(name: &str, mut command: Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log);
        let file = file.unwrap_or_else(|error| panic!("{} cannot be written: {error}", log.display()));
        let also = file.try_clone().expect("a file can be had twice");
        let started = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(file).stderr(also).spawn();
        Self {
            name: name.to_owned(),
            started,
            child: child.unwrap_or_else(|error| panic!("{name} cannot be started: {error}")),
            log: log.to_owned(),
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and gone when this returns.
    pub fn kill(&mut self) {
        // A process that ended by itself cannot be killed, which is as well.
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until it has ended; `None` when it still runs after so long.
    pub async fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let asked = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            if asked.elapsed() > patience {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Sends it a signal by name.
    pub fn send(&self, name: &str) {
        signal(name, &[self.pid()]);
    }

    /// The end of what it wrote.
    pub fn tail(&self) -> String {
        let read = || -> std::io::Result<String> {
            let mut file = File::open(&self.log)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- the end of {}'s log\n{}", self.name, self.tail());
        }
    }
}

/// Sends a signal by name (`STOP`, `CONT`, `INT`) to processes by their ids. Those that are gone already are no error.
pub fn signal(name: &str, pids: &[u32]) {
    if pids.is_empty() {
        return;
    }
    let mut command = Command::new("sh");
    // The shell's own kill: not every machine has the program.
    command.args(["-c", "kill -s \"$0\" \"$@\" 2>/dev/null", name]);
    command.args(pids.iter().map(ToString::to_string));
    drop(command.status());
}

/// The PostgreSQL processes that work in a data directory: the one sign of life that is never stale.
pub fn processes_in(directory: &Path) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let works_there = |process: &Path| {
        std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == directory)
            && std::fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim_end() == "postgres")
    };
    entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .filter(|(_, path)| works_there(path))
        .map(|(pid, _)| pid)
        .collect()
}
