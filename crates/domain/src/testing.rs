//! How decisions are tested: given events, when a decision, then its outcome or a refusal's code.

mod chain;
mod life;

use crate::{Currency, Money, Refusal};
pub use chain::*;
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
pub use life::*;
use std::fmt::Debug;
use uuid::Uuid;

/// What a stream says so far.
pub struct Given<S>(S);

/// What a decision answered.
#[derive(Debug)]
pub struct Then<T>(Result<T, Refusal>);

/// Folds a stream's events, as a use case would before it decides.
pub fn given<S, E>(evolve: fn(Option<S>, E) -> Option<S>, events: impl IntoIterator<Item = E>) -> Given<S> {
    Given(
        events
            .into_iter()
            .fold(None, evolve)
            .expect("the events begin with the one that makes the thing"),
    )
}

impl<S> Given<S> {
    pub fn when<T>(&self, decide: impl FnOnce(&S) -> Result<T, Refusal>) -> Then<T> {
        Then(decide(&self.0))
    }
    pub fn state(self) -> S {
        self.0
    }
}

/// A decision that needs no history of its own, only the catalogue.
pub fn when<T>(outcome: Result<T, Refusal>) -> Then<T> {
    Then(outcome)
}

impl<T: Debug> Then<T> {
    #[track_caller]
    pub fn then(self, expected: &T)
    where
        T: PartialEq,
    {
        assert_eq!(&self.decided(), expected);
    }
    #[track_caller]
    pub fn decided(self) -> T {
        self.0.expect("the decision should not have been refused")
    }
    #[track_caller]
    pub fn then_refused(self, code: &str) -> Refusal {
        let refusal = self.0.expect_err("the decision should have been refused");
        assert_eq!(refusal.code, code, "{refusal:?}");
        refusal
    }
    /// Refused as a form: these fields, in this order.
    #[track_caller]
    pub fn then_faults(self, fields: &[&str]) {
        let refusal = self.then_refused("invalid");
        let named: Vec<&str> = refusal.fields.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(named, fields);
    }
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}
pub fn date(text: &str) -> Date {
    text.parse().expect("a test writes dates that exist")
}
pub fn wall(text: &str) -> DateTime {
    text.parse().expect("a test writes times that exist")
}
pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a test writes instants that exist")
}
pub fn currency(code: &str) -> Currency {
    code.parse().expect("a test uses known currencies")
}
pub fn eur(minor: i64) -> Money {
    Money::new(minor, currency("EUR"))
}

/// How many cases a property is tried with: as many as `make test` has time for, or `COTERIE_CASES` of them, as the soak says.
pub fn cases(usual: u32) -> u32 {
    let asked = std::env::var("COTERIE_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
}
