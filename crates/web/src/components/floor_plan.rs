//! A plan of a floor with numbered places on it; a list beside it says the same in words.

use askama::Template;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::prints_html;

/// The width in which plans are drawn.
const WIDTH: i32 = 1_000;

/// A place: its number leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    number: usize,
    label: String,
    href: String,
    x: i32,
    y: i32,
}

/// The plan. Positions are attributes of an SVG, which the pages' policy lets through where it stops styles.
#[derive(Debug, Clone, Template)]
#[template(path = "components/floor_plan.html")]
pub struct FloorPlan {
    label: String,
    /// Where the drawing is.
    href: String,
    width: i32,
    height: i32,
    marks: Vec<Mark>,
}

impl FloorPlan {
    /// A plan without places; the height is given for each thousand of the width.
    pub fn new(label: impl Into<String>, href: impl Into<String>, height_per_mille: i32) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
            width: WIDTH,
            height: height_per_mille,
            marks: Vec::new(),
        }
    }

    /// Adds the next place, in percent of the width from the left and of the height from the top.
    pub fn push(&mut self, label: impl Into<String>, href: impl Into<String>, (x, y): (Decimal, Decimal)) {
        let of = |percent: Decimal, whole: i32| {
            let place = percent * Decimal::from(whole) / Decimal::ONE_HUNDRED;
            place.round().to_i32().unwrap_or_default()
        };
        self.marks.push(Mark {
            number: self.marks.len() + 1,
            label: label.into(),
            href: href.into(),
            x: of(x, self.width),
            y: of(y, self.height),
        });
    }
}

prints_html!(FloorPlan);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stand_where_they_are_in_percent() {
        let mut plan = FloorPlan::new("First <floor>", "/floors/1/plan.svg", 500);
        plan.push(
            "Elbe",
            "/bookings/new?resource=1",
            ("12.5".parse().unwrap(), Decimal::ONE_HUNDRED),
        );
        let html = plan.to_string();
        for part in [
            r#"viewBox="0 0 1000 500" role="group" aria-label="First &#60;floor&#62;""#,
            r#"<image href="/floors/1/plan.svg" width="1000" height="500"/>"#,
            r#"<a href="/bookings/new?resource=1" aria-label="1: Elbe">"#,
            r#"<circle cx="125" cy="500" r="28"/>"#,
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("style="), "{html}");
    }
}
