//! A database of its own for every test, cloned from a migrated template.
//!
//! `DATABASE_URL` names a superuser of a private cluster (`infra/local/with-postgres.sh` starts one). The template is
//! named after the migrations' checksums: it is made once, reused while they stay the same, and shared by every process
//! that tests on the cluster.

use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};
use tokio::sync::OnceCell;

/// Connections per role and test; the cluster has to serve many tests at once.
const CONNECTIONS: u32 = 5;
/// Templates that are kept: this one, and those of other branches that somebody may be testing at the moment.
const TEMPLATES_KEPT: i64 = 4;
/// Serialises the making of templates within a cluster. Any number does, if it is always the same.
const TEMPLATE_LOCK: i64 = 0x636f_7465_7269_6501;

/// One test's database. Dropping it drops the database, unless `COTERIE_KEEP_DATABASES` is set.
#[derive(Debug)]
pub struct Database {
    /// The database's name in the cluster.
    pub name: String,
    /// The superuser: sees and does everything, row-level security or not.
    pub owner: PgPool,
    /// `coterie_app`, as pages and use cases connect.
    pub app: PgPool,
    /// `coterie_worker`, as followers and jobs connect.
    pub worker: PgPool,
}

impl Database {
    /// The connection URL of a role, for what runs as a process of its own. `None` is the superuser.
    pub fn url(&self, role: Option<&str>) -> String {
        let mut url = url::Url::parse(&database_url()).expect("DATABASE_URL is a URL");
        url.set_path(&self.name);
        if let Some(role) = role {
            url.set_username(role)
                .expect("a database URL has a host, so it takes a user name");
            url.set_password(None)
                .expect("a database URL has a host, so it takes a password");
        }
        url.into()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if std::env::var_os("COTERIE_KEEP_DATABASES").is_some() {
            return;
        }
        let name = self.name.clone();
        // A thread with a runtime of its own, because Drop cannot await and the test's runtime is busy waiting for it.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut conn = PgConnection::connect_with(&options())
                    .await
                    .map_err(std::io::Error::other)?;
                drop_database(&mut conn, &name).await.map_err(std::io::Error::other)
            })
        });
        if let Ok(Err(error)) = dropping.join() {
            eprintln!("the test database {} could not be dropped: {error}", self.name);
        }
    }
}

/// A fresh, migrated, empty database.
pub async fn database() -> Database {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let template = TEMPLATE.get_or_init(template).await;
    let name = format!(
        "coterie_test_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    let mut conn = PgConnection::connect_with(&options())
        .await
        .expect("the cluster of DATABASE_URL answers");
    // A process of an earlier boot may have had the same number.
    drop_database(&mut conn, &name)
        .await
        .expect("an old test database can be dropped");
    execute(&mut conn, format!("create database {name} template {template}"))
        .await
        .expect("the template can be cloned");
    conn.close().await.ok();
    let pool = |options: PgConnectOptions| {
        PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .connect_lazy_with(options.database(&name))
    };
    Database {
        owner: pool(options()),
        app: pool(options().username("coterie_app")),
        worker: pool(options().username("coterie_worker")),
        name,
    }
}

fn database_url() -> String {
    std::env::var("DATABASE_URL").expect("DATABASE_URL names a private cluster: see infra/local/with-postgres.sh")
}

fn options() -> PgConnectOptions {
    PgConnectOptions::from_str(&database_url()).expect("DATABASE_URL is a PostgreSQL URL")
}

async fn execute(conn: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    conn.execute(AssertSqlSafe(sql)).await.map(|_| ())
}

async fn drop_database(conn: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    execute(conn, format!("drop database if exists {name} with (force)")).await
}

/// Makes the template unless it is there, and clears away what earlier processes left behind.
async fn template() -> String {
    // Read at run time and not built in: a new migration then needs no new build of the tests.
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let migrator = Migrator::new(migrations.as_path())
        .await
        .expect("the migrations can be read");
    let name = format!("coterie_template_{:016x}", fingerprint(&migrator));
    let mut conn = PgConnection::connect_with(&options())
        .await
        .expect("the cluster of DATABASE_URL answers");
    lock(&mut conn).await.expect("the template's lock can be taken");
    make_template(&mut conn, &name, &migrator).await;
    clear_leftovers(&mut conn, &name)
        .await
        .expect("leftovers can be cleared away");
    conn.close().await.ok();
    name
}

/// Polls for the lock: a session that waits inside one statement would hold a snapshot, and `create database` and
/// index builds wait for snapshots.
async fn lock(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    loop {
        let taken: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
            .bind(TEMPLATE_LOCK)
            .fetch_one(&mut *conn)
            .await?;
        if taken {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn make_template(conn: &mut PgConnection, name: &str, migrator: &Migrator) {
    // Only a finished one carries the mark; one without it was left by a process that was killed.
    let finished: Option<bool> = sqlx::query_scalar("select datistemplate from pg_database where datname = $1")
        .bind(name)
        .fetch_optional(&mut *conn)
        .await
        .expect("pg_database can be read");
    if finished == Some(true) {
        return;
    }
    drop_database(conn, name)
        .await
        .expect("an unfinished template can be dropped");
    execute(
        conn,
        format!("create database {name} template template0 encoding 'UTF8' locale 'C.UTF-8'"),
    )
    .await
    .expect("the template can be created");
    let mut inside = PgConnection::connect_with(&options().database(name))
        .await
        .expect("the new template answers");
    migrator.run(&mut inside).await.expect("the migrations run");
    inside.close().await.expect("the template's connection closes");
    let owner = PgPoolOptions::new()
        .max_connections(2)
        .connect_lazy_with(options().database(name));
    coterie_worker::queue::setup(&owner)
        .await
        .expect("the job queue's tables can be made");
    owner.close().await;
    execute(
        conn,
        format!("alter database {name} is_template true allow_connections false"),
    )
    .await
    .expect("the template can be marked");
}

/// FNV-1a over the migrations' checksums and the job queue's version: enough to tell one state of the folder from another.
fn fingerprint(migrator: &Migrator) -> u64 {
    let queue = coterie_worker::queue::SETUP_VERSION.to_be_bytes();
    migrator
        .iter()
        .flat_map(|migration| migration.checksum.iter())
        .chain(&queue)
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

/// Drops the test databases of processes that are gone, and all but the newest templates.
async fn clear_leftovers(conn: &mut PgConnection, template: &str) -> Result<(), sqlx::Error> {
    let tests: Vec<String> =
        sqlx::query_scalar(r"select datname::text from pg_database where datname like 'coterie\_test\_%'")
            .fetch_all(&mut *conn)
            .await?;
    for name in tests {
        let process = name.split('_').nth(2).and_then(|process| process.parse::<u32>().ok());
        // Without /proc there is no telling, and then nothing is dropped.
        let gone = process.is_some_and(|process| {
            Path::new("/proc/self").exists() && !Path::new(&format!("/proc/{process}")).exists()
        });
        if gone {
            drop_database(conn, &name).await?;
        }
    }
    let old: Vec<String> = sqlx::query_scalar(
        r"select datname::text from pg_database where datname like 'coterie\_template\_%' and datname <> $1
          order by oid desc offset $2",
    )
    .bind(template)
    .bind(TEMPLATES_KEPT - 1)
    .fetch_all(&mut *conn)
    .await?;
    for name in old {
        execute(conn, format!("alter database {name} is_template false")).await?;
        drop_database(conn, &name).await?;
    }
    Ok(())
}
