//! Shares by weekday and hour as a table whose cells are tinted: the figure stands in each, the tint repeats it.

use askama::Template;

use super::prints_html;

/// One cell; `percent` is absent where there is nothing to take a share of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heat {
    /// Of a hundred.
    pub percent: Option<i64>,
}

impl Heat {
    /// Which of six tints, from none to full.
    fn tint(&self) -> i64 {
        match self.percent.unwrap_or(0) {
            ..=0 => 0,
            percent => (percent / 20 + 1).min(5),
        }
    }
}

/// A row with its heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeatRow {
    /// What stands before it.
    pub label: String,
    /// One per column.
    pub cells: Vec<Heat>,
}

/// The table, with the figures behind the shares in another one below.
#[derive(Debug, Clone, Template)]
#[template(path = "components/heat_map.html")]
pub struct HeatMap {
    id: &'static str,
    title: String,
    /// What a cell without a figure means.
    nothing: &'static str,
    corner: &'static str,
    columns: Vec<String>,
    rows: Vec<HeatRow>,
    /// Headings and rows of the figures; the first two columns are words.
    headings: Vec<&'static str>,
    figures: Vec<Vec<String>>,
}

impl HeatMap {
    /// A map; `id` is unique on its page, `corner` names the rows.
    pub fn new(
        id: &'static str,
        title: impl Into<String>,
        (corner, nothing): (&'static str, &'static str),
        columns: impl IntoIterator<Item = String>,
        rows: Vec<HeatRow>,
    ) -> Self {
        Self {
            id,
            title: title.into(),
            nothing,
            corner,
            columns: columns.into_iter().collect(),
            rows,
            headings: Vec::new(),
            figures: Vec::new(),
        }
    }

    /// The figures that the shares were taken of, row by row.
    #[must_use]
    pub fn figures(mut self, headings: impl IntoIterator<Item = &'static str>, rows: Vec<Vec<String>>) -> Self {
        self.headings = headings.into_iter().collect();
        self.figures = rows;
        self
    }
}

prints_html!(HeatMap);

#[cfg(test)]
mod tests {
    use super::*;

    fn heat(percent: i64) -> Heat {
        Heat { percent: Some(percent) }
    }

    #[test]
    fn a_tint_says_roughly_what_the_figure_says() {
        let tints = [0, 1, 19, 20, 59, 80, 100].map(|percent| heat(percent).tint());
        assert_eq!(tints, [0, 1, 1, 2, 3, 5, 5]);
    }

    #[test]
    fn every_figure_is_read_without_seeing_its_tint() {
        let row = HeatRow {
            label: "Monday".to_owned(),
            cells: vec![heat(63), Heat::default()],
        };
        let hours = ["08".to_owned(), "09".to_owned()];
        let map = HeatMap::new("use", "Booked", ("Weekday", "closed"), hours, vec![row]).figures(
            ["Weekday", "Hour", "Booked"],
            vec![vec!["Monday".to_owned(), "08".to_owned(), "38 min".to_owned()]],
        );
        insta::assert_snapshot!(map, @r#"
        <figure class="chart">
          <figcaption id="use-title">Booked</figcaption>
          <div class="chart-scroll" role="group" aria-labelledby="use-title" tabindex="0">
            <table class="heat-map" aria-labelledby="use-title">
              <thead><tr><th scope="col">Weekday</th><th scope="col">08</th><th scope="col">09</th></tr></thead>
              <tbody>
                <tr><th scope="row">Monday</th><td class="heat-4">63&nbsp;%</td><td class="heat-none"><span class="visually-hidden">closed</span></td></tr>
              </tbody>
            </table>
          </div>
          <details class="chart-table">
            <summary>Show the figures</summary>
            <table class="table table-plain">
              <thead><tr><th scope="col">Weekday</th><th scope="col">Hour</th><th scope="col" class="number">Booked</th></tr></thead>
              <tbody>
                <tr><th scope="row">Monday</th><td>08</td><td class="number">38 min</td></tr>
              </tbody>
            </table>
          </details>
        </figure>
        "#);
    }
}
