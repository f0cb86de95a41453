//! A form as a list of controls: it prints itself, and after a refusal it prints itself again with what was typed and
//! what is wrong.

use askama::Template;

use crate::{
    components::{Checkbox, ErrorSummary, Field, Hidden, Select, TextArea, prints_html},
    failure::Failure,
    form::Submitted,
};

/// Several of several choices.
#[derive(Debug, Clone, Template)]
#[template(path = "operator/check_group.html")]
pub(crate) struct CheckGroup {
    name: &'static str,
    legend: String,
    hint: String,
    error: String,
    /// Value, label, and whether it is ticked.
    choices: Vec<(String, String, bool)>,
}

impl CheckGroup {
    pub(crate) fn new(
        name: &'static str,
        legend: impl Into<String>,
        choices: impl IntoIterator<Item = (String, String, bool)>,
    ) -> Self {
        Self {
            name,
            legend: legend.into(),
            hint: String::new(),
            error: String::new(),
            choices: choices.into_iter().collect(),
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    fn refused(mut self, submitted: &Submitted, failure: &Failure) -> Self {
        for (value, _, ticked) in &mut self.choices {
            *ticked = submitted.all(self.name).any(|sent| sent == value);
        }
        failure.field(self.name).unwrap_or_default().clone_into(&mut self.error);
        self
    }
}

/// What a text field suggests; its input names it by `list`.
#[derive(Debug, Clone, Template)]
#[template(
    source = r#"<datalist id="{{ id }}">{% for (value, label) in options %}<option value="{{ value }}">{{ label }}</option>{% endfor %}</datalist>"#,
    ext = "html"
)]
pub(crate) struct Suggestions {
    id: &'static str,
    options: Vec<(String, String)>,
}

impl Suggestions {
    /// Values with a remark each; the remark may be empty.
    pub(crate) fn new(id: &'static str, options: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            id,
            options: options.into_iter().collect(),
        }
    }
}

/// Controls under a heading of their own; its id makes it a target of the summary's links.
#[derive(Debug, Clone, Template)]
#[template(path = "operator/group.html")]
pub(crate) struct Group {
    name: &'static str,
    legend: String,
    hint: String,
    error: String,
    controls: Vec<Control>,
}

/// Controls side by side where there is room.
#[derive(Debug, Clone, Template)]
#[template(
    source = r#"<div class="fields">{% for control in controls %}{{ control }}{% endfor %}</div>"#,
    ext = "html"
)]
pub(crate) struct Beside {
    controls: Vec<Control>,
}

macro_rules! controls {
    ($($name:ident),+) => {
        /// One part of a form.
        #[derive(Debug, Clone)]
        pub(crate) enum Control { $($name($name)),+ }

        impl std::fmt::Display for Control {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self { $(Self::$name(control) => std::fmt::Display::fmt(control, formatter)),+ }
            }
        }

        $(impl From<$name> for Control {
            fn from(control: $name) -> Self { Self::$name(control) }
        })+
    };
}
controls!(
    Field,
    Select,
    TextArea,
    Checkbox,
    Hidden,
    CheckGroup,
    Suggestions,
    Group,
    Beside
);

impl Control {
    fn refused(self, submitted: &Submitted, failure: &Failure) -> Self {
        let all = |controls: Vec<Self>| {
            controls
                .into_iter()
                .map(|control| control.refused(submitted, failure))
                .collect()
        };
        match self {
            Self::Field(control) => control.refused(submitted, failure).into(),
            Self::Select(control) => control.refused(submitted, failure).into(),
            Self::TextArea(control) => control.refused(submitted, failure).into(),
            Self::Checkbox(control) => control.refused(submitted, failure).into(),
            Self::CheckGroup(control) => control.refused(submitted, failure).into(),
            Self::Group(group) => Self::Group(Group {
                error: failure.field(group.name).unwrap_or_default().to_owned(),
                controls: all(group.controls),
                ..group
            }),
            Self::Beside(beside) => Self::Beside(Beside {
                controls: all(beside.controls),
            }),
            same @ (Self::Hidden(_) | Self::Suggestions(_)) => same,
        }
    }
}

/// Controls side by side where there is room.
pub(crate) fn beside(controls: impl IntoIterator<Item = Control>) -> Control {
    Control::Beside(Beside {
        controls: controls.into_iter().collect(),
    })
}

/// Controls under a heading of their own.
pub(crate) fn group(
    name: &'static str,
    legend: &str,
    hint: &str,
    controls: impl IntoIterator<Item = Control>,
) -> Control {
    Control::Group(Group {
        name,
        legend: legend.to_owned(),
        hint: hint.to_owned(),
        error: String::new(),
        controls: controls.into_iter().collect(),
    })
}

/// A form of one page.
#[derive(Debug, Clone, Template)]
#[template(path = "operator/form.html")]
pub(crate) struct Form {
    action: String,
    method: &'static str,
    submit: String,
    danger: bool,
    /// Whether it has a file in it.
    uploads: bool,
    cancel: Option<String>,
    errors: Option<ErrorSummary>,
    controls: Vec<Control>,
}

impl Form {
    /// A form that changes something.
    pub(crate) fn post(action: impl Into<String>, submit: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            method: "post",
            submit: submit.into(),
            danger: false,
            uploads: false,
            cancel: None,
            errors: None,
            controls: Vec::new(),
        }
    }

    /// A form that changes something by a file.
    pub(crate) fn upload(action: impl Into<String>, submit: impl Into<String>) -> Self {
        Self {
            uploads: true,
            ..Self::post(action, submit)
        }
    }

    /// A form that asks.
    pub(crate) fn get(action: impl Into<String>, submit: impl Into<String>) -> Self {
        Self {
            method: "get",
            ..Self::post(action, submit)
        }
    }

    pub(crate) fn with(mut self, control: impl Into<Control>) -> Self {
        self.controls.push(control.into());
        self
    }

    fn asks(&self) -> bool {
        self.method == "get"
    }

    /// Where leaving the form leads.
    pub(crate) fn cancel(mut self, href: impl Into<String>) -> Self {
        self.cancel = Some(href.into());
        self
    }

    /// It takes something away.
    pub(crate) fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    /// The form again, with what was chosen and nothing wrong.
    pub(crate) fn refilled(self, submitted: &Submitted) -> Self {
        let form = self.refused(submitted, &Failure::invalid(Vec::new()));
        Self { errors: None, ..form }
    }

    /// The form again, with what was typed and what is wrong with it.
    pub(crate) fn refused(mut self, submitted: &Submitted, failure: &Failure) -> Self {
        self.controls = self
            .controls
            .into_iter()
            .map(|control| control.refused(submitted, failure))
            .collect();
        self.errors = Some(ErrorSummary::new(failure));
        self
    }
}

prints_html!(CheckGroup, Suggestions, Group, Beside, Control, Form);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FieldError;

    #[test]
    fn what_was_typed_comes_back_at_every_depth() {
        let form = Form::post("/operator/plans", "Publish")
            .with(Field::text("name", "Name"))
            .with(group(
                "allowances",
                "Allowances",
                "",
                [beside([Field::number("hours_1", "Hours").into()])],
            ))
            .with(CheckGroup::new(
                "locations",
                "Locations",
                [("a".into(), "Mitte".into(), false), ("b".into(), "Hafen".into(), true)],
            ));
        let submitted = Submitted::from_encoded("name=Full&hours_1=900&locations=a").unwrap();
        let failure = Failure::invalid(vec![
            FieldError::new("allowances", "Please grant less."),
            FieldError::new("locations", "Not this one."),
        ]);
        insta::assert_snapshot!(form.refused(&submitted, &failure), @r##"
        <form class="form" method="post" action="/operator/plans">
          <div class="notice notice-error" role="alert" tabindex="-1" data-focus>
          <p class="notice-title">Please check the form</p>
          <p>Some fields need correcting before this can be done.</p>
          <ul>
            <li><a href="#field-allowances">Please grant less.</a></li>
            <li><a href="#field-locations">Not this one.</a></li>
          </ul>
        </div>
          <div class="field">
          <label for="field-name">Name</label>
          <input type="text" id="field-name" name="name" value="Full" required>
        </div>
          <fieldset class="field-group" id="field-allowances" tabindex="-1" aria-describedby="error-allowances">
          <legend>Allowances</legend>
          <p class="field-error" id="error-allowances">Please grant less.</p>
          <div class="fields"><div class="field">
          <label for="field-hours_1">Hours</label>
          <input type="number" id="field-hours_1" name="hours_1" value="900" required>
        </div></div>
        </fieldset>
          <fieldset class="field field-wrong" id="field-locations" tabindex="-1" aria-describedby="error-locations">
          <legend>Locations</legend>
          <div class="field field-check">
            <input type="checkbox" id="field-locations-1" name="locations" value="a" checked>
            <label for="field-locations-1">Mitte</label>
          </div>
          <div class="field field-check">
            <input type="checkbox" id="field-locations-2" name="locations" value="b">
            <label for="field-locations-2">Hafen</label>
          </div>
          <p class="field-error" id="error-locations">Not this one.</p>
        </fieldset>
          <div class="actions">
            <button class="button" type="submit">Publish</button>
          </div>
        </form>
        "##);
    }
}
