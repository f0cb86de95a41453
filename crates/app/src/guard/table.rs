//! The guard tables, their keys, and the columns that the log knows.

/// A guard table.
pub(super) struct Table {
    pub name: &'static str,
    /// Schema and name.
    pub qualified: &'static str,
    /// What tells its rows apart within an organization.
    pub key: &'static [&'static str],
    /// The other columns that the log knows.
    pub known: &'static [&'static str],
    /// Columns that the log does not know and a row cannot be without: what they begin with when it is added again.
    pub first: &'static [&'static str],
}

impl Table {
    /// Every column that a new row needs, `tenant_id` first.
    pub fn columns(&self) -> String {
        let key = self.key.iter().filter(|column| **column != "tenant_id");
        let columns: Vec<&str> = ["tenant_id"]
            .iter()
            .chain(key)
            .chain(self.known)
            .chain(self.first)
            .copied()
            .collect();
        columns.join(", ")
    }
    /// `l.a = s.a and l.b = s.b`.
    pub fn same_key(&self) -> String {
        let pairs: Vec<String> = self
            .key
            .iter()
            .map(|column| format!("l.{column} = s.{column}"))
            .collect();
        pairs.join(" and ")
    }
    /// Whether live and log differ in what the log knows.
    pub fn differs(&self) -> String {
        let list = |alias: &str| {
            let columns: Vec<String> = self.known.iter().map(|column| format!("{alias}.{column}")).collect();
            columns.join(", ")
        };
        if self.known.is_empty() {
            return "false".to_owned();
        }
        format!("row({}) is distinct from row({})", list("l"), list("s"))
    }
}

macro_rules! tables {
    ($($name:ident in $schema:ident: [$($key:ident),+] [$($known:ident),*] $(first [$($first:ident),+])?;)+) => {
        /// In the order in which use cases lock them: rows of guards before the log's head.
        pub(super) const ALL: &[Table] = &[$(Table {
            name: stringify!($name),
            qualified: concat!(stringify!($schema), ".", stringify!($name)),
            key: &[$(stringify!($key)),+],
            known: &[$(stringify!($known)),*],
            first: &[$($(stringify!($first)),+)?],
        }),+];
    };
}

tables! {
    organization in public: [tenant_id] [name, slug, sandbox] first [clock_now];
    catalogue_head in public: [tenant_id] [position];
    // By person, so that a mended address keeps its password.
    sign_in in public: [person_id] [email_hmac, person_kind];
    staff in public: [staff_id] [name, role];
    import_key in public: [kind, external_id] [id];
    resource_lock in public: [resource_id] [terms];
    reservation in public: [booking_id, resource_id] [blocked];
    blocker in public: [blocker_id] [resource_id, location_id, starts_at, ends_at, reason];
    booking_hold in public: [booking_id] [member_id, expires_at];
    visitor_booking in public: [visitor_booking_id] [booking_id, member_id, account_id, email_hmac, session_id, refund_due];
    waitlist in public: [entry_id] [member_id, resource_id, location_id, starts_at, ends_at, blocked, booking_id];
    assignment in public: [assignment_id] [resource_id, location_id, membership_id, member_id, first_day, last_day];
    series_booking in public: [booking_id] [series_id, starts_at];
    pass_day in public: [location_id, day] [sold];
    pass_guard in public: [pass_id] [location_id, day, member_id];
    coupon_guard in public: [coupon_id] [code];
    coupon_use in public: [coupon_id, membership_id, from_day] [member_id];
    price_change in public: [price_change_id] [plan_id, plan_version_id, legal_entity_id, effective_from, announced_on, notice_days, phase];
    price_change_membership in public: [price_change_id, membership_id] [standing, plan_version_id, price_minor, from_day, bound_until, why, why_day];
    membership_guard in public: [membership_id] [member_id, legal_entity_id, ended];
    billed_days in public: [membership_id, add_on_id, first_day] [end_day];
    membership_seat in public: [membership_id, member_id, first_day] [end_day];
    company_member in public: [member_id] [company_id, joined_on, left_on, manager];
    credit_lot in public: [lot_id] [member_id, membership_id, holds, resource_type_id, currency, amount_granted, amount_left, valid_from, valid_until, version, courtesy, credit_pack_id, value_left];
    invoice_run in public: [invoice_run_id] [legal_entity_id, cut_off, phase, stopped];
    invoice_run_draft in public: [invoice_run_id, payer_id] [payer_kind, standing, lines, net_minor, tax_minor, gross_minor, inputs_sha256, waits, without_address, invoice_id];
    usage_guard in public: [event_id] [meter_id, member_id, membership_id, quantity, used_on, charge_id];
    deposit_guard in public: [deposit_id] [membership_id, member_id, invoice_id, legal_entity_id, payer_kind, payer_id, currency, amount_minor, applied_minor, returned_minor];
    charge_guard in public: [charge_id] [kind, payer_kind, payer_id, legal_entity_id, membership_id, service_from, billable_on, invoice_id, voided, version, gives_back];
    invoice_series in public: [legal_entity_id, series] [last_sequence];
    invoice_guard in public: [invoice_id] [legal_entity_id, payer_kind, payer_id, currency, gross_minor, open_minor, live_payment_id, last_payment_id, intent_id, attempts];
    credited_line in public: [invoice_id, charge_id] [net_minor];
    alarm in public: [kind, subject_id, due_at] [rank];
    stripe_account in installation: [account_id] [legal_entity_id];
}
