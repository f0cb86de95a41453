//! Where a resource stands on the plan of a floor.

use super::{Position, ResourcePlaced};
use crate::{
    FloorId, ResourceId,
    catalogue::Catalogue,
    refusal::{Faults, Refusal},
};
use rust_decimal::Decimal;

/// What an operator says of it, unchecked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewPosition {
    pub floor_id: FloorId,
    pub x_percent: Decimal,
    pub y_percent: Decimal,
}

/// Puts a resource on a floor of its house, or takes it off the plan.
///
/// # Errors
/// An unknown resource or floor, or all faulty fields at once.
pub fn place(id: ResourceId, new: Option<NewPosition>, catalogue: &Catalogue) -> Result<ResourcePlaced, Refusal> {
    let resource = catalogue.resource(id)?;
    let Some(new) = new else {
        return Ok(ResourcePlaced {
            resource_id: id,
            position: None,
        });
    };
    let floor = catalogue.floor(new.floor_id)?;
    let mut faults = Faults::default();
    faults.check(
        floor.fact.location_id == resource.location_id,
        "floor_id",
        format!("{} is a floor of another house.", floor.fact.name),
    );
    for (field, percent) in [("x_percent", new.x_percent), ("y_percent", new.y_percent)] {
        faults.check(
            (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent),
            field,
            "Please give 0 to 100 percent.",
        );
    }
    faults.finish()?;
    // A tenth of a percent of a plan is a hand's breadth.
    let tenths = |percent: Decimal| percent.round_dp(1).normalize();
    Ok(ResourcePlaced {
        resource_id: id,
        position: Some(Position {
            floor_id: new.floor_id,
            x_percent: tenths(new.x_percent),
            y_percent: tenths(new.y_percent),
        }),
    })
}
