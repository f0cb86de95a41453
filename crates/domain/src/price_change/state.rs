use super::{LeftOut, Move, PriceChangeAnnounced, PriceChangeEvent, Reason, Why};
use crate::MembershipId;
use std::collections::BTreeMap;

/// How far an announcement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Members are being told.
    Telling,
    Told,
    /// Members are being told that it is off.
    CallingOff,
    CalledOff,
}

impl Phase {
    pub const ALL: [Self; 4] = [Self::Telling, Self::Told, Self::CallingOff, Self::CalledOff];
    pub fn name(self) -> &'static str {
        match self {
            Self::Telling => "telling",
            Self::Told => "told",
            Self::CallingOff => "calling_off",
            Self::CalledOff => "called_off",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }
}

/// What became of a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// She is told next.
    Waiting(Move),
    Told(Move),
    /// It was to move and does not.
    LeftOut(Move, Why),
    /// It was told, and keeps what it has.
    Released(Move),
    /// It never was to move.
    Stays(Why),
}

impl Standing {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Waiting(_) => "waiting",
            Self::Told(_) => "told",
            Self::LeftOut(..) => "left_out",
            Self::Released(_) => "released",
            Self::Stays(_) => "stays",
        }
    }
    pub fn planned(&self) -> Option<&Move> {
        match self {
            Self::Waiting(planned) | Self::Told(planned) | Self::LeftOut(planned, _) | Self::Released(planned) => {
                Some(planned)
            }
            Self::Stays(_) => None,
        }
    }
    pub fn why(&self) -> Option<Why> {
        match self {
            Self::LeftOut(_, why) | Self::Stays(why) => Some(*why),
            Self::Waiting(_) | Self::Told(_) | Self::Released(_) => None,
        }
    }
}

/// An announced price change, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceChange {
    pub fact: PriceChangeAnnounced,
    pub phase: Phase,
    pub memberships: BTreeMap<MembershipId, Standing>,
}

impl PriceChange {
    pub fn evolve(state: Option<Self>, event: PriceChangeEvent) -> Option<Self> {
        if let PriceChangeEvent::PriceChangeAnnounced(fact) = event {
            return Some(Self {
                fact,
                phase: Phase::Telling,
                memberships: BTreeMap::new(),
            });
        }
        let mut this = state?;
        match event {
            PriceChangeEvent::PriceChangeAnnounced(_) => {}
            PriceChangeEvent::MembershipsConcerned(fact) => {
                let moves = fact.moves.into_iter();
                this.memberships
                    .extend(moves.map(|planned| (planned.membership_id, Standing::Waiting(planned))));
                let stays = fact.stays.into_iter();
                this.memberships
                    .extend(stays.map(|stays| (stays.membership_id, Standing::Stays(stays.why))));
            }
            PriceChangeEvent::MembershipsTold(fact) => {
                for id in fact.told {
                    this.stands(id, Standing::Told);
                }
                this.leave_out(fact.left_out);
            }
            PriceChangeEvent::PriceChangeCalledOff(_) => {
                this.phase = Phase::CallingOff;
                for standing in this.memberships.values_mut() {
                    if let Standing::Waiting(planned) = standing {
                        *standing = Standing::LeftOut(*planned, Reason::CalledOff.into());
                    }
                }
            }
            PriceChangeEvent::MembershipsReleased(fact) => {
                for id in fact.released {
                    this.stands(id, Standing::Released);
                }
                this.leave_out(fact.left_out);
            }
            PriceChangeEvent::PriceChangeCompleted(_) => {
                this.phase = match this.phase {
                    Phase::Telling | Phase::Told => Phase::Told,
                    Phase::CallingOff | Phase::CalledOff => Phase::CalledOff,
                };
            }
        }
        Some(this)
    }

    fn stands(&mut self, id: MembershipId, standing: impl FnOnce(Move) -> Standing) {
        if let Some(stands) = self.memberships.get_mut(&id)
            && let Some(planned) = stands.planned().copied()
        {
            *stands = standing(planned);
        }
    }

    fn leave_out(&mut self, left_out: Vec<LeftOut>) {
        for one in left_out {
            self.stands(one.membership_id, |planned| Standing::LeftOut(planned, one.why));
        }
    }
}
