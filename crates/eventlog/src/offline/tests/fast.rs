//! The fast reader is never of another opinion than the patient one.

use super::super::fast;
use super::super::line::{blank, read_patiently};
use super::{TENANT, event};
use crate::export::event_line;
use proptest::prelude::*;

/// Both readers' answers to one line.
fn both(line: &str) -> (Option<crate::RecordedEvent>, Option<crate::RecordedEvent>) {
    let (mut fast, mut patient) = (blank(TENANT), blank(TENANT));
    let fast_read = fast::read(line, &mut fast).map(|()| fast);
    let patiently = read_patiently(line, &mut patient).ok().map(|()| patient);
    (fast_read, patiently)
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_alike(
        payload in "\\PC*|[\"\\\\\n\t\r\u{8}\u{1}/é😀a]{0,20}",
        actor in "\\PC{0,9}",
        numbers in any::<(i64, i64, i16, Option<i64>)>(),
    ) {
        let mut written = event(7);
        (written.payload, written.actor) = (payload, actor);
        (written.position, written.version, written.event_version, written.causation) = numbers;
        let (fast, patient) = both(&event_line(&written));
        prop_assert_eq!(patient.as_ref(), Some(&written));
        // It may leave a line to the other, and never reads it as something else.
        prop_assert!(fast.is_none() || fast == patient);
    }

    #[test]
    fn whatever_is_damaged_is_read_alike_or_not_at_all(at in 0_usize..500, byte in 0_u8..128) {
        let mut line = event_line(&event(7)).into_bytes();
        let at = at % line.len();
        if line[at].is_ascii() {
            line[at] = byte;
            let line = String::from_utf8(line).unwrap();
            let (fast, patient) = both(&line);
            prop_assert!(fast.is_none() || fast == patient, "{}", line);
        }
    }
}

/// Control: the usual line is its own, so that it is worth having.
#[test]
fn the_usual_line_is_read_fast() {
    let mut usual = event(7);
    usual.payload = r#"{"a":"b\\c","n":[1,2],"é":"😀"}"#.to_owned();
    assert_eq!(both(&event_line(&usual)).0, Some(usual));
}
