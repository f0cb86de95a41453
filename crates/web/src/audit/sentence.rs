//! What happened in one line, beside the name of the event: read from the payload as it was recorded, so that old shapes
//! are told as well. An event that is not listed is told by its name and its fields.

use coterie_app::log::page::EventRow;
use coterie_domain::{Money, credit::Holds, tax::including};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;
use uuid::Uuid;

use super::Places;
use crate::finance::words;

/// `Elbe, 22 Jan 2026, 10:00 CET to 12:00 CET`; empty where the name of the event says enough.
pub(super) fn of(event: &EventRow, places: &Places, zone: &TimeZone) -> String {
    let said = Said {
        payload: &event.payload,
        places,
        zone,
    };
    said.sentence(&event.event_type).unwrap_or_default()
}

struct Said<'a> {
    payload: &'a Value,
    places: &'a Places,
    zone: &'a TimeZone,
}

impl Said<'_> {
    fn sentence(&self, event_type: &str) -> Option<String> {
        Some(match event_type {
            "OrganizationCreated"
            | "LegalEntityCreated"
            | "LocationOpened"
            | "ResourceTypeCreated"
            | "CompanyRegistered"
            | "CompanyCorrected"
            | "MemberSignedUp"
            | "VisitorRegistered"
            | "MemberImported" => self.text("name")?,
            "StaffAdded" => format!("{} as {}", self.text("name")?, self.text("role")?),
            "LocationClosed" => {
                let (first, last) = (self.day("first_day")?, self.day("last_day")?);
                let days = if first == last {
                    first
                } else {
                    format!("{first} to {last}")
                };
                format!("{}, {days}", self.text("reason")?)
            }
            "FloorRenamed" => format!("{}, level {}", self.text("name")?, self.number("level")?),
            "PhotoAdded" => format!("{}: {}", self.name("resource_id")?, self.text("alt")?),
            "LocationAmenitiesSet" => self.name("location_id")?,
            "FloorPlanSet" => self.name("floor_id")?,
            "ResourcePlaced" | "PhotoRemoved" => self.name("resource_id")?,
            "DayPassesSet" => format!(
                "{} a day at {}, {} {} each",
                self.number("capacity")?,
                self.name("location_id")?,
                self.money("price")?,
                if self.tax_included() { "with VAT" } else { "net" }
            ),
            "BillingDetailsSet" => "the address on invoices".to_owned(),
            "LetterheadSet" => self.name("legal_entity_id")?,
            "StripeConnected" => self.text("account_id")?,
            "ResourceAdded" | "FloorAdded" => format!("{} at {}", self.text("name")?, self.name("location_id")?),
            "PriceRulePublished" => format!(
                "{}{} an hour for {}",
                self.money("per_hour")?,
                including(self.tax_included()),
                self.name("resource_type_id")?
            ),
            "PlanVersionPublished" => format!(
                "{}, version {}, {}{} a cycle",
                self.text("name")?,
                self.number("number")?,
                self.money("price")?,
                including(self.tax_included())
            ),
            "MeterDefined" => format!(
                "{}: {} {} a {}",
                self.text("name")?,
                self.text("currency")?,
                self.text("price")?,
                self.text("unit")?
            ),
            "CreditPackDefined" => format!(
                "{}: {}, {}",
                self.text("name")?,
                self.amount_of_lot()?,
                self.money("price")?
            ),
            "AddOnDefined" => format!(
                "{}: {}{} a cycle",
                self.text("name")?,
                self.money("price")?,
                including(self.tax_included())
            ),
            "CouponCreated" => format!("{}: {}", self.text("code")?, self.off()?),
            "TaxRateSet" => format!(
                "{} % for {} in {} from {}",
                self.text("rate_percent")?,
                self.text("category")?,
                self.text("country")?,
                self.day("effective_from")?
            ),
            "EmailConfirmed" | "CompanyManagerNamed" | "CompanyManagerDismissed" => self.name("member_id")?,
            "MemberJoinedCompany" => match self.day("from") {
                Some(from) => format!("{} from {from}", self.name("member_id")?),
                None => self.name("member_id")?,
            },
            "MemberLeftCompany" | "SeatGiven" | "SeatTaken" => {
                format!("{} from {}", self.name("member_id")?, self.day("from")?)
            }
            "SplitSet" => {
                let own: Vec<&str> = self
                    .payload
                    .get("own")?
                    .as_array()?
                    .iter()
                    .filter_map(|item| item.as_str())
                    .collect();
                let own = if own.is_empty() {
                    "nothing".to_owned()
                } else {
                    own.join(", ")
                };
                format!("the member pays {own} from {}", self.day("from")?)
            }
            "CustomerRegistered" => self.text("customer_id")?,
            "PaymentMethodSaved" => format!("{} ending in {}", self.text("brand")?, self.text("last4")?),
            _ => return self.of_use(event_type).or_else(|| self.of_money(event_type)),
        })
    }

    /// Memberships, bookings and credit.
    fn of_use(&self, event_type: &str) -> Option<String> {
        Some(match event_type {
            "MembershipStarted" => format!("{} from {}", self.text("plan_name")?, self.day("start")?),
            "CycleOpened" => {
                let days = self.payload.get("days")?;
                let day = |key: &str| days.get(key)?.as_str()?.parse::<Date>().ok();
                words::service(day("start")?, day("end")?)
            }
            "PlanChanged" => {
                let term = self.payload.get("term")?;
                let said = Said { payload: term, ..*self };
                format!("to {} from {}", said.text("plan_name")?, said.day("from")?)
            }
            "PriceChangeAnnounced" => {
                let terms = Said {
                    payload: self.payload.get("terms")?,
                    ..*self
                };
                format!(
                    "{} for {} from {}, {} memberships",
                    terms.money("price")?,
                    terms.name("plan_id").unwrap_or_default(),
                    terms.day("effective_from")?,
                    self.number("memberships")?
                )
            }
            "MembershipsConcerned" => format!("{} move, {} stay", self.count("moves")?, self.count("stays")?),
            "MembershipsTold" => format!("{} told, {} left out", self.count("told")?, self.count("left_out")?),
            "MembershipsReleased" => format!(
                "{} keep what they have, {} left out",
                self.count("released")?,
                self.count("left_out")?
            ),
            "PlanChangeAnnounced" | "PlanChangeCalledOff" | "PayerChanged" | "AddOnRemoved" => {
                format!("from {}", self.day("from")?)
            }
            "MembershipPaused" => match self.day("until") {
                Some(until) => format!("from {}, until before {until}", self.day("from")?),
                None => format!("from {} on", self.day("from")?),
            },
            "MembershipResumed" => format!("from {} on", self.day("on")?),
            "PriceOverridden" => format!(
                "{}{} from {}: {}",
                self.money("price")?,
                including(self.tax_included()),
                self.day("from")?,
                self.text("reason")?
            ),
            "DaysSettled" => {
                let days = |name: &str| self.payload.get(name).and_then(|list| list.as_array()).map(Vec::len);
                format!("{} given back, {} charged", days("given_back")?, days("billed")?)
            }
            "AddOnAdded" => format!(
                "{} x {} from {}",
                self.number("quantity")?,
                self.text("name")?,
                self.day("from")?
            ),
            "CouponRedeemed" => format!("{}: {} from {}", self.text("code")?, self.off()?, self.day("from")?),
            "NoticeGiven" | "MembershipEnded" | "AssignmentEnded" => format!("last day {}", self.day("last_day")?),
            "BookingConfirmed" | "WaitlistJoined" => {
                format!("{}, {}", self.name("resource_id")?, self.span()?)
            }
            "BookingMoved" => {
                let now = self.payload.get("now")?;
                let said = Said { payload: now, ..*self };
                format!("now {}, {}", said.name("resource_id")?, said.span()?)
            }
            "BookingHeld" => {
                let asked = self.payload.get("as_asked")?;
                let said = Said {
                    payload: asked,
                    ..*self
                };
                format!("{}, {}", said.name("resource_id")?, said.span()?)
            }
            "WaitlistOffered" => "it became free and is held".to_owned(),
            "WaitlistEnded" => match self.payload.get("why")?.as_str()? {
                "booked" => "it was booked".to_owned(),
                "left" => "she gave it up".to_owned(),
                "lapsed" => "it was not booked in time".to_owned(),
                _ => "it never became free".to_owned(),
            },
            "GuestInvited" => self.text("name")?,
            "HoldExpired" => "nobody said the word in time".to_owned(),
            "BookingDeclined" => self.text("reason")?,
            "CheckedIn" => match self.payload.get("how")?.as_str()? {
                "sign" => "by the sign at the door".to_owned(),
                "code" => "by a code".to_owned(),
                _ => "seen by staff".to_owned(),
            },
            "NoShowRecorded" if self.payload.get("fee_charge")?.is_null() => "nobody came".to_owned(),
            "NoShowRecorded" => "nobody came, and the fee was charged".to_owned(),
            "AssignmentMade" => format!("{} from {}", self.name("resource_id")?, self.day("first_day")?),
            "PassBought" => format!("{}, {}", self.name("location_id")?, self.day("day")?),
            "BookingCancelled" | "PassGivenBack" => {
                format!("{} % of the price still due", self.number("percent_due")?)
            }
            "CourtesyGranted" => format!("{}: {}", hours(self.number("minutes")?), self.text("reason")?),
            "CreditPackBought" => format!("{}: {}", self.text("name")?, self.amount_of_lot()?),
            "UsageReported" | "UsageCounted" => match self.payload.get("items")?.as_array()?.len() {
                1 => "1 piece".to_owned(),
                pieces => format!("{pieces} pieces"),
            },
            "CreditGranted" | "CreditUsed" | "CreditRestored" | "CreditExpired" | "CreditPackTakenBack" => {
                match self.number("minutes") {
                    // The first versions were of hours alone.
                    Some(minutes) => hours(minutes),
                    None => self.amount_of_lot()?,
                }
            }
            _ => return None,
        })
    }

    fn of_money(&self, event_type: &str) -> Option<String> {
        Some(match event_type {
            "ChargeMade" => format!("{}, {} net", self.text("description")?, self.money("net")?),
            "ChargeVoided" | "PaymentUnknown" => self.text("reason")?,
            "InvoiceIssued" => {
                let currency = self.text("currency")?.parse().ok()?;
                let gross = Money::new(self.number("gross_minor")?, currency);
                let buyer = self.payload.get("buyer")?.get("name")?.as_str()?;
                format!(
                    "{} over {} to {buyer}",
                    self.text("number")?,
                    words::amount(gross).text()
                )
            }
            "CreditNoteIssued" => {
                let currency = self.text("currency")?.parse().ok()?;
                let gross = Money::new(self.number("gross_minor")?, currency);
                format!(
                    "{} over {} on {}",
                    self.text("number")?,
                    words::amount(gross).text(),
                    self.text("invoice_number")?
                )
            }
            "TaxChoiceSet" => {
                let treatment = self
                    .payload
                    .get("choice")?
                    .get("treatment")?
                    .as_str()?
                    .replace('_', " ");
                format!("{treatment} from {}", self.day("from")?)
            }
            "InvoicingSet" => {
                let waits = self.payload.get("by_run")?.as_bool()?;
                let sentence = if waits {
                    "recurring invoices wait for a run"
                } else {
                    "invoices are issued on the billing day"
                };
                sentence.to_owned()
            }
            "InvoiceRunOpened" => format!("charges up to {}", self.day("cut_off")?),
            "DraftsMade" => format!("{} drafts", self.payload.get("drafts")?.as_array()?.len()),
            "InvoiceRunApproved" => format!("{} drafts", self.number("drafts")?),
            "DraftsIssued" => format!("{} invoices", self.payload.get("issued")?.as_array()?.len()),
            "DraftSetAside" => "what it is made of changed after it was approved".to_owned(),
            "InvoiceRunStopped" => self.text("sentence")?,
            "PaymentAttempted" => format!("attempt {} over {}", self.number("attempt")?, self.money("amount")?),
            "PaymentSettled" | "VisitorBookingPaid" | "DepositRequested" | "DepositApplied" => self.money("amount")?,
            "VisitorBookingOpened" => {
                let charge = Said {
                    payload: self.payload.get("charge")?,
                    ..*self
                };
                format!("{}, {} to pay", charge.text("description")?, self.money("amount")?)
            }
            "VisitorPageMade" => self.text("session_id")?,
            "VisitorBookingLapsed" => "nobody paid".to_owned(),
            "VisitorPaidLate" => format!("{} came too late and goes back", self.money("amount")?),
            "VisitorCancelled" => format!("given up; {} goes back", self.money("amount")?),
            "VisitorRefunded" => format!("{} given back", self.money("amount")?),
            "DepositReturned" => format!("{}: {}", self.money("amount")?, self.text("reference")?),
            "PaymentFailed" => self.text("message")?,
            "JournalEntryPosted" => self.text("memo")?,
            _ => return None,
        })
    }

    /// `5 h`, `2 day passes`, `EUR 30.00`; where the event does not say what the lot is of, the bare number.
    fn amount_of_lot(&self) -> Option<String> {
        let amount = self.number("amount")?;
        let holds = self
            .payload
            .get("holds")
            .cloned()
            .and_then(|holds| serde_json::from_value(holds).ok());
        Some(holds.map_or_else(|| amount.to_string(), |holds: Holds| holds.told(amount)))
    }

    fn text(&self, key: &str) -> Option<String> {
        let text = self.payload.get(key)?;
        let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
        (!text.is_empty()).then_some(text)
    }

    /// Whether its prices are told with the tax in them.
    fn tax_included(&self) -> bool {
        self.payload
            .get("tax_included")
            .and_then(Value::as_bool)
            .unwrap_or_default()
    }

    fn count(&self, key: &str) -> Option<usize> {
        self.payload.get(key)?.as_array().map(Vec::len)
    }

    fn number(&self, key: &str) -> Option<i64> {
        self.payload.get(key)?.as_i64()
    }

    /// What a coupon takes off.
    fn off(&self) -> Option<String> {
        let off: coterie_domain::coupon::Off = serde_json::from_value(self.payload.get("off")?.clone()).ok()?;
        Some(format!("{off} off"))
    }

    fn name(&self, key: &str) -> Option<String> {
        let id: Uuid = self.payload.get(key)?.as_str()?.parse().ok()?;
        self.places.name(id).map(str::to_owned)
    }

    fn day(&self, key: &str) -> Option<String> {
        let day: Date = self.payload.get(key)?.as_str()?.parse().ok()?;
        Some(words::day(day))
    }

    fn money(&self, key: &str) -> Option<String> {
        let amount = self.payload.get(key)?;
        let currency = amount.get("currency")?.as_str()?.parse().ok()?;
        let amount = Money::new(amount.get("minor")?.as_i64()?, currency);
        Some(words::amount(amount).text())
    }

    /// `22 Jan 2026, 10:00–12:00 CET`
    fn span(&self) -> Option<String> {
        let at = |key: &str| -> Option<Timestamp> { self.payload.get(key)?.as_str()?.parse().ok() };
        let from = at("starts_at")?.to_zoned(self.zone.clone());
        let until = at("ends_at")?.to_zoned(self.zone.clone());
        let day = words::day(from.date());
        Some(format!(
            "{day}, {}–{}",
            from.strftime("%H:%M"),
            until.strftime("%H:%M %Z")
        ))
    }
}

/// `2 h`, `1 h 30 min`, `45 min`
fn hours(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use coterie_domain::catalogue::Catalogue;

    use super::*;

    /// The corpus of the domain: one sample of every shape.
    fn golden(name: &str) -> Value {
        let file = format!("{}/../domain/golden/{name}.v1.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    fn sentence(name: &str, payload: &Value) -> String {
        let places = Places::new(Arc::new(Catalogue::default()));
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let said = Said {
            payload,
            places: &places,
            zone: &zone,
        };
        let (_, event_type) = name.split_once('.').unwrap();
        said.sentence(event_type).unwrap_or_default()
    }

    #[test]
    fn the_corpus_is_told_in_words() {
        let told: Vec<String> = [
            "booking.BookingCancelled",
            "pass.PassGivenBack",
            "charge.ChargeMade",
            "credit.CreditUsed",
            "invoice.InvoiceIssued",
            "journal.JournalEntryPosted",
            "legal_entity.LegalEntityCreated",
            "location.LocationClosed",
            "membership.CycleOpened",
            "membership.MembershipStarted",
            "membership.NoticeGiven",
            "payer_account.PaymentMethodSaved",
            "payment.PaymentAttempted",
            "payment.PaymentFailed",
            "payment.PaymentSettled",
            "plan.PlanVersionPublished",
            "staff.StaffAdded",
            "tax.TaxRateSet",
            "meter.MeterDefined",
            "usage.UsageReported",
            "credit.CourtesyGranted",
            "credit_pack.CreditPackDefined",
            "credit.CreditPackBought",
            "coupon.CouponCreated",
            "membership.CouponRedeemed",
        ]
        .iter()
        .map(|name| format!("{name}: {}", sentence(name, &golden(name))))
        .collect();
        // No-break spaces are hard to see in a source.
        insta::assert_snapshot!(told.join("\n").replace('\u{a0}', " "), @r"
        booking.BookingCancelled: 50 % of the price still due
        pass.PassGivenBack: 50 % of the price still due
        charge.ChargeMade: Room Spree, 2026-01-22 13:00, EUR 30.00 net
        credit.CreditUsed: 3 h
        invoice.InvoiceIssued: BER-000002 over EUR 357.00 to Ada Lovelace
        journal.JournalEntryPosted: Room Spree
        legal_entity.LegalEntityCreated: Harbour Berlin GmbH
        location.LocationClosed: Christmas, 24 Dec 2026 to 26 Dec 2026
        membership.CycleOpened: 20 Jan 2026 – 31 Jan 2026
        membership.MembershipStarted: Flex from 20 Jan 2026
        membership.NoticeGiven: last day 31 Jan 2026
        payer_account.PaymentMethodSaved: visa ending in 4242
        payment.PaymentAttempted: attempt 2 over EUR 357.00
        payment.PaymentFailed: Your card has insufficient funds.
        payment.PaymentSettled: EUR 357.00
        plan.PlanVersionPublished: Flex, version 1, EUR 300.00 a cycle
        staff.StaffAdded: Grace as finance
        tax.TaxRateSet: 7.7 % for standard in DE from 1 Jan 2026
        meter.MeterDefined: Pages printed: EUR 0.035 a page
        usage.UsageReported: 1 piece
        credit.CourtesyGranted: 2 h: The heating was off
        credit_pack.CreditPackDefined: 10 hours of meeting room: 10 h, EUR 150.00
        credit.CreditPackBought: 10 hours of meeting room: 10 h
        coupon.CouponCreated: SPRING-26: 12.5 % off
        membership.CouponRedeemed: SPRING-26: EUR 50.00 off from 1 Apr 2026
        ");
    }

    #[test]
    fn a_shape_that_is_not_as_expected_is_told_by_its_name_alone() {
        assert_eq!(sentence("booking.BookingConfirmed", &Value::Null), "");
        assert_eq!(
            sentence("parcel.ParcelArrived", &serde_json::json!({ "shelf": "A" })),
            ""
        );
        assert_eq!(hours(90), "1 h 30 min");
    }
}
