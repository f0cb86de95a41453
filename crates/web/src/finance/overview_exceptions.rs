//! What needs a person before money can flow as it should.

use std::collections::BTreeSet;

use coterie_app::{
    page::{MAX_PAGE, PageRequest},
    payment::page::{self as payments, PaymentFilter},
};
use coterie_domain::{catalogue::Catalogue, local_time, location::LocationOpened, payment::PaymentState};
use jiff::Timestamp;

use super::office::{Office, entities};
use crate::{access::Capability, components::Link, failure::Failure};

/// One thing to look at.
pub(super) struct Exception {
    pub(super) title: String,
    pub(super) detail: String,
    pub(super) link: Option<Link>,
}

/// Legal entities that cannot collect, and supplies without a tax rate.
pub(super) fn of_catalogue(office: &Office, catalogue: &Catalogue, now: Timestamp) -> Result<Vec<Exception>, Failure> {
    let operates = office.ctx.viewer.can(Capability::Operate);
    let link = |label: &str, href: &str| operates.then(|| Link::new(label, href));
    let mut exceptions = Vec::new();
    for entity in entities(catalogue) {
        if entity.stripe_account.is_none() {
            exceptions.push(Exception {
                title: format!("{} has no Stripe account", entity.fact.name),
                detail: "Its invoices are issued, but cannot be collected by card.".to_owned(),
                link: link("Legal entities", "/operator/legal-entities"),
            });
        }
    }
    for location in catalogue.locations.values() {
        let today = local_time::day_at(now, &local_time::zone(&location.time_zone)?);
        for category in categories(catalogue, location) {
            if let Err(refusal) = catalogue.tax_rate(&location.address.country, category, today) {
                exceptions.push(Exception {
                    title: format!("No VAT rate for “{category}” at {}", location.name),
                    detail: refusal.sentence,
                    link: link("Tax rates", "/operator/tax-rates"),
                });
            }
        }
    }
    Ok(exceptions)
}

/// The tax categories of what is offered at a location.
fn categories<'a>(catalogue: &'a Catalogue, location: &LocationOpened) -> BTreeSet<&'a str> {
    let plans = catalogue
        .plans_on_offer()
        .into_iter()
        .filter(|plan| plan.legal_entity_id == location.legal_entity_id && plan.covers(location.location_id));
    let rooms = catalogue
        .resources
        .values()
        .filter(|room| room.location_id == location.location_id);
    let kinds = rooms.filter_map(|room| catalogue.resource_types.get(&room.resource_type_id));
    plans
        .map(|plan| plan.tax_category.as_str())
        .chain(kinds.map(|kind| kind.tax_category.as_str()))
        .collect()
}

/// Payments whose outcome nobody knows.
pub(super) async fn of_payments(office: &Office) -> Result<Option<Exception>, Failure> {
    let filter = PaymentFilter {
        state: Some(PaymentState::Unknown),
    };
    let request = PageRequest {
        limit: Some(MAX_PAGE),
        after: None,
    };
    let found = payments::list(office.app(), office.tenant(), filter, &request).await?;
    let count = match (found.items.len(), found.next) {
        (0, _) => return Ok(None),
        (count, None) => count.to_string(),
        (count, Some(_)) => format!("More than {count}"),
    };
    Ok(Some(Exception {
        title: format!("Payments without a known outcome: {count}"),
        detail: "Nobody knows whether money moved. They are not charged again until somebody decides.".to_owned(),
        link: Some(Link::new("Payments", "/finance/payments?state=unknown")),
    }))
}

/// Books and invoices that do not say the same.
pub(super) fn of_receivable(name: &str, entity_id: &str) -> Exception {
    Exception {
        title: format!("Receivable and open invoices of {name} differ"),
        detail: "Should this still be so in a minute, books and invoices need a look.".to_owned(),
        link: Some(Link::new(
            "Trial balance",
            format!("/finance/trial-balance?legal_entity={entity_id}"),
        )),
    }
}
