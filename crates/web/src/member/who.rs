//! What nearly every page of a member needs to know of her, read from the log itself, so that it never lags.

use std::sync::Arc;

use coterie_app::{Caller, Operation, company, member};
use coterie_domain::{Payer, catalogue::Catalogue, member::Member};
use jiff::Timestamp;

use crate::{failure::Failure, house::House, session::MemberSession};

/// A signed-in member, and the chain as she finds it.
pub(super) struct Me {
    /// The organization's clock.
    pub(super) now: Timestamp,
    pub(super) member: Member,
    /// Who settles for what she agrees to now.
    pub(super) payer: Payer,
    /// The name of the company that pays for her.
    pub(super) company: Option<String>,
    pub(super) catalogue: Arc<Catalogue>,
}

impl Me {
    pub(super) async fn load(house: &House, session: &MemberSession) -> Result<Self, Failure> {
        let mut op = Operation::open(&house.app, &Caller::from(session)).await?;
        let (member, _) = member::load(&mut op, session.member_id.into()).await?;
        let payer = company::payer_of(&mut op, member.member_id).await?;
        let company = match payer {
            Payer::Company(id) => Some(company::load(&mut op, id).await?.0.fact.name),
            Payer::Member(_) => None,
        };
        Ok(Self {
            now: op.now,
            catalogue: op.catalogue().await?,
            member,
            payer,
            company,
        })
    }
}
