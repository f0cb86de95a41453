//! States in one word, the same on every page.

use coterie_app::{
    booking::page::BookingState, invoice::page::InvoiceState, membership::page::MembershipState, pass::page::PassState,
};

use crate::components::{Badge, Tone};

pub(super) fn booking(state: BookingState) -> Badge {
    match state {
        BookingState::Held => Badge::new(Tone::Warning, "Held, not booked yet"),
        BookingState::Requested => Badge::new(Tone::Info, "Asked for"),
        BookingState::Confirmed => Badge::new(Tone::Good, "Booked"),
        BookingState::Expired => Badge::new(Tone::Neutral, "Not booked in time"),
        BookingState::Declined => Badge::new(Tone::Bad, "Declined"),
        BookingState::Cancelled => Badge::new(Tone::Neutral, "Cancelled"),
        BookingState::NoShow => Badge::new(Tone::Bad, "Not used"),
    }
}

pub(super) fn pass(state: PassState) -> Badge {
    match state {
        PassState::Bought => Badge::new(Tone::Good, "Bought"),
        PassState::GivenBack => Badge::new(Tone::Neutral, "Given back"),
    }
}

pub(super) fn invoice(state: InvoiceState) -> Badge {
    match state {
        InvoiceState::Open => Badge::new(Tone::Info, "Open"),
        InvoiceState::Pending => Badge::new(Tone::Info, "Payment under way"),
        InvoiceState::ActionRequired => Badge::new(Tone::Warning, "Your bank asks for you"),
        InvoiceState::Failed => Badge::new(Tone::Bad, "Payment failed"),
        InvoiceState::Paid => Badge::new(Tone::Good, "Paid"),
        InvoiceState::Credited => Badge::new(Tone::Neutral, "Taken back"),
    }
}

pub(super) fn membership(state: MembershipState) -> Badge {
    match state {
        MembershipState::Active => Badge::new(Tone::Good, "Active"),
        MembershipState::Notice => Badge::new(Tone::Warning, "Ends soon"),
        MembershipState::Ended => Badge::new(Tone::Neutral, "Ended"),
    }
}
