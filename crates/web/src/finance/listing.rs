//! Filtered lists that go on by cursor: the links between their pages keep the filter.

use coterie_app::page::PageRequest;

use crate::{
    components::{Link, Pagination},
    form::Submitted,
};

/// The page of a list that was asked for.
pub(crate) struct Listing {
    path: String,
    filter: Vec<(&'static str, String)>,
    after: Option<String>,
}

impl Listing {
    /// Reads the cursor and these filter fields from the query.
    pub(crate) fn new(path: &str, query: &Submitted, fields: &[&'static str]) -> Self {
        let filter = fields
            .iter()
            .map(|field| (*field, query.get(field).to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let after = query.get("after");
        Self {
            path: path.to_owned(),
            filter,
            after: (!after.is_empty()).then(|| after.to_owned()),
        }
    }

    pub(crate) fn request(&self) -> PageRequest {
        PageRequest {
            limit: None,
            after: self.after.clone(),
        }
    }

    /// The way on.
    pub(crate) fn pagination(&self, label: &str, next: Option<&str>) -> Pagination {
        Pagination {
            label: label.to_owned(),
            previous: None,
            next: next.map(|cursor| self.address(Some(cursor))),
        }
    }

    /// The way back to the beginning, from any later page.
    pub(crate) fn newest(&self) -> Option<Link> {
        self.after
            .as_ref()
            .map(|_| Link::new("Back to the newest", self.address(None)))
    }

    fn address(&self, cursor: Option<&str>) -> String {
        let mut pairs: Vec<(&str, &str)> = self
            .filter
            .iter()
            .map(|(field, value)| (*field, value.as_str()))
            .collect();
        pairs.extend(cursor.map(|cursor| ("after", cursor)));
        // Pairs of strings always encode.
        match serde_urlencoded::to_string(pairs) {
            Ok(query) if !query.is_empty() => format!("{}?{query}", self.path),
            _ => self.path.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_filter() {
        let query = Submitted::from_encoded("state=paid&junk=1&after=abc").unwrap();
        let listing = Listing::new("/finance/invoices", &query, &["legal_entity", "state"]);
        assert_eq!(listing.request().after.as_deref(), Some("abc"));
        let pagination = listing.pagination("Invoices", Some("d&f"));
        assert_eq!(
            pagination.next.as_deref(),
            Some("/finance/invoices?state=paid&after=d%26f")
        );
        assert_eq!(listing.newest().unwrap().href, "/finance/invoices?state=paid");
    }
}
