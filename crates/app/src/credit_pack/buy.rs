use super::may_choose;
use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access,
    alarm::Kind,
    charge, invoice, member,
    membership::{self, Of, add_lot_in_op},
    trouble,
};
use coterie_domain::{
    ChargeId, CreditPackId, InvoiceId, LotId, MemberId,
    credit::CreditEvent,
    credit_pack::{self, bought_under},
    local_time,
};
use serde::{Deserialize, Serialize};

/// A pack for a member.
#[derive(Debug, Clone, Copy)]
pub struct BuyPack {
    pub member_id: MemberId,
    pub credit_pack_id: CreditPackId,
}

/// What buying led to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bought {
    pub lot_id: LotId,
    /// Invoiced at once; none where the payer has more to come than it costs, and then it waits.
    pub invoices: Vec<InvoiceId>,
}

/// Sells a pack to a member of the company that offers it: its hours are hers and its price is invoiced, in one append.
///
/// # Errors
/// An unknown pack, one that is withdrawn or not for members to buy; no membership with the company; another member's.
pub async fn buy(app: &App, caller: &Caller, command: BuyPack) -> Outcome<Bought> {
    trouble::carry_out(app, caller, || buy_once(app, caller, command)).await
}

async fn buy_once(app: &App, caller: &Caller, command: BuyPack) -> Outcome<Bought> {
    access::acts_for(caller, command.member_id)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let ids = (LotId(op.new_id()), ChargeId(op.new_id()));
    let sold = decide(&mut op, caller, command, ids).await?;
    let (fact, made) = (sold.fact, sold.charge);
    let of = Of::Pack(fact.credit_pack_id, fact.price);
    add_lot_in_op(&mut op, &fact.lot(), of).await?;
    op.set_alarm(Kind::CreditEnd, fact.lot_id.0, fact.valid_until).await?;
    charge::make_in_op(&mut op, &made).await?;
    op.write(fact.lot_id.0, 0, [CreditEvent::from(fact)])?;
    let issued = invoice::issue_in_op(&mut op, made.payer, made.legal_entity_id, made.billable_on).await?;
    let invoices = issued.iter().map(|issued| issued.invoice_id).collect();
    op.commit(Bought {
        lot_id: ids.0,
        invoices,
    })
    .await
}

/// Says what buying would make, by the same decision, and writes nothing.
///
/// # Errors
/// As [`buy`].
pub async fn quote(app: &App, caller: &Caller, command: BuyPack) -> Result<credit_pack::Sold, UseCaseError> {
    access::acts_for(caller, command.member_id)?;
    let mut op = Operation::open(app, caller).await?;
    let ids = (LotId(op.new_id()), ChargeId(op.new_id()));
    decide(&mut op, caller, command, ids).await
}

async fn decide(
    op: &mut Operation,
    caller: &Caller,
    command: BuyPack,
    ids: (LotId, ChargeId),
) -> Result<credit_pack::Sold, UseCaseError> {
    let catalogue = op.catalogue().await?;
    let pack = catalogue.credit_pack(command.credit_pack_id)?;
    may_choose(caller, pack)?;
    let (member, _) = member::load(op, command.member_id).await?;
    let entity = &catalogue.legal_entity(pack.fact.legal_entity_id)?.fact;
    let today = local_time::day_at(op.now, &local_time::zone(&entity.time_zone)?);
    let usable = membership::usable_in_op(op, command.member_id, today).await?;
    let now = op.now;
    let under = bought_under(pack, &usable, command.member_id, |membership| {
        let zone = catalogue.zone_of(membership.fact.home_location_id).ok()?;
        Some(local_time::day_at(now, &zone))
    });
    Ok(credit_pack::buy(ids, pack, &member, under, now, &catalogue)?)
}
