use crate::config::ConfigErrors;
use crate::migrate::MigrateError;
use coterie_domain::event::DecodeError;
use coterie_gateway::GatewayError;
use std::error::Error;

/// Why a command failed, as a sentence for whoever typed it.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error("{0}")]
    Usage(&'static str),
    #[error("The environment cannot be read. {0}")]
    Config(#[from] ConfigErrors),
    #[error("{0} is not set.")]
    Missing(&'static str),
    #[error("Interrupted.")]
    Interrupted,
    /// The sentences of what was found.
    #[error("Refusing to start. {0}")]
    Unsafe(String),
    #[error("The database could not be migrated")]
    Migrate(#[from] MigrateError),
    #[error("The database could not be asked")]
    Database(#[from] sqlx::Error),
    #[error("An event of the log could not be read")]
    Decode(#[from] DecodeError),
    #[error("The keys could not be rotated")]
    Keys(#[source] coterie_eventlog::seal::OpenError),
    /// The use case's own sentence.
    #[error("{0}")]
    Refused(String),
    #[error("The gateway's client could not start")]
    Gateway(#[source] Box<GatewayError>),
    #[error("There is no organization \u{201c}{0}\u{201d}.")]
    NoOrganization(String),
    #[error("There is no legal entity \u{201c}{0}\u{201d}. There are: {1}.")]
    NoEntity(String, String),
    #[error("There is no projection \u{201c}{0}\u{201d}. There are: {1}.")]
    NoProjection(String, String),
    #[error("Reactions are not rebuilt: what they sent and charged cannot be sent again.")]
    Reaction,
    #[error("The read model was left as it is")]
    Rebuild(#[from] coterie_eventlog::RebuildError),
    #[error("There is no event with this id.")]
    NoEvents,
    #[error("Could not listen on {0}")]
    Listen(std::net::SocketAddr, #[source] std::io::Error),
    #[error("{0} could not be read")]
    File(String, #[source] std::io::Error),
    #[error("{0} could not be written")]
    FileWrite(String, #[source] std::io::Error),
    #[error("Anchors cannot be used")]
    Anchors(#[from] coterie_worker::anchors::StoreError),
    #[error("The heads could not be anchored")]
    Publish(#[from] coterie_worker::anchors::PublishError),
    #[error("The log could not be exported")]
    Export(#[from] coterie_eventlog::ExportError),
    #[error("There is no guard table \u{201c}{0}\u{201d}. There are: {1}.")]
    NoGuard(String, String),
    #[error("The guards could not be compared with the log")]
    Guards(#[source] coterie_app::UseCaseError),
    #[error("The command could not be carried out")]
    UseCase(#[from] coterie_app::UseCaseError),
    #[error("The demo ended")]
    Demo(#[source] Box<crate::demo::DemoError>),
    #[error("The answer could not be written")]
    Output(#[from] std::io::Error),
}

impl From<GatewayError> for CliError {
    fn from(error: GatewayError) -> Self {
        Self::Gateway(Box::new(error))
    }
}

impl From<crate::demo::DemoError> for CliError {
    fn from(error: crate::demo::DemoError) -> Self {
        Self::Demo(Box::new(error))
    }
}

impl CliError {
    /// The error and what caused it, in one sentence.
    pub fn sentence(&self) -> String {
        let mut sentence = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            // Some errors repeat their cause in their own words.
            if !sentence.contains(&cause_text) {
                sentence = format!("{}: {cause_text}", sentence.trim_end_matches('.'));
            }
            source = cause.source();
        }
        if !sentence.ends_with('.') {
            sentence.push('.');
        }
        sentence
    }
}
