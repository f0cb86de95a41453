//! A floor for each house, drawn from what stands in it: rooms and desks in rows along a corridor.

use super::DemoError;
use super::error::doing;
use coterie_app::{App, Caller, catalogue, floor, resource};
use coterie_domain::floor::NewFloor;
use coterie_domain::resource::NewPosition;
use rust_decimal::Decimal;
use std::fmt::Write;

const COLUMNS: usize = 6;
const CELL_WIDTH: usize = 100;
const CELL_HEIGHT: usize = 90;
/// Below the first row, and below every second one after it.
const CORRIDOR: usize = 40;

pub(super) async fn draw(app: &App, owner: &Caller) -> Result<(), DemoError> {
    let known = catalogue::read(app, owner.tenant)
        .await
        .map_err(doing("reading the catalogue"))?;
    for location in known.locations.values() {
        let mut here: Vec<_> = known
            .resources
            .values()
            .filter(|resource| resource.location_id == location.location_id)
            .collect();
        here.sort_by(|a, b| (&a.resource_type_id, &a.name).cmp(&(&b.resource_type_id, &b.name)));
        let new = NewFloor {
            name: "Ground floor".to_owned(),
            level: 0,
        };
        let ground = floor::add(app, owner, location.location_id, new)
            .await
            .map_err(doing("adding a floor"))?
            .outcome;
        let rows = here.len().div_ceil(COLUMNS).max(1);
        let (width, height) = (COLUMNS * CELL_WIDTH, top_of(rows));
        let mut walls = String::new();
        for (index, resource) in here.iter().enumerate() {
            let (left, top) = (index % COLUMNS * CELL_WIDTH, top_of(index / COLUMNS));
            let _ = write!(
                walls,
                r#"<rect x="{left}" y="{top}" width="{CELL_WIDTH}" height="{CELL_HEIGHT}"/>"#
            );
            let percent = |part: usize, whole: usize| Decimal::from(part * 100) / Decimal::from(whole);
            let position = NewPosition {
                floor_id: ground,
                x_percent: percent(left + CELL_WIDTH / 2, width),
                y_percent: percent(top + CELL_HEIGHT / 2, height),
            };
            resource::place(app, owner, resource.resource_id, Some(position))
                .await
                .map_err(doing("placing a room"))?;
        }
        let drawing = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><rect width="{width}" height="{height}" fill="#f7f5f0"/><g fill="#ffffff" stroke="#858d87" stroke-width="3">{walls}</g></svg>"##
        );
        floor::set_plan(app, owner, ground, drawing.as_bytes())
            .await
            .map_err(doing("drawing a floor"))?;
    }
    Ok(())
}

fn top_of(row: usize) -> usize {
    row * CELL_HEIGHT + row.div_ceil(2) * CORRIDOR
}
