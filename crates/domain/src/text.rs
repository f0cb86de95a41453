//! Limits and checks for what people type.

/// Names, titles and descriptions.
pub const NAME_MAX_CHARS: usize = 120;

/// Trims, and refuses what is empty, too long or has control characters.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn name(text: &str) -> Result<String, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err("Please fill this in.".to_owned());
    }
    if trimmed.chars().count() > NAME_MAX_CHARS {
        return Err(format!("Please use at most {NAME_MAX_CHARS} characters."));
    }
    if trimmed.chars().any(char::is_control) {
        return Err("Please leave out control characters.".to_owned());
    }
    Ok(trimmed.to_owned())
}

/// An address that mail can be sent to: one `@`, a dotted domain, no spaces. Lower-cased, so that one person has
/// one address.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn email(text: &str) -> Result<String, String> {
    let lowered = text.trim().to_lowercase();
    let fine = lowered.len() <= 254
        && lowered.split_once('@').is_some_and(|(user, domain)| {
            !user.is_empty()
                && user.len() <= 64
                && domain.contains('.')
                && domain.split('.').all(|label| !label.is_empty())
                && domain
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
        })
        && !lowered
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c));
    if fine {
        Ok(lowered)
    } else {
        Err("Please write an email address such as ada@example.com.".to_owned())
    }
}

/// A host label: `harbour`, `harbour-works`.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn slug(text: &str) -> Result<String, String> {
    // Only ASCII letters change case: other ones can turn into ASCII (the Kelvin sign into a k).
    let lowered = text.trim().to_ascii_lowercase();
    let fine = (2..=40).contains(&lowered.len())
        && lowered
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !lowered.starts_with('-')
        && !lowered.ends_with('-');
    if fine {
        Ok(lowered)
    } else {
        Err("Please use 2 to 40 letters, digits or hyphens, such as harbour-works.".to_owned())
    }
}

/// An ISO 3166-1 alpha-2 country code.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn country(text: &str) -> Result<String, String> {
    let upper = text.trim().to_ascii_uppercase();
    if upper.len() == 2 && upper.chars().all(|c| c.is_ascii_uppercase()) {
        Ok(upper)
    } else {
        Err("Please write a two-letter country code such as DE.".to_owned())
    }
}

#[cfg(test)]
mod tests;
