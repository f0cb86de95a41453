use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, session, trouble};
use coterie_domain::{
    LocationId, MemberId, Refusal,
    member::{self, MemberEvent},
};
use uuid::Uuid;

/// A row of another system's member list.
#[derive(Debug, Clone)]
pub struct ImportMember {
    /// The row's id in that system: importing it again changes nothing.
    pub external_id: String,
    pub name: String,
    pub email: String,
    pub home_location_id: Option<LocationId>,
    /// None: she sets one by a link.
    pub password: Option<String>,
}

/// # Errors
/// Faulty fields; an address that somebody else has; operators only.
pub async fn import(app: &App, caller: &Caller, command: ImportMember) -> Outcome<MemberId> {
    trouble::carry_out(app, caller, || import_once(app, caller, command.clone())).await
}

async fn import_once(app: &App, caller: &Caller, command: ImportMember) -> Outcome<MemberId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let id = import_in_op(&mut op, command).await?;
    op.commit(id).await
}

/// # Errors
/// Faulty fields; an address that somebody else has; whatever the database says.
pub(crate) async fn import_in_op(op: &mut Operation, command: ImportMember) -> Result<MemberId, UseCaseError> {
    let id = MemberId(op.new_id());
    if let Some(known) = claim_import(op, "member", &command.external_id, id.0).await? {
        return Ok(MemberId(known));
    }
    let imported = member::import(
        id,
        &command.name,
        &command.email,
        command.home_location_id,
        &command.external_id,
    )?;
    if let Some(location) = command.home_location_id {
        op.catalogue().await?.location(location)?;
    }
    let hash = match command.password {
        Some(password) => Some(session::hash_password(&op.app().clone(), password).await?),
        None => None,
    };
    session::claim_email(op, &imported.email, "member", id.0, hash)
        .await?
        .ok_or_else(|| {
            Refusal::conflict("email_taken", "Somebody here already uses this address.")
                .on("email", "Somebody here already uses this address.")
        })?;
    op.write(id.0, 0, [MemberEvent::from(imported)])?;
    Ok(id)
}

/// Remembers what an imported row becomes; answers what it became before, if it did.
///
/// # Errors
/// When the database fails.
pub(crate) async fn claim_import(
    op: &mut Operation,
    kind: &str,
    external_id: &str,
    id: Uuid,
) -> Result<Option<Uuid>, UseCaseError> {
    let tenant = op.tenant();
    let known = find_import(op, kind, external_id).await?;
    if known.is_none() {
        let hidden = op.app().config.secret.import_hmac(tenant, kind, external_id);
        sqlx::query("insert into import_key (tenant_id, kind, external_id, id) values ($1, $2, $3, $4)")
            .bind(tenant)
            .bind(kind)
            .bind(hidden)
            .bind(id)
            .execute(op.conn())
            .await?;
    }
    Ok(known)
}

/// What an imported row became.
///
/// # Errors
/// When the database fails.
pub async fn find_import(op: &mut Operation, kind: &str, external_id: &str) -> Result<Option<Uuid>, UseCaseError> {
    let tenant = op.tenant();
    let hidden = op.app().config.secret.import_hmac(tenant, kind, external_id);
    Ok(
        // Rows from before the ids were hidden have them as they were. Each is one look into the key's index; for a list of two, all
        // rows of an organization that PostgreSQL knows nothing of yet would be read.
        sqlx::query_scalar(
            "select id from import_key where tenant_id = $1 and kind = $2 and external_id = $3
             union all
             select id from import_key where tenant_id = $1 and kind = $2 and external_id = $4
             limit 1",
        )
        .bind(tenant)
        .bind(kind)
        .bind(hidden)
        .bind(external_id)
        .fetch_optional(op.conn())
        .await?,
    )
}
