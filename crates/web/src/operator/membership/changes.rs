//! What staff do to a membership: each form of its page.

use axum::{extract::Path, response::Response};
use coterie_app::{
    Done,
    membership::{self, OverridePrice},
};
use coterie_domain::{MemberId, MembershipId, Payer};
use jiff::civil::Date;

use super::{
    super::{
        desk::Desk,
        times,
        typed::{Typed, required},
    },
    Found, Ids, finish,
};
use crate::{failure::Failure, form::Submitted};

/// Lets it rest.
pub(in crate::operator) async fn pause(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let outcome = async {
        let mut typed = Typed::new(&submitted);
        let from = typed.date("from");
        let until = maybe_date(&mut typed, &submitted, "until");
        typed.finish()?;
        let from = required(from, "from")?;
        Ok(membership::pause(&desk.house.app, &desk.caller(), MembershipId(ids.1), from, until).await?)
    };
    let outcome = outcome.await;
    finish(desk, ids, "pause", "The membership is paused.", &submitted, outcome).await
}

/// Lets it go on.
pub(in crate::operator) async fn resume(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let outcome = async {
        let mut typed = Typed::new(&submitted);
        let on = typed.date("on");
        typed.finish()?;
        Ok(membership::resume(&desk.house.app, &desk.caller(), MembershipId(ids.1), on).await?)
    };
    let outcome = outcome.await;
    finish(desk, ids, "resume", "The membership goes on.", &submitted, outcome).await
}

/// Agrees on another price.
pub(in crate::operator) async fn price(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    let found = Found::load(&desk, ids.0, ids.1).await?;
    let outcome = async {
        let mut typed = Typed::new(&submitted);
        let price = typed.money("price", Some(found.row.price.currency));
        let from = typed.date("from");
        let until = maybe_date(&mut typed, &submitted, "until");
        let reason = typed.text("reason");
        typed.finish()?;
        let agreed = OverridePrice {
            membership_id: MembershipId(ids.1),
            price: required(price, "price")?,
            from,
            until,
            reason,
        };
        Ok(membership::override_price(&desk.house.app, &desk.caller(), &agreed).await?)
    };
    let outcome = outcome.await;
    finish(desk, ids, "price", "The price is agreed on.", &submitted, outcome).await
}

/// Lets somebody else pay.
pub(in crate::operator) async fn payer(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let outcome = async {
        let mut typed = Typed::new(&submitted);
        let payer = match submitted.get("payer") {
            "member" => Some(Payer::Member(MemberId(ids.0))),
            _ => typed.id("payer").map(Payer::Company),
        };
        let from = typed.date("from");
        typed.finish()?;
        let payer = required(payer, "payer")?;
        Ok(membership::change_payer(&desk.house.app, &desk.caller(), MembershipId(ids.1), payer, from).await?)
    };
    let outcome = outcome.await;
    finish(desk, ids, "payer", "The payer is changed.", &submitted, outcome).await
}

/// Lets it end.
pub(in crate::operator) async fn end(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let outcome = async {
        let mut typed = Typed::new(&submitted);
        let last_day = maybe_date(&mut typed, &submitted, "last_day");
        typed.finish()?;
        let done = membership::give_notice(&desk.house.app, &desk.caller(), MembershipId(ids.1), last_day).await?;
        Ok(Done {
            outcome: (done.outcome.last_day, done.outcome.changed),
            position: done.position,
            replayed: done.replayed,
        })
    };
    let (what, outcome) = match outcome.await {
        Ok(done) => {
            let what = format!("Notice is given. The last day is {}.", times::day(done.outcome.0));
            let done = Done {
                outcome: done.outcome.1,
                position: done.position,
                replayed: done.replayed,
            };
            (what, Ok(done))
        }
        Err(failure) => (String::new(), Err(failure)),
    };
    finish(desk, ids, "end", &what, &submitted, outcome).await
}

/// Takes the notice back.
pub(in crate::operator) async fn stay(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let done = membership::withdraw_notice(&desk.house.app, &desk.caller(), MembershipId(ids.1)).await;
    finish(
        desk,
        ids,
        "stay",
        "The membership goes on.",
        &submitted,
        done.map_err(Failure::from),
    )
    .await
}

fn maybe_date(typed: &mut Typed<'_>, submitted: &Submitted, name: &str) -> Option<Date> {
    if submitted.get(name).trim().is_empty() {
        return None;
    }
    typed.date(name)
}
