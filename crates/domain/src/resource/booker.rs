use super::BookedBy;
use crate::{CompanyId, Payer, PlanId, membership::Membership};
use jiff::civil::Date;

/// Who books, as far as a price can ask. A price is asked for with one, and never without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booker {
    /// Somebody with a membership: its plan, and the company that pays for it.
    Member {
        plan: Option<PlanId>,
        company: Option<CompanyId>,
    },
    /// Somebody without one.
    Visitor,
}

impl Booker {
    /// A member of whom nothing else is known: prices for a plan or a company are not hers.
    pub const SOME_MEMBER: Self = Self::Member {
        plan: None,
        company: None,
    };

    /// Whoever books under a membership, by its terms of a day.
    pub fn under(membership: &Membership, day: Date) -> Self {
        let term = membership.term_on(day);
        Self::paid_by(Some(term.plan_id), term.payer)
    }

    /// A member on a plan whose bookings somebody pays for.
    pub fn paid_by(plan: Option<PlanId>, payer: Payer) -> Self {
        let company = match payer {
            Payer::Company(company) => Some(company),
            Payer::Member(_) => None,
        };
        Self::Member { plan, company }
    }

    pub(super) fn plan(self) -> Option<PlanId> {
        match self {
            Self::Member { plan, .. } => plan,
            Self::Visitor => None,
        }
    }

    pub(super) fn company(self) -> Option<CompanyId> {
        match self {
            Self::Member { company, .. } => company,
            Self::Visitor => None,
        }
    }

    pub(super) fn kind(self) -> BookedBy {
        match self {
            Self::Member { .. } => BookedBy::Member,
            Self::Visitor => BookedBy::Visitor,
        }
    }
}
