//! Forgetting a person: her key is destroyed, so that nobody can read what the log has of her, and every other place that
//! knows her lets go in the same transaction.

use super::{forget_visitor, load_even_forgotten};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, calendar_feed, door, session};
use coterie_domain::{
    MemberId, Payer,
    member::{self, Member, MemberEvent, Ties},
};
use coterie_eventlog::seal::{self, Purpose};
use jiff::civil::Date;
use sqlx::Row;
use uuid::Uuid;

/// Forgets a member. What the law wants kept stays in her invoices until its date. Forgetting again changes nothing.
///
/// # Errors
/// A refusal while a membership runs or something is not settled; operators only.
pub async fn forget(app: &App, caller: &Caller, id: MemberId) -> Outcome<MemberId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let tenant = op.tenant();
    // Whoever is writing of her finishes first; whoever comes later finds her forgotten.
    seal::lock_in_op(op.conn(), tenant, id.0).await?;
    let (member, version) = load_even_forgotten(&mut op, id).await?;
    if member.forgotten {
        return op.commit(id).await;
    }
    let ties = ties_in_op(&mut op, id).await?;
    let forgotten = member::forget(&member, ties)?;
    destroy_in_op(&mut op, &member).await?;
    op.write(id.0, version, [MemberEvent::from(forgotten)])?;
    op.commit(id).await
}

/// Lets go of her everywhere, and destroys her key.
async fn destroy_in_op(op: &mut Operation, member: &Member) -> Result<(), UseCaseError> {
    if member.visitor {
        return forget_visitor::destroy_in_op(op, member).await;
    }
    let (tenant, id) = (op.tenant(), member.member_id);
    let keys = op.app().config.keys.clone();
    let customers = customers_in_op(op, id).await?;
    let external_id = external_id_in_op(op, &keys, id).await?;
    let_go_in_op(op, member, external_id.as_deref()).await?;
    session::forget_person_in_op(op, id.0).await?;
    calendar_feed::let_go_in_op(op, id).await?;
    door::let_go_in_op(op, id).await?;
    blank_webhooks_in_op(op, member, &customers).await?;
    seal::bar_in_op(op.conn(), tenant, id.0).await?;
    seal::destroy_in_op(op.conn(), tenant, id.0, Purpose::Person).await?;
    Ok(())
}

/// What still ties her to the chain, by the guards.
pub(super) async fn ties_in_op(op: &mut Operation, id: MemberId) -> Result<Ties, UseCaseError> {
    let tenant = op.tenant();
    let row = sqlx::query(
        "select (select count(*) from membership_guard where tenant_id = $1 and member_id = $2 and not ended) as memberships,
                (select count(*) from visitor_booking where tenant_id = $1 and member_id = $2) as visits,
                (select count(*) from charge_guard
                 where tenant_id = $1 and payer_id = $2 and payer_kind = 'member' and invoice_id is null and not voided) as charges,
                (select count(*) from invoice_guard
                 where tenant_id = $1 and payer_id = $2 and payer_kind = 'member'
                   and (open_minor > 0 or live_payment_id is not null)) as invoices",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_one(op.conn())
    .await?;
    Ok(Ties {
        memberships: row.try_get("memberships")?,
        visits: row.try_get("visits")?,
        charges: row.try_get("charges")?,
        invoices: row.try_get("invoices")?,
    })
}

/// What Stripe calls her, at each legal entity.
async fn customers_in_op(op: &mut Operation, id: MemberId) -> Result<Vec<String>, UseCaseError> {
    let catalogue = op.catalogue().await?;
    let mut customers = Vec::new();
    for entity in catalogue.legal_entities.keys() {
        let (account, _) = super::load_account(op, Payer::Member(id), *entity).await?;
        customers.extend(account.customer_id);
    }
    Ok(customers)
}

/// Her id in the list she was imported from.
async fn external_id_in_op(
    op: &mut Operation,
    keys: &seal::Keyring,
    id: MemberId,
) -> Result<Option<String>, UseCaseError> {
    let tenant = op.tenant();
    let mut events = coterie_eventlog::read_stream(op.conn(), tenant, id.0, 0, 1).await?;
    keys.open_in_op(op.conn(), tenant, &mut events).await?;
    let Some(first) = events.first().filter(|event| event.event_type == "MemberImported") else {
        return Ok(None);
    };
    Ok(match crate::operation::decode(first)? {
        MemberEvent::MemberImported(imported) => Some(imported.external_id),
        _ => None,
    })
}

/// The import guard's id, and her mail: bytes, address and what a server said of it. The rows stay, so that nothing is
/// imported or sent a second time.
async fn let_go_in_op(op: &mut Operation, member: &Member, external_id: Option<&str>) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let secret = op.app().config.secret.clone();
    if let Some(external_id) = external_id {
        sqlx::query("update import_key set external_id = $4 where tenant_id = $1 and kind = 'member' and id = $2 and external_id = $3")
            .bind(tenant)
            .bind(member.member_id.0)
            .bind(external_id)
            .bind(secret.import_hmac(tenant, "member", external_id))
            .execute(op.conn())
            .await?;
    }
    sqlx::query(
        "update mail_outbox
         set message = ''::bytea, recipient = $3, last_error = null,
             state = case state when 'pending' then 'suppressed' else state end
         where tenant_id = $1 and (recipient = $2 or subject_id = $4)",
    )
    .bind(tenant)
    .bind(&member.email)
    .bind(secret.forgotten_address(tenant, &member.email))
    .bind(member.member_id.0)
    .execute(op.conn())
    .await?;
    Ok(())
}

/// What Stripe told of her and was applied long ago.
async fn blank_webhooks_in_op(op: &mut Operation, member: &Member, customers: &[String]) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "update installation.webhook_inbox set body = '{}'
         where tenant_id = $1 and queued_at is not null
           and (strpos(lower(body), $2) > 0 or exists (select from unnest($3::text[]) as customer where strpos(body, customer) > 0))",
    )
    .bind(tenant)
    .bind(&member.email)
    .bind(customers)
    .execute(op.conn())
    .await?;
    Ok(())
}

/// What forgetting a member would keep, and what stands against it, for whoever is about to confirm.
#[derive(Debug, Clone, PartialEq)]
pub struct BeforeForgetting {
    pub name: String,
    pub forgotten: bool,
    /// The sentence of the refusal that forgetting would meet now.
    pub obstacle: Option<String>,
    /// Numbers of her invoices, with the last day on which each must be kept whole.
    pub kept: Vec<(String, Date)>,
}

/// # Errors
/// `NotFound` for an unknown member; operators only.
pub async fn before_forgetting(app: &App, caller: &Caller, id: MemberId) -> Result<BeforeForgetting, UseCaseError> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    let (member, _) = load_even_forgotten(&mut op, id).await?;
    let ties = ties_in_op(&mut op, id).await?;
    let tenant = op.tenant();
    let rows: Vec<(Uuid,)> = sqlx::query_as(
        "select invoice_id from invoice_guard
         where tenant_id = $1 and payer_id = $2 and payer_kind = 'member' order by invoice_id limit 200",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_all(op.conn())
    .await?;
    let mut kept = Vec::new();
    for (invoice,) in rows {
        if let Some(issued) = crate::invoice::load(&mut op, invoice.into()).await? {
            kept.push((issued.number, issued.retain_until));
        }
    }
    Ok(BeforeForgetting {
        obstacle: member::forget(&member, ties).err().map(|refusal| refusal.sentence),
        name: member.name,
        forgotten: member.forgotten,
        kept,
    })
}
