//! What every change of a membership has in common: its event, and what follows from it for the days that stand charged.

use super::{billed, charged::charged_in_op, load};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, charge, invoice, trouble};
use coterie_domain::{
    InvoiceId, MembershipId, Money, Payer, Refusal,
    catalogue::Catalogue,
    local_time,
    membership::{self, Membership, MembershipEvent},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};

/// What a change led to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// Net of what was charged less what was given back; the rest of what is owed follows on the billing day.
    pub net: Money,
    /// Invoiced at once, because more was charged than given back.
    pub invoices: Vec<InvoiceId>,
}

/// A membership that is about to change.
pub(crate) struct Changing {
    pub membership: Membership,
    pub version: i64,
    pub catalogue: Arc<Catalogue>,
    /// Today at its home location.
    pub today: Date,
}

impl Changing {
    /// # Errors
    /// `NotFound` for an unknown membership; `Forbidden` for somebody else's.
    pub async fn load_in_op(op: &mut Operation, caller: &Caller, id: MembershipId) -> Result<Self, UseCaseError> {
        let changing = Self::load_unchecked_in_op(op, id).await?;
        access::acts_for(caller, changing.membership.fact.member_id)?;
        Ok(changing)
    }

    /// For whoever asks for himself who may.
    ///
    /// # Errors
    /// `NotFound` for an unknown membership.
    pub async fn load_unchecked_in_op(op: &mut Operation, id: MembershipId) -> Result<Self, UseCaseError> {
        let (membership, version) = load(op, id).await?;
        let catalogue = op.catalogue().await?;
        let zone = catalogue.zone_of(membership.fact.home_location_id)?;
        Ok(Self {
            today: local_time::day_at(op.now, &zone),
            membership,
            version,
            catalogue,
        })
    }

    /// Members change what is to come; only staff change what was.
    ///
    /// # Errors
    /// A day that is over.
    pub fn check_not_backdated(&self, caller: &Caller, day: Date, field: &str) -> Result<(), Refusal> {
        if day < self.today && access::operates(caller).is_err() {
            return Err(Refusal::field(
                "day_is_over",
                field,
                "Please choose today or a later day.",
            ));
        }
        Ok(())
    }

    /// Writes an event of the membership.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn happens(&mut self, op: &mut Operation, event: impl Into<MembershipEvent>) -> Result<(), UseCaseError> {
        let event = event.into();
        self.membership = self.membership.after(event.clone());
        op.write(self.membership.fact.membership_id.0, self.version, [event])?;
        self.version += 1;
        Ok(())
    }

    /// Gives back and charges what the agreement, as it now stands, calls for, and invoices it at once where more is charged
    /// than given back. What is left waits for the billing day.
    ///
    /// # Errors
    /// A missing plan version or tax rate; whatever the database says.
    pub async fn settle_in_op(&mut self, op: &mut Operation) -> Result<Changed, UseCaseError> {
        let currency = self.membership.fact.price.currency;
        let charged = charged_in_op(op, &self.membership, &self.catalogue).await?;
        let mut ids = std::iter::repeat_with(uuid::Uuid::now_v7);
        let settled = membership::settle(
            &self.membership,
            self.version + 1,
            self.today,
            || ids.next().unwrap_or_default(),
            &charged,
            &self.catalogue,
        )?;
        let Some(settled) = settled else {
            return Ok(Changed {
                net: Money::new(0, currency),
                invoices: Vec::new(),
            });
        };
        let stretches = settled.fact.given_back.iter().chain(&settled.fact.billed);
        let first = stretches.map(|stretch| stretch.days.start).min();
        let net = settled.net_minor();
        self.happens(op, settled.fact)?;
        if let Some(first) = first {
            billed::write_in_op(op, &self.membership, first).await?;
        }
        let mut payers: BTreeSet<Payer> = BTreeSet::new();
        charge::make_all_in_op(op, &settled.charges).await?;
        let due = settled.charges.iter().filter(|made| made.billable_on <= self.today);
        payers.extend(due.map(|made| made.payer));
        let mut invoices = Vec::new();
        if net > 0 {
            let entity = self.membership.fact.legal_entity_id;
            for payer in payers {
                let issued = invoice::issue_in_op(op, payer, entity, self.today).await?;
                invoices.extend(issued.iter().map(|issued| issued.invoice_id));
            }
        }
        Ok(Changed {
            net: Money::new(net, currency),
            invoices,
        })
    }
}

/// Carries out a change that is one event and its settlement.
pub(crate) async fn carry_out<E: Into<MembershipEvent>>(
    app: &App,
    caller: &Caller,
    id: MembershipId,
    decide: impl Fn(&Changing) -> Result<E, UseCaseError>,
) -> Outcome<Changed> {
    trouble::carry_out(app, caller, || once(app, caller, id, &decide)).await
}

async fn once<E: Into<MembershipEvent>>(
    app: &App,
    caller: &Caller,
    id: MembershipId,
    decide: &impl Fn(&Changing) -> Result<E, UseCaseError>,
) -> Outcome<Changed> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let mut changing = Changing::load_in_op(&mut op, caller, id).await?;
    let fact = decide(&changing)?;
    changing.happens(&mut op, fact)?;
    let changed = changing.settle_in_op(&mut op).await?;
    op.commit(changed).await
}
