//! A status in one word.

use askama::Template;

use super::prints_html;

/// How a status is meant; colour repeats it, the word says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad: draft, ended.
    Neutral,
    /// Under way: pending, scheduled.
    Info,
    /// Done: paid, confirmed.
    Good,
    /// Needs a look soon: due, ends soon.
    Warning,
    /// Went wrong: overdue, declined.
    Bad,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Info => "info",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

/// A status word on a tinted ground.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    source = r#"<span class="badge badge-{{ tone.class() }}">{{ label }}</span>"#,
    ext = "html"
)]
pub struct Badge {
    label: String,
    tone: Tone,
}

impl Badge {
    /// A badge.
    pub fn new(tone: Tone, label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            tone,
        }
    }
}

prints_html!(Badge);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_escaped() {
        insta::assert_snapshot!(Badge::new(Tone::Bad, "Over<due"), @r#"<span class="badge badge-bad">Over&#60;due</span>"#);
    }
}
