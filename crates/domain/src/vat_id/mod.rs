//! VAT identification numbers (art. 214 and 215 of directive 2006/112/EC): what each country's look like, and the check digits that
//! it has published. Whether a number is registered only the tax office knows; this finds what was mistyped.
//!
//! A tax number that no country's letters stand in front of is a national one and is taken as it was typed.

mod check;

/// One country's numbers.
#[expect(clippy::struct_field_names, reason = "the list's word, beside what stands in front")]
struct Country {
    /// What stands in front.
    prefix: &'static str,
    /// ISO 3166-1 alpha-2, where that is another.
    country: &'static str,
    /// What follows: `#` a digit, `@` a letter, `?` either, anything else itself.
    shapes: &'static [&'static str],
    /// The check digits; each sign counts as its digit in base 36.
    holds: fn(&[u32]) -> bool,
    /// One that holds, for the sentence that refuses others.
    example: &'static str,
}

macro_rules! countries {
    ($($prefix:literal $country:literal [$($shape:literal)+] $holds:ident $example:literal)+) => {
        const COUNTRIES: &[Country] = &[$(Country {
            prefix: $prefix,
            country: $country,
            shapes: &[$($shape),+],
            holds: check::$holds,
            example: $example,
        }),+];
    };
}

countries! {
    "AT" "AT" ["U########"] austria "ATU13585627"
    "BE" "BE" ["0#########" "1#########"] belgium "BE0428759497"
    "BG" "BG" ["#########" "##########"] bulgaria "BG175074752"
    "CH" "CH" ["E#########MWST" "E#########TVA" "E#########IVA" "E#########TPV" "E#########"] switzerland "CHE107787577IVA"
    "CY" "CY" ["########@"] cyprus "CY10259033P"
    "CZ" "CZ" ["########" "#########" "##########"] czechia "CZ25123891"
    "DE" "DE" ["#########"] germany "DE136695976"
    "DK" "DK" ["########"] denmark "DK13585628"
    "EE" "EE" ["#########"] estonia "EE100931558"
    "EL" "GR" ["#########"] greece "EL094259216"
    "ES" "ES" ["?#######?"] spain "ESB58378431"
    "FI" "FI" ["########"] finland "FI20774740"
    "FR" "FR" ["??#########"] france "FR40303265045"
    "GB" "GB" ["#########" "############" "GD###" "HA###"] britain "GB980780684"
    "HR" "HR" ["###########"] croatia "HR33392005961"
    "HU" "HU" ["########"] hungary "HU12892312"
    "IE" "IE" ["#######@" "#######@@" "#@#####@"] ireland "IE6433435F"
    "IT" "IT" ["###########"] italy "IT00743110157"
    "LT" "LT" ["#########" "############"] lithuania "LT119511515"
    "LU" "LU" ["########"] luxembourg "LU15027442"
    "LV" "LV" ["###########"] latvia "LV40003521600"
    "MT" "MT" ["########"] malta "MT11679112"
    "NL" "NL" ["#########B##"] netherlands "NL004495445B01"
    "NO" "NO" ["#########MVA"] norway "NO995525828MVA"
    "PL" "PL" ["##########"] poland "PL8567346215"
    "PT" "PT" ["#########"] portugal "PT501964843"
    "RO" "RO" ["##" "###" "####" "#####" "######" "#######" "########" "#########" "##########"] romania "RO18547290"
    "SE" "SE" ["############"] sweden "SE556188840401"
    "SI" "SI" ["########"] slovenia "SI50223054"
    "SK" "SK" ["##########"] slovakia "SK2022749619"
    "XI" "GB" ["#########" "############" "GD###" "HA###"] britain "XI980780684"
}

impl Country {
    fn accepts(&self, rest: &str) -> bool {
        let values: Vec<u32> = rest.chars().filter_map(|sign| sign.to_digit(36)).collect();
        values.len() == rest.len() && self.shapes.iter().any(|shape| fits(shape, rest)) && (self.holds)(&values)
    }
}

fn fits(shape: &str, rest: &str) -> bool {
    let sign_fits = |(wanted, sign): (char, char)| match wanted {
        '#' => sign.is_ascii_digit(),
        '@' => sign.is_ascii_uppercase(),
        '?' => sign.is_ascii_alphanumeric(),
        itself => itself == sign,
    };
    shape.len() == rest.len() && shape.chars().zip(rest.chars()).all(sign_fits)
}

/// The longest tax number of any kind.
const MAX_CHARS: usize = 32;

/// The country whose letters stand in front, and what follows them, where that is meant as a VAT id: a digit comes soon.
fn meant(squeezed: &str) -> Option<(&'static Country, &str)> {
    let (prefix, rest) = squeezed.split_at_checked(2)?;
    // Greece writes its language's letters; people write its country's.
    let prefix = if prefix == "GR" { "EL" } else { prefix };
    let country = COUNTRIES.iter().find(|country| country.prefix == prefix)?;
    rest.chars()
        .take(3)
        .any(|sign| sign.is_ascii_digit())
        .then_some((country, rest))
}

fn squeeze(text: &str) -> String {
    text.chars()
        .filter(|sign| !sign.is_whitespace() && !matches!(sign, '.' | '-' | '/'))
        .collect::<String>()
        .to_ascii_uppercase()
}

/// A tax number as somebody typed it, to be kept: a VAT id without spaces, a national one as it is, or nothing.
///
/// # Errors
/// A sentence for the person who typed it: a VAT id of another shape than its country's, or whose check digits are wrong.
pub fn read(text: &str) -> Result<String, String> {
    let typed = text.trim();
    if typed.chars().count() > MAX_CHARS {
        return Err(format!("Please use at most {MAX_CHARS} characters."));
    }
    if typed.contains(char::is_control) {
        return Err("Please use one line.".to_owned());
    }
    let squeezed = squeeze(typed);
    match meant(&squeezed) {
        None => Ok(typed.to_owned()),
        Some((country, rest)) if country.accepts(rest) => Ok(format!("{}{rest}", country.prefix)),
        Some((country, _)) => Err(format!(
            "This is no VAT id of {}: please look at it again, it looks like {} and has check digits. A national tax number goes without the country's letters.",
            country.prefix, country.example
        )),
    }
}

/// The country of a VAT id whose check digits hold (ISO 3166-1 alpha-2); `None` for anything else.
pub fn country_of(text: &str) -> Option<&'static str> {
    let squeezed = squeeze(text);
    let (country, rest) = meant(&squeezed)?;
    country.accepts(rest).then_some(country.country)
}

#[cfg(test)]
mod tests;
