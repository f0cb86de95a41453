//! Who asks, answered by the use cases: the seam that the pages' guard looks through.

use coterie_app::{App, UseCaseError, organization, session};
use coterie_domain::organization::Role;
use coterie_web::Capability;
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

/// What a role may do on the pages and with a key. Everybody on the staff may read what happened.
fn capabilities(role: Role) -> Vec<Capability> {
    let granted = [
        (role.operates(), Capability::Operate),
        (role.finances(), Capability::Finance),
        (true, Capability::Audit),
    ];
    granted
        .into_iter()
        .filter(|(granted, _)| *granted)
        .map(|(_, capability)| capability)
        .collect()
}

fn failed(what: &'static str) -> impl Fn(UseCaseError) -> IdentityError {
    move |error| IdentityError {
        what,
        source: Box::new(error),
    }
}

#[cfg(test)]
mod tests {
    use super::{Capability, Role, capabilities};

    #[test]
    fn a_role_grants_what_its_use_cases_allow() {
        use Capability::{Audit, Finance, Operate};
        assert_eq!(capabilities(Role::Owner), [Operate, Finance, Audit]);
        assert_eq!(capabilities(Role::Operator), [Operate, Audit]);
        assert_eq!(capabilities(Role::Finance), [Finance, Audit]);
    }
}
