//! Double-entry books: one posting file per business fact, each a balanced set of postings an accountant can read.
//! Entries are events, written in the same append as their fact, so that a changed rule never rewrites books.

mod account;
mod booking_charged;
mod charge_voided;
mod credit_note_issued;
mod credit_pack_expired;
mod credit_pack_used;
mod deposit_applied;
mod deposit_returned;
mod entry;
mod invoice_issued;
mod payment_settled;
mod revenue_earned;
#[cfg(test)]
mod tests;
mod used_elsewhere;
mod visitor_paid_late;
mod visitor_refunded;

pub use account::*;
pub use booking_charged::*;
pub use charge_voided::*;
pub use credit_note_issued::*;
pub use credit_pack_expired::*;
pub use credit_pack_used::*;
pub use deposit_applied::*;
pub use deposit_returned::*;
pub use entry::*;
pub use invoice_issued::*;
pub use payment_settled::*;
pub use revenue_earned::*;
pub use used_elsewhere::*;
pub use visitor_paid_late::*;
pub use visitor_refunded::*;
