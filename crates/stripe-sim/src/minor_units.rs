//! What Stripe demands of amounts (Stripe: "Supported currencies", zero-decimal and three-decimal currencies).

use crate::answer::ApiError;

/// Refuses amounts that Stripe would not charge. `currency` is lower case.
pub(crate) fn check(amount: i64, currency: &str) -> Result<(), Box<ApiError>> {
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Err(ApiError::invalid(
            "parameter_invalid_string",
            "currency",
            format!("Invalid currency: {currency}"),
        ));
    }
    if amount < 1 {
        let message = "This value must be greater than or equal to 1.";
        return Err(ApiError::invalid("parameter_invalid_integer", "amount", message));
    }
    // Three decimals, of which the last must be 0; or two by history, of which both must be 0.
    let step = match currency {
        "bhd" | "jod" | "kwd" | "omr" | "tnd" => 10,
        "isk" | "ugx" => 100,
        _ => 1,
    };
    if amount % step != 0 {
        let message = format!("The amount must be divisible by {step} in {currency}.");
        return Err(ApiError::invalid("parameter_invalid_integer", "amount", message));
    }
    let least = match currency {
        "usd" | "eur" | "chf" | "cad" | "aud" | "nzd" | "sgd" | "brl" | "jpy" => 50,
        "gbp" => 30,
        "czk" => 1500,
        "dkk" => 250,
        "hkd" => 400,
        "huf" => 17_500,
        "mxn" => 1000,
        "nok" | "sek" => 300,
        "pln" | "ron" | "aed" | "myr" => 200,
        _ => 1,
    };
    if amount < least {
        let message = format!("Amount must be at least {least} {currency}.");
        return Err(ApiError::invalid("amount_too_small", "amount", message));
    }
    if amount > 99_999_999 {
        return Err(ApiError::invalid(
            "amount_too_large",
            "amount",
            "Amount must be no more than 99999999.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn given_odd_currencies_then_their_own_rules() {
        assert!(check(50, "eur").is_ok() && check(49, "eur").is_err());
        assert!(check(50, "jpy").is_ok() && check(0, "jpy").is_err());
        assert!(check(1230, "kwd").is_ok() && check(1234, "kwd").is_err());
        assert!(check(500, "isk").is_ok() && check(550, "isk").is_err());
        assert!(check(100, "EUR").is_err());
    }
}
