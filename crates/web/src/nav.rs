//! The links in the header. Each module registers its own beside its routes, so a
//! link exists exactly when its page does.

use crate::{
    access::Capability,
    context::{PageContext, Viewer},
};

/// Whose links these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// A member's own pages.
    Member,
    /// Running the houses.
    Operator,
    /// Money.
    Finance,
    /// A stranger at a chain's host.
    Visitor,
    /// The installation's own host.
    Platform,
}

impl Area {
    fn heading(self) -> &'static str {
        match self {
            Self::Operator => "Operate",
            Self::Finance => "Finance",
            Self::Member | Self::Visitor | Self::Platform => "",
        }
    }

    fn is_for(self, ctx: &PageContext) -> bool {
        match self {
            Self::Platform => ctx.tenant.is_none(),
            Self::Visitor => ctx.tenant.is_some() && ctx.viewer == Viewer::Stranger,
            Self::Member => matches!(ctx.viewer, Viewer::Member { .. }),
            Self::Operator => ctx.viewer.reads(Capability::Operate),
            Self::Finance => ctx.viewer.reads(Capability::Finance) || ctx.viewer.can(Capability::Audit),
        }
    }
}

/// One link as a template prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavLink {
    /// The heading when this link opens a new group; empty otherwise.
    pub heading: &'static str,
    /// What it says.
    pub label: &'static str,
    /// Where it goes.
    pub href: &'static str,
    /// Whether the page is here, or below.
    pub current: bool,
}

/// All links, in the order of registration.
#[derive(Debug, Default)]
pub struct Navigation {
    entries: Vec<(Area, &'static str, &'static str)>,
}

impl Navigation {
    pub(crate) fn add(&mut self, area: Area, label: &'static str, href: &'static str) {
        self.entries.push((area, label, href));
    }

    /// The links of one viewer; the longest address that the path starts with is current.
    pub(crate) fn links(&self, ctx: &PageContext) -> Vec<NavLink> {
        let mine: Vec<_> = self.entries.iter().filter(|(area, ..)| area.is_for(ctx)).collect();
        let current = mine
            .iter()
            .filter(|(_, _, href)| covers(href, &ctx.path))
            .map(|(_, _, href)| *href)
            .max_by_key(|href| href.len());
        let several = mine.iter().any(|(area, ..)| *area == Area::Operator)
            && mine.iter().any(|(area, ..)| *area == Area::Finance);
        let mut before = None;
        mine.into_iter()
            .map(|&(area, label, href)| {
                let heading = if several && before != Some(area) {
                    area.heading()
                } else {
                    ""
                };
                before = Some(area);
                NavLink {
                    heading,
                    label,
                    href,
                    current: current == Some(href),
                }
            })
            .collect()
    }
}

fn covers(href: &str, path: &str) -> bool {
    path == href || (href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn navigation() -> Navigation {
        let mut nav = Navigation::default();
        nav.add(Area::Member, "Home", "/");
        nav.add(Area::Member, "Bookings", "/bookings");
        nav.add(Area::Operator, "Today", "/operator");
        nav.add(Area::Operator, "Locations", "/operator/locations");
        nav.add(Area::Finance, "Journal", "/finance/journal");
        nav
    }

    fn context(viewer: Viewer, path: &str) -> PageContext {
        PageContext {
            viewer,
            path: path.to_owned(),
            ..PageContext::default()
        }
    }

    fn staff(capabilities: Vec<Capability>) -> Viewer {
        Viewer::Staff {
            id: Uuid::nil(),
            name: "Ada".into(),
            email: "ada@example.org".into(),
            capabilities,
        }
    }

    #[test]
    fn only_the_nearest_link_is_current() {
        let viewer = staff(vec![Capability::Operate]);
        let links = navigation().links(&context(viewer, "/operator/locations/7"));
        let shown: Vec<_> = links.iter().map(|link| (link.label, link.current)).collect();
        assert_eq!(shown, [("Today", false), ("Locations", true)]);
    }

    #[test]
    fn members_see_their_own_and_auditors_see_money() {
        let member = Viewer::Member {
            id: Uuid::nil(),
            name: "Mia".into(),
            email: String::new(),
        };
        let labels: Vec<_> = navigation()
            .links(&context(member, "/bookings"))
            .iter()
            .map(|link| link.label)
            .collect();
        assert_eq!(labels, ["Home", "Bookings"]);
        let auditor = navigation().links(&context(staff(vec![Capability::Audit]), "/"));
        assert_eq!(auditor.len(), 1);
        assert_eq!(auditor[0].heading, "");
        let both = navigation().links(&context(staff(vec![Capability::Operate, Capability::Finance]), "/"));
        assert_eq!(
            both.iter().map(|link| link.heading).collect::<Vec<_>>(),
            ["Operate", "", "Finance"]
        );
    }
}
