//! The demo's folder: secrets that belong to its database, and the mark that the chain in it is complete.

use super::{DemoError, SignIn};
use coterie_app::secret::{Keyring, SecretKey};
use coterie_eventlog::AnchorKey;
use coterie_worker::anchors::{AnchorStore, Anchors, StoreError};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SECRETS: &str = "secrets";
const MARK: &str = "demo.json";
/// Below it lie the anchors; the store names it.
const ANCHORS: &str = "anchors";
const ANCHORED_EVERY: Duration = Duration::from_mins(1);

pub(super) struct Place {
    pub folder: PathBuf,
}

/// Drawn once; a restart on the same database needs the same ones.
#[derive(Serialize, Deserialize)]
pub(super) struct Secrets {
    /// 32 bytes in hexadecimal.
    secret_key: String,
    /// Wraps what personal data is sealed with; 32 bytes in hexadecimal. A folder from before has none yet.
    #[serde(default)]
    master_key: String,
    /// Signs anchors; 32 bytes in hexadecimal.
    #[serde(default)]
    anchor_key: String,
    pub webhook_secret: String,
    /// Given to the database's roles where the server asks for passwords.
    pub app_password: String,
    pub worker_password: String,
}

impl Secrets {
    fn draw() -> Self {
        let text = |bytes: [u8; 16]| hex::encode(bytes);
        Self {
            secret_key: hex::encode(rand::random::<[u8; 32]>()),
            master_key: draw_key(),
            anchor_key: draw_key(),
            webhook_secret: format!("whsec_{}", text(rand::random())),
            app_password: text(rand::random()),
            worker_password: text(rand::random()),
        }
    }
    fn key(&self) -> std::io::Result<SecretKey> {
        Ok(SecretKey::new(bytes(&self.secret_key)?))
    }
    fn keys(&self) -> std::io::Result<Keyring> {
        Keyring::new([("demo".to_owned(), bytes(&self.master_key)?)]).map_err(std::io::Error::other)
    }
}

fn draw_key() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

fn bytes(text: &str) -> std::io::Result<[u8; 32]> {
    hex::decode(text)
        .map_err(std::io::Error::other)?
        .try_into()
        .map_err(|_| std::io::Error::other("a key has not 32 bytes"))
}

/// Written when the demo's database is as it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// No chain was built: somebody wanted an empty installation.
    pub empty: bool,
    pub sign_ins: Vec<SignIn>,
    pub api_key: Option<String>,
}

impl Place {
    pub(super) fn open(folder: &Path) -> Result<Self, DemoError> {
        let failed = |error| DemoError::Place(folder.display().to_string(), error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let folder = folder.canonicalize().map_err(failed)?;
        Ok(Self { folder })
    }
    fn failed(&self, name: &str) -> impl Fn(std::io::Error) -> DemoError {
        let path = self.folder.join(name).display().to_string();
        move |error| DemoError::Place(path.clone(), error)
    }

    pub(super) fn secrets(&self) -> Result<Secrets, DemoError> {
        let known = self.read::<Secrets>(SECRETS)?;
        let complete = known
            .as_ref()
            .is_some_and(|secrets| !secrets.master_key.is_empty() && !secrets.anchor_key.is_empty());
        let mut secrets = known.unwrap_or_else(Secrets::draw);
        if !complete {
            for key in [&mut secrets.master_key, &mut secrets.anchor_key] {
                if key.is_empty() {
                    *key = draw_key();
                }
            }
            self.write(SECRETS, &secrets)?;
        }
        Ok(secrets)
    }
    pub(super) fn key(&self, secrets: &Secrets) -> Result<SecretKey, DemoError> {
        secrets.key().map_err(self.failed(SECRETS))
    }
    pub(super) fn keys(&self, secrets: &Secrets) -> Result<Keyring, DemoError> {
        secrets.keys().map_err(self.failed(SECRETS))
    }
    /// Heads are published into this folder, which is outside the database at least.
    pub(super) fn anchors(&self, secrets: &Secrets) -> Result<Anchors, DemoError> {
        let key = bytes(&secrets.anchor_key).map_err(self.failed(SECRETS))?;
        let failed_key = || self.failed(SECRETS)(std::io::Error::other("the anchors' key is none"));
        let failed = |error: StoreError| self.failed(ANCHORS)(std::io::Error::other(error));
        Ok(Anchors {
            store: AnchorStore::in_folder(&self.folder).map_err(failed)?,
            key: AnchorKey::new(&key).ok_or_else(failed_key)?,
            earlier_keys: Vec::new(),
            every: ANCHORED_EVERY,
        })
    }

    pub(super) fn mark(&self) -> Result<Option<Mark>, DemoError> {
        self.read(MARK)
    }
    pub(super) fn set_mark(&self, mark: &Mark) -> Result<(), DemoError> {
        self.write(MARK, mark)
    }
    /// Forgets everything that belongs to an old database: the mark first, so that a half-forgotten demo is none.
    pub(super) fn clear(&self) -> Result<(), DemoError> {
        for name in [MARK, "stripe-sim.json"] {
            match std::fs::remove_file(self.folder.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(self.failed(name)(error)),
                _ => {}
            }
        }
        for name in ["mail", ANCHORS] {
            match std::fs::remove_dir_all(self.folder.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(self.failed(name)(error)),
                _ => {}
            }
        }
        Ok(())
    }

    fn read<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Option<T>, DemoError> {
        match std::fs::read(self.folder.join(name)) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| self.failed(name)(error.into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(name)(error)),
        }
    }
    /// Beside its place and renamed, readable by its owner alone: both files hold secrets.
    fn write<T: Serialize>(&self, name: &str, value: &T) -> Result<(), DemoError> {
        let write = || {
            let beside = self.folder.join(format!("{name}.new"));
            let mut options = std::fs::OpenOptions::new();
            let mut file = options
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&beside)?;
            file.write_all(&serde_json::to_vec_pretty(value)?)?;
            file.sync_all()?;
            std::fs::rename(beside, self.folder.join(name))
        };
        write().map_err(self.failed(name))
    }
}
