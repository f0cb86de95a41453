use super::*;
use proptest::prelude::*;

fn any_kind() -> impl Strategy<Value = ChargeKind> {
    prop::sample::select(vec![
        ChargeKind::Recurring,
        ChargeKind::Booking,
        ChargeKind::CancellationFee,
        ChargeKind::Pass,
    ])
}

fn any_charges() -> impl Strategy<Value = Vec<ChargeMade>> {
    let template = invoice::tests::charges(&chain())[1].clone();
    prop::collection::vec((any_kind(), -500_000i64..1_000_000, 0i64..400, 1i64..=62), 1..6).prop_map(move |parts| {
        parts
            .into_iter()
            .zip(1u128..)
            .map(|((kind, minor, offset, days), number)| {
                let from = date("2026-01-01").saturating_add(Span::new().days(offset));
                ChargeMade {
                    charge_id: ChargeId(id(number)),
                    kind,
                    net: eur(minor),
                    service_from: from,
                    service_to: from.saturating_add(Span::new().days(days)),
                    ..template.clone()
                }
            })
            .collect()
    })
}

/// Such that something is owed of them: the first makes up for what the others give back.
fn charges_to_pay() -> impl Strategy<Value = Vec<ChargeMade>> {
    (any_charges(), 1i64..1_000_000).prop_map(|(mut charges, owed)| {
        let sum: i64 = charges.iter().map(|charge| charge.net.minor).sum();
        if sum <= 0 {
            charges[0].net.minor += owed - sum;
        }
        charges
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    /// Rule 9: every posting function balances, names its period by its date and posts no zeros.
    #[test]
    fn every_entry_balances(charges in any_charges(), received in 0i64..2_000_000, open in -2_000i64..2_000_000) {
        let invoice = issued(&charges);
        let mut entries: Vec<JournalEntryPosted> = Vec::new();
        for charge in &charges {
            entries.extend(booking_charged(ENTRY, charge));
            entries.extend(charge_voided(ENTRY, charge, source()));
        }
        entries.extend(invoice_issued(ENTRY, &invoice));
        entries.extend(months_to_earn(&invoice).into_iter().filter_map(|month| revenue_earned(ENTRY, &invoice, &Credited::new(), month)));
        entries.extend(paid(received, "EUR", open));
        for entry in &entries {
            prop_assert_eq!(imbalance(entry), 0, "{:?}", entry);
            prop_assert!(entry.postings.len() >= 2);
            prop_assert!(entry.postings.iter().all(|posting| posting.amount_minor != 0));
            prop_assert_eq!(&entry.period, &month_name(entry.effective_date));
        }
    }

    /// The months of a line sum to its net, however the line lies; each is earned on a day of its own month.
    #[test]
    fn the_months_of_an_invoice_earn_all_of_it(charges in any_charges()) {
        let invoice = issued(&charges);
        let recurring: i64 = charges.iter().filter(|charge| charge.kind == ChargeKind::Recurring).map(|charge| charge.net.minor).sum();
        let mut earned = 0;
        for month in months_to_earn(&invoice) {
            if let Some(entry) = revenue_earned(ENTRY, &invoice, &Credited::new(), month) {
                prop_assert!(month.contains(entry.effective_date));
                earned += balances(Some(&entry)).get(&LedgerAccount::DeferredRevenue).copied().unwrap_or(0);
            }
        }
        prop_assert_eq!(earned, recurring);
    }

    /// From the charge to the last day earned: nothing stays deferred or unbilled, and revenue is the invoice's net.
    #[test]
    fn a_paid_and_earned_invoice_leaves_money_tax_and_revenue(charges in charges_to_pay()) {
        let invoice = issued(&charges);
        prop_assert!(invoice.gross_minor > 0);
        let mut entries: Vec<JournalEntryPosted> = charges.iter().filter_map(|charge| booking_charged(ENTRY, charge)).collect();
        entries.extend(invoice_issued(ENTRY, &invoice));
        entries.extend(months_to_earn(&invoice).into_iter().filter_map(|month| revenue_earned(ENTRY, &invoice, &Credited::new(), month)));
        entries.extend(paid(invoice.gross_minor, "EUR", invoice.gross_minor));
        let sums = balances(&entries);
        let of = |account| sums.get(&account).copied().unwrap_or(0);
        prop_assert_eq!(of(LedgerAccount::StripeBalance), invoice.gross_minor);
        prop_assert_eq!(of(LedgerAccount::VatPayable), -invoice.tax_minor);
        prop_assert_eq!(of(LedgerAccount::MembershipRevenue) + of(LedgerAccount::BookingRevenue), -invoice.net_minor);
        for account in [LedgerAccount::AccountsReceivable, LedgerAccount::UnbilledReceivable, LedgerAccount::DeferredRevenue, LedgerAccount::CustomerCredit] {
            prop_assert_eq!(of(account), 0, "{:?}", account);
        }
    }
}
