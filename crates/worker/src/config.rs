use crate::{
    anchors::Anchors,
    mail::{Address, Transports},
    queue::Wake,
};
use coterie_app::App;
use coterie_gateway::Gateway;
use sqlx::Row;
use std::sync::Arc;
use url::Url;
use uuid::Uuid;

/// What a worker needs. Cheap to clone.
#[derive(Clone)]
pub struct WorkerConfig {
    /// Use cases on the worker role's pool.
    pub app: App,
    /// Charges of live organizations; without it they wait.
    pub live_gateway: Option<Arc<dyn Gateway>>,
    /// Charges of sandboxes: the simulator, always.
    pub sandbox_gateway: Option<Arc<dyn Gateway>>,
    /// The simulator's own controls, so that a test clock moves it too.
    pub sim: Option<SimControl>,
    pub transports: Transports,
    /// Whom mail is from; the organization's name is put in front.
    pub mail_from: Address,
    pub urls: ChainUrls,
    pub wake: Wake,
    /// Where heads are published, if anywhere.
    pub anchors: Option<Anchors>,
}

impl WorkerConfig {
    /// The gateway through which an organization is paid.
    pub fn gateway(&self, sandbox: bool) -> Option<Arc<dyn Gateway>> {
        if sandbox {
            self.sandbox_gateway.clone()
        } else {
            self.live_gateway.clone()
        }
    }
}

/// Where the simulator is controlled, e.g. `http://127.0.0.1:12111`.
#[derive(Debug, Clone)]
pub struct SimControl {
    pub base: String,
    pub client: reqwest::Client,
}

/// How links to a chain's own host are made.
#[derive(Debug, Clone)]
pub struct ChainUrls {
    /// The installation's public address: its scheme and port are the chains' too.
    pub public: Url,
}

impl ChainUrls {
    /// The address of a page of an organization; `path` begins with a slash.
    pub async fn page(&self, app: &App, tenant: Uuid, path: &str) -> Result<String, sqlx::Error> {
        let row =
            sqlx::query("select host from installation.host where tenant_id = $1 order by created_at, host limit 1")
                .bind(tenant)
                .fetch_one(&app.pool)
                .await?;
        let host: String = row.try_get("host")?;
        let port = self.public.port().map(|port| format!(":{port}")).unwrap_or_default();
        Ok(format!("{}://{host}{port}{path}", self.public.scheme()))
    }
}
