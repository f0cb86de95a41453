//! A PostgreSQL of a test's own, so that killing it disturbs nobody else's. It is started as `infra/local` starts the shared
//! one, durable, from a copy of a cluster that `coterie migrate` has prepared.

use super::{Program, binary, free_port, processes_in, signal};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

/// How long a start may take on a busy machine; what is asserted is asserted elsewhere.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(10);
const BLINK: Duration = Duration::from_millis(2);
const DURABLE: [&str; 9] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "logging_collector=off",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=64MB",
    "max_connections=150",
    "jit=off",
];

/// How a cluster differs from the usual one.
#[derive(Debug, Clone, Default)]
pub struct ClusterOptions {
    /// Settings that follow the usual ones, `name=value`.
    pub settings: Vec<String>,
    /// Where the data lies, instead of beside the shared cluster's.
    pub folder: Option<PathBuf>,
}

/// A cluster; dropping it stops it and removes its data.
#[derive(Debug)]
pub struct Cluster {
    pub port: u16,
    /// Holds the data and the logs of whoever works on it.
    pub folder: PathBuf,
    settings: Vec<String>,
    server: Option<Program>,
}

/// What `with-postgres.sh` says of the machine.
#[derive(Debug)]
struct Machine {
    programs: PathBuf,
    /// The words before a PostgreSQL program that make it agree to run.
    running_as: Vec<String>,
    /// Where clusters may lie.
    base: PathBuf,
}

impl Machine {
    fn read() -> Option<Self> {
        let programs = PathBuf::from(std::env::var_os("COTERIE_PG_BIN")?);
        let data = PathBuf::from(std::env::var_os("COTERIE_PG_DATA")?);
        let words = std::env::var("COTERIE_PG_AS").unwrap_or_default();
        Some(Self {
            programs,
            running_as: words.split_whitespace().map(str::to_owned).collect(),
            base: data.parent()?.to_owned(),
        })
    }

    fn command(&self, program: &str) -> Command {
        let mut words = self
            .running_as
            .iter()
            .map(String::as_str)
            .chain(["setpriv", "--pdeathsig", "INT", "--"]);
        let mut command = Command::new(words.next().unwrap_or("setpriv"));
        command.args(words).arg(self.programs.join(program)).current_dir("/");
        command
    }

    /// Whoever runs PostgreSQL must own its files; inside a user namespace that is whoever made them.
    fn hand_over(&self, folder: &Path) {
        if self.running_as.first().is_some_and(|word| word == "setpriv") {
            run(Command::new("chown").args(["-R", "nobody"]).arg(folder));
        }
    }
}

fn run(command: &mut Command) {
    let ended = command.output();
    let ended = ended.unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    assert!(
        ended.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&ended.stderr)
    );
}

impl Cluster {
    /// A running cluster with the tables of Coterie, or `None` where this machine's PostgreSQL is somebody else's: only one
    /// that `infra/local` found can be started by the test itself.
    ///
    /// # Panics
    /// When it cannot be made or started.
    pub async fn start(options: ClusterOptions) -> Option<Self> {
        static TEMPLATE: OnceCell<Option<PathBuf>> = OnceCell::const_new();
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let template = TEMPLATE.get_or_init(template).await.as_ref()?;
        let machine = Machine::read()?;
        let name = format!(
            "crash-{}-{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        let folder = options.folder.unwrap_or_else(|| machine.base.join(name));
        std::fs::create_dir_all(&folder).expect("a folder for the cluster");
        run(Command::new("cp")
            .arg("-a")
            .arg(template.join("data"))
            .arg(folder.join("data")));
        machine.hand_over(&folder);
        let mut cluster = Self {
            port: free_port(),
            folder,
            settings: options.settings,
            server: None,
        };
        cluster.serve().await;
        Some(cluster)
    }

    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Starts the server and waits until it takes connections, recovery included; says how long that took.
    ///
    /// # Panics
    /// When it ends or is not ready in time.
    pub async fn serve(&mut self) -> Duration {
        let started = self.begin();
        let asked = Instant::now();
        while !self.accepts() {
            let server = self.server.as_mut().expect("it was started");
            assert!(server.ended().is_none(), "PostgreSQL ended: {}", server.tail());
            assert!(asked.elapsed() < PATIENCE, "PostgreSQL is not ready: {}", server.tail());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        started.elapsed()
    }

    /// Whether the server is there: it ends by itself when it cannot go on.
    pub fn is_running(&mut self) -> bool {
        self.server.as_mut().is_some_and(|server| server.ended().is_none())
    }

    /// Starts the server without waiting for it.
    ///
    /// # Panics
    /// When it cannot be started, or the old one still works on its data.
    pub fn begin(&mut self) -> Instant {
        let data = self.data();
        assert!(
            processes_in(&data).is_empty(),
            "two servers on one data directory would destroy it"
        );
        drop(std::fs::remove_file(data.join("postmaster.pid")));
        let mut command = Machine::read().expect("it was read before").command("postgres");
        command.arg("-D").arg(&data).args(["-p", &self.port.to_string()]);
        for setting in DURABLE.iter().copied().chain(self.settings.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        let server = Program::spawn("PostgreSQL", command, &self.folder.join("postgres.log"));
        let started = server.started;
        self.server = Some(server);
        started
    }

    /// `postmaster.pid` names the process in its first line and says "ready" in its eighth.
    fn accepts(&self) -> bool {
        let Some(server) = &self.server else { return false };
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.first().is_some_and(|pid| pid.trim() == server.pid().to_string())
            && lines.get(7).is_some_and(|state| state.starts_with("ready"))
    }

    /// SIGKILL for every process of the server at once, as when the machine loses its power (what the disk has, it has).
    ///
    /// # Panics
    /// When some of them do not go.
    pub fn kill(&mut self) {
        let data = self.data();
        // The head first: it would start its crashed children again.
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
        let asked = Instant::now();
        loop {
            let left = processes_in(&data);
            if left.is_empty() {
                return;
            }
            signal("KILL", &left);
            assert!(asked.elapsed() < PATIENCE, "processes {left:?} of PostgreSQL do not go");
            std::thread::sleep(BLINK);
        }
    }

    /// Stops it in order (SIGINT: fast shutdown).
    pub async fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.send("INT");
            server.wait(PATIENCE).await;
        }
    }

    /// The connection URL of a role; `None` is the superuser.
    pub fn url(&self, role: Option<&str>) -> String {
        format!(
            "postgres://{}@127.0.0.1:{}/postgres",
            role.unwrap_or("postgres"),
            self.port
        )
    }

    /// A small pool of a role.
    ///
    /// # Panics
    /// Never: the URL is one.
    pub fn pool(&self, role: Option<&str>) -> PgPool {
        let options: PgConnectOptions = self.url(role).parse().expect("a database URL");
        PgPoolOptions::new()
            .max_connections(5)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(options)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Immediate shutdown rather than SIGKILL: it takes its shared memory with it.
        if let Some(server) = &mut self.server {
            server.send("QUIT");
            let asked = Instant::now();
            while server.ended().is_none() && asked.elapsed() < Duration::from_secs(5) {
                std::thread::sleep(BLINK);
            }
        }
        self.kill();
        if std::env::var_os("COTERIE_KEEP_DATABASES").is_none() {
            drop(std::fs::remove_dir_all(&self.folder));
        }
    }
}

/// A stopped, migrated cluster to copy: made once for each build of the program, as `initdb` takes seconds.
async fn template() -> Option<PathBuf> {
    let machine = Machine::read()?;
    let built = std::fs::metadata(binary()).unwrap_or_else(|_| panic!("{} is not built", binary().display()));
    let stamp = built.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let name = format!("crash-template-{:x}-{:x}", built.len(), stamp.as_millis());
    clear_leftovers(&machine.base, &name);
    let place = machine.base.join(name);
    if place.exists() {
        return Some(place);
    }
    let fresh = machine.base.join(format!("crash-{}-template", std::process::id()));
    std::fs::create_dir_all(&fresh).expect("a folder for the template");
    machine.hand_over(&fresh);
    let mut initdb = machine.command("initdb");
    let words = [
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--username=postgres",
        "--no-sync",
    ];
    run(initdb
        .arg(format!("--pgdata={}", fresh.join("data").display()))
        .args(words));
    let mut cluster = Cluster {
        port: free_port(),
        folder: fresh.clone(),
        settings: Vec::new(),
        server: None,
    };
    cluster.serve().await;
    let mut migrate = Command::new(binary());
    run(migrate
        .arg("migrate")
        .env("DATABASE_URL", cluster.url(None))
        .env("RUST_LOG", "off"));
    cluster.stop().await;
    // Moved before the cluster is dropped, which removes what lies in its folder. Somebody else may have been faster.
    if std::fs::rename(&fresh, &place).is_err() {
        assert!(place.exists(), "the template cannot be moved to its place");
    }
    Some(place)
}

/// Removes what processes left that are gone, and the templates of other builds.
fn clear_leftovers(base: &Path, template: &str) {
    let Ok(entries) = std::fs::read_dir(base) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix("crash-") else {
            continue;
        };
        let process = rest.split('-').next().and_then(|process| process.parse::<u32>().ok());
        let needed = process.map_or(name == template, |process| {
            Path::new(&format!("/proc/{process}")).exists()
        });
        if !needed {
            signal("KILL", &processes_in(&entry.path().join("data")));
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
}
