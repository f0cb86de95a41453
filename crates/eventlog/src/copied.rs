//! Events as `COPY ... TO STDOUT (FORMAT binary)` sends them: the way in for reads of many thousands, where a row object
//! and a type check for each column would cost more than everything that is done with the event.

use futures::TryStreamExt;
use jiff::Timestamp;
use sqlx::PgPool;
use uuid::Uuid;

use crate::event::RecordedEvent;

/// What every file of this format starts with; flags and the length of an extension follow.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Columns of an event, in the order of the select list below.
const COLUMNS: i16 = 15;
/// Microseconds from 1970 to 2000, where PostgreSQL's timestamps start.
const EPOCH: i64 = 946_684_800_000_000;

/// The events of several organizations: of each those after the first and up to the second position, one organization
/// after the other, in position order. As the worker role.
///
/// It must run to its end, on a task of its own where its caller may be cancelled: a connection that is let go half-way
/// through a copy is of no use to the next.
///
/// # Errors
/// When the database fails.
pub async fn read_many(pool: &PgPool, wanted: &[(Uuid, i64, i64)]) -> Result<Vec<RecordedEvent>, sqlx::Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut conn = pool.acquire().await?;
    let mut copied = Vec::new();
    {
        let mut stream = conn.copy_out_raw(&statement(wanted)).await?;
        while let Some(part) = stream.try_next().await? {
            copied.extend_from_slice(&part);
        }
    }
    drop(conn);
    let expected = wanted.iter().map(|(_, after, up_to)| up_to - after).sum::<i64>();
    events(&copied, usize::try_from(expected).unwrap_or_default())
        .ok_or_else(|| sqlx::Error::Protocol("events were copied in a shape that is not theirs".to_owned()))
}

/// COPY takes no parameters. Ids and numbers are all that goes in, and they have no quotes in them.
fn statement(wanted: &[(Uuid, i64, i64)]) -> String {
    let rows: Vec<String> = wanted
        .iter()
        .map(|(tenant, after, up_to)| format!("('{tenant}'::uuid, {after}::bigint, {up_to}::bigint)"))
        .collect();
    format!(
        "copy (
             select e.tenant_id, e.position, e.category, e.stream_id, e.version, e.event_type, e.event_version, e.actor,
                    e.command_id, e.causation, e.correlation_id, e.occurred_at, e.recorded_at, e.payload, e.hash
             from (values {}) as wanted (tenant_id, after, up_to)
             cross join lateral (
                 select * from public.event e
                 where e.tenant_id = wanted.tenant_id and e.position > wanted.after and e.position <= wanted.up_to
                 order by e.position
             ) e
         ) to stdout (format binary)",
        rows.join(", ")
    )
}

/// `None` when the bytes are not events.
fn events(copied: &[u8], expected: usize) -> Option<Vec<RecordedEvent>> {
    let mut rest = Bytes(copied.strip_prefix(SIGNATURE)?);
    rest.i32()?;
    let extension = rest.i32()?;
    rest.take(usize::try_from(extension).ok()?)?;
    let mut events = Vec::with_capacity(expected);
    loop {
        match rest.i16()? {
            -1 => return rest.0.is_empty().then_some(events),
            COLUMNS => events.push(rest.event()?),
            _ => return None,
        }
    }
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, many: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(many)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn i16(&mut self) -> Option<i16> {
        self.array().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    /// A column of fixed size.
    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        (usize::try_from(self.i32()?).ok()? == N).then(|| self.array())?
    }

    fn big(&mut self) -> Option<i64> {
        self.fixed().map(i64::from_be_bytes)
    }

    /// Steps over a NULL, which has the length -1; whether there was one.
    fn null(&mut self) -> bool {
        match self.0.strip_prefix(&(-1_i32).to_be_bytes()[..]) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn uuid(&mut self) -> Option<Uuid> {
        self.fixed().map(Uuid::from_bytes)
    }

    fn text(&mut self) -> Option<String> {
        let long = usize::try_from(self.i32()?).ok()?;
        std::str::from_utf8(self.take(long)?).ok().map(ToOwned::to_owned)
    }

    fn time(&mut self) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.big()?.checked_add(EPOCH)?).ok()
    }

    fn event(&mut self) -> Option<RecordedEvent> {
        Some(RecordedEvent {
            tenant_id: self.uuid()?,
            position: self.big()?,
            category: self.text()?,
            stream_id: self.uuid()?,
            version: self.big()?,
            event_type: self.text()?,
            event_version: self.fixed().map(i16::from_be_bytes)?,
            actor: self.text()?,
            command_id: self.uuid()?,
            causation: if self.null() { None } else { Some(self.big()?) },
            correlation_id: self.uuid()?,
            occurred_at: self.time()?,
            recorded_at: self.time()?,
            payload: self.text()?,
            hash: self.fixed()?,
            opened: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row with these bytes for its columns; `None` is NULL.
    fn copied(columns: &[Option<Vec<u8>>]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0; 8]);
        bytes.extend(i16::try_from(columns.len()).unwrap().to_be_bytes());
        for column in columns {
            match column {
                None => bytes.extend((-1_i32).to_be_bytes()),
                Some(value) => {
                    bytes.extend(i32::try_from(value.len()).unwrap().to_be_bytes());
                    bytes.extend(value);
                }
            }
        }
        bytes.extend((-1_i16).to_be_bytes());
        bytes
    }

    fn columns() -> Vec<Option<Vec<u8>>> {
        let id = || Some(Uuid::from_u128(7).as_bytes().to_vec());
        let big = |number: i64| Some(number.to_be_bytes().to_vec());
        let text = |text: &str| Some(text.as_bytes().to_vec());
        vec![
            id(),
            big(3),
            text("booking"),
            id(),
            big(1),
            text("BookingConfirmed"),
            Some(2_i16.to_be_bytes().to_vec()),
            text("member:ada"),
            id(),
            None,
            id(),
            big(0),
            big(-1),
            text(r#"{"room":"Küche"}"#),
            Some(vec![9; 32]),
        ]
    }

    #[test]
    fn a_row_is_read_column_by_column() {
        let read = events(&copied(&columns()), 1).unwrap();
        let [event] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!(
            (event.position, event.version, event.event_version, event.causation),
            (3, 1, 2, None)
        );
        assert_eq!(
            (event.category.as_str(), event.payload.as_str()),
            ("booking", r#"{"room":"Küche"}"#)
        );
        assert_eq!(event.occurred_at.to_string(), "2000-01-01T00:00:00Z");
        assert_eq!(event.recorded_at.to_string(), "1999-12-31T23:59:59.999999Z");
        assert_eq!(event.hash, [9; 32]);
        let mut caused = columns();
        caused[9] = Some(5_i64.to_be_bytes().to_vec());
        assert_eq!(events(&copied(&caused), 1).unwrap()[0].causation, Some(5));
    }

    #[test]
    fn what_is_no_row_of_events_is_not_guessed() {
        let whole = copied(&columns());
        for cut in 0..whole.len() {
            assert!(events(&whole[..cut], 1).is_none(), "cut at {cut}");
        }
        let mut longer = whole;
        longer.push(0);
        assert!(events(&longer, 1).is_none());
        for (column, value) in [(0, vec![1]), (6, vec![0; 8]), (13, vec![0xff]), (14, vec![9; 31])] {
            let mut wrong = columns();
            wrong[column] = Some(value);
            assert!(events(&copied(&wrong), 1).is_none(), "column {column}");
        }
        let mut fewer = columns();
        fewer.pop();
        assert!(events(&copied(&fewer), 1).is_none());
    }
}
