use super::{SLUG, SignIn};
use crate::RunningStack;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Where everything is, and who may sign in.
pub(super) struct Announcement<'a> {
    pub house: &'a RunningStack,
    pub sign_ins: &'a [SignIn],
    pub api_key: Option<&'a str>,
    /// Whether there is a next start.
    pub keeps: bool,
}

impl Announcement<'_> {
    fn chain_url(&self) -> Option<String> {
        (!self.sign_ins.is_empty()).then(|| self.house.chain_url(SLUG))
    }

    /// One line for programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "platform_url": self.house.public_url,
            "chain_url": self.chain_url(),
            "inbox_url": self.house.inbox_url,
            "sim_url": self.house.sim.url,
            "sign_ins": self.sign_ins,
            "api_key": self.api_key,
            "platform_token": self.house.platform_token,
        })
    }

    /// The same for people.
    pub(super) fn text(&self) -> String {
        let mut text = String::from("\nCoterie is running.\n\n");
        let mut line = |name: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {name:<18} {value}");
        };
        line("Platform", &format!("{}/", self.house.public_url));
        if let Some(chain) = self.chain_url() {
            line("Demo chain", &format!("{chain}/"));
        }
        line("Mail it sent", &format!("{}/", self.house.inbox_url));
        line("Stripe simulator", &format!("{}/", self.house.sim.url));
        line("Administrator", &format!("{}/projections", self.house.public_url));
        line("Its token", &self.house.platform_token);
        if let Some(key) = self.api_key {
            line("API key", key);
        }
        if let Some(first) = self.sign_ins.first() {
            let _ = writeln!(
                text,
                "\n  Sign in to the demo chain; everybody's password is {}\n",
                first.password
            );
        }
        for person in self.sign_ins {
            let _ = writeln!(text, "  {:<18} {:<36} {}", person.role, person.email, person.name);
        }
        text.push_str(if self.keeps {
            "\nCtrl-C stops it; the data stays for the next start.\n"
        } else {
            "\nCtrl-C stops it and forgets its database.\n"
        });
        text
    }
}
