//! Bars drawn on the server, with the table they were drawn from behind them.

use askama::Template;

use super::prints_html;

/// Width of the drawing that is aimed at, in its units, which are pixels at rest.
const AIM: i64 = 700;
/// Between two bars.
const GAP: i64 = 12;
/// Height of the highest bar.
const HEIGHT: i64 = 160;
/// Room above the highest bar.
const TOP: i64 = 8;
/// Room below the bars for their labels.
const BOTTOM: i64 = 24;
/// More bars than this could not be read.
const MOST_BARS: usize = 36;

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What stands below it; short.
    pub label: String,
    /// Its height, in any unit; below zero counts as zero.
    pub value: i64,
    /// The figure as people read it.
    pub display: String,
}

impl Bar {
    /// A bar.
    pub fn new(label: impl Into<String>, value: i64, display: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value,
            display: display.into(),
        }
    }
}

/// A chart of up to 36 bars; further ones are in the table only.
#[derive(Debug, Clone, Template)]
#[template(path = "components/bar_chart.html")]
pub struct BarChart {
    id: &'static str,
    title: String,
    label_heading: String,
    value_heading: String,
    bars: Vec<Bar>,
}

struct Drawn<'a> {
    bar: &'a Bar,
    x: i64,
    y: i64,
    width: i64,
    height: i64,
    middle: i64,
}

impl BarChart {
    /// A chart; `id` is unique on its page, the headings are those of the table.
    pub fn new(id: &'static str, title: impl Into<String>, headings: (&str, &str), bars: Vec<Bar>) -> Self {
        Self {
            id,
            title: title.into(),
            label_heading: headings.0.to_owned(),
            value_heading: headings.1.to_owned(),
            bars,
        }
    }

    fn drawn(&self) -> Vec<Drawn<'_>> {
        let step = self.step();
        let highest = self.bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
        self.bars
            .iter()
            .take(MOST_BARS)
            .zip(0_i64..)
            .map(|(bar, index)| {
                // In 128 bits because minor units times the height can pass 64.
                let scaled = i128::from(bar.value.max(0)) * i128::from(HEIGHT) / i128::from(highest);
                let height = i64::try_from(scaled).unwrap_or(HEIGHT);
                let x = index * step + GAP / 2;
                Drawn {
                    bar,
                    x,
                    y: TOP + HEIGHT - height,
                    width: step - GAP,
                    height,
                    middle: x + (step - GAP) / 2,
                }
            })
            .collect()
    }

    fn count(&self) -> i64 {
        i64::try_from(self.bars.len().clamp(1, MOST_BARS)).unwrap_or(1)
    }

    /// One bar and its gap: few bars do not become walls, many stay wide enough to label.
    fn step(&self) -> i64 {
        (AIM / self.count()).clamp(40, 96)
    }

    fn width(&self) -> i64 {
        self.count() * self.step()
    }

    fn view_height() -> i64 {
        TOP + HEIGHT + BOTTOM
    }

    fn baseline() -> i64 {
        TOP + HEIGHT
    }
}

prints_html!(BarChart);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_scaled_to_the_highest_and_stand_in_a_table_too() {
        let chart = BarChart::new(
            "revenue",
            "Revenue",
            ("Month", "Net"),
            vec![
                Bar::new("Jan", 50, "EUR 0.50"),
                Bar::new("Feb", i64::MAX, "much"),
                Bar::new("Mar", -3, "−3"),
            ],
        );
        let heights: Vec<_> = chart.drawn().iter().map(|drawn| drawn.height).collect();
        assert_eq!(heights, [0, HEIGHT, 0]);
        let html = chart.to_string();
        assert!(
            html.contains("<th scope=\"row\">Feb</th><td class=\"number\">much</td>"),
            "{html}"
        );
        assert!(!html.contains("style="));
    }
}
