//! `sign_in`, `staff`, `import_key` and `company_member`: who may sign in by which address, and what imported rows became.
//! A forgotten person has no address; of her imported row, and of companies', the log does not know the id in the other list.

use super::shadow::Rows;
use crate::{UseCaseError, operation::decode, secret::SecretKey};
use coterie_domain::{
    CompanyId, MemberId,
    company::CompanyEvent,
    member::MemberEvent,
    organization::{StaffAdded, StaffEvent},
};
use coterie_eventlog::{RecordedEvent, seal::FORGOTTEN};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A member's company, or the last one that she belonged to.
#[derive(Serialize)]
struct Belongs {
    member_id: MemberId,
    company_id: CompanyId,
    joined_on: Option<Date>,
    left_on: Option<Date>,
    manager: bool,
}

pub(super) struct People {
    secret: SecretKey,
    /// Kind and address by person.
    addresses: BTreeMap<Uuid, (&'static str, String)>,
    staff: BTreeMap<Uuid, StaffAdded>,
    /// What the log knows of imported rows, by member.
    imported: BTreeMap<Uuid, String>,
    /// Those whose guard row is from before the ids of other lists were hidden.
    in_the_open: BTreeSet<Uuid>,
    companies: BTreeSet<CompanyId>,
    company_of: BTreeMap<MemberId, Belongs>,
}

impl People {
    pub fn new(secret: SecretKey) -> Self {
        Self {
            secret,
            addresses: BTreeMap::new(),
            staff: BTreeMap::new(),
            imported: BTreeMap::new(),
            in_the_open: BTreeSet::new(),
            companies: BTreeSet::new(),
            company_of: BTreeMap::new(),
        }
    }

    pub fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        match event.category.as_str() {
            "member" => {
                match decode(event)? {
                    MemberEvent::MemberSignedUp(fact) => {
                        self.addresses.insert(fact.member_id.0, ("member", fact.email));
                    }
                    MemberEvent::MemberImported(fact) => {
                        self.addresses.insert(fact.member_id.0, ("member", fact.email));
                        self.imported.insert(fact.member_id.0, fact.external_id);
                    }
                    // Also where her events are from before there were seals, and still tell who she was.
                    MemberEvent::MemberForgotten(fact) => {
                        self.addresses.remove(&fact.member_id.0);
                        if let Some(external_id) = self.imported.get_mut(&fact.member_id.0) {
                            FORGOTTEN.clone_into(external_id);
                        }
                    }
                    // A visitor signs in nowhere.
                    MemberEvent::VisitorRegistered(_) | MemberEvent::EmailConfirmed(_) => {}
                }
            }
            "staff" => {
                let StaffEvent::StaffAdded(fact) = decode(event)?;
                self.addresses.insert(fact.staff_id.0, ("staff", fact.email.clone()));
                self.staff.insert(fact.staff_id.0, fact);
            }
            _ => match decode(event)? {
                CompanyEvent::CompanyRegistered(fact) => {
                    self.companies.insert(fact.company_id);
                }
                CompanyEvent::MemberJoinedCompany(fact) => {
                    let row = Belongs {
                        member_id: fact.member_id,
                        company_id: fact.company_id,
                        joined_on: fact.from,
                        left_on: None,
                        manager: false,
                    };
                    self.company_of.insert(fact.member_id, row);
                }
                CompanyEvent::MemberLeftCompany(fact) => {
                    if let Some(row) = self.company_of.get_mut(&fact.member_id) {
                        row.left_on = Some(fact.from);
                    }
                }
                CompanyEvent::CompanyManagerNamed(fact) => self.manages(fact.member_id, true),
                CompanyEvent::CompanyManagerDismissed(fact) => self.manages(fact.member_id, false),
                CompanyEvent::CompanyCorrected(_) => {}
            },
        }
        Ok(())
    }

    fn manages(&mut self, member: MemberId, manages: bool) {
        if let Some(row) = self.company_of.get_mut(&member) {
            row.manager = manages;
        }
    }

    /// What an imported row became, where the log knows that it did and not under which id.
    pub fn may_be_imported(&self, kind: &str, id: Uuid) -> bool {
        match kind {
            "company" => self.companies.contains(&CompanyId(id)),
            "member" => self
                .imported
                .get(&id)
                .is_some_and(|external_id| external_id == FORGOTTEN),
            _ => false,
        }
    }

    /// Takes the rows that have an id as it is in the other list at their word, where the log has the same.
    pub fn settle_imports(&mut self, live: &[(String, String, Uuid)]) {
        let open = live.iter().filter(|(kind, external_id, id)| {
            kind == "member" && self.imported.get(id).is_some_and(|known| known == external_id)
        });
        self.in_the_open = open.map(|(_, _, id)| *id).collect();
    }

    pub fn rows(&self, tenant: Uuid, rows: &mut Rows) {
        for (person, (kind, email)) in self.addresses.iter().filter(|(_, (_, email))| email != FORGOTTEN) {
            let hmac = hex(&self.secret.email_hmac(tenant, email));
            rows.push(
                "sign_in",
                &json!({ "person_id": person, "person_kind": kind, "email_hmac": hmac }),
            );
        }
        for (id, fact) in &self.staff {
            rows.push(
                "staff",
                &json!({ "staff_id": id, "name": fact.name, "role": fact.role.name() }),
            );
        }
        for (id, external_id) in self
            .imported
            .iter()
            .filter(|(_, external_id)| *external_id != FORGOTTEN)
        {
            let kept = if self.in_the_open.contains(id) {
                external_id.clone()
            } else {
                self.secret.import_hmac(tenant, "member", external_id)
            };
            rows.push(
                "import_key",
                &json!({ "kind": "member", "external_id": kept, "id": id }),
            );
        }
        for row in self.company_of.values() {
            rows.push("company_member", row);
        }
    }
}

/// Bytes as PostgreSQL reads them.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold("\\x".to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
