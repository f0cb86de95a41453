//! The journal as a file: `/finance/export?legal_entity=…&format=hledger`. Without a legal entity, all of them.

use axum::response::{IntoResponse as _, Response};
use coterie_app::{ledger::page as ledger, projections};
use coterie_documents::journal::{Book, Format};
use http::{HeaderValue, header};

use super::office::{Office, entities};
use crate::failure::{Failure, FieldError};

pub(super) async fn download(office: Office) -> Result<Response, Failure> {
    office.caught_up(&[projections::JOURNAL]).await?;
    let format: Format = office
        .query
        .get("format")
        .parse()
        .map_err(|_| Failure::invalid(vec![FieldError::new("format", "Ask for hledger or beancount.")]))?;
    let catalogue = office.catalogue().await?;
    let chosen = office.entity(&catalogue)?;
    let wanted = chosen.map_or_else(|| entities(&catalogue), |entity| vec![entity]);
    let mut journals = Vec::with_capacity(wanted.len());
    for entity in &wanted {
        let id = entity.fact.legal_entity_id;
        journals.push(ledger::entries_for_export(office.app(), office.tenant(), id).await?);
    }
    let books: Vec<Book<'_>> = wanted
        .iter()
        .zip(&journals)
        .map(|(entity, entries)| Book {
            entity: &entity.fact.name,
            currency: entity.fact.currency,
            entries,
        })
        .collect();
    let named = chosen.map_or_else(|| office.ctx.site_name(), |entity| entity.fact.name.as_str());
    let name = format!("{}.{}", file_name(named), format.extension());
    let mut response = format.write(&books).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    // Only ASCII letters, digits, dashes and dots are left in the name, so it always is a header.
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// `Harbour Berlin GmbH` as `harbour-berlin-gmbh`.
fn file_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character.to_ascii_lowercase()
            } else {
                ' '
            }
        })
        .collect();
    let dashed = plain.split_whitespace().collect::<Vec<_>>().join("-");
    if dashed.is_empty() {
        "journal".to_owned()
    } else {
        dashed
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn file_names_are_plain() {
        assert_eq!(file_name("Harbour Berlin GmbH"), "harbour-berlin-gmbh");
        assert_eq!(file_name("\"\r\nX: ø"), "x");
        assert_eq!(file_name("東京"), "journal");
    }
}
