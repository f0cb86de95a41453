//! Email: written into the outbox in the transaction that calls for it, sent by a job.
//!
//! A letter is one row per (kind, subject, recipient), so asking twice sends once. The row holds the
//! finished MIME bytes. The job claims the row, speaks SMTP step by step and writes down what it
//! learnt: taken, refused for now, refused for good, or handed over without an answer, which is
//! tried once more and then left to a person.

mod address;
mod claim;
mod letter;
mod outbox;
mod render;
mod send;
mod smtp;
pub mod templates;
mod transport;
mod verdict;

pub use address::{Address, AddressError, Sender};
pub use letter::{Attachment, Letter};
pub use outbox::{MailError, MailQueued, MailRow, MailState, is_refused, mail, queue_in_op};
pub use render::RenderError;
pub use send::{SEND_MAIL, SendMail};
pub use smtp::Delivery;
pub use transport::{SmtpUrl, SmtpUrlError, Transports};
