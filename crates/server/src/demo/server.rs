//! The `PostgreSQL` of `DATABASE_URL` and the demo's database in it.

use super::DemoError;
use super::place::Secrets;
use crate::config::{DatabaseUrl, Secret};
use crate::migrate;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use url::Url;

/// Held for as long as a demo runs on the cluster: two would drop each other's database.
const DEMO_LOCK: i64 = 0x636f_7465_7269_6502;
const NAME: &str = "coterie_demo";

pub(super) struct Server {
    url: Url,
    /// Whose session holds the lock.
    admin: PgConnection,
    pub database: String,
    fresh: bool,
}

impl Server {
    /// `fresh`: a database of its own, dropped at the end.
    pub(super) async fn open(url: &str, fresh: bool) -> Result<Self, DemoError> {
        let url = Url::parse(url).map_err(|_| DemoError::BadServer)?;
        let parsed: DatabaseUrl = url.as_str().parse().map_err(|()| DemoError::BadServer)?;
        let admin = PgConnection::connect_with(&parsed.options().disable_statement_logging()).await?;
        let database = if fresh {
            format!("{NAME}_{}_{:08x}", std::process::id(), rand::random::<u32>())
        } else {
            NAME.to_owned()
        };
        let mut server = Self {
            url,
            admin,
            database,
            fresh,
        };
        if !fresh {
            let taken: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
                .bind(DEMO_LOCK)
                .fetch_one(&mut server.admin)
                .await?;
            if !taken {
                return Err(DemoError::AlreadyRunning);
            }
        }
        Ok(server)
    }

    pub(super) async fn exists(&mut self) -> Result<bool, DemoError> {
        Ok(
            sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
                .bind(&self.database)
                .fetch_one(&mut self.admin)
                .await?,
        )
    }

    /// Drops what there is and makes an empty one. The name has only letters, digits and underscores.
    pub(super) async fn recreate(&mut self) -> Result<(), DemoError> {
        self.forget().await?;
        let create = format!("create database {} template template0 encoding 'UTF8'", self.database);
        self.admin.execute(AssertSqlSafe(create)).await?;
        Ok(())
    }

    async fn forget(&mut self) -> Result<(), DemoError> {
        let drop = format!("drop database if exists {} with (force)", self.database);
        self.admin.execute(AssertSqlSafe(drop)).await?;
        Ok(())
    }

    /// Migrates, and gives the roles passwords where the server asks its owner for one.
    pub(super) async fn migrate(&self, secrets: &Secrets) -> Result<(), DemoError> {
        let asks = self.url.password().is_some();
        let app = asks.then(|| Secret::new(&secrets.app_password));
        let worker = asks.then(|| Secret::new(&secrets.worker_password));
        migrate(&self.role_url(None)?, app.as_ref(), worker.as_ref()).await?;
        Ok(())
    }

    /// The database as a role with its password; as its owner without one.
    pub(super) fn role_url(&self, role: Option<(&str, &str)>) -> Result<DatabaseUrl, DemoError> {
        let mut url = self.url.clone();
        url.set_path(&self.database);
        if let Some((name, password)) = role {
            let password = url.password().is_some().then_some(password);
            url.set_username(name)
                .and_then(|()| url.set_password(password))
                .map_err(|()| DemoError::BadServer)?;
        }
        url.as_str().parse().map_err(|()| DemoError::BadServer)
    }

    /// How many organizations the database has.
    pub(super) async fn organizations(&self) -> Result<i64, DemoError> {
        let owner = self.role_url(None)?;
        let mut conn = PgConnection::connect_with(&owner.options().disable_statement_logging()).await?;
        let count = sqlx::query_scalar("select count(*) from installation.host")
            .fetch_one(&mut conn)
            .await;
        conn.close().await?;
        match count {
            Ok(count) => Ok(count),
            // 42P01: not even the tables are there.
            Err(error) if code(&error).as_deref() == Some("42P01") => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn close(mut self) -> Result<(), DemoError> {
        if self.fresh {
            self.forget().await?;
        }
        self.admin.close().await?;
        Ok(())
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    error
        .as_database_error()
        .and_then(|error| error.code().map(std::borrow::Cow::into_owned))
}
