use super::write_opened;
use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access, alarm, billing, charge, company, coupon, deposit,
    invoice, member, trouble,
};
use coterie_domain::{
    ChargeId, InvoiceId, LocationId, MemberId, MembershipId, Payer, PlanVersionId, Refusal, local_time,
    membership::{self, Membership, MembershipEvent},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone)]
pub struct Subscribe {
    pub member_id: MemberId,
    pub plan_version_id: PlanVersionId,
    pub location_id: LocationId,
    /// What the person saw and agreed to, gross in minor units; a different price is refused and shown instead.
    pub agreed_gross_minor: Option<i64>,
    /// Staff may start a membership that is paid by bank transfer; members need a saved card.
    pub without_card: bool,
    /// A code to redeem with it.
    pub coupon: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    pub membership_id: MembershipId,
    /// The invoice of the first, perhaps short, cycle; none when it costs nothing.
    pub invoice_id: Option<InvoiceId>,
}

/// Starts a membership today: the agreement, its first cycle with allowances, the charge and the invoice in one append.
///
/// # Errors
/// No saved card, an unconfirmed address, a price that changed since it was shown, an unknown plan or location.
pub async fn subscribe(app: &App, caller: &Caller, command: Subscribe) -> Outcome<Subscribed> {
    let outcome = trouble::carry_out(app, caller, || subscribe_once(app, caller, command.clone())).await;
    coupon::counting_guesses(app, caller, outcome).await
}

async fn subscribe_once(app: &App, caller: &Caller, command: Subscribe) -> Outcome<Subscribed> {
    access::acts_for(caller, command.member_id)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue().await?;
    let zone = catalogue.zone_of(command.location_id)?;
    let today = local_time::day_at(op.now, &zone);
    let (member, _) = member::hold(&mut op, command.member_id).await?;
    let payer = company::payer_of(&mut op, command.member_id, today).await?;
    let found = match command.coupon.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
        Some(code) => Some(coupon::find_in_op(&mut op, code, command.member_id, true).await?),
        None => None,
    };
    let entity = catalogue.plan_version(command.plan_version_id)?.legal_entity_id;
    let choices = billing::load(&mut op, payer).await?.tax_with(entity);
    let quote = membership::quote_with(
        command.plan_version_id,
        command.location_id,
        today,
        found.as_ref().map(|(coupon, used)| (coupon, *used)),
        &choices,
        &catalogue,
    )?;
    if command
        .agreed_gross_minor
        .is_some_and(|agreed| agreed != quote.gross.minor)
    {
        let sentence = format!("The price is now {}; please look again before you agree.", quote.gross);
        return Err(Refusal::conflict("price_changed", sentence)
            .with("gross_minor", quote.gross.minor)
            .into());
    }
    let (account, _) = member::load_account(&mut op, payer, quote.plan.legal_entity_id).await?;
    let staff_says_so = command.without_card && access::operates(caller).is_ok();
    if account.payment_method.is_none() && !staff_says_so && payer == Payer::Member(command.member_id) {
        return Err(Refusal::conflict(
            "no_card",
            "Please save a card first; it is charged only for your invoices.",
        )
        .into());
    }
    let id = MembershipId(op.new_id());
    let started = membership::start(id, &member, payer, &quote)?;
    let fee = membership::set_up_fee(&started, ChargeId(op.new_id()), &quote.plan, &catalogue)?;
    let mut begun = Membership::evolve(None, MembershipEvent::from(started.clone()))
        .ok_or_else(|| UseCaseError::Broken("a membership that does not start".to_owned()))?;
    let redeemed = membership::redeemed(&started, &quote);
    let mut events = vec![MembershipEvent::from(started)];
    if let Some(redeemed) = redeemed {
        coupon::use_in_op(&mut op, &redeemed).await?;
        begun = begun.after(redeemed.clone());
        events.push(redeemed.into());
    }
    let first = membership::first_cycle(&begun);
    // Lots of the next cycle exist ahead, dated, so that a booking made now for then can draw on them.
    let following = membership::cycle_after(&begun, first.cycle);
    let mut ids = std::iter::repeat_with(uuid::Uuid::now_v7);
    let opened = membership::open_cycle(
        &begun,
        i64::try_from(events.len()).unwrap_or(1) + 1,
        first,
        &[first, following],
        || ids.next().unwrap_or_default(),
        &catalogue,
    )?;
    let tenant = op.tenant();
    sqlx::query(
        "insert into membership_guard (tenant_id, membership_id, member_id, legal_entity_id) values ($1, $2, $3, $4)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(command.member_id.0)
    .bind(quote.plan.legal_entity_id.0)
    .execute(op.conn())
    .await?;
    events.push(opened.fact.clone().into());
    op.write(id.0, 0, events)?;
    write_opened(&mut op, &begun.after(opened.fact.clone()), &opened).await?;
    if let Some(fee) = fee {
        charge::make_in_op(&mut op, &fee).await?;
    }
    let cycle_ends = local_time::day_start(quote.cycle.end, &zone)?;
    op.set_alarm(alarm::Kind::CycleEnd, id.0, cycle_ends).await?;
    op.set_alarm(alarm::Kind::Bill, id.0, cycle_ends).await?;
    let issued = invoice::issue_in_op(&mut op, payer, quote.plan.legal_entity_id, today).await?;
    deposit::request_in_op(&mut op, &begun.fact, &quote.plan).await?;
    op.commit(Subscribed {
        membership_id: id,
        invoice_id: issued
            .iter()
            .find(|invoice| {
                let mut places = invoice.lines.iter().map(|line| line.location_id);
                places.any(|place| place == command.location_id)
            })
            .or(issued.first())
            .map(|invoice| invoice.invoice_id),
    })
    .await
}
