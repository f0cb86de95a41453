//! Answers in Stripe's envelope.

use serde_json::{Value, json};

/// A refusal, as Stripe words it.
#[derive(Debug, Clone, Default)]
pub(crate) struct ApiError {
    pub status: u16,
    /// `invalid_request_error`, `card_error`, `idempotency_error`, `api_error`
    pub kind: &'static str,
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub advice_code: Option<String>,
    pub message: String,
    pub param: Option<String>,
    pub charge: Option<String>,
    pub payment_intent: Option<Value>,
    pub payment_method: Option<Value>,
}

pub(crate) type ApiResult = Result<Value, Box<ApiError>>;

impl ApiError {
    pub fn invalid(code: &str, param: &str, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            status: 400,
            kind: "invalid_request_error",
            code: Some(code.to_owned()).filter(|code| !code.is_empty()),
            param: Some(param.to_owned()).filter(|param| !param.is_empty()),
            message: message.into(),
            ..Self::default()
        })
    }

    pub fn missing(what: &str, id: &str) -> Box<Self> {
        Box::new(Self {
            status: 404,
            ..*Self::invalid("resource_missing", "id", format!("No such {what}: '{id}'"))
        })
    }

    pub fn with_status(status: u16, kind: &'static str, code: &str, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            status,
            kind,
            ..*Self::invalid(code, "", message)
        })
    }

    pub fn body(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message, "nobody_knows": nobody_knows() });
        let words = [
            ("code", &self.code),
            ("decline_code", &self.decline_code),
            ("advice_code", &self.advice_code),
            ("param", &self.param),
            ("charge", &self.charge),
        ];
        for (name, word) in words {
            if let Some(word) = word {
                error[name] = json!(word);
            }
        }
        if let Some(code) = &self.code {
            error["doc_url"] = json!(format!(
                "https://stripe.com/docs/error-codes/{}",
                code.replace('_', "-")
            ));
        }
        for (name, object) in [
            ("payment_intent", &self.payment_intent),
            ("payment_method", &self.payment_method),
        ] {
            if let Some(object) = object {
                error[name] = object.clone();
            }
        }
        json!({ "error": error })
    }
}

/// A field of the future, on every object: readers must pass over it.
pub(crate) fn nobody_knows() -> Value {
    json!({ "why": "a field of a later version", "how_many": [1, 2.5, null] })
}
