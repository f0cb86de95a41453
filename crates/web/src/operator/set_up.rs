//! What a new chain still lacks, in the order in which it is needed.

use askama::Template;
use axum::response::Response;
use coterie_domain::{booking, catalogue::Catalogue};

use super::{desk::Desk, sheet::Sheet};
use crate::{
    components::{Badge, Tone, prints_html},
    failure::Failure,
};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    title: &'static str,
    why: String,
    done: bool,
    /// Where it is done, and what the link there says.
    href: &'static str,
    action: &'static str,
    /// Where what is there already stands.
    list: &'static str,
}

#[derive(Template)]
#[template(path = "operator/checklist.html")]
struct Checklist {
    steps: Vec<Step>,
}

prints_html!(Checklist);

impl Checklist {
    /// The first step that is still to be done; its link stands out.
    fn next(&self) -> Option<&Step> {
        self.steps.iter().find(|step| !step.done)
    }
}

impl Step {
    fn badge(&self) -> Badge {
        if self.done {
            Badge::new(Tone::Good, "Done")
        } else {
            Badge::new(Tone::Warning, "To do")
        }
    }
}

/// Whether there is anything yet that a day could be about.
pub(super) fn begun(catalogue: &Catalogue) -> bool {
    !catalogue.locations.is_empty()
}

/// The checklist.
pub(super) async fn show(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let list = Checklist {
        steps: steps(&catalogue, desk.staff.tenant.sandbox),
    };
    let open = list.steps.iter().filter(|step| !step.done).count();
    let lead = match open {
        0 => "Everything is there: members can sign up, subscribe and book.".to_owned(),
        1 => "One thing is missing before members can subscribe and book.".to_owned(),
        open => format!("{open} things are missing before members can subscribe and book."),
    };
    Ok(Sheet::set_up(&desk, "Set up your chain").lead(lead).part(&list).show())
}

fn steps(catalogue: &Catalogue, sandbox: bool) -> Vec<Step> {
    let connected = !catalogue.legal_entities.is_empty()
        && catalogue
            .legal_entities
            .values()
            .all(|entity| entity.stripe_account.is_some());
    let unpriced: Vec<_> = catalogue
        .resources
        .values()
        .filter(|room| booking::rule_for(room, catalogue).is_err())
        .map(|room| room.name.as_str())
        .collect();
    let untaxed = untaxed(catalogue);
    vec![
        Step {
            title: "A legal entity",
            why: "It issues invoices, in its currency and with its numbers.".to_owned(),
            done: !catalogue.legal_entities.is_empty(),
            href: "/operator/legal-entities/new",
            action: "New legal entity",
            list: "/operator/legal-entities",
        },
        Step {
            title: "A way to be paid",
            why: if sandbox {
                "A sandbox is connected to the payment simulator by itself, moments after its legal entity is there."
            } else {
                "Each legal entity is paid through its own Stripe account."
            }
            .to_owned(),
            done: connected,
            href: "/operator/legal-entities",
            action: "Legal entities",
            list: "/operator/legal-entities",
        },
        Step {
            title: "A location",
            why: "A house with its time zone and opening hours.".to_owned(),
            done: !catalogue.locations.is_empty(),
            href: "/operator/locations/new",
            action: "New location",
            list: "/operator/locations",
        },
        Step {
            title: "A type of room or desk",
            why: "What is priced alike.".to_owned(),
            done: !catalogue.resource_types.is_empty(),
            href: "/operator/resource-types/new",
            action: "New type",
            list: "/operator/resource-types",
        },
        Step {
            title: "Tax rates",
            why: if untaxed.is_empty() {
                "The VAT of each country and category.".to_owned()
            } else {
                format!("Missing: {}.", untaxed.join(", "))
            },
            done: untaxed.is_empty() && !catalogue.tax_rates.is_empty(),
            href: "/operator/tax-rates/new",
            action: "Set a rate",
            list: "/operator/tax-rates",
        },
        Step {
            title: "Prices",
            why: if unpriced.is_empty() {
                "What an hour of each type costs.".to_owned()
            } else {
                format!("Without a price: {}.", few(&unpriced))
            },
            done: !catalogue.price_rules.is_empty() && unpriced.is_empty(),
            href: "/operator/prices/new",
            action: "Publish a price",
            list: "/operator/prices",
        },
        Step {
            title: "Rooms and desks",
            why: "What members book.".to_owned(),
            done: !catalogue.resources.is_empty(),
            href: "/operator/resources/new",
            action: "Add a room or desk",
            list: "/operator/resources",
        },
        Step {
            title: "A plan",
            why: "What members subscribe to.".to_owned(),
            done: !catalogue.plan_versions.is_empty(),
            href: "/operator/plans/new",
            action: "Publish a plan",
            list: "/operator/plans",
        },
    ]
}

/// Categories in use that no rate was ever set for in a country with a location: `standard in DE`.
fn untaxed(catalogue: &Catalogue) -> Vec<String> {
    let types = catalogue.resource_types.values().map(|kind| kind.tax_category.as_str());
    let plans = catalogue
        .plans_on_offer()
        .into_iter()
        .map(|plan| plan.tax_category.as_str());
    let mut categories: Vec<_> = types.chain(plans).collect();
    categories.sort_unstable();
    categories.dedup();
    let mut countries: Vec<_> = catalogue
        .locations
        .values()
        .map(|place| place.address.country.as_str())
        .collect();
    countries.sort_unstable();
    countries.dedup();
    let mut missing = Vec::new();
    for country in &countries {
        for category in &categories {
            let set = catalogue
                .tax_rates
                .iter()
                .any(|rate| rate.country == *country && rate.category == *category);
            if !set {
                missing.push(format!("{category} in {country}"));
            }
        }
    }
    missing
}

/// Three names, and how many more there are.
fn few(names: &[&str]) -> String {
    match names {
        [one, two, three, rest @ ..] if !rest.is_empty() => format!("{one}, {two}, {three} and {} more", rest.len()),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_chain_lacks_everything_in_order() {
        let steps = steps(&Catalogue::default(), true);
        assert!(steps.iter().all(|step| !step.done));
        let list = Checklist { steps };
        assert_eq!(list.next().map(|step| step.href), Some("/operator/legal-entities/new"));
        insta::assert_snapshot!(list, @r#"
        <ol class="timeline">
          <li class="tone-warning">
            <p class="timeline-title">A legal entity <span class="badge badge-warning">To do</span></p>
            <p class="timeline-detail">It issues invoices, in its currency and with its numbers.</p>
            <p><a class="button" href="/operator/legal-entities/new">New legal entity</a></p>
          </li>
          <li class="tone-warning">
            <p class="timeline-title">A way to be paid <span class="badge badge-warning">To do</span></p>
            <p class="timeline-detail">A sandbox is connected to the payment simulator by itself, moments after its legal entity is there.</p>
            <p><a href="/operator/legal-entities">Legal entities</a></p>
          </li>
          <li class="tone-warning">
            <p class="timeline-title">A location <span class="badge badge-warning">To do</span></p>
            <p class="timeline-detail">A house with its time zone and opening hours.</p>
            <p><a href="/operator/locations/new">New location</a></p>
          </li>
          <li class="tone-warning">
            <p class="timeline-title">A type of room or desk <span class="badge badge-warning">To do</span></p>
            <p class="timeline-detail">What is priced alike.</p>
            <p><a href="/operator/resource-types/new">New type</a></p>
          </li>
          <li class="tone-warning">
            <p class="timeline-title">Tax rates <span class="badge badge-warning">To do</span></p>
            <p class="timeline-detail">The VAT of each country and category.</p>
            <p><a href="/operator/tax-rates/new">Set a rate</a></p>
          </li>
          <li class="tone-warning">
            <p class="timeline-title">Prices <span class="badge badge-warning">To do</span></p>
            <p class="timeline-detail">What an hour of each type costs.</p>
            <p><a href="/operator/prices/new">Publish a price</a></p>
          </li>
          <li class="tone-warning">
            <p class="timeline-title">Rooms and desks <span class="badge badge-warning">To do</span></p>
            <p class="timeline-detail">What members book.</p>
            <p><a href="/operator/resources/new">Add a room or desk</a></p>
          </li>
          <li class="tone-warning">
            <p class="timeline-title">A plan <span class="badge badge-warning">To do</span></p>
            <p class="timeline-detail">What members subscribe to.</p>
            <p><a href="/operator/plans/new">Publish a plan</a></p>
          </li>
        </ol>
        "#);
    }

    #[test]
    fn many_names_are_cut() {
        assert_eq!(few(&["A", "B", "C"]), "A, B, C");
        assert_eq!(few(&["A", "B", "C", "D", "E"]), "A, B, C and 2 more");
    }
}
