use crate::{booking::PeopleCache, catalogue::CatalogueCache, secret::SecretKey};
use coterie_eventlog::seal::Keyring;
use sqlx::PgPool;
use std::sync::Arc;

/// What every use case needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub pool: PgPool,
    pub config: Arc<AppConfig>,
    pub catalogues: CatalogueCache,
    pub people: PeopleCache,
}

/// Settings of the use cases.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// Keys tokens and the address guard.
    pub secret: SecretKey,
    /// Master keys over the keys that personal data is sealed with.
    pub keys: Keyring,
    /// Cost of a password hash (argon2id): memory in KiB and passes.
    pub password_memory_kib: u32,
    pub password_passes: u32,
}

impl AppConfig {
    /// OWASP's second recommendation for argon2id: 19 MiB, two passes.
    pub fn new(secret: SecretKey, keys: Keyring) -> Self {
        Self {
            secret,
            keys,
            password_memory_kib: 19 * 1024,
            password_passes: 2,
        }
    }
}

impl App {
    pub fn new(pool: PgPool, config: AppConfig) -> Self {
        Self {
            pool,
            config: Arc::new(config),
            catalogues: CatalogueCache::default(),
            people: PeopleCache::default(),
        }
    }
}
