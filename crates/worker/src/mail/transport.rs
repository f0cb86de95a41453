use std::fmt;
use std::str::FromStr;

use lettre::transport::smtp::authentication::Credentials;
use url::{Host, Url};

/// Where mail is handed over: `smtp://host[:25|587]` (STARTTLS, required unless the host is
/// loopback) or `smtps://[user:password@]host[:465]`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) credentials: Option<Credentials>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// Only ever to this very machine.
    Plain,
    StartTls,
    Tls,
}

/// Why a text is no [`SmtpUrl`]. Never repeats the text, which may hold a password.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SmtpUrlError {
    /// Not a URL at all.
    #[error("the mail server is not a URL such as smtps://user:password@mail.example.com")]
    Url(#[source] url::ParseError),
    /// Another scheme.
    #[error("the mail server's URL must begin with smtp:// or smtps://")]
    Scheme,
    /// No host.
    #[error("the mail server's URL names no host")]
    Host,
    /// The user or password is not percent-encoded UTF-8.
    #[error("the mail server's user or password is not percent-encoded UTF-8")]
    Credentials,
}

impl FromStr for SmtpUrl {
    type Err = SmtpUrlError;

    fn from_str(text: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(text).map_err(SmtpUrlError::Url)?;
        let tls = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(SmtpUrlError::Scheme),
        };
        let host = url.host_str().ok_or(SmtpUrlError::Host)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        // For a scheme the URL standard does not know, even an IPv4 address parses as a name.
        let loopback = match url.host() {
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(_) => host == "localhost" || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback()),
            None => false,
        };
        let security = match (tls, loopback) {
            (true, _) => Security::Tls,
            (false, true) => Security::Plain,
            (false, false) => Security::StartTls,
        };
        let port = url.port().unwrap_or(match security {
            Security::Plain => 25,
            Security::StartTls => 587,
            Security::Tls => 465,
        });
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decoded(url.username())?, decoded(password)?)),
            None => None,
        };
        Ok(Self {
            host,
            port,
            security,
            credentials,
        })
    }
}

/// Percent-decoding of the user and password parts.
fn decoded(part: &str) -> Result<String, SmtpUrlError> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let byte = after
                .get(..2)
                .and_then(|hex| std::str::from_utf8(hex).ok())
                .and_then(|hex| u8::from_str_radix(hex, 16).ok())
                .ok_or(SmtpUrlError::Credentials)?;
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).map_err(|_| SmtpUrlError::Credentials)
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.security == Security::Tls {
            "smtps"
        } else {
            "smtp"
        };
        write!(formatter, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The servers mail is handed to.
#[derive(Debug, Clone)]
pub struct Transports {
    /// Takes the mail of sandbox organizations and shows it; nothing leaves it.
    pub capture: SmtpUrl,
    /// Takes the mail of live organizations; without it their mail waits.
    pub live: Option<SmtpUrl>,
}

impl Transports {
    /// The server for a sandbox's or a live organization's mail.
    pub fn for_kind(&self, sandbox: bool) -> Option<&SmtpUrl> {
        if sandbox {
            Some(&self.capture)
        } else {
            self.live.as_ref()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_goes_without_tls() {
        for (text, security, port) in [
            ("smtp://127.0.0.1:2525", Security::Plain, 2525),
            ("smtp://localhost", Security::Plain, 25),
            ("smtp://[::1]:2525", Security::Plain, 2525),
            ("smtp://mail.example.com", Security::StartTls, 587),
            ("smtp://127.0.0.1.example.com", Security::StartTls, 587),
            ("smtp://10.0.0.1:25", Security::StartTls, 25),
            ("smtps://mail.example.com", Security::Tls, 465),
        ] {
            let parsed: SmtpUrl = text.parse().unwrap();
            assert_eq!((parsed.security, parsed.port), (security, port), "{text}");
        }
        assert_eq!("http://mail.example.com".parse::<SmtpUrl>(), Err(SmtpUrlError::Scheme));
    }

    #[test]
    fn a_password_is_decoded_and_never_shown() {
        let parsed: SmtpUrl = "smtps://ada:s%40fe%20one@mail.example.com".parse().unwrap();
        assert_eq!(
            parsed.credentials,
            Some(Credentials::new("ada".to_owned(), "s@fe one".to_owned()))
        );
        assert_eq!(format!("{parsed:?} {parsed}").matches("fe one").count(), 0);
    }
}
