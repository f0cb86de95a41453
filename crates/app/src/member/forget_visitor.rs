//! Forgetting a visitor. She signs in nowhere and has neither feeds nor codes; and whoever typed an address need not be whose it is,
//! so nothing is looked for by address: a member of the same one keeps her mail.

use super::{forget, load_even_forgotten};
use crate::{Operation, UseCaseError};
use coterie_domain::{
    MemberId,
    member::{self, Member, MemberEvent},
};
use coterie_eventlog::seal::{self, Purpose};
use uuid::Uuid;

/// Forgets a visitor who left nothing behind: nobody asked for it, and nobody has a use for what she typed.
///
/// # Errors
/// When the database fails.
pub(crate) async fn forget_visitor_in_op(op: &mut Operation, id: MemberId) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    seal::lock_in_op(op.conn(), tenant, id.0).await?;
    let (member, version) = load_even_forgotten(op, id).await?;
    if member.forgotten || !member.visitor {
        return Ok(());
    }
    let ties = forget::ties_in_op(op, id).await?;
    let Ok(forgotten) = member::forget(&member, ties) else {
        return Ok(());
    };
    destroy_in_op(op, &member).await?;
    op.write(id.0, version, [MemberEvent::from(forgotten)])
}

/// Lets go of her visit, her letters and what the gateway told of her, and destroys her key.
pub(super) async fn destroy_in_op(op: &mut Operation, member: &Member) -> Result<(), UseCaseError> {
    let (tenant, id) = (op.tenant(), member.member_id);
    // What her letters are about and what the gateway's events name: the visit, its payment and its booking.
    let about: Option<(Uuid, String, String)> = sqlx::query_as(
        "select stream_id, payload->>'payment_id', payload->>'booking_id' from event
         where tenant_id = $1 and category = 'visitor_booking' and event_type = 'VisitorBookingOpened'
           and payload->>'member_id' = $2",
    )
    .bind(tenant)
    .bind(id.to_string())
    .fetch_optional(op.conn())
    .await?;
    if let Some((visit, payment, booking)) = about {
        let subjects = [visit.to_string(), payment, booking];
        let gone = op.app().config.secret.forgotten_address(tenant, &member.email);
        sqlx::query(
            "update mail_outbox
             set message = ''::bytea, recipient = $3, last_error = null,
                 state = case state when 'pending' then 'suppressed' else state end
             where tenant_id = $1 and subject_id::text = any($2) and recipient = $4",
        )
        .bind(tenant)
        .bind(&subjects[..])
        .bind(gone)
        .bind(&member.email)
        .execute(op.conn())
        .await?;
        sqlx::query(
            "update installation.webhook_inbox set body = '{}'
             where tenant_id = $1 and queued_at is not null and strpos(body, $2) > 0",
        )
        .bind(tenant)
        .bind(visit.to_string())
        .execute(op.conn())
        .await?;
    }
    seal::bar_in_op(op.conn(), tenant, id.0).await?;
    seal::destroy_in_op(op.conn(), tenant, id.0, Purpose::Person).await?;
    Ok(())
}
