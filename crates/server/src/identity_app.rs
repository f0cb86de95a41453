//! Who asks, answered by the use cases: the seam that the pages' guard looks through.

use coterie_app::{App, UseCaseError, organization, session};
use coterie_web::callers::capabilities;
use coterie_web::identity::{ApiKeyInfo, BoxFuture, Identity, IdentityError, Person, SessionInfo, TenantInfo};
use jiff::Timestamp;
use uuid::Uuid;

/// The pages' [`Identity`] over an [`App`].
#[derive(Clone)]
pub struct AppIdentity(App);

impl AppIdentity {
    pub fn new(app: App) -> Self {
        Self(app)
    }
}

impl Identity for AppIdentity {
    fn tenant_by_host<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Option<TenantInfo>, IdentityError>> {
        Box::pin(async move {
            let found = organization::by_host(&self.0, host).await.map_err(failed("host"))?;
            Ok(found.map(|found| TenantInfo {
                tenant: found.tenant,
                name: found.name,
                slug: found.slug,
                sandbox: found.sandbox,
            }))
        })
    }

    fn session<'a>(
        &'a self,
        tenant: Uuid,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Option<SessionInfo>, IdentityError>> {
        Box::pin(async move {
            let found = session::authenticate(&self.0, tenant, token)
                .await
                .map_err(failed("session"))?;
            Ok(found.map(|found| SessionInfo {
                person: match found.person {
                    session::Person::Member { id } => Person::Member { id: id.0 },
                    session::Person::Staff { id, role } => Person::Staff {
                        id: id.0,
                        capabilities: capabilities(role),
                    },
                },
                name: found.name,
                email: found.email,
            }))
        })
    }

    fn api_key<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<ApiKeyInfo>, IdentityError>> {
        Box::pin(async move {
            let found = session::find_api_key(&self.0, key).await.map_err(failed("API key"))?;
            Ok(found.map(|found| ApiKeyInfo {
                tenant: found.tenant,
                key_id: found.key_id,
                scopes: capabilities(found.role),
            }))
        })
    }

    fn test_clock(&self, tenant: Uuid) -> BoxFuture<'_, Result<Option<Timestamp>, IdentityError>> {
        Box::pin(async move {
            let found = organization::by_id(&self.0, tenant).await.map_err(failed("clock"))?;
            Ok(found.and_then(|found| found.clock_now))
        })
    }
}

fn failed(what: &'static str) -> impl Fn(UseCaseError) -> IdentityError {
    move |error| IdentityError {
        what,
        source: Box::new(error),
    }
}

#[cfg(test)]
mod tests {
    use super::capabilities;
    use coterie_domain::organization::Role;
    use coterie_web::Capability::{Audit, Finance, Operate};

    #[test]
    fn a_role_grants_what_its_use_cases_allow() {
        assert_eq!(capabilities(Role::Owner), [Operate, Finance, Audit]);
        // What happened includes what was paid, so the log is not an operator's.
        assert_eq!(capabilities(Role::Operator), [Operate]);
        assert_eq!(capabilities(Role::Finance), [Finance, Audit]);
    }
}
