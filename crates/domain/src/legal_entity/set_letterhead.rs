use super::{BankAccount, COLOUR, Contact, Language, LetterheadSet, Logo};
use crate::{
    LegalEntityId,
    catalogue::Catalogue,
    refusal::{Faults, Refusal},
    text,
};

/// What an operator says of a legal entity's documents, unchecked. What is empty is left out of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewLetterhead {
    /// `en` or `de`; the country's where it is empty.
    pub language: String,
    pub colour: String,
    pub account_holder: String,
    pub iban: String,
    pub bic: String,
    pub contact_name: String,
    pub contact_phone: String,
    pub contact_email: String,
    pub register: String,
}

/// # Errors
/// All faulty fields at once; an unknown legal entity.
pub fn set_letterhead(
    id: LegalEntityId,
    new: &NewLetterhead,
    logo: Option<Logo>,
    catalogue: &Catalogue,
) -> Result<LetterheadSet, Refusal> {
    let entity = &catalogue.legal_entity(id)?.fact;
    let mut faults = Faults::default();
    let language = match new.language.trim() {
        "" => Language::of_country(&entity.address.country),
        code => Language::from_code(code).unwrap_or_else(|| {
            faults.add("language", "Please choose one of the list.");
            Language::default()
        }),
    };
    let colour = match new.colour.trim().to_ascii_lowercase() {
        empty if empty.is_empty() => COLOUR.to_owned(),
        colour => colour,
    };
    let digits = colour.strip_prefix('#').unwrap_or_default();
    faults.check(
        digits.len() == 6 && digits.chars().all(|digit| digit.is_ascii_hexdigit()),
        "colour",
        "Please give a colour such as #1f4e5f.",
    );
    let optional = |faults: &mut Faults, field: &str, value: &str| {
        if value.trim().is_empty() {
            return String::new();
        }
        text::name(value)
            .map_err(|message| faults.add(field, message))
            .unwrap_or_default()
    };
    let holder = optional(&mut faults, "account_holder", &new.account_holder);
    let contact = Contact {
        name: optional(&mut faults, "contact_name", &new.contact_name),
        phone: optional(&mut faults, "contact_phone", &new.contact_phone),
        email: match new.contact_email.trim() {
            "" => String::new(),
            email => text::email(email)
                .map_err(|message| faults.add("contact_email", message))
                .unwrap_or_default(),
        },
    };
    let register = optional(&mut faults, "register", &new.register);
    let squeezed = |text: &str| text.split_whitespace().collect::<String>().to_ascii_uppercase();
    let (iban, bic) = (squeezed(&new.iban), squeezed(&new.bic));
    faults.check(
        iban.is_empty() || is_iban(&iban),
        "iban",
        "Please give an IBAN such as DE02 1203 0000 0000 2020 51.",
    );
    faults.check(
        bic.is_empty() || [8, 11].contains(&bic.len()) && bic.chars().all(|letter| letter.is_ascii_alphanumeric()),
        "bic",
        "Please give a BIC of 8 or 11 letters and digits.",
    );
    faults.check(
        !iban.is_empty() || bic.is_empty() && holder.is_empty(),
        "iban",
        "Please give the IBAN of the account too.",
    );
    faults.finish()?;
    let bank = (!iban.is_empty()).then(|| BankAccount {
        holder: if holder.is_empty() { entity.name.clone() } else { holder },
        iban,
        bic,
    });
    Ok(LetterheadSet {
        legal_entity_id: id,
        language,
        colour,
        logo,
        bank,
        contact,
        register,
    })
}

/// ISO 13616: country, two check digits, up to thirty letters and digits; the whole of it, turned around, is 1 modulo 97.
fn is_iban(iban: &str) -> bool {
    let fine = (15..=34).contains(&iban.len())
        && iban
            .chars()
            .all(|letter| letter.is_ascii_digit() || letter.is_ascii_uppercase())
        && iban.chars().take(2).all(|letter| letter.is_ascii_uppercase())
        && iban.chars().skip(2).take(2).all(|letter| letter.is_ascii_digit());
    if !fine {
        return false;
    }
    let turned = iban.chars().skip(4).chain(iban.chars().take(4));
    let rest = turned.filter_map(|letter| letter.to_digit(36)).fold(0, |rest, value| {
        let shift = if value > 9 { 100 } else { 10 };
        (rest * shift + value) % 97
    });
    rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{BERLIN, chain, when};

    #[test]
    fn the_country_says_the_language_and_the_entity_holds_the_account() {
        let new = NewLetterhead {
            iban: "de02 1203 0000 0000 2020 51".to_owned(),
            ..NewLetterhead::default()
        };
        let set = set_letterhead(BERLIN, &new, None, &chain()).unwrap();
        assert_eq!((set.language, set.colour.as_str()), (Language::De, COLOUR));
        let bank = set.bank.unwrap();
        assert_eq!(
            (bank.holder.as_str(), bank.iban.as_str()),
            ("Harbour Berlin GmbH", "DE02120300000000202051")
        );
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let new = NewLetterhead {
            language: "fr".to_owned(),
            colour: "teal".to_owned(),
            iban: "DE03 1203 0000 0000 2020 51".to_owned(),
            bic: "X".to_owned(),
            contact_email: "nobody".to_owned(),
            ..NewLetterhead::default()
        };
        let refused = when(set_letterhead(BERLIN, &new, None, &chain())).then_refused("invalid");
        let fields: Vec<_> = refused.fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(fields, ["language", "colour", "contact_email", "iban", "bic"]);
    }
}
