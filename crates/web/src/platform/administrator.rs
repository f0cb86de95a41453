//! Who runs the installation: known by one token from the environment, remembered by a signed cookie. Nothing of it is
//! stored; another token ends every session.

use axum_extra::extract::CookieJar;
use coterie_app::{
    clock,
    secret::{SecretKey, sha256},
};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::{cookies, state::WebConfig};

/// How long a session lasts.
pub(crate) const SESSION_HOURS: i64 = 12;
const PURPOSE: &str = "platform-session";

/// What the token and the sessions are checked with.
#[derive(Debug, Clone)]
pub struct Administration {
    token_hash: [u8; 32],
    secret: SecretKey,
}

impl Administration {
    /// `token` is `COTERIE_PLATFORM_TOKEN`; only its hash is kept.
    pub fn new(token: &str, secret: SecretKey) -> Self {
        Self {
            token_hash: sha256(token.as_bytes()),
            secret,
        }
    }

    /// Whether this is the token. Hashes are compared, every byte of them, so that the time taken says nothing.
    pub(crate) fn knows(&self, token: &str) -> bool {
        let sent = sha256(token.as_bytes());
        let difference = sent.iter().zip(&self.token_hash).fold(0, |all, (a, b)| all | (a ^ b));
        difference == 0
    }

    /// A session that begins now.
    pub(crate) fn session(&self) -> String {
        let expires_at = clock::wall_now() + SignedDuration::from_hours(SESSION_HOURS);
        self.secret.link_token(PURPOSE, Uuid::nil(), self.whose(), expires_at)
    }

    /// Whether the browser has a session of this token that has not ended.
    pub(crate) fn is_signed_in(&self, config: &WebConfig, jar: &CookieJar) -> bool {
        let whose = cookies::platform_session(config, jar).and_then(|session| {
            self.secret
                .open_link_token(PURPOSE, Uuid::nil(), session, clock::wall_now())
        });
        whose == Some(self.whose())
    }

    /// Names the token without telling it.
    fn whose(&self) -> Uuid {
        let hash = sha256(&self.token_hash);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Uuid::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum_extra::extract::cookie::Cookie;

    #[test]
    fn only_the_token_signs_in_and_another_token_ends_its_sessions() {
        let config = WebConfig {
            public_url: "http://localhost:8080".parse().unwrap(),
            metrics_token: None,
        };
        let key = || SecretKey::new([7; 32]);
        let first = Administration::new("the first token", key());
        assert!(first.knows("the first token"));
        assert!(!first.knows("the first toke") && !first.knows(""));
        let jar = CookieJar::new().add(Cookie::new("platform", first.session()));
        assert!(first.is_signed_in(&config, &jar));
        let second = Administration::new("the second token", key());
        assert!(!second.is_signed_in(&config, &jar));
        let elsewhere = Administration::new("the first token", SecretKey::new([8; 32]));
        assert!(!elsewhere.is_signed_in(&config, &jar));
        assert!(!first.is_signed_in(&config, &CookieJar::new()));
    }
}
