//! The cookies of the house: session, log position, flash message.
//!
//! On https every name gets the `__Host-` prefix, which makes the browser refuse a
//! cookie set by a neighbouring host name; on plain http (a developer's loopback)
//! the prefix would make the browser drop the cookie, so it is left out there.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cookie::time as cookie_time;

use crate::{context::Flash, platform::SESSION_HOURS, state::WebConfig};

/// How long a session cookie lives in the browser, in seconds; the row behind it decides.
const SESSION_SECONDS: i64 = 30 * 24 * 3600;
/// Followers catch up in well under this time, after which waiting has no purpose.
const POSITION_SECONDS: i64 = 300;
/// A message nobody has seen within a minute is about something long forgotten.
const FLASH_SECONDS: i64 = 60;

fn name(https: bool, bare: &str) -> String {
    if https {
        format!("__Host-{bare}")
    } else {
        bare.to_owned()
    }
}

fn cookie(https: bool, bare: &str, value: String, seconds: i64) -> Cookie<'static> {
    let mut cookie = Cookie::new(name(https, bare), value);
    cookie.set_http_only(true);
    cookie.set_secure(https);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_path("/");
    cookie.set_max_age(cookie_time::Duration::seconds(seconds));
    cookie
}

/// The session token sent with a request.
pub(crate) fn session_token<'a>(config: &WebConfig, jar: &'a CookieJar) -> Option<&'a str> {
    jar.get(&name(config.public_url.is_https(), "session"))
        .map(Cookie::value)
        .filter(|token| !token.is_empty())
}

/// Signs the browser in: the opaque token whose hash the session row holds.
pub fn start_session(config: &WebConfig, jar: CookieJar, token: &str) -> CookieJar {
    jar.add(cookie(
        config.public_url.is_https(),
        "session",
        token.to_owned(),
        SESSION_SECONDS,
    ))
}

/// Signs the browser out.
pub fn end_session(config: &WebConfig, jar: CookieJar) -> CookieJar {
    jar.add(cookie(config.public_url.is_https(), "session", String::new(), 0))
}

/// The session of whoever runs the installation.
pub(crate) fn platform_session<'a>(config: &WebConfig, jar: &'a CookieJar) -> Option<&'a str> {
    jar.get(&name(config.public_url.is_https(), "platform"))
        .map(Cookie::value)
}

/// Signs whoever runs the installation in, until the browser is closed or the session ends by itself.
pub(crate) fn start_platform_session(config: &WebConfig, jar: CookieJar, session: &str) -> CookieJar {
    let seconds = SESSION_HOURS * 3_600;
    let mut cookie = cookie(config.public_url.is_https(), "platform", session.to_owned(), seconds);
    // Nothing leads here from another site.
    cookie.set_same_site(SameSite::Strict);
    jar.add(cookie)
}

/// Signs her out.
pub(crate) fn end_platform_session(config: &WebConfig, jar: CookieJar) -> CookieJar {
    jar.add(cookie(config.public_url.is_https(), "platform", String::new(), 0))
}

/// Remembers the log position a command ended at, so that the next page can wait for it.
pub fn remember_position(config: &WebConfig, jar: CookieJar, position: i64) -> CookieJar {
    jar.add(cookie(
        config.public_url.is_https(),
        "position",
        position.to_string(),
        POSITION_SECONDS,
    ))
}

/// The log position this browser has written up to.
pub fn position(config: &WebConfig, jar: &CookieJar) -> Option<i64> {
    jar.get(&name(config.public_url.is_https(), "position"))?
        .value()
        .parse()
        .ok()
        .filter(|position| *position >= 0)
}

/// Leaves a message for the next page.
pub fn leave_flash(config: &WebConfig, jar: CookieJar, flash: &Flash) -> CookieJar {
    // Base64 because cookie values may not hold spaces, commas or umlauts.
    let value = URL_SAFE_NO_PAD.encode(flash.to_wire());
    jar.add(cookie(config.public_url.is_https(), "flash", value, FLASH_SECONDS))
}

/// The message left by the page before.
pub(crate) fn flash(config: &WebConfig, jar: &CookieJar) -> Option<Flash> {
    let value = jar.get(&name(config.public_url.is_https(), "flash"))?.value();
    let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
    Flash::from_wire(&String::from_utf8(bytes).ok()?)
}

/// The message was shown.
pub(crate) fn clear_flash(https: bool) -> Cookie<'static> {
    cookie(https, "flash", String::new(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(public_url: &str) -> WebConfig {
        WebConfig {
            public_url: public_url.parse().unwrap(),
            metrics_token: None,
        }
    }

    fn printed(jar: &CookieJar) -> String {
        jar.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn https_binds_the_session_to_the_host() {
        let jar = start_session(&config("https://coterie.example"), CookieJar::new(), "token");
        insta::assert_snapshot!(printed(&jar), @r#"__Host-session=token; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000"#);
        let jar = start_session(&config("http://localhost:8080"), CookieJar::new(), "token");
        insta::assert_snapshot!(printed(&jar), @r#"session=token; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000"#);
    }

    #[test]
    fn position_and_flash_come_back_and_nonsense_does_not() {
        let config = config("http://localhost:8080");
        let jar = remember_position(&config, CookieJar::new(), 17);
        assert_eq!(position(&config, &jar), Some(17));
        assert_eq!(
            position(&config, &CookieJar::new().add(Cookie::new("position", "-4"))),
            None
        );
        let left = Flash::notice("Grüße, „Mia“; bis 10:30");
        let jar = leave_flash(&config, CookieJar::new(), &left);
        assert_eq!(flash(&config, &jar), Some(left));
        assert_eq!(flash(&config, &CookieJar::new().add(Cookie::new("flash", "%%%"))), None);
    }
}
