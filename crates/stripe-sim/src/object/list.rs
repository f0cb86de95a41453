//! Pages of a list: newest first, with cursors both ways.

use serde_json::{Value, json};

use crate::answer::{ApiError, ApiResult};
use crate::form::Form;

/// What every list accepts beside its own filters.
pub(crate) const CURSORS: [&str; 4] = ["limit", "starting_after", "ending_before", "created"];

/// Cuts one page out of `all` (newest first).
pub(crate) fn page(all: &[Value], form: &Form, url: &str) -> ApiResult {
    let limit = form.integer("limit")?.unwrap_or(10);
    let limit = usize::try_from(limit).ok().filter(|limit| (1..=100).contains(limit));
    let limit = limit
        .ok_or_else(|| ApiError::invalid("parameter_invalid_integer", "limit", "Limit must be between 1 and 100."))?;
    let mut fitting = Vec::with_capacity(all.len());
    for object in all {
        if created_fits(object["created"].as_i64().unwrap_or_default(), form)? {
            fitting.push(object);
        }
    }
    let position = |id: &str, param: &str| {
        let found = fitting.iter().position(|object| object["id"] == id);
        found.ok_or_else(|| ApiError::invalid("resource_missing", param, format!("No such object: '{id}'")))
    };
    let (data, has_more) = match (form.text("starting_after"), form.text("ending_before")) {
        (Some(after), _) => take(&fitting[position(after, "starting_after")? + 1..], limit),
        // The page just before the cursor, so its last entries.
        (None, Some(before)) => {
            let newer = &fitting[..position(before, "ending_before")?];
            let start = newer.len().saturating_sub(limit);
            (newer[start..].to_vec(), start > 0)
        }
        (None, None) => take(&fitting, limit),
    };
    Ok(json!({ "object": "list", "url": url, "has_more": has_more, "data": data }))
}

fn take<'a>(rest: &[&'a Value], limit: usize) -> (Vec<&'a Value>, bool) {
    (rest.iter().take(limit).copied().collect(), rest.len() > limit)
}

fn created_fits(created: i64, form: &Form) -> Result<bool, Box<ApiError>> {
    let bound = |name: &str| form.integer(name);
    Ok(bound("created")?.is_none_or(|at| created == at)
        && bound("created[gt]")?.is_none_or(|at| created > at)
        && bound("created[gte]")?.is_none_or(|at| created >= at)
        && bound("created[lt]")?.is_none_or(|at| created < at)
        && bound("created[lte]")?.is_none_or(|at| created <= at))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::page;
    use crate::form::Form;

    fn given(query: &str) -> (Vec<i64>, bool) {
        let all: Vec<Value> = (1..=5)
            .rev()
            .map(|n| json!({"id": format!("o_{n}"), "created": n}))
            .collect();
        let page = page(&all, &Form::parse(query).expect("a query"), "/v1/o").expect("a page");
        let data = page["data"].as_array().expect("data");
        (
            data.iter()
                .map(|object| object["created"].as_i64().expect("n"))
                .collect(),
            page["has_more"] == true,
        )
    }

    #[test]
    fn given_cursors_then_pages_join_without_gap_or_overlap() {
        assert_eq!(given("limit=2"), (vec![5, 4], true));
        assert_eq!(given("limit=2&starting_after=o_4"), (vec![3, 2], true));
        assert_eq!(given("limit=2&starting_after=o_2"), (vec![1], false));
        assert_eq!(given("limit=2&ending_before=o_1"), (vec![3, 2], true));
        assert_eq!(given("limit=2&ending_before=o_3"), (vec![5, 4], false));
        assert_eq!(given("created[gte]=2&created[lt]=4"), (vec![3, 2], false));
    }
}
