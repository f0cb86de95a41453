//! What happens by time in an account's world.

use crate::books::{Books, Desk, Due};
use crate::object::{checkout, intent_attempt};

/// Lets everything due happen, each at its own second, and leaves the clock where it stood.
pub(crate) fn run(books: &mut Books, account: &str, until: i64, public_url: &str) {
    loop {
        let Some(world) = books.accounts.get_mut(account) else {
            return;
        };
        if let Some((at, id)) = world.closing.first().filter(|(at, _)| *at <= until).cloned() {
            world.closing.remove(&(at, id.clone()));
            let mut desk = Desk {
                books,
                account: account.to_owned(),
                now: at,
                public_url,
                request_id: String::new(),
                key: None,
            };
            checkout::run_out(&mut desk, &id);
            continue;
        }
        let next = world
            .due
            .iter()
            .enumerate()
            .filter(|(_, due)| due.at <= until)
            .min_by_key(|(_, due)| due.at);
        let Some(position) = next.map(|(position, _)| position) else {
            return;
        };
        let due: Due = world.due.remove(position);
        let mut desk = Desk {
            books,
            account: account.to_owned(),
            now: due.at,
            public_url,
            request_id: String::new(),
            key: None,
        };
        if let Err(error) = intent_attempt::settle(&mut desk, &due) {
            tracing::warn!(
                intent = due.intent,
                message = error.message,
                "a debit could not be settled"
            );
        }
    }
}
