//! What happened, in order.

use askama::Template;
use jiff::{Timestamp, tz::TimeZone};

use super::{Link, Tone, prints_html};

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct TimelineEvent {
    at: String,
    machine_at: String,
    title: String,
    detail: String,
    tone: Tone,
    link: Option<Link>,
}

impl TimelineEvent {
    /// An event at an instant, shown in the zone given, which is named.
    pub fn new(at: Timestamp, zone: &TimeZone, title: impl Into<String>) -> Self {
        Self {
            at: at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M %Z").to_string(),
            machine_at: at.to_string(),
            title: title.into(),
            detail: String::new(),
            tone: Tone::Neutral,
            link: None,
        }
    }

    /// Adds a sentence below.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Colours its dot.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Adds a link to what it is about.
    #[must_use]
    pub fn link(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.link = Some(Link::new(label, href));
        self
    }
}

/// Events as an ordered list.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "components/timeline.html")]
pub struct Timeline {
    /// The events, in the order they are read.
    pub events: Vec<TimelineEvent>,
}

prints_html!(Timeline);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_is_named() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at: Timestamp = "2026-01-20T09:00:00Z".parse().unwrap();
        let timeline = Timeline {
            events: vec![TimelineEvent::new(at, &zone, "Booked")],
        };
        insta::assert_snapshot!(timeline, @r#"
        <ol class="timeline">
          <li class="tone-neutral">
            <time datetime="2026-01-20T09:00:00Z">20 Jan 2026, 10:00 CET</time>
            <p class="timeline-title">Booked</p>
          </li>
        </ol>
        "#);
    }
}
