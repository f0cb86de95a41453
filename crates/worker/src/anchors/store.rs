use super::bucket;
use coterie_eventlog::{Anchor, AnchorError};
use futures::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use std::fmt;
use std::sync::Arc;
use url::Url;
use uuid::Uuid;

/// Anchors fetched at the same time.
const FETCHES: usize = 8;
/// The most anchors of one organization that are read: one a minute for ten years.
const MOST_ANCHORS: usize = 5_300_000;
/// The largest object that is taken for an anchor, in bytes. They have about 400.
const LARGEST: u64 = 16 << 10;

/// A folder or a bucket.
#[derive(Clone)]
pub struct AnchorStore(Arc<dyn ObjectStore>);

impl fmt::Debug for AnchorStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AnchorStore({})", self.0)
    }
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names nothing that is known here.
    #[error("anchors are kept at file:///folder or s3://bucket/prefix, and not at {0}:")]
    Scheme(String),
    /// The folder cannot be made.
    #[error("the folder {0} for anchors cannot be used")]
    Folder(String, #[source] std::io::Error),
    /// The store refused or did not answer.
    #[error("the store of anchors did not do it")]
    Store(#[from] object_store::Error),
    /// Something else lies where an anchor should.
    #[error("{0} in the store of anchors: {1}")]
    NoAnchor(String, #[source] AnchorError),
    /// More than anybody should have.
    #[error("there are more than {MOST_ANCHORS} anchors of one organization")]
    TooMany,
}

/// What became of an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It was not there and is now.
    Created,
    /// The same head was anchored already.
    Known,
    /// Another head lies there: the log says something else now than it did.
    Differs(Box<Anchor>),
}

impl AnchorStore {
    /// Opens `file:///folder`, which is made if it is not there, or `s3://bucket/prefix`. `settings` are a bucket's, named
    /// like the variables that every S3 client reads (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL` and so on).
    ///
    /// # Errors
    /// [`StoreError`] for another scheme, or a folder or bucket that cannot be.
    pub fn open(url: &Url, settings: &[(String, String)]) -> Result<Self, StoreError> {
        match url.scheme() {
            "file" => {
                let scheme = || StoreError::Scheme(url.scheme().to_owned());
                Self::in_folder(&url.to_file_path().map_err(|()| scheme())?)
            }
            "s3" => Ok(Self(bucket::open(url, settings)?)),
            other => Err(StoreError::Scheme(other.to_owned())),
        }
    }

    /// A folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`StoreError::Folder`] when it cannot be.
    pub fn in_folder(folder: &std::path::Path) -> Result<Self, StoreError> {
        let failed = |error| StoreError::Folder(folder.display().to_string(), error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        // On the disk before it is believed to be there: an anchor is worth what survives.
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self(Arc::new(store)))
    }

    /// Puts an anchor where nothing lies yet; nothing is ever overwritten.
    ///
    /// # Errors
    /// When the store does not do it, or holds something else there.
    pub async fn put(&self, anchor: &Anchor) -> Result<Put, StoreError> {
        let path = Path::from(anchor.path());
        let payload = PutPayload::from(anchor.to_json() + "\n");
        match self.0.put_opts(&path, payload, PutMode::Create.into()).await {
            Ok(_) => Ok(Put::Created),
            Err(object_store::Error::AlreadyExists { .. }) => {
                let there = self.get(&path).await?;
                Ok(if there.hash == anchor.hash {
                    Put::Known
                } else {
                    Put::Differs(Box::new(there))
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Every anchor of an organization, in position order. Signatures are not looked at.
    ///
    /// # Errors
    /// When the store does not answer, or holds something else there.
    pub async fn all(&self, tenant: Uuid) -> Result<Vec<Anchor>, StoreError> {
        let folder = Path::from(Anchor::folder(tenant));
        let listed = self.0.list(Some(&folder)).take(MOST_ANCHORS + 1);
        let mut paths: Vec<Path> = listed.map_ok(|object| object.location).try_collect().await?;
        if paths.len() > MOST_ANCHORS {
            return Err(StoreError::TooMany);
        }
        paths.sort();
        let fetched = futures::stream::iter(paths).map(|path| async move { self.get(&path).await });
        let mut anchors: Vec<Anchor> = fetched.buffered(FETCHES).try_collect().await?;
        // By what they say, whatever they are named.
        anchors.sort_by_key(|anchor| anchor.position);
        Ok(anchors)
    }

    async fn get(&self, path: &Path) -> Result<Anchor, StoreError> {
        let found = self.0.get(path).await?;
        let no_anchor = |said: &str| StoreError::NoAnchor(path.to_string(), AnchorError::Unreadable(said.to_owned()));
        if found.meta.size > LARGEST {
            return Err(no_anchor("it is too large"));
        }
        let bytes = found.bytes().await?;
        let text = std::str::from_utf8(&bytes).map_err(|_| no_anchor("it is not UTF-8"))?;
        Anchor::from_json(text).map_err(|error| StoreError::NoAnchor(path.to_string(), error))
    }
}
