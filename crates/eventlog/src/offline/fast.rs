//! Reading an event's line as `export` writes it: keys in its order, no spaces. That is nearly every line, and takes less
//! than half the time of a parser that is ready for anything. Whatever is not exactly so is left to that one, which also
//! says what is wrong; this one only ever answers "read" or "not mine".

use jiff::Timestamp;
use uuid::Uuid;

use crate::event::RecordedEvent;

/// A line and how far it was read.
struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

/// Reads the line into `event`, all but the tenant; `None` leaves `event` half filled.
pub(super) fn read(line: &str, event: &mut RecordedEvent) -> Option<()> {
    let mut cursor = Cursor { line, at: 0 };
    cursor.skip("{\"position\":")?;
    event.position = cursor.number()?;
    cursor.skip(",\"category\":")?;
    cursor.text(&mut event.category)?;
    cursor.skip(",\"stream\":")?;
    event.stream_id = cursor.id()?;
    cursor.skip(",\"version\":")?;
    event.version = cursor.number()?;
    cursor.skip(",\"type\":")?;
    cursor.text(&mut event.event_type)?;
    cursor.skip(",\"type_version\":")?;
    event.event_version = cursor.number()?.try_into().ok()?;
    cursor.skip(",\"actor\":")?;
    cursor.text(&mut event.actor)?;
    cursor.skip(",\"command\":")?;
    event.command_id = cursor.id()?;
    cursor.skip(",\"causation\":")?;
    event.causation = match cursor.skip("null") {
        Some(()) => None,
        None => Some(cursor.number()?),
    };
    cursor.skip(",\"correlation\":")?;
    event.correlation_id = cursor.id()?;
    cursor.skip(",\"occurred_us\":")?;
    event.occurred_at = Timestamp::from_microsecond(cursor.number()?).ok()?;
    cursor.skip(",\"recorded_us\":")?;
    event.recorded_at = Timestamp::from_microsecond(cursor.number()?).ok()?;
    cursor.skip(",\"payload\":")?;
    cursor.text(&mut event.payload)?;
    cursor.skip(",\"hash\":\"")?;
    event.hash = cursor.hash()?;
    cursor.skip("\"}")?;
    (cursor.at == line.len()).then_some(())
}

/// What ends a run of plain characters: the closing quote, an escape, and controls, which JSON does not allow there.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        special[byte] = true;
        byte += 1;
    }
    special[b'"' as usize] = true;
    special[b'\\' as usize] = true;
    special
};

/// The value of a hex digit; 255 for everything else.
const NIBBLES: [u8; 256] = {
    let mut nibbles = [255; 256];
    let mut value = 0;
    while value < 16 {
        nibbles[b"0123456789abcdef"[value as usize] as usize] = value;
        nibbles[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    nibbles
};

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.line.as_bytes()[self.at..]
    }

    fn skip(&mut self, expected: &str) -> Option<()> {
        self.rest()
            .starts_with(expected.as_bytes())
            .then(|| self.at += expected.len())
    }

    /// A whole number without a leading zero.
    fn number(&mut self) -> Option<i64> {
        let rest = self.rest();
        let negative = rest.first() == Some(&b'-');
        let digits = &rest[usize::from(negative)..];
        let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        // Eighteen digits always fit; a longer or odder one is somebody else's.
        if length == 0 || length > 18 || (length > 1 && digits[0] == b'0') || (negative && digits[0] == b'0') {
            return None;
        }
        let value = digits[..length]
            .iter()
            .fold(0_i64, |value, digit| value * 10 + i64::from(digit - b'0'));
        self.at += usize::from(negative) + length;
        Some(if negative { -value } else { value })
    }

    /// A text, unescaped into `into`.
    fn text(&mut self, into: &mut String) -> Option<()> {
        self.skip("\"")?;
        into.clear();
        loop {
            let rest = self.rest();
            let plain = rest.iter().position(|byte| SPECIAL[usize::from(*byte)])?;
            // Quote, escape and controls are ASCII, so this cuts between characters.
            into.push_str(&self.line[self.at..self.at + plain]);
            let escaped = match (rest[plain], rest.get(plain + 1)) {
                (b'"', _) => {
                    self.at += plain + 1;
                    return Some(());
                }
                (b'\\', Some(b'"')) => '"',
                (b'\\', Some(b'\\')) => '\\',
                (b'\\', Some(b'n')) => '\n',
                (b'\\', Some(b't')) => '\t',
                (b'\\', Some(b'r')) => '\r',
                _ => return None,
            };
            into.push(escaped);
            self.at += plain + 2;
        }
    }

    fn id(&mut self) -> Option<Uuid> {
        let text = self.rest().get(..38)?;
        if text[0] != b'"' || text[37] != b'"' {
            return None;
        }
        self.at += 38;
        Uuid::try_parse_ascii(&text[1..37]).ok()
    }

    fn hash(&mut self) -> Option<[u8; 32]> {
        let text = self.rest().get(..64)?;
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(text.chunks_exact(2)) {
            let (high, low) = (NIBBLES[usize::from(pair[0])], NIBBLES[usize::from(pair[1])]);
            if high | low > 15 {
                return None;
            }
            *byte = high << 4 | low;
        }
        self.at += 64;
        Some(hash)
    }
}
