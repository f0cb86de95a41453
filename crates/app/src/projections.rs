//! The read models there are, by name: the worker follows the log with them, pages wait for those they read.

use crate::{App, UseCaseError};
use coterie_eventlog::Follower;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

pub const PEOPLE: &str = "people";
pub const BOOKINGS: &str = "bookings";
pub const MONEY: &str = "money";
pub const JOURNAL: &str = "journal";
pub const ALL: [&str; 4] = [PEOPLE, BOOKINGS, MONEY, JOURNAL];

/// How long a page waits for its models before it shows what there is.
const PATIENCE: Duration = Duration::from_secs(3);

/// Every projection, for the worker.
pub fn all() -> Vec<Arc<dyn Follower>> {
    vec![]
}

/// Waits, bounded, until the models have seen a position. `false`: they lag.
///
/// # Errors
/// When the database fails.
pub async fn wait_for(app: &App, tenant: Uuid, names: &[&str], position: i64) -> Result<bool, UseCaseError> {
    Ok(coterie_eventlog::wait_for(&app.pool, tenant, names, position, PATIENCE).await?)
}
