use crate::config::ConfigErrors;
use crate::{MigrateError, StackError};
use coterie_app::UseCaseError;
use coterie_gateway::GatewayError;

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("DATABASE_URL is not set: it names a PostgreSQL that the demo may make a database in")]
    NoServer,
    #[error("DATABASE_URL is not a URL such as postgres://postgres@127.0.0.1:5432/postgres")]
    BadServer,
    #[error("another demo is running on this PostgreSQL; stop that one first")]
    AlreadyRunning,
    #[error(
        "{0} holds an installation that was started with --empty and has organizations in it; start it with --empty again, or name another --data"
    )]
    NotEmpty(String),
    #[error("a variable cannot be read")]
    Config(#[from] ConfigErrors),
    #[error("{0} cannot be used")]
    Place(String, #[source] std::io::Error),
    #[error("the demo's database could not be used")]
    Database(#[from] sqlx::Error),
    #[error("the database could not be migrated")]
    Migrate(#[source] Box<MigrateError>),
    #[error("the house did not start")]
    Stack(#[source] Box<StackError>),
    #[error("{0} failed")]
    UseCase(&'static str, #[source] Box<UseCaseError>),
    #[error("{0} failed at the simulator")]
    Gateway(&'static str, #[source] Box<GatewayError>),
    #[error("the sample files have faults: {0}")]
    Samples(String),
    #[error("the test clock stopped: {0}")]
    Clock(String),
    #[error("the legal entities were not connected to the simulator in time")]
    NotConnected,
    #[error("a task of the demo ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
    #[error("the answer could not be written")]
    Output(#[from] std::io::Error),
    /// Ctrl-C while it was being built.
    #[error("stopped before the demo was complete; the next start builds it anew")]
    Stopped,
}

impl From<StackError> for DemoError {
    fn from(error: StackError) -> Self {
        Self::Stack(Box::new(error))
    }
}

impl From<MigrateError> for DemoError {
    fn from(error: MigrateError) -> Self {
        Self::Migrate(Box::new(error))
    }
}

/// Says which use case failed.
pub(super) fn doing(what: &'static str) -> impl Fn(UseCaseError) -> DemoError {
    move |error| DemoError::UseCase(what, Box::new(error))
}

/// Says what failed at the simulator.
pub(super) fn asking(what: &'static str) -> impl Fn(GatewayError) -> DemoError {
    move |error| DemoError::Gateway(what, Box::new(error))
}
