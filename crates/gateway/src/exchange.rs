//! One call through async-stripe's seam, with our own reading of the answer.
//!
//! async-stripe's `send` parses answers strictly, without saying which field it stumbled over. So `execute` reads the
//! bytes itself, keeps the value here, and hands `send` a `null` to parse.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use stripe::{AccountId, CustomizedStripeRequest, RequestStrategy};
use stripe_client_core::{RequestBuilder, StripeClient, StripeClientErr};

use crate::error::GatewayError;
use crate::wire::Wire;

/// Sends a request for an account, under a key when it changes something, and reads the answer leniently.
pub(crate) async fn exchange<T: DeserializeOwned + Send>(
    wire: &Wire,
    request: RequestBuilder,
    account: Option<AccountId>,
    strategy: RequestStrategy,
) -> Result<T, GatewayError> {
    let exchange = Exchange {
        wire,
        read: Mutex::new(None),
    };
    let mut request = request.customize::<()>().request_strategy(strategy);
    if let Some(account) = account {
        request = request.account_id(account);
    }
    request.send(&exchange).await?;
    let read = exchange.read.into_inner().unwrap_or_else(PoisonError::into_inner);
    read.ok_or_else(|| GatewayError::deserialize_err("nothing was read"))
}

struct Exchange<'a, T> {
    wire: &'a Wire,
    read: Mutex<Option<T>>,
}

impl<T: DeserializeOwned + Send> StripeClient for Exchange<'_, T> {
    type Err = GatewayError;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, GatewayError> {
        let read = |body: &[u8]| serde_json::from_slice(body).map_err(|error| error.to_string());
        let value = self.wire.call(request, read).await?;
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        Ok(Bytes::from_static(b"null"))
    }
}

impl StripeClientErr for GatewayError {
    fn deserialize_err(message: impl Display) -> Self {
        Self::Unknown {
            action: "read Stripe's answer".into(),
            status: 200,
            replayed: false,
            detail: message.to_string(),
            body: String::new(),
        }
    }
}
