//! Publishing plans and their revisions.

use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access};
use coterie_domain::{
    PlanId, PlanVersionId,
    catalogue::Catalogue,
    plan::{self, NewPlanVersion, PlanEvent},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub plan_id: PlanId,
    pub plan_version_id: PlanVersionId,
}

/// Publishes a new plan, or a new revision of `plan`.
///
/// # Errors
/// Unknown ids, a currency that is not the entity's, faulty fields; operators only.
pub async fn publish(app: &App, caller: &Caller, plan: Option<PlanId>, new: NewPlanVersion) -> Outcome<Published> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let published = publish_in_op(&mut op, &catalogue, plan, new)?;
    op.commit(published).await
}

/// # Errors
/// Unknown ids, a currency that is not the entity's, faulty fields.
pub(crate) fn publish_in_op(
    op: &mut Operation,
    catalogue: &Catalogue,
    plan: Option<PlanId>,
    new: NewPlanVersion,
) -> Result<Published, UseCaseError> {
    if let Some(plan) = plan
        && catalogue.latest_version_of(plan).is_none()
    {
        return Err(
            coterie_domain::Refusal::not_found("unknown_plan", "There is no such plan.")
                .on("plan_id", "There is no such plan.")
                .into(),
        );
    }
    let plan_id = plan.unwrap_or_else(|| PlanId(op.new_id()));
    let plan_version_id = PlanVersionId(op.new_id());
    let published = plan::publish(plan_id, plan_version_id, new, catalogue)?;
    op.write(plan_id.0, i64::from(published.number) - 1, [PlanEvent::from(published)])?;
    Ok(Published {
        plan_id,
        plan_version_id,
    })
}
