use crate::{App, Caller, Operation, UseCaseError, access, billing, company, coupon};
use coterie_domain::{
    LocationId, MemberId, PlanVersionId,
    billing::TaxChoices,
    local_time,
    membership::{self, Quote},
};
use jiff::civil::Date;

/// A code that somebody wants to redeem as her membership starts.
#[derive(Debug, Clone, Copy)]
pub struct WithCoupon<'a> {
    pub code: &'a str,
    pub member_id: MemberId,
}

/// What starting a plan at a location would cost, a member where one is named, and else whom nobody chose anything for; `start`
/// defaults to today there.
///
/// # Errors
/// Unknown plan or location, a plan not offered there, no tax rate; a coupon that cannot be redeemed for it; another member.
pub async fn quote(
    app: &App,
    caller: &Caller,
    member: Option<MemberId>,
    version: PlanVersionId,
    location: LocationId,
    start: Option<Date>,
    with: Option<WithCoupon<'_>>,
) -> Result<Quote, UseCaseError> {
    let told = async {
        let mut op = Operation::open(app, caller).await?;
        let catalogue = op.catalogue().await?;
        let today = local_time::day_at(op.now, &catalogue.zone_of(location)?);
        let found = match with {
            Some(with) => {
                access::acts_for(caller, with.member_id)?;
                Some(coupon::find_in_op(&mut op, with.code, with.member_id, false).await?)
            }
            None => None,
        };
        let choices = match member {
            Some(id) => {
                access::acts_for(caller, id)?;
                let payer = company::payer_of(&mut op, id, today).await?;
                let entity = catalogue.plan_version(version)?.legal_entity_id;
                billing::load(&mut op, payer).await?.tax_with(entity)
            }
            None => TaxChoices::default(),
        };
        Ok(membership::quote_with(
            version,
            location,
            start.unwrap_or(today),
            found.as_ref().map(|(coupon, used)| (coupon, *used)),
            &choices,
            &catalogue,
        )?)
    };
    coupon::counting_guesses(app, caller, told.await).await
}
