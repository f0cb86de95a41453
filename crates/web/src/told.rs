//! Prices as people are told them: with the VAT in them, or before it.

use coterie_domain::Money;

use crate::components;

/// What is said behind a price.
pub(crate) fn vat(tax_included: bool) -> &'static str {
    if tax_included { "incl. VAT" } else { "plus VAT" }
}

/// `EUR 299.00 incl. VAT`, `EUR 300.00 plus VAT`
pub(crate) fn price(amount: Money, tax_included: bool) -> String {
    let amount = components::Money::new(amount.minor, amount.currency.code());
    format!("{} {}", amount.text(), vat(tax_included))
}

/// A price that is known as a net, and with its tax where that is how it is told.
pub(crate) fn either(net: Money, with_tax: Option<Money>) -> String {
    price(with_tax.unwrap_or(net), with_tax.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_says_whether_the_vat_is_in_it() {
        let eur = |minor| Money::new(minor, "EUR".parse().unwrap());
        assert_eq!(price(eur(129_900), true), "EUR\u{a0}1,299.00 incl. VAT");
        assert_eq!(price(eur(30_000), false), "EUR\u{a0}300.00 plus VAT");
        assert_eq!(either(eur(2_000), Some(eur(2_380))), "EUR\u{a0}23.80 incl. VAT");
        assert_eq!(either(eur(2_000), None), "EUR\u{a0}20.00 plus VAT");
    }
}
