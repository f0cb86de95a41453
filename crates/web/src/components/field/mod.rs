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
        insta::assert_snapshot!(email, @r#"
        <div class="field field-wrong">
          <label for="field-email">Email</label>
          <input type="email" id="field-email" name="email" value="mia@" autocomplete="email" aria-describedby="error-email hint-email" aria-invalid="true" required>
          <p class="field-error" id="error-email">Enter a whole address.</p>
          <p class="field-hint" id="hint-email">We send a link.</p>
        </div>
        "#);
        let password = Field::password("password", "Password").refused(&submitted, &failure);
        assert!(!password.to_string().contains("secret"));
    }

    #[test]
    fn the_chosen_choice_is_selected() {
        let zones = [
            Choice::new("Europe/Berlin", "Berlin"),
            Choice::new("Europe/Lisbon", "Lisbon"),
        ];
        insta::assert_snapshot!(Select::new("zone", "Zone", zones).value("Europe/Lisbon"), @r#"
        <div class="field">
          <label for="field-zone">Zone</label>
          <select id="field-zone" name="zone" required>
            <option value="Europe/Berlin">Berlin</option>
            <option value="Europe/Lisbon" selected>Lisbon</option>
          </select>
        </div>
        "#);
    }

    #[test]
    fn boxes_and_areas() {
        insta::assert_snapshot!(Checkbox::new("agree", "I agree").required(), @r#"
        <div class="field field-check">
          <input type="checkbox" id="field-agree" name="agree" value="on" required>
          <label for="field-agree">I agree</label>
        </div>
        "#);
        insta::assert_snapshot!(TextArea::new("note", "Note", 3).optional().value("</textarea>"), @r#"
        <div class="field">
          <label for="field-note">Note <span class="optional">(optional)</span></label>
          <textarea id="field-note" name="note" rows="3">&#60;/textarea&#62;</textarea>
        </div>
        "#);
    }
}
