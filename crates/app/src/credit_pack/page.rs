//! What members bought: what is left of each pack, and until when.

use crate::{App, Caller, Operation, UseCaseError, member};
use coterie_domain::{
    LotId, MemberId,
    credit::{CreditEvent, CreditLot, CreditPackBought},
};
use uuid::Uuid;

/// The most packs of one member that are shown, those that end last.
const MAX_PACKS: i64 = 100;

/// A pack that was bought, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PackRow {
    pub fact: CreditPackBought,
    /// Minutes or passes.
    pub left: i64,
    /// What lapsed unused.
    pub expired: i64,
    /// Of its price, what is not earned; minor units, net.
    pub value_left_minor: i64,
    pub state: PackState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackState {
    /// Something is left, and it can be used.
    Open,
    UsedUp,
    Lapsed,
    TakenBack,
}

impl PackState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::UsedUp => "used_up",
            Self::Lapsed => "lapsed",
            Self::TakenBack => "taken_back",
        }
    }
}

fn row(lot: CreditLot, now: jiff::Timestamp) -> Option<PackRow> {
    let sold = lot.pack?;
    let state = if sold.taken_back {
        PackState::TakenBack
    } else if lot.expired > 0 || sold.fact.valid_until <= now {
        PackState::Lapsed
    } else if lot.left == 0 {
        PackState::UsedUp
    } else {
        PackState::Open
    };
    Some(PackRow {
        left: lot.left,
        expired: lot.expired,
        value_left_minor: sold.value_left,
        fact: sold.fact,
        state,
    })
}

/// The packs of a member, those that end last first. Read from the log itself, so that whoever just bought sees hers.
///
/// # Errors
/// `NotFound` for an unknown member; when the database fails.
pub async fn of_member(app: &App, caller: &Caller, id: MemberId) -> Result<Vec<PackRow>, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    member::load_even_forgotten(&mut op, id).await?;
    let (tenant, now) = (op.tenant(), op.now);
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select lot_id from credit_lot where tenant_id = $1 and member_id = $2 and credit_pack_id is not null
         order by valid_until desc, lot_id desc limit $3",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(MAX_PACKS)
    .fetch_all(op.conn())
    .await?;
    let mut lots = op.load_each::<CreditEvent, CreditLot>(&ids, CreditLot::evolve).await?;
    Ok(ids
        .iter()
        .filter_map(|id| lots.remove(id).and_then(|lot| row(lot, now)))
        .collect())
}

/// One pack that was bought.
///
/// # Errors
/// `NotFound` where there is none under this id.
pub async fn find(app: &App, caller: &Caller, id: LotId) -> Result<PackRow, UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    let now = op.now;
    let known = op.load::<CreditEvent, CreditLot>(id.0, CreditLot::evolve).await?;
    known.and_then(|(lot, _)| row(lot, now)).ok_or(UseCaseError::NotFound)
}
