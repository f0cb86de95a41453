//! What nearly every page of a member needs to know of her, read from the log itself, so that it never lags.

use std::sync::Arc;

use coterie_app::{Caller, Operation, company, member};
use coterie_domain::{CompanyId, Payer, catalogue::Catalogue, member::Member};
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
    /// The company that she manages, by its name.
    pub(super) manages: Option<(CompanyId, String)>,
    pub(super) catalogue: Arc<Catalogue>,
}

impl Me {
    /// As whom she pays for what no company pays for her.
    pub(super) fn herself(&self) -> Payer {
        Payer::Member(self.member.member_id)
    }

    pub(super) async fn load(house: &House, session: &MemberSession) -> Result<Self, Failure> {
        let mut op = Operation::open(&house.app, &Caller::from(session)).await?;
        let (member, _) = member::load(&mut op, session.member_id.into()).await?;
        let payer = company::payer_today(&mut op, &member).await?;
        let company = match payer {
            Payer::Company(id) => Some(company::load(&mut op, id).await?.0.fact.name),
            Payer::Member(_) => None,
        };
        let manages = match company::managed_by(&mut op, member.member_id).await? {
            Some(id) => Some((id, company::load(&mut op, id).await?.0.fact.name)),
            None => None,
        };
        Ok(Self {
            manages,
            now: op.now,
            catalogue: op.catalogue().await?,
            member,
            payer,
            company,
        })
    }
}
