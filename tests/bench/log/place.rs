//! A migrated database of its own for a part of the bench, with the baseline's table in it.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::measure::CLIENTS;

pub struct Place {
    name: String,
    /// The superuser.
    pub owner: PgPool,
    /// `coterie_app`.
    pub app: PgPool,
    /// `coterie_worker`.
    pub worker: PgPool,
}

impl Place {
    pub async fn make(name: &str) -> Self {
        let mut conn = PgConnection::connect_with(&options())
            .await
            .expect("the cluster answers");
        for sql in [
            format!("drop database if exists {name} with (force)"),
            format!("create database {name}"),
        ] {
            sqlx::query(AssertSqlSafe(sql))
                .execute(&mut conn)
                .await
                .expect("a database can be made");
        }
        let owner = pool(options().database(name), 4).await;
        sqlx::migrate!("../../migrations")
            .run(&owner)
            .await
            .expect("the migrations run");
        for sql in crate::plain::PLAIN_EVENT {
            sqlx::query(sql)
                .execute(&owner)
                .await
                .unwrap_or_else(|error| panic!("{sql}: {error}"));
        }
        Self {
            app: app(name, CLIENTS).await,
            worker: pool(options().database(name).username("coterie_worker"), 4).await,
            owner,
            name: name.to_owned(),
        }
    }

    /// New connections of `coterie_app`, one for each client, so that settings of the role come into force.
    pub async fn reconnect(&mut self, clients: usize) {
        self.app.close().await;
        self.app = app(&self.name, clients).await;
    }

    /// Says where the figures come from.
    pub async fn introduce(&self) {
        let settings: String = sqlx::query_scalar(
            "select format('PostgreSQL %s, fsync %s, synchronous_commit %s', current_setting('server_version'),
                           current_setting('fsync'), current_setting('synchronous_commit'))",
        )
        .fetch_one(&self.app)
        .await
        .expect("settings can be read");
        let build = if cfg!(debug_assertions) {
            "debug build: the figures mean little"
        } else {
            "release build"
        };
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        println!("{settings}, {build}, {cores} cores\n");
    }

    pub async fn close(self) {
        for pool in [self.app, self.worker, self.owner] {
            pool.close().await;
        }
        let mut conn = PgConnection::connect_with(&options())
            .await
            .expect("the cluster answers");
        sqlx::query(AssertSqlSafe(format!("drop database {} with (force)", self.name)))
            .execute(&mut conn)
            .await
            .expect("the database can be dropped");
    }
}

fn options() -> PgConnectOptions {
    let url =
        std::env::var("DATABASE_URL").expect("DATABASE_URL names a private cluster: see infra/local/with-postgres.sh");
    PgConnectOptions::from_str(&url).expect("DATABASE_URL is a PostgreSQL URL")
}

/// As many as there are clients: connections that nobody needs would be used in turns and keep the caches cold.
async fn app(name: &str, clients: usize) -> PgPool {
    let clients = u32::try_from(clients).expect("few");
    pool(options().database(name).username("coterie_app"), clients).await
}

/// Nobody asks a connection whether it lives before it is used: that would be a second round trip for both sides.
async fn pool(options: PgConnectOptions, connections: u32) -> PgPool {
    PgPoolOptions::new()
        .min_connections(connections)
        .max_connections(connections)
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .expect("the database answers")
}
