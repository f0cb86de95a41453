//! Members as rows.

use coterie_app::member::page::MemberRow;

use crate::components::{Badge, Column, Link, Table, Tone};

/// Members with where they belong and whether they pay.
pub(super) fn of(members: &[MemberRow], caption: &str) -> Table {
    let mut table = Table::new(
        caption,
        ["Name", "Email", "Home", "Company", "Membership"].map(Column::text),
    );
    for member in members {
        table.push([
            Link::new(&member.name, format!("/operator/members/{}", member.member_id)).into(),
            member.email.clone().into(),
            member.home_location_name.clone().unwrap_or_default().into(),
            member.company_name.clone().unwrap_or_default().into(),
            standing(member).into(),
        ]);
    }
    table
}

/// Where a member stands, in a word.
pub(super) fn standing(member: &MemberRow) -> Badge {
    if member.visitor {
        return Badge::new(Tone::Info, "Visitor");
    }
    match (member.active, member.confirmed) {
        (true, _) => Badge::new(Tone::Good, "Active"),
        (false, true) => Badge::new(Tone::Neutral, "None"),
        (false, false) => Badge::new(Tone::Warning, "Email not confirmed"),
    }
}
