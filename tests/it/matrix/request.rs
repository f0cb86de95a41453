//! How one request of the matrix is put together and sent.

use super::{ids, ids::Ids, judge::Seen, listed::Row, walk::Site};
use coterie_tests::{Answer, Person};
use coterie_web::Access;
use reqwest::{
    Method,
    header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, ORIGIN, SET_COOKIE},
};

/// How somebody shows who she is.
#[derive(Debug, Clone)]
pub enum Proof {
    Nothing,
    Session(String),
    Key(String),
    Administrator(String),
}

/// One request, ready to go.
pub struct Asked<'a> {
    pub row: &'a Row,
    pub method: Method,
    pub proof: &'a Proof,
    /// The site asked: scheme, host, port.
    pub base: &'a str,
    /// The site whose page sends it.
    pub from: &'a str,
    /// A path whose parameters are filled in.
    pub path: String,
    /// What fills the placeholders of body and query.
    pub body_ids: &'a Ids,
}

impl Asked<'_> {
    /// Everything that the request itself names.
    pub fn text(&self) -> String {
        format!(
            "{} {}",
            self.path,
            ids::filled(self.row.sent().unwrap_or_default(), self.body_ids)
        )
    }

    /// Sends it. The browser is shared; its session is set anew each time, because answers may change it.
    pub async fn send(&self, browser: &Person) -> Answer {
        let person = browser.at(self.base);
        let (query, body) = self.row.sent().map_or(("", ""), |sent| match sent.strip_prefix('?') {
            Some(_) => (sent, ""),
            None => ("", sent),
        });
        let path = format!("{}{}", self.path, ids::filled(query, self.body_ids));
        let mut request = person.request(self.method.clone(), &path);
        person.set_cookie("session", "");
        person.set_cookie("platform", "");
        match self.proof {
            Proof::Nothing => {}
            Proof::Session(token) => person.set_cookie("session", token),
            Proof::Administrator(session) => person.set_cookie("platform", session),
            Proof::Key(key) => request = request.header(AUTHORIZATION, format!("Bearer {key}")),
        }
        if self.method == Method::GET || self.method == Method::HEAD {
            return person.send(request).await;
        }
        let site = if self.from == self.base {
            "same-origin"
        } else {
            "same-site"
        };
        request = request.header(ORIGIN, self.from).header("sec-fetch-site", site);
        let media = match self.row.access {
            Access::ApiKey => "application/json",
            _ => "application/x-www-form-urlencoded",
        };
        let body = ids::filled(body, self.body_ids);
        person.send(request.header(CONTENT_TYPE, media).body(body)).await
    }
}

/// What the judge looks at.
pub fn seen(answer: &Answer) -> Seen {
    let header = |name| answer.headers.get(name).and_then(|value| value.to_str().ok());
    // `error:` and what follows, as the flash cookie writes it.
    let cookies = answer.headers.get_all(SET_COOKIE).into_iter();
    let tells_error = cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .any(|cookie| cookie.starts_with("flash=ZXJyb3I6"));
    Seen {
        status: answer.status.as_u16(),
        location: header(LOCATION).unwrap_or_default().to_owned(),
        content_type: header(CONTENT_TYPE).unwrap_or_default().to_owned(),
        tells_error,
    }
}

impl Site {
    /// A browser that nobody has used.
    pub fn browser(&self) -> Person {
        Person::new(&self.platform)
    }
}
