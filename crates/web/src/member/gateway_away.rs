//! What a person is told when the payment service does not answer as it should.

use coterie_gateway::GatewayError;
use http::StatusCode;

use crate::failure::Failure;

/// Seconds after which the payment service is worth another try.
const RETRY_SECONDS: u32 = 30;

pub(crate) fn failure(error: &GatewayError) -> Failure {
    match error {
        GatewayError::NotFound { .. } => Failure::not_found(),
        GatewayError::Timeout { .. } | GatewayError::RateLimited { .. } | GatewayError::Network { .. } => {
            tracing::warn!(%error, "the payment service did not answer");
            Failure {
                retry_after: Some(RETRY_SECONDS),
                ..Failure::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "payments_away",
                    "The payment service does not answer",
                    "Nothing was charged and nothing was saved. Please try again in a moment.",
                )
            }
        }
        other => Failure::internal(other),
    }
}
