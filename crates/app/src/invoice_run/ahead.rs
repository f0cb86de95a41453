//! What the next step of a run will need, read while a step is being written. A charge never changes and nothing of it is sealed, and
//! a draft is what payer, buyer, charges and catalogue make of it: so what was read ahead is used where the step finds the same
//! ids, the same buyer and the same catalogue in its own transaction, and whatever differs is read and drafted there. Nothing
//! else rests on it.

use super::{
    draft::{Owing, decoded, owing},
    guard,
};
use crate::{App, Caller, Operation, UseCaseError, charge};
use coterie_domain::{
    ChargeId, InvoiceRunId, LegalEntityId, Payer, Refusal,
    charge::ChargeMade,
    invoice::Addressee,
    invoice_run::{Draft, Phase},
};
use jiff::civil::Date;
use std::{collections::BTreeMap, time::Duration};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// How long a step waits for what is read ahead before it goes on without. Nothing is held meanwhile.
const PATIENCE: Duration = Duration::from_secs(5);

/// What payers of one step owe.
#[derive(Default)]
pub(super) struct Ahead {
    /// Position of the catalogue that they were drafted by.
    pub catalogue: i64,
    pub of: BTreeMap<Uuid, Read>,
}

/// What one payer owes, and the draft of it with the buyer that it is made of.
pub(super) struct Read {
    pub charges: Vec<ChargeMade>,
    pub drafted: Option<(Addressee, Result<Draft, Refusal>)>,
}

impl Ahead {
    /// Lets go of whatever is not what the step found to be owed. The answer is the charges that are still to be read.
    pub fn keep(&mut self, owed: &BTreeMap<Uuid, Vec<ChargeId>>) -> Vec<ChargeId> {
        let mut read = std::mem::take(&mut self.of);
        let mut missing = Vec::new();
        for (payer, ids) in owed {
            match read.remove(payer).filter(|read| are(&read.charges, ids)) {
                Some(read) => {
                    self.of.insert(*payer, read);
                }
                None => missing.extend_from_slice(ids),
            }
        }
        missing
    }
}

/// Whether these are the charges of these ids, which are sorted.
fn are(charges: &[ChargeMade], ids: &[ChargeId]) -> bool {
    let mut found: Vec<ChargeId> = charges.iter().map(|charge| charge.charge_id).collect();
    found.sort_unstable();
    found == ids
}

/// Whose next step is read ahead.
pub(super) struct Next {
    pub run: InvoiceRunId,
    pub phase: Phase,
    pub legal_entity: LegalEntityId,
    pub cut_off: Date,
    /// The last payer of the step that is being written.
    pub after: Payer,
    pub limit: i64,
}

/// Reading that goes on beside a step; dropping it ends it.
#[derive(Default)]
pub(super) struct Reading(Option<JoinHandle<Ahead>>);

impl Reading {
    pub fn begin(app: &App, caller: &Caller, next: Next) -> Self {
        let (app, caller) = (app.clone(), caller.clone());
        Self(Some(tokio::spawn(async move {
            match read(&app, &caller, &next).await {
                Ok(ahead) => ahead,
                Err(error) => {
                    // The step meets the same trouble itself, and says so.
                    tracing::debug!(%error, "nothing was read ahead");
                    Ahead::default()
                }
            }
        })))
    }

    /// What was read. It is waited for while nothing is held, so nobody waits for whoever waits for her.
    pub async fn done(mut self) -> Ahead {
        let Some(reading) = &mut self.0 else {
            return Ahead::default();
        };
        match tokio::time::timeout(PATIENCE, reading).await {
            Ok(Ok(ahead)) => ahead,
            Ok(Err(_)) | Err(_) => Ahead::default(),
        }
    }

    /// Waits until it has been read, and says of how many payers.
    pub async fn settled(&mut self) -> usize {
        let ahead = std::mem::take(self).done().await;
        let count = ahead.of.len();
        self.0 = Some(tokio::spawn(async move { ahead }));
        count
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if let Some(reading) = &self.0 {
            reading.abort();
        }
    }
}

/// Reads and drafts in a transaction of its own, which locks nothing and is never committed.
async fn read(app: &App, caller: &Caller, next: &Next) -> Result<Ahead, UseCaseError> {
    let Some(mut op) = Operation::open_if_free(app, caller).await? else {
        return Ok(Ahead::default());
    };
    op.look_up_each().await?;
    let after = Some(next.after.id());
    let payers: Vec<Payer> = if next.phase == Phase::Drafting {
        guard::owing_after(&mut op, next.legal_entity, next.cut_off, after, next.limit).await?
    } else {
        let ready = guard::ready(&mut op, next.run, after, next.limit).await?;
        ready.into_iter().map(|(payer, _)| payer).collect()
    };
    let ids: Vec<Uuid> = payers.iter().map(|payer| payer.id()).collect();
    let recorded = charge::billable_of(&mut op, &ids, next.legal_entity, next.cut_off).await?;
    // A preview has little to write, and drafts while the next charges are read; what issues has much, and finds its drafts made.
    if next.phase == Phase::Drafting {
        drop(op);
        let owed = decoded(recorded).await?;
        let read = owed
            .into_iter()
            .map(|(payer, charges)| (payer, Read { charges, drafted: None }));
        return Ok(Ahead {
            of: read.collect(),
            ..Ahead::default()
        });
    }
    let owed = decoded(recorded).await?;
    let (catalogue, all) = owing(&mut op, payers, next.legal_entity, owed, Ahead::default()).await?;
    let of = all.into_iter().map(|owing| {
        let Owing {
            payer,
            buyer,
            charges,
            draft,
        } = owing;
        let drafted = Some((buyer, draft));
        (payer.id(), Read { charges, drafted })
    });
    Ok(Ahead {
        catalogue,
        of: of.collect(),
    })
}
