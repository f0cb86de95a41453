use super::{Written, catalogue::address, written};
use crate::{
    AddOnId, CouponId, CreditNoteId, CreditPackId, DepositId, MeterId, Payer, UsageId, VisitorBookingId,
    add_on::{AddOnDefined, AddOnEvent, AddOnWithdrawn},
    billing::{BillingDetailsSet, BillingEvent, TaxChoice, TaxChoiceSet},
    charge::{Because, ChargeEvent, ChargeKind, ChargeMade, ChargeVoided, SourceRef},
    coupon::{CouponCreated, CouponEvent, CouponWithdrawn, Off},
    credit::Holds,
    credit_note::{CreditNoteEvent, CreditNoteIssued},
    credit_pack::{CreditPackDefined, CreditPackEvent, CreditPackWithdrawn, ValidFor},
    deposit::{DepositApplied, DepositEvent, DepositRequested, DepositReturned},
    invoice::{InvoiceEvent, InvoiceIssued, InvoiceLine, LinePerson, Party},
    ledger::{JournalEntryPosted, JournalEvent, LedgerAccount, Posting},
    legal_entity::{BankAccount, Contact, Language, Letterhead, Logo},
    membership::{AddOnAdded, AddOnRemoved, CouponRedeemed, MembershipEvent},
    meter::{MeterDefined, MeterEvent},
    payment::{
        DeclineKind, PaymentActionRequired, PaymentAttempted, PaymentCanceled, PaymentEvent, PaymentFailed,
        PaymentProcessing, PaymentSettled, PaymentUnknown,
    },
    period::CycleLength,
    retention::{RetentionEnded, RetentionEvent},
    tax::{Exemption, TaxSubtotal, Treatment},
    testing::{
        ADA, BERLIN, BOOKING, CHARGE, CREDIT_NOTE, ENTRY, FLEX, INVOICE, MEMBERSHIP, MITTE, NEW_YORK, PAYMENT,
        ROOM_TYPE, at, currency, date, eur, id,
    },
    usage::{UsageCounted, UsageEvent, UsageReported, Used},
    visitor_booking::{
        VisitorBookingEvent, VisitorBookingLapsed, VisitorBookingOpened, VisitorBookingPaid, VisitorCancelled,
        VisitorPageMade, VisitorPaidLate, VisitorRefunded, WhyRefunded,
    },
};

pub fn all() -> Vec<Written> {
    [
        charges(),
        invoices(),
        credit_notes(),
        payments(),
        entries(),
        visits(),
        metered(),
        coupons(),
        add_ons(),
        credit_packs(),
        deposits(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn source() -> SourceRef {
    SourceRef {
        category: "booking".into(),
        stream_id: BOOKING.0,
        version: 1,
        event_type: "BookingConfirmed".into(),
    }
}

fn charge() -> ChargeMade {
    ChargeMade {
        charge_id: CHARGE,
        kind: ChargeKind::CancellationFee,
        payer: Payer::Member(ADA),
        member_id: ADA,
        membership_id: Some(MEMBERSHIP),
        legal_entity_id: BERLIN,
        supplied_by: Some(NEW_YORK),
        location_id: MITTE,
        description: "Room Spree, 2026-01-22 13:00".into(),
        quantity: "1.5".into(),
        unit: "hour".into(),
        unit_price: eur(2_000),
        net: eur(3_000),
        tax_category: "standard".into(),
        service_from: date("2026-01-22"),
        service_to: date("2026-01-23"),
        taxed_on: None,
        gives_back: Some(CHARGE),
        billable_on: date("2026-01-23"),
        source: source(),
        because: vec![Because {
            text: "1.5 h at EUR 20.00 an hour".into(),
            rule: Some(id(0x50)),
        }],
        catalogue_position: 13,
    }
}

fn deposits() -> Vec<Written> {
    let deposit_id = DepositId(id(0xd1));
    let requested = DepositRequested {
        deposit_id,
        membership_id: MEMBERSHIP,
        member_id: ADA,
        payer: Payer::Member(ADA),
        legal_entity_id: BERLIN,
        amount: eur(60_000),
        charge_id: CHARGE,
        invoice_id: INVOICE,
        requested_on: date("2026-01-20"),
    };
    let applied = DepositApplied {
        deposit_id,
        invoice_id: INVOICE,
        amount: eur(35_700),
        on: date("2026-06-01"),
    };
    let returned = DepositReturned {
        deposit_id,
        payer: Payer::Member(ADA),
        amount: eur(24_300),
        reference: "Transfer of 3 June to Ada Lovelace".into(),
        on: date("2026-06-03"),
    };
    vec![
        written(&DepositEvent::from(requested)),
        written(&DepositEvent::from(applied)),
        written(&DepositEvent::from(returned)),
    ]
}

fn visits() -> Vec<Written> {
    let visitor_booking_id = VisitorBookingId(id(0x98));
    let opened = VisitorBookingOpened {
        visitor_booking_id,
        booking_id: BOOKING,
        member_id: ADA,
        legal_entity_id: BERLIN,
        account_id: "acct_1".into(),
        invoice_id: INVOICE,
        payment_id: PAYMENT,
        charge: charge(),
        amount: eur(3_570),
        pay_by: at("2026-01-20T09:31:00Z"),
    };
    let page = VisitorPageMade {
        visitor_booking_id,
        session_id: "cs_1".into(),
        url: "https://checkout.stripe.com/c/pay/cs_1".into(),
    };
    let paid = VisitorBookingPaid {
        visitor_booking_id,
        intent_id: "pi_1".into(),
        amount: eur(3_570),
    };
    let late = VisitorPaidLate {
        visitor_booking_id,
        intent_id: "pi_1".into(),
        amount: eur(3_570),
        why: WhyRefunded::TimeGone,
    };
    let cancelled = VisitorCancelled {
        visitor_booking_id,
        percent_due: 50,
        intent_id: "pi_1".into(),
        amount: eur(1_785),
        credit_note_id: Some(CreditNoteId(id(0x99))),
    };
    let refunded = VisitorRefunded {
        visitor_booking_id,
        refund_id: "re_1".into(),
        amount: eur(3_570),
    };
    vec![
        written(&VisitorBookingEvent::from(opened)),
        written(&VisitorBookingEvent::from(page)),
        written(&VisitorBookingEvent::from(paid)),
        written(&VisitorBookingEvent::from(VisitorBookingLapsed { visitor_booking_id })),
        written(&VisitorBookingEvent::from(late)),
        written(&VisitorBookingEvent::from(refunded)),
        written(&VisitorBookingEvent::from(cancelled)),
    ]
}

fn charges() -> Vec<Written> {
    let made = charge();
    let voided = ChargeVoided {
        charge_id: CHARGE,
        reason: "cancelled in time".into(),
    };
    vec![written(&ChargeEvent::from(made)), written(&ChargeEvent::from(voided))]
}

fn coupons() -> Vec<Written> {
    let coupon_id = CouponId(id(0x99));
    let created = CouponCreated {
        coupon_id,
        code: "SPRING-26".into(),
        name: "Spring".into(),
        off: Off::Percent {
            percent: "12.5".parse().unwrap(),
        },
        cycles: Some(3),
        plans: vec![FLEX],
        first_day: Some(date("2026-03-01")),
        last_day: Some(date("2026-05-31")),
        limit: Some(100),
        once_per_member: true,
    };
    let redeemed = CouponRedeemed {
        membership_id: MEMBERSHIP,
        member_id: ADA,
        coupon_id,
        code: "SPRING-26".into(),
        name: "Spring".into(),
        off: Off::Fixed { amount: eur(5_000) },
        cycles: Some(3),
        plans: vec![FLEX],
        from: date("2026-04-01"),
    };
    vec![
        written(&CouponEvent::from(created)),
        written(&CouponEvent::from(CouponWithdrawn { coupon_id })),
        written(&MembershipEvent::from(redeemed)),
    ]
}

fn add_ons() -> Vec<Written> {
    let add_on_id = AddOnId(id(0x9a));
    let defined = AddOnDefined {
        add_on_id,
        legal_entity_id: BERLIN,
        name: "Locker".into(),
        price: eur(1_500),
        tax_included: true,
        length: CycleLength::Month,
        tax_category: "standard".into(),
        self_service: true,
    };
    let added = AddOnAdded {
        membership_id: MEMBERSHIP,
        add_on_id,
        name: "Locker".into(),
        price: eur(1_500),
        tax_included: true,
        length: CycleLength::Month,
        quantity: 2,
        tax_category: "standard".into(),
        from: date("2026-04-10"),
    };
    let removed = AddOnRemoved {
        membership_id: MEMBERSHIP,
        add_on_id,
        from: date("2026-05-10"),
    };
    vec![
        written(&AddOnEvent::from(defined)),
        written(&AddOnEvent::from(AddOnWithdrawn { add_on_id })),
        written(&MembershipEvent::from(added)),
        written(&MembershipEvent::from(removed)),
    ]
}

fn credit_packs() -> Vec<Written> {
    let credit_pack_id = CreditPackId(id(0x9c));
    let defined = CreditPackDefined {
        credit_pack_id,
        legal_entity_id: BERLIN,
        name: "10 hours of meeting room".into(),
        holds: Holds::Minutes {
            resource_type_id: ROOM_TYPE,
        },
        amount: 600,
        price: eur(15_000),
        tax_category: "standard".into(),
        country: "DE".into(),
        valid_for: ValidFor::Months(6),
        self_service: true,
    };
    vec![
        written(&CreditPackEvent::from(defined)),
        written(&CreditPackEvent::from(CreditPackWithdrawn { credit_pack_id })),
    ]
}

fn metered() -> Vec<Written> {
    let defined = MeterDefined {
        meter_id: MeterId(id(0x95)),
        legal_entity_id: BERLIN,
        name: "Pages printed".into(),
        unit: "page".into(),
        price: "0.035".parse().unwrap(),
        currency: currency("EUR"),
        tax_category: "standard".into(),
    };
    let used = Used {
        event_id: "print-4711".into(),
        meter_id: defined.meter_id,
        member_id: ADA,
        membership_id: MEMBERSHIP,
        quantity: "12.5".parse().unwrap(),
        used_on: date("2026-01-22"),
    };
    let reported = UsageReported {
        usage_id: UsageId(id(0x96)),
        items: vec![used.clone()],
    };
    let counted = UsageCounted {
        usage_id: UsageId(id(0x97)),
        charge_id: CHARGE,
        items: vec![used],
    };
    vec![
        written(&MeterEvent::from(defined)),
        written(&UsageEvent::from(reported)),
        written(&UsageEvent::from(counted)),
    ]
}

fn party(name: &str) -> Party {
    Party {
        name: name.into(),
        address: address(),
        tax_id: "DE123456789".into(),
        email: "mail@example.com".into(),
    }
}

fn invoices() -> Vec<Written> {
    let issued = InvoiceIssued {
        invoice_id: INVOICE,
        legal_entity_id: BERLIN,
        series: "BER".into(),
        sequence: 2,
        number: "BER-000002".into(),
        payer: Payer::Member(ADA),
        seller: party("Harbour Berlin GmbH"),
        buyer: party("Ada Lovelace"),
        buyer_reference: "04011000-12345-34".into(),
        language: Language::De,
        letterhead: letterhead(),
        issue_date: date("2026-02-01"),
        due_date: date("2026-02-15"),
        currency: currency("EUR"),
        lines: vec![InvoiceLine {
            charge_id: CHARGE,
            kind: ChargeKind::Recurring,
            location_id: MITTE,
            description: "Flex, 2026-02-01 to 2026-02-28".into(),
            quantity: "1".into(),
            unit: "month".into(),
            unit_price_minor: 30_000,
            net_minor: 30_000,
            tax_category: "standard".into(),
            tax_percent: 19.into(),
            treatment: Treatment::Standard,
            exemption: None,
            service_from: date("2026-02-01"),
            service_to: date("2026-03-01"),
        }],
        tax: vec![TaxSubtotal {
            category: "standard".into(),
            rate_percent: 19.into(),
            treatment: Treatment::Standard,
            exemption: Some(Exemption {
                code: "VATEX-EU-AE".into(),
                reason: "Section 13b UStG".into(),
            }),
            basis_minor: 30_000,
            tax_minor: 5_700,
        }],
        net_minor: 30_000,
        tax_minor: 5_700,
        gross_minor: 35_700,
        retain_until: date("2036-12-31"),
        people: vec![LinePerson {
            charge_id: CHARGE,
            name: "Grace Hopper".into(),
        }],
    };
    let ended = RetentionEnded {
        legal_entity_id: BERLIN,
        year: 2026,
        kept_until: date("2036-12-31"),
    };
    vec![
        written(&InvoiceEvent::from(issued)),
        written(&RetentionEvent::from(ended)),
    ]
}

fn credit_notes() -> Vec<Written> {
    let issued = CreditNoteIssued {
        credit_note_id: CREDIT_NOTE,
        invoice_id: INVOICE,
        invoice_number: "BER-000002".into(),
        invoice_date: date("2026-02-01"),
        legal_entity_id: BERLIN,
        series: "BER-C".into(),
        sequence: 1,
        number: "BER-C-000001".into(),
        payer: Payer::Member(ADA),
        seller: party("Harbour Berlin GmbH"),
        buyer: party("Ada Lovelace"),
        buyer_reference: "04011000-12345-34".into(),
        language: Language::De,
        letterhead: letterhead(),
        issue_date: date("2026-02-05"),
        currency: currency("EUR"),
        reason: "The heating was out of order.".into(),
        lines: vec![InvoiceLine {
            charge_id: CHARGE,
            kind: ChargeKind::Recurring,
            location_id: MITTE,
            description: "Flex, 2026-02-01 to 2026-02-28".into(),
            quantity: "1".into(),
            unit: String::new(),
            unit_price_minor: 10_000,
            net_minor: 10_000,
            tax_category: "standard".into(),
            tax_percent: 19.into(),
            treatment: Treatment::Standard,
            exemption: None,
            service_from: date("2026-02-01"),
            service_to: date("2026-03-01"),
        }],
        bill_again: vec![CHARGE],
        tax: vec![TaxSubtotal {
            category: "standard".into(),
            rate_percent: 19.into(),
            treatment: Treatment::Standard,
            exemption: Some(Exemption {
                code: "VATEX-EU-AE".into(),
                reason: "Section 13b UStG".into(),
            }),
            basis_minor: 10_000,
            tax_minor: 1_900,
        }],
        net_minor: 10_000,
        tax_minor: 1_900,
        gross_minor: 11_900,
        settled_minor: 10_000,
        retain_until: date("2036-12-31"),
    };
    let billing = BillingDetailsSet {
        payer: Payer::Member(ADA),
        language: Some(Language::De),
        address: address(),
        tax_id: "DE123456789".into(),
        reference: "04011000-12345-34".into(),
        per_location: true,
    };
    let tax = TaxChoiceSet {
        payer: Payer::Member(ADA),
        legal_entity_id: BERLIN,
        choice: TaxChoice::Exempt(Exemption {
            code: "VATEX-EU-132-1I".into(),
            reason: "Article 132 (1) (i) of directive 2006/112/EC".into(),
        }),
        from: date("2026-02-01"),
    };
    vec![
        written(&CreditNoteEvent::from(issued)),
        written(&BillingEvent::from(billing)),
        written(&BillingEvent::from(tax)),
    ]
}

/// Everything that a letterhead can have.
pub(super) fn letterhead() -> Letterhead {
    Letterhead {
        chain: "Harbour".into(),
        colour: "#1f4e5f".into(),
        logo: Some(Logo {
            sha256: "ab".repeat(32),
            width: 400,
            height: 120,
        }),
        bank: Some(BankAccount {
            holder: "Harbour Berlin GmbH".into(),
            iban: "DE02120300000000202051".into(),
            bic: "BYLADEM1001".into(),
        }),
        contact: Contact {
            name: "Accounts".into(),
            phone: "+49 30 123456".into(),
            email: "accounts@harbour.example".into(),
        },
        register: "HRB 12345 B, Amtsgericht Charlottenburg".into(),
    }
}

fn payments() -> Vec<Written> {
    let attempted = PaymentAttempted {
        payment_id: PAYMENT,
        invoice_id: INVOICE,
        legal_entity_id: BERLIN,
        payer: Payer::Member(ADA),
        amount: eur(35_700),
        account_id: "acct_1".into(),
        customer_id: "cus_1".into(),
        payment_method_id: "pm_1".into(),
        intent_id: Some("pi_1".into()),
        attempt: 2,
        on_session: true,
        request: serde_json::json!({ "amount": 35_700, "currency": "eur" }),
    };
    let processing = PaymentProcessing {
        payment_id: PAYMENT,
        intent_id: "pi_1".into(),
    };
    let action_required = PaymentActionRequired {
        payment_id: PAYMENT,
        intent_id: "pi_1".into(),
        redirect_url: Some("https://gateway.example/3ds".into()),
    };
    let unknown = PaymentUnknown {
        payment_id: PAYMENT,
        reason: "no answer".into(),
    };
    let settled = PaymentSettled {
        payment_id: PAYMENT,
        invoice_id: INVOICE,
        intent_id: "pi_1".into(),
        amount: eur(35_700),
    };
    let failed = PaymentFailed {
        payment_id: PAYMENT,
        invoice_id: INVOICE,
        intent_id: Some("pi_1".into()),
        code: "card_declined".into(),
        decline_code: Some("insufficient_funds".into()),
        kind: DeclineKind::AuthenticationRequired,
        message: "Your card has insufficient funds.".into(),
    };
    let canceled = PaymentCanceled {
        payment_id: PAYMENT,
        intent_id: Some("pi_1".into()),
    };
    vec![
        written(&PaymentEvent::from(attempted)),
        written(&PaymentEvent::from(processing)),
        written(&PaymentEvent::from(action_required)),
        written(&PaymentEvent::from(unknown)),
        written(&PaymentEvent::from(settled)),
        written(&PaymentEvent::from(failed)),
        written(&PaymentEvent::from(canceled)),
    ]
}

fn entries() -> Vec<Written> {
    let posting = |(account, amount_minor): (LedgerAccount, i64)| Posting {
        account,
        amount_minor,
        payer: Some(Payer::Member(ADA)),
        invoice_id: Some(INVOICE),
    };
    // Every account once: their names are part of the shape.
    let postings = LedgerAccount::ALL
        .into_iter()
        .zip([4, -1, 1, -2, 2, -3, 3, -4])
        .map(posting);
    let posted = JournalEntryPosted {
        entry_id: ENTRY,
        legal_entity_id: BERLIN,
        effective_date: date("2026-01-22"),
        period: "2026-01".into(),
        currency: currency("EUR"),
        rule: "booking_charged@1".into(),
        memo: "Room Spree".into(),
        source: source(),
        postings: postings.collect(),
    };
    vec![written(&JournalEvent::from(posted))]
}
