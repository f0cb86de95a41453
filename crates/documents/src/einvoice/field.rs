//! Which field of the house a rule of EN 16931 is about.

/// Business terms and rules, and where they are given; the first that fits counts.
const FIELDS: [(&[&str], &str); 9] = [
    (&["BT-10", "BR-DE-15"], "buyer.reference"),
    (&["BT-49", "R010"], "buyer.email"),
    (&["BT-48"], "buyer.tax_id"),
    (
        &[
            "BG-8", "BT-50", "BT-52", "BT-53", "BT-55", "BR-10", "BR-11", "BR-DE-8", "BR-DE-9",
        ],
        "buyer.address",
    ),
    (
        &[
            "BG-5", "BT-35", "BT-37", "BT-38", "BT-40", "BR-08", "BR-09", "BR-DE-3", "BR-DE-4",
        ],
        "seller.address",
    ),
    (&["BT-34", "R020"], "seller.contact.email"),
    (
        &[
            "BG-6", "BT-41", "BT-42", "BT-43", "BR-DE-2", "BR-DE-5", "BR-DE-6", "BR-DE-7",
        ],
        "seller.contact",
    ),
    (&["BG-16", "BG-17", "BT-81", "BT-84", "BR-DE-1"], "seller.bank"),
    (
        &["BT-31", "BT-32", "BR-CO-26", "BR-S-02", "BR-AE-02", "BR-DE-16"],
        "seller.tax_id",
    ),
];

/// `document` where nobody can give anything: a sum is wrong.
pub(super) fn of(rule: &str, path: &str) -> &'static str {
    let fits =
        |term: &&str| rule == *term || rule.ends_with(&format!("-{term}")) || path.split('/').any(|part| part == *term);
    let found = FIELDS.iter().find(|(terms, _)| terms.iter().any(&fits));
    found.map_or("document", |(_, field)| field)
}
