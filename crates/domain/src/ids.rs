//! Ids by noun, so that a booking's id cannot be handed where a member's is wanted. All are UUIDs (v7 when new).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($name:ident),+ $(,)?) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }
        impl From<Uuid> for $name { fn from(id: Uuid) -> Self { Self(id) } }
        impl From<$name> for Uuid { fn from(id: $name) -> Self { id.0 } }
    )+};
}

ids!(
    OrganizationId,
    StaffId,
    LegalEntityId,
    LocationId,
    ClosureId,
    FloorId,
    PhotoId,
    ResourceTypeId,
    ResourceId,
    PriceRuleId,
    PlanId,
    PlanVersionId,
    MemberId,
    CompanyId,
    MembershipId,
    BookingId,
    BlockerId,
    AssignmentId,
    SeriesId,
    WaitlistEntryId,
    GuestId,
    PassId,
    LotId,
    DepositId,
    MeterId,
    UsageId,
    ChargeId,
    InvoiceId,
    AddOnId,
    CreditNoteId,
    CreditPackId,
    CouponId,
    InvoiceRunId,
    PriceChangeId,
    PaymentId,
    VisitorBookingId,
    JournalEntryId,
);
