//! What many payers owe at once, with few queries.

use crate::{Operation, UseCaseError, parts::in_parts};
use coterie_domain::{
    ChargeId, DecodeError, DomainEvent, LegalEntityId,
    charge::{ChargeEvent, ChargeMade},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::{Row, postgres::PgRow};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A charge begins with being made, and nothing of that is sealed. Each is looked up by its own index entry, whatever the planner
/// believes of the tables.
macro_rules! made {
    ($of:expr) => {
        concat!(
            "select c.charge_id, e.event_type, e.event_version, e.payload::text as payload from ",
            $of,
            " c left join lateral (
                 select event_type, event_version, payload from event
                 where tenant_id = $1 and stream_id = c.charge_id and version = 1 offset 0) e on true"
        )
    };
}

macro_rules! billable {
    ($columns:literal, $rest:literal) => {
        concat!(
            "(select ",
            $columns,
            " from charge_guard where tenant_id = $1 and payer_id = any($2) and legal_entity_id = $3
                and billable_on <= $4 and invoice_id is null and not voided",
            $rest,
            ")"
        )
    };
}

/// Charges as the log has them, not yet decoded: whoever asks for many decodes them where it holds nobody up.
#[derive(Debug, Default)]
pub struct Recorded(Vec<(String, i16, String)>);

impl Recorded {
    fn read(op: &Operation, rows: &[PgRow]) -> Result<Self, UseCaseError> {
        let mut recorded = Vec::with_capacity(rows.len());
        for row in rows {
            let event_type: Option<String> = row.try_get(1)?;
            recorded.push(match event_type {
                Some(event_type) => (event_type, row.try_get(2)?, row.try_get(3)?),
                None => made_here(op, row.try_get(0)?)?,
            });
        }
        Ok(Self(recorded))
    }

    fn all(&self) -> Result<Vec<ChargeMade>, UseCaseError> {
        let mut charges = Vec::with_capacity(self.0.len());
        for part in in_parts(&self.0, decode) {
            charges.append(&mut part?);
        }
        super::sort(&mut charges);
        Ok(charges)
    }

    /// By payer, each one's in the order in which they stand on her invoice.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn decoded(&self) -> Result<BTreeMap<Uuid, Vec<ChargeMade>>, UseCaseError> {
        let mut owed: BTreeMap<Uuid, Vec<ChargeMade>> = BTreeMap::new();
        for charge in self.all()? {
            owed.entry(charge.payer.id()).or_default().push(charge);
        }
        Ok(owed)
    }
}

fn decode(recorded: &[(String, i16, String)]) -> Result<Vec<ChargeMade>, DecodeError> {
    let mut charges = Vec::with_capacity(recorded.len());
    for (event_type, version, payload) in recorded {
        if let ChargeEvent::ChargeMade(fact) = ChargeEvent::decode(event_type, *version, payload)? {
            charges.push(fact);
        }
    }
    Ok(charges)
}

/// A charge that this operation made and did not append yet.
fn made_here(op: &Operation, id: Uuid) -> Result<(String, i16, String), UseCaseError> {
    let made = op.first_written(id);
    let made = made.map(|event| (event.event_type.to_owned(), event.event_version, event.payload.clone()));
    made.ok_or_else(|| UseCaseError::Broken(format!("charge {id} has a guard row and no events")))
}

/// Locks and reads what some payers owe one legal entity up to and including a day. All are locked in the order of their ids.
///
/// # Errors
/// When the database fails.
pub async fn lock_billable_of(
    op: &mut Operation,
    payers: &[Uuid],
    entity: LegalEntityId,
    up_to: Date,
) -> Result<Recorded, UseCaseError> {
    billable(
        op,
        made!(billable!("charge_id", " order by charge_id for update")),
        payers,
        entity,
        up_to,
    )
    .await
}

/// The same for a preview, which holds nobody up.
///
/// # Errors
/// When the database fails.
pub async fn billable_of(
    op: &mut Operation,
    payers: &[Uuid],
    entity: LegalEntityId,
    up_to: Date,
) -> Result<Recorded, UseCaseError> {
    billable(op, made!(billable!("charge_id", "")), payers, entity, up_to).await
}

async fn billable(
    op: &mut Operation,
    query: &'static str,
    payers: &[Uuid],
    entity: LegalEntityId,
    up_to: Date,
) -> Result<Recorded, UseCaseError> {
    let tenant = op.tenant();
    let rows = sqlx::query(query)
        .bind(tenant)
        .bind(payers)
        .bind(entity.0)
        .bind(up_to.to_sqlx())
        .fetch_all(op.conn())
        .await?;
    Recorded::read(op, &rows)
}

/// Which charges some payers owe one legal entity up to and including a day, by payer, each one's in the order of their ids: for
/// whoever has read them before.
///
/// # Errors
/// When the database fails.
pub(crate) async fn owed_by(
    op: &mut Operation,
    payers: &[Uuid],
    entity: LegalEntityId,
    up_to: Date,
    locked: bool,
) -> Result<BTreeMap<Uuid, Vec<ChargeId>>, UseCaseError> {
    let query = if locked {
        billable!("charge_id, payer_id", " order by charge_id for update")
    } else {
        billable!("charge_id, payer_id", " order by charge_id")
    };
    let tenant = op.tenant();
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(query)
        .bind(tenant)
        .bind(payers)
        .bind(entity.0)
        .bind(up_to.to_sqlx())
        .fetch_all(op.conn())
        .await?;
    let mut owed: BTreeMap<Uuid, Vec<ChargeId>> = BTreeMap::new();
    for (charge, payer) in rows {
        owed.entry(payer).or_default().push(ChargeId(charge));
    }
    Ok(owed)
}

/// Charges as they were made, in the order in which they stand on invoices.
///
/// # Errors
/// When one of them has no events or cannot be read.
pub async fn made_of(op: &mut Operation, ids: &[ChargeId]) -> Result<Vec<ChargeMade>, UseCaseError> {
    recorded_of(op, ids).await?.all()
}

/// The same, not yet decoded.
///
/// # Errors
/// When one of them has no events.
pub(crate) async fn recorded_of(op: &mut Operation, ids: &[ChargeId]) -> Result<Recorded, UseCaseError> {
    if ids.is_empty() {
        return Ok(Recorded::default());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let tenant = op.tenant();
    let rows = sqlx::query(made!("(select charge_id from unnest($2::uuid[]) as i (charge_id))"))
        .bind(tenant)
        .bind(&ids)
        .fetch_all(op.conn())
        .await?;
    Recorded::read(op, &rows)
}
