use uuid::Uuid;

use super::Address;

/// An email about one thing to one recipient.
#[derive(Debug, Clone)]
pub struct Letter {
    /// What sort of letter, for example `receipt`; part of what makes it unique.
    pub kind: &'static str,
    /// What it is about: the invoice, the member, the payment; part of what makes it unique.
    pub subject_id: Uuid,
    /// To whom; part of what makes it unique.
    pub recipient: Address,
    /// The Subject line.
    pub subject: String,
    /// The body for people who read text.
    pub text: String,
    /// The same in HTML.
    pub html: String,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Address>,
}

/// A file that goes with a letter.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// The name it is saved under.
    pub filename: String,
    /// Its media type, for example `application/pdf`.
    pub content_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}
