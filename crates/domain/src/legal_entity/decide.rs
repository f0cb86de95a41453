use super::{Address, LegalEntityCreated, StripeConnected};
use crate::{
    Currency, LegalEntityId,
    catalogue::Catalogue,
    local_time,
    refusal::{Faults, Refusal},
    text, vat_id,
};

/// What an operator says of a new legal entity, unchecked.
#[derive(Debug, Clone, Default)]
pub struct NewLegalEntity {
    pub name: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub country: String,
    pub tax_id: String,
    pub currency: String,
    pub time_zone: String,
    pub invoice_series: String,
    pub payment_terms_days: i32,
}

/// # Errors
/// All faulty fields at once; a series that another entity of the organization already uses.
pub fn create(id: LegalEntityId, new: &NewLegalEntity, catalogue: &Catalogue) -> Result<LegalEntityCreated, Refusal> {
    let mut faults = Faults::default();
    let name = text::name(&new.name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    let street = text::name(&new.street)
        .map_err(|message| faults.add("street", message))
        .unwrap_or_default();
    let city = text::name(&new.city)
        .map_err(|message| faults.add("city", message))
        .unwrap_or_default();
    let country = text::country(&new.country)
        .map_err(|message| faults.add("country", message))
        .unwrap_or_default();
    let currency: Option<Currency> = new
        .currency
        .trim()
        .to_uppercase()
        .parse()
        .map_err(|message: String| faults.add("currency", message))
        .ok();
    if let Err(refusal) = local_time::zone(&new.time_zone) {
        faults.add("time_zone", refusal.sentence);
    }
    let series = new.invoice_series.trim().to_ascii_uppercase();
    faults.check(
        (1..=12).contains(&series.len()) && series.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
        "invoice_series",
        "Please use 1 to 12 letters, digits or hyphens, such as BER.",
    );
    faults.check(
        !catalogue.legal_entities.values().any(|other| {
            let fact = &other.fact;
            [
                fact.invoice_series.clone(),
                fact.credit_note_series(),
                fact.deposit_series(),
            ]
            .contains(&series)
        }),
        "invoice_series",
        "Another legal entity already numbers its invoices with this series.",
    );
    faults.check(
        (0..=90).contains(&new.payment_terms_days),
        "payment_terms_days",
        "Please give 0 to 90 days.",
    );
    let printable =
        |text: &str, most: usize| text.trim().chars().count() <= most && !text.trim().contains(char::is_control);
    let tax_id = vat_id::read(&new.tax_id)
        .map_err(|message| faults.add("tax_id", message))
        .unwrap_or_default();
    faults.check(
        printable(&new.postcode, 16),
        "postcode",
        "Please use at most 16 characters.",
    );
    faults.finish()?;
    let Some(currency) = currency else {
        return Err(Refusal::field(
            "unknown_currency",
            "currency",
            "Please choose a currency.",
        ));
    };
    Ok(LegalEntityCreated {
        legal_entity_id: id,
        name,
        address: Address {
            street,
            postcode: new.postcode.trim().to_owned(),
            city,
            country,
        },
        tax_id,
        currency,
        time_zone: new.time_zone.trim().to_owned(),
        invoice_series: series,
        payment_terms_days: new.payment_terms_days,
    })
}

/// # Errors
/// An unknown entity, or one that is already connected to another account.
pub fn connect_stripe(id: LegalEntityId, account_id: &str, catalogue: &Catalogue) -> Result<StripeConnected, Refusal> {
    let entity = catalogue.legal_entity(id)?;
    if entity
        .stripe_account
        .as_deref()
        .is_some_and(|connected| connected != account_id)
    {
        return Err(Refusal::conflict(
            "already_connected",
            "This legal entity is already connected to another Stripe account.",
        ));
    }
    Ok(StripeConnected {
        legal_entity_id: id,
        account_id: account_id.to_owned(),
    })
}
