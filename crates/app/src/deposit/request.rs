use crate::{Operation, UseCaseError, charge, invoice};
use coterie_domain::{
    ChargeId, DepositId, InvoiceId,
    deposit::{self, DepositEvent, DepositRequested},
    membership::MembershipStarted,
    plan::PlanVersionPublished,
};

/// Asks for the deposit of a membership that begins, by a document of its own, where its plan wants one.
///
/// # Errors
/// When the database fails.
pub(crate) async fn request_in_op(
    op: &mut Operation,
    membership: &MembershipStarted,
    plan: &PlanVersionPublished,
) -> Result<(), UseCaseError> {
    let position = op.catalogue().await?.position;
    let ids = (DepositId(op.new_id()), ChargeId(op.new_id()), InvoiceId(op.new_id()));
    let Some(requested) = deposit::request(ids, membership, plan, position) else {
        return Ok(());
    };
    add_row_in_op(op, &requested.fact).await?;
    charge::make_in_op(op, &requested.charge).await?;
    let fact = requested.fact;
    invoice::issue_charges_in_op(
        op,
        fact.invoice_id,
        fact.payer,
        fact.legal_entity_id,
        &[requested.charge],
    )
    .await?;
    op.write(fact.deposit_id.0, 0, [DepositEvent::from(fact)])
}

async fn add_row_in_op(op: &mut Operation, fact: &DepositRequested) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into deposit_guard (tenant_id, deposit_id, membership_id, member_id, invoice_id, legal_entity_id, payer_kind, payer_id,
                                    currency, amount_minor)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(tenant)
    .bind(fact.deposit_id.0)
    .bind(fact.membership_id.0)
    .bind(fact.member_id.0)
    .bind(fact.invoice_id.0)
    .bind(fact.legal_entity_id.0)
    .bind(fact.payer.kind())
    .bind(fact.payer.id())
    .bind(fact.amount.currency.code())
    .bind(fact.amount.minor)
    .execute(op.conn())
    .await?;
    Ok(())
}
