//! A run that is carried on: one step after the other, and what the next one needs is read while one is written.

use super::{advance::step_with, ahead::Reading};
use crate::{App, Caller, Outcome, trouble};
use coterie_domain::InvoiceRunId;
use std::sync::Mutex;

/// Steps of one run, each as [`super::advance`] does it. No more than one step is read ahead, so memory does not grow with the run;
/// dropping it leaves the run to whoever goes on.
pub struct CarryingOn {
    app: App,
    caller: Caller,
    id: InvoiceRunId,
    limit: i64,
    reading: Reading,
}

impl CarryingOn {
    pub fn of(app: &App, caller: &Caller, id: InvoiceRunId, limit: i64) -> Self {
        Self {
            app: app.clone(),
            caller: caller.clone(),
            id,
            limit,
            reading: Reading::default(),
        }
    }

    /// Takes the run one step on. The outcome is whether there is more to do now.
    ///
    /// # Errors
    /// As [`super::advance`].
    pub async fn step(&mut self) -> Outcome<bool> {
        let read = std::mem::take(&mut self.reading).done().await;
        // A second try reads everything itself: it may have been what was read ahead that was in the way.
        let (read, reading) = (Mutex::new(read), Mutex::new(Reading::default()));
        let done = trouble::carry_out(&self.app, &self.caller, || async {
            let ahead = read
                .lock()
                .map(|mut read| std::mem::take(&mut *read))
                .unwrap_or_default();
            let step = step_with(&self.app, &self.caller, self.id, self.limit, ahead, true);
            let (op, more, next) = step.await?;
            let done = op.commit(more).await?;
            if let Ok(mut reading) = reading.lock() {
                *reading = next;
            }
            Ok(done)
        })
        .await?;
        self.reading = reading.into_inner().unwrap_or_default();
        Ok(done)
    }

    /// Waits until the next step has been read ahead, and says of how many payers: for whoever wants something to happen in between.
    pub async fn read_ahead(&mut self) -> usize {
        self.reading.settled().await
    }
}
