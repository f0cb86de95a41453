//! What a catalogue row leads to: decided against a copy of the catalogue to judge it, carried out by its use case.

use crate::{Operation, UseCaseError, legal_entity, location, plan, resource, tax};
use coterie_domain::{
    DomainEvent, LegalEntityId, LocationId, PlanId, PlanVersionId, PriceRuleId, Refusal, ResourceId, ResourceTypeId,
    catalogue::Catalogue,
    legal_entity::{LegalEntityEvent, NewLegalEntity},
    location::{LocationEvent, NewLocation},
    plan::{NewPlanVersion, PlanEvent},
    resource::{NewResource, PriceRuleEvent, ResourceEvent, ResourceTypeEvent},
    tax::TaxEvent,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

/// What a row says about the catalogue.
pub(super) enum Step {
    Unchanged,
    Create(Box<Command>),
}

pub(super) enum Command {
    LegalEntity(NewLegalEntity),
    TaxRate {
        country: String,
        category: String,
        rate_percent: Decimal,
        effective_from: Date,
    },
    Location(LegalEntityId, NewLocation),
    ResourceType {
        name: String,
        tax_category: String,
    },
    Resource(ResourceTypeId, LocationId, NewResource),
    Price(coterie_domain::resource::NewPriceRule),
    Plan(Option<PlanId>, NewPlanVersion),
}

impl Command {
    /// Folds what would happen into the copy.
    pub(super) fn decide(&self, shadow: &mut Catalogue) -> Result<Result<(), Refusal>, UseCaseError> {
        let id = Uuid::now_v7();
        let decided = match self {
            Self::LegalEntity(new) => coterie_domain::legal_entity::create(LegalEntityId(id), new, shadow)
                .map(|fact| planned(&LegalEntityEvent::from(fact))),
            Self::TaxRate {
                country,
                category,
                rate_percent,
                effective_from,
            } => coterie_domain::tax::set_rate(country, category, *rate_percent, *effective_from)
                .map(|fact| planned(&TaxEvent::from(fact))),
            Self::Location(entity, new) => coterie_domain::location::open(LocationId(id), *entity, new, shadow)
                .map(|fact| planned(&LocationEvent::from(fact))),
            Self::ResourceType { name, tax_category } => {
                coterie_domain::resource::create_type(ResourceTypeId(id), name, tax_category, shadow)
                    .map(|fact| planned(&ResourceTypeEvent::from(fact)))
            }
            Self::Resource(kind, location, new) => {
                coterie_domain::resource::add(ResourceId(id), *kind, *location, new, shadow)
                    .map(|fact| planned(&ResourceEvent::from(fact)))
            }
            Self::Price(price) => coterie_domain::resource::publish_price(PriceRuleId(id), price, shadow)
                .map(|fact| planned(&PriceRuleEvent::from(fact))),
            Self::Plan(plan, new) => coterie_domain::plan::publish(
                plan.unwrap_or(PlanId(id)),
                PlanVersionId(Uuid::now_v7()),
                new.clone(),
                shadow,
            )
            .map(|fact| planned(&PlanEvent::from(fact))),
        };
        match decided {
            Ok(event) => {
                let (category, event_type, version, payload) = event?;
                shadow.apply(shadow.position + 1, category, event_type, version, &payload)?;
                Ok(Ok(()))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Decides it in a transaction of many, and folds it into the copy of the catalogue that they share.
    pub(super) async fn carry_out_in_op(
        self,
        op: &mut Operation,
        catalogue: &mut Catalogue,
    ) -> Result<(), UseCaseError> {
        match self {
            Self::LegalEntity(new) => {
                legal_entity::create_in_op(op, catalogue, &new).await?;
            }
            Self::TaxRate {
                country,
                category,
                rate_percent,
                effective_from,
            } => {
                tax::set_rate_in_op(op, &country, &category, rate_percent, effective_from)?;
            }
            Self::Location(entity, new) => {
                location::open_in_op(op, catalogue, entity, &new)?;
            }
            Self::ResourceType { name, tax_category } => {
                resource::create_type_in_op(op, catalogue, &name, &tax_category)?;
            }
            Self::Resource(kind, location, new) => {
                resource::add_in_op(op, catalogue, kind, location, &new).await?;
            }
            Self::Price(price) => {
                resource::publish_price_in_op(op, catalogue, &price)?;
            }
            Self::Plan(plan, new) => {
                plan::publish_in_op(op, catalogue, plan, new)?;
            }
        }
        op.fold_last(catalogue)
    }
}

type Planned = (&'static str, &'static str, i16, String);

fn planned<E: DomainEvent>(event: &E) -> Result<Planned, UseCaseError> {
    Ok((E::CATEGORY, event.event_type(), event.event_version(), event.payload()?))
}
