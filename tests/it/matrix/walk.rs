//! Walks the list: every row × everybody × whose ids.

use super::{
    cast::{Cast, Chain},
    ids,
    judge::{Expected, Who, Whose, at_chain, at_platform, verdict},
    listed::{Row, of_the_installation},
    request::{Asked, Proof, seen},
};
use coterie_domain::organization::Role;
use coterie_tests::{Answer, Person, TestStack};
use coterie_web::Access;
use reqwest::Method;
use uuid::Uuid;

/// The verbs that a path is tried with when the router has no route for them.
const VERBS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
/// Whoever does this is nobody afterwards, so it comes last.
const ENDS_SESSIONS: &str = "/sign-out";
/// It wants the id of a session that only the payment page gives out, and answers 404 to any other: the members' journey
/// comes back from there.
const COMES_FROM_PAYING: &str = "/card/saved";

/// Where the pages are served.
#[derive(Debug, Clone)]
pub struct Site {
    /// `http://localhost:{port}`
    pub platform: String,
}

impl Site {
    pub fn of(stack: &TestStack) -> Self {
        Self {
            platform: stack.house.public_url.clone(),
        }
    }

    fn of_chain(&self, chain: &Chain) -> String {
        self.platform.replacen("://", &format!("://{}.", chain.slug), 1)
    }
}

/// Tries everything that must be refused at "harbour", and says what was not, or what was written all the same.
pub async fn refusals(site: &Site, cast: &Cast, rows: &[Row]) -> Vec<String> {
    let mut walk = Walk::new(site, cast, rows);
    for row in rows {
        let before = cast.heads().await;
        walk.at_chain(row).await;
        walk.at_platform(row).await;
        walk.forged(row).await;
        walk.other_verbs(row).await;
        let after = cast.heads().await;
        if before != after {
            walk.findings.push(format!(
                "{row}: a refused request wrote events: heads {before:?} became {after:?}"
            ));
        }
    }
    walk.findings
}

/// Lets everybody do what they may, with ids of their own chain, and says what did not work.
pub async fn admissions(site: &Site, cast: &Cast, rows: &[Row]) -> Vec<String> {
    let mut walk = Walk::new(site, cast, rows);
    let rows = rows.iter().filter(|row| row.path != COMES_FROM_PAYING);
    let (last, first): (Vec<_>, Vec<_>) = rows.partition(|row| row.path == ENDS_SESSIONS);
    let (reading, writing): (Vec<_>, Vec<_>) = first.into_iter().partition(|row| row.method == Method::GET);
    for row in reading.into_iter().chain(writing).chain(last) {
        for who in Who::ALL {
            if at_chain(row, who, Whose::Own) == Expected::Admitted {
                walk.admitted(row, who).await;
            }
        }
    }
    walk.findings
}

struct Walk<'a> {
    site: &'a Site,
    cast: &'a Cast,
    rows: &'a [Row],
    browser: Person,
    here: String,
    next_door: String,
    findings: Vec<String>,
}

impl<'a> Walk<'a> {
    fn new(site: &'a Site, cast: &'a Cast, rows: &'a [Row]) -> Self {
        Self {
            site,
            cast,
            rows,
            browser: site.browser(),
            here: site.of_chain(&cast.harbour),
            next_door: site.of_chain(&cast.quayside),
            findings: Vec::new(),
        }
    }

    fn path(&mut self, row: &Row, whose: Whose) -> Option<String> {
        let (own, foreign) = (&self.cast.harbour.ids, &self.cast.quayside.ids);
        let path = ids::path(&row.path, |index| match whose {
            Whose::Foreign => foreign,
            Whose::ForeignParameter(at) if at == index => foreign,
            _ => own,
        });
        path.map_err(|finding| self.findings.push(finding)).ok()
    }

    fn asked<'b>(&'b self, row: &'b Row, proof: &'b Proof, path: String, whose: Whose) -> Asked<'b> {
        let owner = if whose == Whose::ForeignBody {
            &self.cast.quayside
        } else {
            &self.cast.harbour
        };
        let (method, base, from) = (row.method.clone(), self.here.as_str(), self.here.as_str());
        Asked {
            row,
            method,
            proof,
            base,
            from,
            path,
            body_ids: &owner.ids,
        }
    }

    fn judge(&mut self, row: &Row, expected: Expected, answer: &Answer, how: &str) {
        if let Err(wrong) = verdict(expected, &seen(answer)) {
            self.findings.push(format!("{row}: {how}: {wrong}"));
        }
    }

    async fn at_chain(&mut self, row: &Row) {
        // A page of the same name may stand at the chain's own host; it has its own row.
        if row.is_of_the_installation() && self.stands(row, |access| !of_the_installation(access)) {
            return;
        }
        for who in Who::ALL {
            for whose in row.variations() {
                let expected = at_chain(row, who, whose);
                let ends_sessions = row.path == ENDS_SESSIONS;
                if expected == Expected::Admitted || (ends_sessions && who != Who::Stranger) {
                    continue;
                }
                let Some(path) = self.path(row, whose) else { return };
                let proof = self.cast.proof(who);
                let asked = self.asked(row, &proof, path, whose);
                let (answer, asked) = (asked.send(&self.browser).await, asked.text());
                let how = format!("{who:?} with {whose:?} ids");
                self.judge(row, expected, &answer, &how);
                self.look_for_leaks(row, &answer, &asked, &how);
            }
        }
    }

    /// The installation's own host knows no chain, whoever asks.
    async fn at_platform(&mut self, row: &Row) {
        let of_chains = matches!(row.access, Access::Public | Access::Member | Access::Staff(_));
        if of_chains && self.stands(row, of_the_installation) {
            return;
        }
        for who in Who::ALL {
            let Some(expected) = at_platform(row, who, row.names_ids()) else {
                continue;
            };
            if expected == Expected::Admitted {
                continue;
            }
            let Some(path) = self.path(row, Whose::Own) else { return };
            let proof = self.cast.proof(who);
            let mut asked = self.asked(row, &proof, path, Whose::Own);
            (asked.base, asked.from) = (&self.site.platform, &self.site.platform);
            let answer = asked.send(&self.browser).await;
            self.judge(row, expected, &answer, &format!("{who:?} at the installation's host"));
        }
    }

    /// A page of the chain next door sends a form with the cookie of somebody who may.
    async fn forged(&mut self, row: &Row) {
        if row.method == Method::GET || matches!(row.access, Access::ApiKey | Access::Token | Access::Everywhere) {
            return;
        }
        let Some(path) = self.path(row, Whose::Own) else { return };
        let proof = self.cast.proof(somebody(row));
        let mut asked = self.asked(row, &proof, path, Whose::Own);
        asked.from = &self.next_door;
        if row.is_of_the_installation() {
            asked.base = &self.site.platform;
        }
        let answer = asked.send(&self.browser).await;
        self.judge(row, Expected::Forbidden, &answer, "a form of the chain next door");
    }

    /// Verbs that the path has no route for do nothing, even for somebody who may.
    async fn other_verbs(&mut self, row: &Row) {
        if row.is_of_the_installation() {
            return;
        }
        let Some(path) = self.path(row, Whose::Own) else { return };
        let proof = self.cast.proof(somebody(row));
        for verb in VERBS {
            if self
                .rows
                .iter()
                .any(|other| other.path == row.path && other.method == verb)
            {
                continue;
            }
            let mut asked = self.asked(row, &proof, path.clone(), Whose::Own);
            asked.method = verb.clone();
            let answer = asked.send(&self.browser).await;
            self.judge(row, Expected::Nothing, &answer, &format!("{verb} instead"));
        }
    }

    async fn admitted(&mut self, row: &Row, who: Who) {
        let Some(path) = self.path(row, Whose::Own) else { return };
        let proof = self.cast.proof(who);
        let asked = self.asked(row, &proof, path, Whose::Own);
        let (answer, asked) = (asked.send(&self.browser).await, asked.text());
        let how = format!("{who:?} with Own ids");
        self.judge(row, Expected::Admitted, &answer, &how);
        self.look_for_leaks(row, &answer, &asked, &how);
    }

    /// No answer names anything of the chain next door but what the request itself named.
    fn look_for_leaks(&mut self, row: &Row, answer: &Answer, asked: &str, how: &str) {
        let foreign = self
            .cast
            .quayside
            .ids
            .iter()
            .filter(|(_, id)| id.parse::<Uuid>().is_ok());
        let leaked = foreign.filter(|(_, id)| answer.body.contains(id.as_str()) && !asked.contains(id.as_str()));
        let leaked: Vec<_> = leaked.map(|(noun, _)| *noun).collect();
        if !leaked.is_empty() {
            self.findings.push(format!(
                "{row}: {how}: the other chain's {} came to light",
                leaked.join(", ")
            ));
        }
    }

    fn stands(&self, row: &Row, access: impl Fn(Access) -> bool) -> bool {
        let same = |other: &&Row| other.method == row.method && other.path == row.path;
        self.rows.iter().filter(same).any(|other| access(other.access))
    }
}

/// Somebody who may.
fn somebody(row: &Row) -> Who {
    match row.access {
        Access::Member => Who::Ada,
        Access::PlatformAdmin => Who::Administrator,
        Access::ApiKey => Who::Key(Role::Owner),
        _ => Who::Staff(Role::Owner),
    }
}
