use super::{Difference, Draft, InvoiceRunEvent, InvoiceRunOpened, Waits};
use crate::{InvoiceId, Payer};
use std::collections::BTreeMap;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Its drafts are being made.
    Drafting,
    /// People look at them.
    Drafted,
    Approved,
    Issuing,
    Completed,
    Cancelled,
}

impl Phase {
    pub const ALL: [Self; 6] = [
        Self::Drafting,
        Self::Drafted,
        Self::Approved,
        Self::Issuing,
        Self::Completed,
        Self::Cancelled,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::Drafting => "drafting",
            Self::Drafted => "drafted",
            Self::Approved => "approved",
            Self::Issuing => "issuing",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }
    /// Whether nothing happens to it any more.
    pub fn over(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    Ready,
    /// See [`Draft::waits`].
    Waits(Waits),
    Excluded,
    /// The first of them, where it became one for each location.
    Issued(InvoiceId),
    SetAside(Difference),
}

impl Standing {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Waits(_) => "waits",
            Self::Excluded => "excluded",
            Self::Issued(_) => "issued",
            Self::SetAside(_) => "set_aside",
        }
    }
}

/// A run, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceRun {
    pub fact: InvoiceRunOpened,
    pub phase: Phase,
    /// Why it stands still, until somebody lets it go on.
    pub stopped: Option<String>,
    pub drafts: BTreeMap<Payer, (Draft, Standing)>,
}

fn first_standing(draft: &Draft) -> Standing {
    draft.waits.clone().map_or(Standing::Ready, Standing::Waits)
}

impl InvoiceRun {
    pub fn evolve(state: Option<Self>, event: InvoiceRunEvent) -> Option<Self> {
        if let InvoiceRunEvent::InvoiceRunOpened(fact) = event {
            return Some(Self {
                fact,
                phase: Phase::Drafting,
                stopped: None,
                drafts: BTreeMap::new(),
            });
        }
        let mut run = state?;
        match event {
            InvoiceRunEvent::InvoiceRunOpened(_) => {}
            InvoiceRunEvent::DraftsMade(fact) => {
                for draft in fact.drafts {
                    let standing = first_standing(&draft);
                    run.drafts.insert(draft.payer, (draft, standing));
                }
                if fact.complete {
                    run.phase = Phase::Drafted;
                }
            }
            InvoiceRunEvent::PayerExcluded(fact) => run.stands(fact.payer, |_| Standing::Excluded),
            InvoiceRunEvent::PayerIncluded(fact) => run.stands(fact.payer, first_standing),
            InvoiceRunEvent::InvoiceRunApproved(_) => run.phase = Phase::Approved,
            InvoiceRunEvent::InvoiceRunStarted(_) => run.phase = Phase::Issuing,
            InvoiceRunEvent::DraftsIssued(fact) => {
                for issued in fact.issued {
                    let stands = run.drafts.get(&issued.payer).map(|(_, standing)| standing);
                    if !matches!(stands, Some(Standing::Issued(_))) {
                        run.stands(issued.payer, |_| Standing::Issued(issued.invoice_id));
                    }
                }
            }
            InvoiceRunEvent::DraftSetAside(fact) => run.stands(fact.payer, |_| Standing::SetAside(fact.difference)),
            InvoiceRunEvent::InvoiceRunStopped(fact) => run.stopped = Some(fact.sentence),
            InvoiceRunEvent::InvoiceRunResumed(_) => run.stopped = None,
            InvoiceRunEvent::InvoiceRunCompleted(_) => run.phase = Phase::Completed,
            InvoiceRunEvent::InvoiceRunCancelled(_) => {
                run.phase = Phase::Cancelled;
                run.stopped = None;
            }
        }
        Some(run)
    }

    fn stands(&mut self, payer: Payer, standing: impl FnOnce(&Draft) -> Standing) {
        if let Some((draft, stands)) = self.drafts.get_mut(&payer) {
            *stands = standing(draft);
        }
    }

    /// Drafts that are to be issued.
    pub fn ready(&self) -> impl Iterator<Item = &Draft> {
        let ready = self
            .drafts
            .values()
            .filter(|(_, standing)| *standing == Standing::Ready);
        ready.map(|(draft, _)| draft)
    }

    /// The payer of this id, where the run has a draft for one.
    pub fn payer(&self, id: uuid::Uuid) -> Option<Payer> {
        self.drafts.keys().copied().find(|payer| payer.id() == id)
    }
}
