//! Form fields: label, control, hint and error, wired together for screen readers.
//! The id of a control is `field-<name>`.

mod checkbox;
mod line;
mod select;
mod text_area;

use askama::Template;

pub use self::{
    checkbox::Checkbox,
    line::Field,
    select::{Choice, Select},
    text_area::TextArea,
};
use super::prints_html;

/// A value that travels with a form unseen.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    source = r#"<input type="hidden" name="{{ name }}" value="{{ value }}">"#,
    ext = "html"
)]
pub struct Hidden {
    name: &'static str,
    value: String,
}

impl Hidden {
    /// A hidden value.
    pub fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
        }
    }
}

prints_html!(Hidden);

/// The ids of what describes a control: its error first, then its hint.
fn described_by(name: &str, hint: &str, error: &str) -> String {
    let mut ids = Vec::new();
    if !error.is_empty() {
        ids.push(format!("error-{name}"));
    }
    if !hint.is_empty() {
        ids.push(format!("hint-{name}"));
    }
    ids.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        failure::{Failure, FieldError},
        form::Submitted,
    };

    #[test]
    fn a_refused_field_shows_value_and_error_together() {
        let submitted = Submitted::from_encoded("email=mia%40&password=secret").unwrap();
        let failure = Failure::invalid(vec![FieldError::new("email", "Enter a whole address.")]);
        let email = Field::email("email", "Email")
            .hint("We send a link.")
            .refused(&submitted, &failure);
        insta::assert_snapshot!(email, @"");
        let password = Field::password("password", "Password").refused(&submitted, &failure);
        assert!(!password.to_string().contains("secret"));
    }

    #[test]
    fn the_chosen_choice_is_selected() {
        let zones = [
            Choice::new("Europe/Berlin", "Berlin"),
            Choice::new("Europe/Lisbon", "Lisbon"),
        ];
        insta::assert_snapshot!(Select::new("zone", "Zone", zones).value("Europe/Lisbon"), @"");
    }

    #[test]
    fn boxes_and_areas() {
        insta::assert_snapshot!(Checkbox::new("agree", "I agree").required(), @"");
        insta::assert_snapshot!(TextArea::new("note", "Note", 3).optional().value("</textarea>"), @"");
    }
}
