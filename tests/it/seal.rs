//! Sealed data: what is personal is nowhere in plain text where it need not be, and after a person was forgotten it is
//! nowhere at all, save for what the law wants kept until its date.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy sees only the functions marked so"
)]

mod canary;
mod forget;
mod lines;
mod retention;
mod rotate;
mod scan;
