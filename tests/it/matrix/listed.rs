//! The list of routes, by hand: method, path, who may use it and, where it is not everybody of that kind, which roles.

use super::{ids, judge::Whose};
use coterie_domain::organization::Role;
use coterie_web::{Access, Capability, RouteEntry};
use reqwest::Method;
use std::fmt;

/// A new route gets a line here. After `Staff(..)` and `ApiKey` come the roles that may: the others must be answered 403.
const LISTED: &str = include_str!("routes.txt");
/// What a POST needs to be taken seriously: a form, or JSON below `/v1`; what begins with `?` is a query. `{noun}`s are
/// the chain's own things, or the other chain's.
const SENT: &str = include_str!("bodies.txt");

/// What belongs to one member; what else has an id belongs to the chain.
const PERSONAL: [&str; 9] = [
    "booking",
    "charge",
    "company",
    "credit_note",
    "invoice",
    "membership",
    "pass",
    "series",
    "waitlist",
];
/// What is no id of anything: every chain has a position 1.
const NO_IDS: [&str; 5] = ["date", "hash", "name", "position", "token"];
const ROLES: [Role; 3] = Role::ALL;

/// One line of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub method: Method,
    pub path: String,
    pub access: Access,
    /// Roles of staff or keys that may.
    roles: Vec<Role>,
    sent: Option<&'static str>,
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {}", self.method, self.path, name(self.access))
    }
}

impl Row {
    pub fn allows(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether it is answered at the installation's own host alone.
    pub fn is_of_the_installation(&self) -> bool {
        of_the_installation(self.access)
    }

    /// Body or query, with placeholders.
    pub fn sent(&self) -> Option<&'static str> {
        self.sent
    }

    /// Whether the path has an id of a chain's.
    pub fn has_ids(&self) -> bool {
        self.ids().next().is_some()
    }

    /// Whether the path has an id of a member's.
    pub fn has_personal_ids(&self) -> bool {
        self.ids().any(|(_, noun)| PERSONAL.contains(&noun.as_str()))
    }

    /// Whether body or query name things of a chain.
    pub fn names_ids(&self) -> bool {
        // In JSON a brace is followed by a quote.
        let starts = self.sent.unwrap_or_default().split('{').skip(1);
        starts
            .into_iter()
            .any(|rest| rest.starts_with(|letter: char| letter.is_ascii_lowercase()))
    }

    /// Whose ids to try it with.
    pub fn variations(&self) -> Vec<Whose> {
        let mut all = vec![Whose::Own];
        let ids: Vec<usize> = self.ids().map(|(index, _)| index).collect();
        if !ids.is_empty() {
            all.push(Whose::Foreign);
        }
        if ids.len() > 1 {
            all.extend(ids.into_iter().map(Whose::ForeignParameter));
        }
        if self.names_ids() {
            all.push(Whose::ForeignBody);
        }
        all
    }

    /// Those parameters of the path, counted from 0, that are ids.
    fn ids(&self) -> impl Iterator<Item = (usize, String)> {
        let nouns = ids::parameters(&self.path)
            .into_iter()
            .map(|(_, noun)| noun)
            .enumerate();
        nouns.filter(|(_, noun)| !NO_IDS.contains(&noun.as_str()))
    }
}

/// Whether such a route is answered at the installation's own host alone.
pub fn of_the_installation(access: Access) -> bool {
    matches!(access, Access::Platform | Access::PlatformAdmin)
}

/// The list, read.
pub fn rows() -> Vec<Row> {
    read(LISTED, SENT)
}

/// # Panics
/// At a line that cannot be read.
pub fn read(listed: &'static str, sent: &'static str) -> Vec<Row> {
    let lines = listed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| row(line, sent).unwrap_or_else(|| panic!("this line cannot be read: {line}")))
        .collect()
}

fn row(line: &str, sent: &'static str) -> Option<Row> {
    let mut words = line.split_whitespace();
    let method: Method = words.next()?.parse().ok()?;
    let path = words.next()?.to_owned();
    let access = access(words.next()?)?;
    let roles = words.map(|word| ROLES.into_iter().find(|role| role.name() == word));
    let roles: Vec<Role> = roles.collect::<Option<_>>()?;
    let key = format!("{method} {path} ");
    let sent = sent
        .lines()
        .find_map(|line| line.strip_prefix(key.as_str()))
        .map(str::trim);
    // Whoever lists a route for roles says which.
    let by_role = matches!(access, Access::Staff(_) | Access::ApiKey);
    (by_role != roles.is_empty()).then_some(Row {
        method,
        path,
        access,
        roles,
        sent,
    })
}

fn access(word: &str) -> Option<Access> {
    use Capability::{Audit, Finance, Operate};
    let all = [
        Access::Everywhere,
        Access::Public,
        Access::Platform,
        Access::PlatformAdmin,
        Access::Member,
        Access::Staff(Operate),
        Access::Staff(Finance),
        Access::Staff(Audit),
        Access::ApiKey,
        Access::Token,
    ];
    all.into_iter().find(|access| name(*access) == word)
}

fn name(access: Access) -> String {
    match access {
        Access::Staff(capability) => format!("Staff({capability})"),
        other => format!("{other:?}"),
    }
}

/// What the router and the list do not agree on, each with what to do about it.
pub fn differences(routes: &[RouteEntry], rows: &[Row]) -> Vec<String> {
    let same = |route: &RouteEntry, row: &Row| {
        route.method == row.method && route.path == row.path && route.access == row.access
    };
    let unlisted = routes
        .iter()
        .filter(|route| !rows.iter().any(|row| same(route, row)))
        .map(|route| {
            let line = format!("{} {} {}", route.method, route.path, name(route.access));
            let roles = match route.access {
                Access::Staff(_) | Access::ApiKey => " and, after it, the roles that may",
                _ => "",
            };
            format!(
                "The router has a route that nobody listed: add the line `{line}`{roles} to tests/it/matrix/routes.txt."
            )
        });
    let gone = rows.iter().filter(|row| !routes.iter().any(|route| same(route, row)));
    let gone =
        gone.map(|row| format!("The router has no route `{row}`: take the line out of tests/it/matrix/routes.txt."));
    unlisted.chain(gone).collect()
}
