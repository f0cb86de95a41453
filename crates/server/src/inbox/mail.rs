use std::sync::Arc;

use mail_parser::{Address, Message, MessageParser, MimeHeaders as _};

/// A received message.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Counted from 1 in the order of arrival.
    pub number: u64,
    /// The envelope's sender; empty for a bounce.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The message as it came, without dot-stuffing.
    pub bytes: Arc<[u8]>,
}

/// A file that came with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedFile {
    /// Its name, or a made-up one.
    pub filename: String,
    /// Its media type.
    pub content_type: String,
    /// Its decoded content.
    pub bytes: Vec<u8>,
}

impl Mail {
    fn parsed(&self) -> Option<Message<'_>> {
        MessageParser::default().parse(&*self.bytes)
    }

    /// The decoded Subject.
    pub fn subject(&self) -> String {
        self.parsed()
            .and_then(|message| message.subject().map(str::to_owned))
            .unwrap_or_default()
    }

    /// The Date as RFC 3339, if there is one.
    pub fn date(&self) -> Option<String> {
        self.parsed()?.date().map(mail_parser::DateTime::to_rfc3339)
    }

    /// A header as it was written, unfolded; the first of its name.
    pub fn header(&self, name: &str) -> Option<String> {
        let message = self.parsed()?;
        let raw = message.header_raw(name)?;
        Some(raw.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// From, as a mail program shows it.
    pub fn shown_from(&self) -> String {
        self.parsed().map(|message| shown(message.from())).unwrap_or_default()
    }

    /// To, as a mail program shows it.
    pub fn shown_to(&self) -> String {
        self.parsed().map(|message| shown(message.to())).unwrap_or_default()
    }

    /// The text part, decoded; made from the HTML if there is no other.
    pub fn text(&self) -> String {
        self.parsed()
            .and_then(|message| message.body_text(0).map(std::borrow::Cow::into_owned))
            .unwrap_or_default()
    }

    /// The HTML part, decoded.
    pub fn html(&self) -> Option<String> {
        let message = self.parsed()?;
        let part = message.html_bodies().find(|part| part.is_text_html())?;
        part.text_contents().map(str::to_owned)
    }

    /// The attached files, decoded.
    pub fn attachments(&self) -> Vec<AttachedFile> {
        let Some(message) = self.parsed() else {
            return Vec::new();
        };
        let file = |(index, part): (usize, &mail_parser::MessagePart<'_>)| AttachedFile {
            filename: part
                .attachment_name()
                .map_or_else(|| format!("attachment-{}", index + 1), str::to_owned),
            content_type: part.content_type().map_or_else(
                || "application/octet-stream".to_owned(),
                |kind| match kind.subtype() {
                    Some(subtype) => format!("{}/{subtype}", kind.ctype()),
                    None => kind.ctype().to_owned(),
                },
            ),
            bytes: part.contents().to_vec(),
        };
        message.attachments().enumerate().map(file).collect()
    }
}

/// `Name <address>`, separated by commas.
fn shown(address: Option<&Address<'_>>) -> String {
    let Some(address) = address else { return String::new() };
    let one = |addr: &mail_parser::Addr<'_>| match (addr.name(), addr.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.or(address).unwrap_or_default().to_owned(),
    };
    address.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The addresses of To, for a message whose envelope is no longer known.
pub(super) fn recipients_of(bytes: &[u8]) -> Vec<String> {
    let Some(message) = MessageParser::default().parse(bytes) else {
        return Vec::new();
    };
    let Some(to) = message.to() else { return Vec::new() };
    to.iter().filter_map(|addr| addr.address().map(str::to_owned)).collect()
}
