//! Tells a genuine webhook from a forged, altered or old one (Stripe: "Verify webhook signatures manually").

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::event::{Event, RawEvent};

/// How far the signature's time may lie from wall time, in seconds, either way.
pub const TOLERANCE_SECONDS: i64 = 300;

/// More `v1` signatures than any rotation needs: a limit against a header made to keep us busy.
const MAX_SIGNATURES: usize = 8;

/// Why a webhook was not believed. None of these may write anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    #[error("the Stripe-Signature header is missing its time or its v1 signature")]
    Header,
    #[error("the signature is {age_seconds} s away from now, {TOLERANCE_SECONDS} are allowed")]
    Age { age_seconds: i64 },
    #[error("no signature fits the body under any of our secrets")]
    Signature,
    /// Genuine, but not an event as we know it.
    #[error("the signed body is not an event: {0}")]
    Body(String),
}

/// Verifies the raw body and reads it.
///
/// `header` is the value of `Stripe-Signature`; `secrets` are the endpoint's whole secrets (`whsec_` included), two
/// during a rotation; `now_seconds` is wall time since 1970-01-01T00:00:00Z, never a tenant's clock.
///
/// # Errors
/// [`WebhookError`]; the order of the checks is header, signature, age, body, so an old but genuine one says so.
pub fn verify(body: &[u8], header: &str, secrets: &[&str], now_seconds: i64) -> Result<Event, WebhookError> {
    let signed = Signed::parse(header)?;
    if !secrets.iter().any(|secret| signed.fits(body, secret)) {
        return Err(WebhookError::Signature);
    }
    let age_seconds = now_seconds.saturating_sub(signed.time);
    if age_seconds.saturating_abs() > TOLERANCE_SECONDS {
        return Err(WebhookError::Age { age_seconds });
    }
    parse(body)
}

/// Reads an event body that was already believed: the stored inbox row, or an answer of `/v1/events`.
///
/// # Errors
/// [`WebhookError::Body`]
pub fn parse(body: &[u8]) -> Result<Event, WebhookError> {
    serde_json::from_slice::<RawEvent>(body)
        .map(Event::from)
        .map_err(|error| WebhookError::Body(error.to_string()))
}

/// Signs a body the way Stripe does: for tests and for tools that replay an event to an endpoint.
pub fn sign(body: &[u8], secret: &str, time_seconds: i64) -> String {
    let signature = mac(body, secret, &time_seconds.to_string()).map(|mac| hex::encode(mac.finalize().into_bytes()));
    format!("t={time_seconds},v1={}", signature.unwrap_or_default())
}

struct Signed<'a> {
    time: i64,
    /// As written: the digits are part of what is signed.
    time_text: &'a str,
    signatures: Vec<Vec<u8>>,
}

impl<'a> Signed<'a> {
    fn parse(header: &'a str) -> Result<Self, WebhookError> {
        let mut time_text = None;
        let mut signatures = Vec::new();
        for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
            match name {
                "t" => time_text = Some(value),
                "v1" if signatures.len() < MAX_SIGNATURES => {
                    // What is not hexadecimal can fit nothing; a good one beside it may still count.
                    signatures.extend(hex::decode(value).ok());
                }
                _ => {}
            }
        }
        let time_text = time_text.ok_or(WebhookError::Header)?;
        let time = time_text.parse().map_err(|_| WebhookError::Header)?;
        if signatures.is_empty() {
            return Err(WebhookError::Header);
        }
        Ok(Self {
            time,
            time_text,
            signatures,
        })
    }

    fn fits(&self, body: &[u8], secret: &str) -> bool {
        // verify_slice compares in constant time.
        self.signatures
            .iter()
            .any(|signature| mac(body, secret, self.time_text).is_some_and(|mac| mac.verify_slice(signature).is_ok()))
    }
}

fn mac(body: &[u8], secret: &str, time_text: &str) -> Option<Hmac<Sha256>> {
    // An empty secret would let anyone sign.
    if secret.is_empty() {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(time_text.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::{WebhookError, sign, verify};

    const NOW: i64 = 1_800_000_000;
    const BODY: &[u8] = br#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded","account":"acct_1",
        "livemode":false,"created":1799999999,"nobody_knows":{"a":1},"api_version":"2026-09-30.endive",
        "data":{"object":{"id":"pi_1","object":"payment_intent","new":[1]},"previous_attributes":{}}}"#;

    #[test]
    fn given_a_good_signature_then_the_event_is_read_past_unknown_fields() {
        let event = verify(BODY, &sign(BODY, "whsec_a", NOW), &["whsec_a"], NOW).expect("believed");
        assert_eq!((event.id.as_str(), event.object.id.as_str()), ("evt_1", "pi_1"));
        assert_eq!(event.account.as_deref(), Some("acct_1"));
        assert!(!event.livemode);
    }

    #[test]
    fn given_300_seconds_then_believed_and_301_then_not_either_way() {
        let header = sign(BODY, "whsec_a", NOW);
        assert!(verify(BODY, &header, &["whsec_a"], NOW + 300).is_ok());
        let old = verify(BODY, &header, &["whsec_a"], NOW + 301);
        assert_eq!(old, Err(WebhookError::Age { age_seconds: 301 }));
        assert!(matches!(
            verify(BODY, &header, &["whsec_a"], NOW - 301),
            Err(WebhookError::Age { .. })
        ));
    }

    #[test]
    fn given_a_rotation_then_any_signature_under_any_secret_counts() {
        let (old, new) = (sign(BODY, "whsec_old", NOW), sign(BODY, "whsec_new", NOW));
        let both = format!("{old},{},v0=ff", new.split_once(',').expect("two parts").1);
        assert!(verify(BODY, &both, &["whsec_old"], NOW).is_ok());
        assert!(verify(BODY, &both, &["whsec_new"], NOW).is_ok());
        assert!(verify(BODY, &old, &["whsec_new", "whsec_old"], NOW).is_ok());
    }

    #[test]
    fn given_anything_else_then_not_believed() {
        let header = sign(BODY, "whsec_a", NOW);
        assert_eq!(verify(BODY, &header, &["whsec_b"], NOW), Err(WebhookError::Signature));
        assert_eq!(verify(b"{}", &header, &["whsec_a"], NOW), Err(WebhookError::Signature));
        assert_eq!(verify(BODY, &header, &[], NOW), Err(WebhookError::Signature));
        assert_eq!(
            verify(BODY, &sign(BODY, "a", NOW), &[""], NOW),
            Err(WebhookError::Signature)
        );
        for broken in ["", "t=1", "v1=ab", "t=x,v1=ab", "t=1,v1=zz", "t=1,v0=ab"] {
            assert_eq!(
                verify(BODY, broken, &["whsec_a"], NOW),
                Err(WebhookError::Header),
                "{broken}"
            );
        }
        let signed = sign(b"[]", "whsec_a", NOW);
        assert!(matches!(
            verify(b"[]", &signed, &["whsec_a"], NOW),
            Err(WebhookError::Body(_))
        ));
    }
}
