//! Where anchors are kept and who signs them.

use super::read::Reader;
use super::values::Secret;
use coterie_eventlog::{AnchorKey, AnchorPublicKey};
use coterie_worker::anchors::{AnchorStore, Anchors, StoreError};
use std::time::Duration;
use url::Url;

/// How often heads are published unless said otherwise: what an intruder can undo unseen is never older.
const EVERY: Duration = Duration::from_mins(5);
const LONGEST_SECONDS: u64 = 86_400;
/// What every S3 client reads, as far as it is of use here.
const BUCKET_SETTINGS: [&str; 7] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
];
pub(super) const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// What the environment says of anchors.
#[derive(Debug, Clone)]
pub struct AnchorConfig {
    /// `COTERIE_ANCHOR_URL`: a folder or a bucket.
    pub url: Option<Url>,
    /// `COTERIE_ANCHOR_KEY`: a seed of 32 bytes in base64.
    pub key: Option<AnchorKey>,
    /// `COTERIE_ANCHOR_PUBLIC_KEYS`: keys that signed earlier.
    pub earlier_keys: Vec<AnchorPublicKey>,
    /// `COTERIE_ANCHOR_EVERY`, 300 seconds unless set.
    pub every: Duration,
    /// The bucket's own variables that are set.
    pub bucket: Vec<(&'static str, Secret)>,
}

impl AnchorConfig {
    /// Opens the store; `None` where no anchors are wished for.
    ///
    /// # Errors
    /// When the folder or bucket cannot be used.
    pub fn open(&self) -> Result<Option<Anchors>, StoreError> {
        let (Some(url), Some(key)) = (&self.url, &self.key) else {
            return Ok(None);
        };
        let settings: Vec<(String, String)> = self
            .bucket
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.reveal().to_owned()))
            .collect();
        Ok(Some(Anchors {
            store: AnchorStore::open(url, &settings)?,
            key: key.clone(),
            earlier_keys: self.earlier_keys.clone(),
            every: self.every,
        }))
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> AnchorConfig {
    let url = reader.read(
        "COTERIE_ANCHOR_URL",
        "a URL such as file:///var/lib/coterie/anchors or s3://bucket/prefix",
        |text| {
            let url = Url::parse(text).ok()?;
            let known = match url.scheme() {
                "file" => url.to_file_path().is_ok(),
                "s3" => url.has_host(),
                _ => false,
            };
            known.then_some(url)
        },
    );
    let earlier = reader.read(
        "COTERIE_ANCHOR_PUBLIC_KEYS",
        "a list of public keys of 32 bytes in base64, separated by commas",
        |text| text.split(',').map(AnchorPublicKey::from_base64).collect(),
    );
    let every = reader.read("COTERIE_ANCHOR_EVERY", "a number of seconds from 1 to 86400", |text| {
        let seconds = text
            .parse()
            .ok()
            .filter(|seconds| (1..=LONGEST_SECONDS).contains(seconds));
        seconds.map(Duration::from_secs)
    });
    AnchorConfig {
        url,
        key: reader.read("COTERIE_ANCHOR_KEY", "32 bytes in base64", AnchorKey::from_base64),
        earlier_keys: earlier.unwrap_or_default(),
        every: every.unwrap_or(EVERY),
        bucket: BUCKET_SETTINGS
            .into_iter()
            .filter_map(|name| Some((name, reader.secret(name)?)))
            .collect(),
    }
}
