//! What the letters say: a struct per letter, with everything already in words. Money and dates are
//! formatted by the caller, who knows currency, zone and language.

use askama::Template;

/// A label and an amount, both ready to print.
#[derive(Debug, Clone)]
pub struct Amount {
    /// For example `Net` or `VAT 19 %`.
    pub label: String,
    /// For example `EUR 116.13`.
    pub amount: String,
}

/// The three parts of a letter that a template makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The Subject line.
    pub subject: String,
    /// The text body.
    pub text: String,
    /// The HTML body.
    pub html: String,
}

/// A letter that can be put into words.
pub trait Wording {
    /// Its kind, for [`super::Letter::kind`].
    const KIND: &'static str;

    /// Subject and both bodies.
    ///
    /// # Errors
    /// Only if a value refuses to be printed, which strings do not.
    fn words(&self) -> Result<Words, askama::Error>;
}

/// Declares one letter: its kind, its two templates, its subject and its fields.
macro_rules! letter {
    (
        $(#[$doc:meta])* $name:ident, $text:ident, $kind:literal,
        [$html_path:literal, $text_path:literal], $subject:expr,
        { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Template)]
        #[template(path = $html_path)]
        pub struct $name {
            /// The organization's name, as its members know it.
            pub organization: String,
            /// The recipient's name.
            pub name: String,
            /// The absolute address of the page to open.
            pub link: String,
            $($(#[$field_doc])* pub $field: $type,)*
        }

        #[derive(Template)]
        #[template(path = $text_path)]
        struct $text<'a> {
            organization: &'a String,
            name: &'a String,
            link: &'a String,
            $($field: &'a $type,)*
        }

        impl Wording for $name {
            const KIND: &'static str = $kind;

            fn words(&self) -> Result<Words, askama::Error> {
                let text = $text {
                    organization: &self.organization,
                    name: &self.name,
                    link: &self.link,
                    $($field: &self.$field,)*
                };
                let subject: fn(&Self) -> String = $subject;
                Ok(Words { subject: subject(self), text: text.render()?, html: self.render()? })
            }
        }
    };
}

letter!(
    /// Asks a new member to confirm the address.
    ConfirmEmail, ConfirmEmailText, "confirm_email",
    ["mail/confirm_email.html", "mail/confirm_email.txt"],
    |letter| format!("Confirm your email address for {}", letter.organization),
    {
        /// Until when the link works, with its zone.
        valid_until: String,
    }
);

letter!(
    /// Lets somebody set a password, for the first time or anew.
    SetPassword, SetPasswordText, "set_password",
    ["mail/set_password.html", "mail/set_password.txt"],
    |letter| format!("Set your password for {}", letter.organization),
    {
        /// Until when the link works, with its zone.
        valid_until: String,
    }
);

/// Declares a letter about one booking: what became of it, in a few sentences.
macro_rules! booking_letter {
    ($(#[$doc:meta])* $name:ident, $text:ident, $kind:literal, $subject:literal) => {
        letter!(
            $(#[$doc])* $name, $text, $kind,
            ["mail/booking_news.html", "mail/booking_news.txt"],
            |letter| format!($subject, letter.what),
            {
                /// The room or desk, the day and the time.
                what: String,
                /// What there is to say of it.
                sentences: Vec<String>,
                /// What the link is called.
                button: String,
            }
        );
    };
}

booking_letter!(
    /// Staff said yes.
    BookingApproved, BookingApprovedText, "booking_approved", "Booked: {}"
);
booking_letter!(
    /// Staff said no.
    BookingDeclined, BookingDeclinedText, "booking_declined", "Declined: {}"
);
booking_letter!(
    /// Staff said nothing in time.
    RequestExpired, RequestExpiredText, "request_expired", "Not booked: {}"
);
booking_letter!(
    /// Nobody checked in.
    NoShow, NoShowText, "no_show", "Not used: {}"
);

booking_letter!(
    /// What she waits for became free.
    WaitlistOffer, WaitlistOfferText, "waitlist_offer", "Free now: {}"
);

/// Declares a letter to a visitor, who has no account and paid up front.
macro_rules! visit_letter {
    ($(#[$doc:meta])* $name:ident, $text:ident, $kind:literal, $subject:literal) => {
        letter!(
            $(#[$doc])* $name, $text, $kind,
            ["mail/visit.html", "mail/visit.txt"],
            |letter| format!($subject, letter.what),
            {
                /// The room, the day and the time.
                what: String,
                /// What there is to say of it.
                sentences: Vec<String>,
                /// What the link is called.
                button: String,
            }
        );
    };
}

visit_letter!(
    /// She paid, and it is booked.
    VisitBooked, VisitBookedText, "visit_booked", "Booked: {}"
);
visit_letter!(
    /// She paid too late, and gets it back.
    VisitRefunded, VisitRefundedText, "visit_refunded", "Not booked: {}"
);
visit_letter!(
    /// The house took it back.
    VisitCancelled, VisitCancelledText, "visit_cancelled", "Cancelled: {}"
);

/// Declares a letter to a guest, who has no account: what it is about, when and where.
macro_rules! guest_letter {
    ($(#[$doc:meta])* $name:ident, $text:ident, $kind:literal, $subject:literal) => {
        letter!(
            $(#[$doc])* $name, $text, $kind,
            ["mail/guest.html", "mail/guest.txt"],
            |letter| format!($subject, letter.what),
            {
                /// The room, the day and the time.
                what: String,
                /// House and address.
                place: String,
                /// Who asks whom, or what became of it.
                sentence: String,
            }
        );
    };
}

guest_letter!(
    /// A member asks a guest to come.
    GuestInvitation, GuestInvitationText, "guest_invitation", "Invitation: {}"
);
guest_letter!(
    /// It is at another time or in another room.
    GuestMoved, GuestMovedText, "guest_moved", "Changed: {}"
);
guest_letter!(
    /// It does not take place, or without this guest.
    GuestCancelled, GuestCancelledText, "guest_cancelled", "Cancelled: {}"
);

letter!(
    /// An invoice was issued.
    InvoiceIssued, InvoiceIssuedText, "invoice_issued",
    ["mail/invoice_issued.html", "mail/invoice_issued.txt"],
    |letter| format!("Invoice {} from {}", letter.number, letter.organization),
    {
        /// The invoice's number.
        number: String,
        /// The legal entity that issued it.
        issuer: String,
        /// The invoice's date.
        issued_on: String,
        /// Net and VAT, line by line.
        amounts: Vec<Amount>,
        /// The gross total.
        total: String,
        /// The day it is due.
        due_on: String,
        /// A sentence on how it will be collected, if it will be.
        collection: Option<String>,
    }
);

letter!(
    /// Something of an invoice was taken back.
    CreditNoteIssued, CreditNoteIssuedText, "credit_note_issued",
    ["mail/credit_note_issued.html", "mail/credit_note_issued.txt"],
    |letter| format!("Credit note {} for invoice {}", letter.number, letter.invoice_number),
    {
        /// The credit note's number.
        number: String,
        /// The number of the invoice that it corrects.
        invoice_number: String,
        /// The legal entity that issued both.
        issuer: String,
        /// Why.
        reason: String,
        /// What is taken back, gross.
        total: String,
        /// What of it is the recipient's credit, if anything is.
        credit: Option<String>,
    }
);

letter!(
    /// An invoice was paid.
    Receipt, ReceiptText, "receipt",
    ["mail/receipt.html", "mail/receipt.txt"],
    |letter| format!("Payment received for invoice {}", letter.number),
    {
        /// The invoice's number.
        number: String,
        /// The legal entity that issued it.
        issuer: String,
        /// Net, VAT and total.
        amounts: Vec<Amount>,
        /// What was paid now.
        paid: String,
        /// The day it was paid.
        paid_on: String,
        /// How, for example `card ending in 4242`.
        method: String,
        /// What is still open.
        balance: String,
    }
);

letter!(
    /// A charge was declined.
    PaymentFailed, PaymentFailedText, "payment_failed",
    ["mail/payment_failed.html", "mail/payment_failed.txt"],
    |letter| format!("Payment of invoice {} did not go through", letter.number),
    {
        /// The invoice's number.
        number: String,
        /// What was to be collected.
        amount: String,
        /// From what, for example `your card ending in 0341`.
        method: String,
        /// A sentence for people, not a decline code.
        reason: String,
        /// The day of the next try, if there is one.
        next_try: Option<String>,
    }
);

letter!(
    /// The bank wants the member to confirm a charge.
    PaymentActionRequired, PaymentActionRequiredText, "payment_action_required",
    ["mail/payment_action_required.html", "mail/payment_action_required.txt"],
    |letter| format!("Please confirm the payment of invoice {}", letter.number),
    {
        /// The invoice's number.
        number: String,
        /// What is to be confirmed.
        amount: String,
    }
);

letter!(
    /// Another price is announced.
    PriceChanged, PriceChangedText, "price_change",
    ["mail/price_change.html", "mail/price_change.txt"],
    |letter| format!("{}: another price from {}", letter.what, letter.from),
    {
        /// The plan and the house.
        what: String,
        /// Its first day.
        from: String,
        /// The old price and the new one, each with its days.
        prices: Vec<Amount>,
        /// What else is different, a sentence each.
        differences: Vec<String>,
        /// What the operator adds, by paragraphs.
        message: Vec<String>,
        /// Until when whoever does not want it can leave.
        leave: String,
        /// What the link is called.
        button: String,
    }
);

letter!(
    /// An announced price does not come.
    PriceChangeOff, PriceChangeOffText, "price_change_off",
    ["mail/price_change_off.html", "mail/price_change_off.txt"],
    |letter| format!("{}: the price stays as it is", letter.what),
    {
        /// The plan and the house.
        what: String,
        /// The day on which it would have come.
        from: String,
        /// The price that stays.
        price: String,
        /// The last day, where notice was given.
        notice: Option<String>,
        /// What the link is called.
        button: String,
    }
);

#[cfg(test)]
mod tests;
