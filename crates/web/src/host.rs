//! Which surface a host name stands for: the installation's own, or a chain's.

use std::{fmt, str::FromStr};

use http::{HeaderMap, Uri, header};

/// Where the installation is reached: scheme and authority, no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    host: String,
    port: Option<u16>,
}

/// `COTERIE_PUBLIC_URL` is not of the form `http(s)://host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the public URL must look like https://coterie.example or http://localhost:8080")]
pub struct PublicUrlError;

impl PublicUrl {
    /// Whether cookies are `Secure` and HSTS is sent.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The installation's host name, without port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The address of a chain below the installation's host, on the same scheme and port.
    #[must_use]
    pub fn of_chain(&self, slug: &str) -> Self {
        Self {
            host: format!("{slug}.{}", self.host),
            ..self.clone()
        }
    }

    /// Whether a normalised host is the installation's own.
    pub(crate) fn is_platform(&self, host: &str) -> bool {
        self.host == host
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(formatter, "{scheme}://{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(formatter, ":{port}"))
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| PublicUrlError)?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(PublicUrlError),
        };
        let host = normalise(uri.host().ok_or(PublicUrlError)?);
        if host.is_empty() || !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(PublicUrlError);
        }
        Ok(Self {
            https,
            host,
            port: uri.port_u16(),
        })
    }
}

/// The host a request was made to: lower case, without port and trailing dot.
/// HTTP/2 puts it into the target, HTTP/1.1 into a header.
pub(crate) fn of_request(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let authority = uri
        .authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| headers.get(header::HOST)?.to_str().ok())?;
    let authority: http::uri::Authority = authority.parse().ok()?;
    Some(normalise(authority.host())).filter(|host| !host.is_empty())
}

fn normalise(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_scheme_host_and_port() {
        let url: PublicUrl = "http://LocalHost:8080/".parse().unwrap();
        assert_eq!(url.to_string(), "http://localhost:8080");
        assert_eq!(url.of_chain("harbour").to_string(), "http://harbour.localhost:8080");
        assert!(!url.is_https());
        for wrong in [
            "localhost:8080",
            "ftp://host",
            "https://host/path",
            "",
            "https://host/?q=1",
        ] {
            assert_eq!(wrong.parse::<PublicUrl>(), Err(PublicUrlError), "{wrong}");
        }
    }

    #[test]
    fn the_host_header_is_normalised() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "Harbour.Localhost.:8080".parse().unwrap());
        let host = of_request(&Uri::from_static("/bookings"), &headers);
        assert_eq!(host.as_deref(), Some("harbour.localhost"));
        assert_eq!(of_request(&Uri::from_static("/"), &HeaderMap::new()), None);
    }
}
