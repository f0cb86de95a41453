//! Addresses in the log, and the log's own names as people read them.

use uuid::Uuid;

/// Events of one stream on one page.
pub(crate) const STREAM_PAGE: usize = 50;

/// One event.
pub(crate) fn position(position: i64) -> String {
    format!("/log/{position}")
}

/// The history of a stream.
pub(crate) fn stream(stream_id: Uuid) -> String {
    format!("/log/streams/{stream_id}")
}

/// How a stream stood at a position.
pub(crate) fn as_of(stream_id: Uuid, position: i64) -> String {
    format!("{}?as_of={position}", stream(stream_id))
}

/// One event of a stream, on the page of its history that holds it.
pub(crate) fn event(stream_id: Uuid, version: i64) -> String {
    let page = i64::try_from(STREAM_PAGE).unwrap_or(i64::MAX);
    let after = (version - 1).max(0) / page * page;
    let query = if after > 0 {
        format!("?after={after}")
    } else {
        String::new()
    };
    format!("{}{query}#version-{version}", stream(stream_id))
}

/// Everything that one command wrote; the position of one of its events spares the search for it.
pub(crate) fn command(id: Uuid, near: i64) -> String {
    format!("/log/commands/{id}?at={near}")
}

/// Everything that followed from one request.
pub(crate) fn correlation(id: Uuid) -> String {
    format!("/log/correlations/{id}")
}

/// Everything that somebody did.
pub(crate) fn actor(label: &str) -> String {
    // A pair of strings always encodes.
    let query = serde_urlencoded::to_string([("actor", label)]).unwrap_or_default();
    format!("/log?{query}")
}

/// What happened with a member and with whatever is hers.
pub(crate) fn member(id: Uuid) -> String {
    format!("/log/members/{id}")
}

/// `BookingConfirmed` or `legal_entity_id` as words: `Booking confirmed`, `Legal entity id`.
pub(crate) fn humanized(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for (index, character) in name.chars().enumerate() {
        match character {
            '_' | '-' => words.push(' '),
            _ if index == 0 => words.extend(character.to_uppercase()),
            _ if character.is_uppercase() => {
                words.push(' ');
                words.extend(character.to_lowercase());
            }
            _ => words.push(character),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words_and_events_know_their_page() {
        assert_eq!(humanized("BookingConfirmed"), "Booking confirmed");
        assert_eq!(humanized("legal_entity"), "Legal entity");
        let id = Uuid::nil();
        assert_eq!(event(id, 1), format!("/log/streams/{id}#version-1"));
        assert_eq!(event(id, 50), format!("/log/streams/{id}#version-50"));
        assert_eq!(event(id, 51), format!("/log/streams/{id}?after=50#version-51"));
        assert_eq!(actor("staff:1&2"), "/log?actor=staff%3A1%262");
    }
}
