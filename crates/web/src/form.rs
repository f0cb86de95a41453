//! Forms of pages: typed, or as submitted so that the page can show them again.

use axum::extract::{FromRequest, Request};
use http::{StatusCode, header};
use serde::de::DeserializeOwned;

use crate::{
    failure::Failure,
    json::{body, field_error},
};

/// A typed form. When it does not parse, the failure names the field.
#[derive(Debug, Clone, Copy)]
pub struct PageForm<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for PageForm<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        Submitted::from_request(request, state).await?.parse().map(Self)
    }
}

/// A form as it was typed: parse it, and where that fails show the same values again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Submitted {
    encoded: String,
    pairs: Vec<(String, String)>,
}

impl Submitted {
    /// Reads `application/x-www-form-urlencoded` text: a body, or the query of a GET form.
    pub fn from_encoded(encoded: &str) -> Result<Self, Failure> {
        let pairs =
            serde_urlencoded::from_str(encoded).map_err(|_| Failure::malformed("The form could not be read."))?;
        Ok(Self {
            encoded: encoded.to_owned(),
            pairs,
        })
    }

    /// The first value of a field; empty when it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// Whether a field was sent at all, which is how a checkbox says yes.
    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(key, _)| key == name)
    }

    /// All values of a field, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The typed form. An empty optional field is `None`; repeated fields fill a `Vec`.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let deserializer = serde_html_form::Deserializer::from_bytes(self.encoded.as_bytes());
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            let path = error.path().to_string();
            Failure::invalid(vec![field_error(&path, &error.into_inner().to_string())])
        })
    }
}

impl<S: Send + Sync> FromRequest<S> for Submitted {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        if !is_form {
            return Err(Failure::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Not a form",
                "This address expects a submitted form.",
            ));
        }
        let bytes = body(request, state).await?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Failure::malformed("The form could not be read."))?;
        Self::from_encoded(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FieldError;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Room {
        name: String,
        capacity: u32,
        buffer_minutes: Option<u32>,
        #[serde(default)]
        feature: Vec<String>,
    }

    fn parse(text: &str) -> Result<Room, Failure> {
        Submitted::from_encoded(text).unwrap().parse()
    }

    #[test]
    fn optional_and_repeated_fields() {
        let room = parse("name=Room+A&capacity=8&buffer_minutes=&feature=screen&feature=phone").unwrap();
        assert_eq!(room.name, "Room A");
        assert_eq!(room.buffer_minutes, None);
        assert_eq!(room.feature, ["screen", "phone"]);
    }

    #[test]
    fn what_does_not_parse_names_its_field() {
        assert_eq!(
            parse("name=A&capacity=many").unwrap_err().fields,
            [FieldError::new("capacity", "Invalid digit found in string.")]
        );
        assert_eq!(
            parse("name=A").unwrap_err().fields,
            [FieldError::new("capacity", "This is missing.")]
        );
    }

    #[test]
    fn what_was_typed_can_be_shown_again() {
        let submitted = Submitted::from_encoded("capacity=many&agree=on&day=1&day=2").unwrap();
        assert_eq!(submitted.get("capacity"), "many");
        assert!(submitted.has("agree"));
        assert_eq!(submitted.get("name"), "");
        assert_eq!(submitted.all("day").collect::<Vec<_>>(), ["1", "2"]);
    }
}
