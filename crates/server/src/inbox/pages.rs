use askama::Template;
use askama_web::WebTemplate;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::Inbox;
use super::mail::Mail;

/// Messages on one page of the list.
const PAGE: usize = 50;

/// Our own pages: nothing inline, frames only from here.
const OWN_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; \
                          form-action 'none'; frame-ancestors 'none'";

/// A stranger's HTML: may look as it likes and load nothing, runs nothing, is of no origin; its links open a new tab.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'self'; \
                           sandbox allow-popups allow-popups-to-escape-sandbox";

/// The pages that show an inbox: the list at `/`, a message at `/{number}`.
pub fn pages(inbox: Inbox) -> Router {
    Router::new()
        .route("/", get(list))
        .route("/inbox.css", get(style))
        .route("/{number}", get(show))
        .route("/{number}/html", get(html))
        .route("/{number}/raw", get(raw))
        .route("/{number}/attachments/{index}", get(attachment))
        .with_state(inbox)
}

#[derive(Template, WebTemplate)]
#[template(path = "inbox/list.html")]
struct ListPage {
    total: usize,
    rows: Vec<Row>,
    older: Option<u64>,
}

struct Row {
    number: u64,
    subject: String,
    from: String,
    to: String,
    date: String,
}

impl Row {
    fn of(mail: &Mail) -> Self {
        Self {
            number: mail.number,
            subject: mail.subject(),
            from: mail.shown_from(),
            to: mail.shown_to(),
            date: mail.date().unwrap_or_default(),
        }
    }
}

#[derive(serde::Deserialize)]
struct Before {
    before: Option<u64>,
}

async fn list(State(inbox): State<Inbox>, Query(Before { before }): Query<Before>) -> Response {
    let messages = inbox.messages();
    let newest_first = messages
        .iter()
        .rev()
        .filter(|mail| before.is_none_or(|before| mail.number < before));
    let shown: Vec<&Mail> = newest_first.take(PAGE + 1).collect();
    let older = shown.get(PAGE).and(shown.get(PAGE - 1)).map(|mail| mail.number);
    let rows = shown.iter().take(PAGE).map(|mail| Row::of(mail)).collect();
    with_policy(
        OWN_POLICY,
        ListPage {
            total: messages.len(),
            rows,
            older,
        },
    )
}

#[derive(Template, WebTemplate)]
#[template(path = "inbox/message.html")]
struct MessagePage {
    row: Row,
    sandbox: bool,
    text: Vec<Piece>,
    has_html: bool,
    attachments: Vec<File>,
}

struct File {
    filename: String,
    content_type: String,
    bytes: usize,
}

async fn show(State(inbox): State<Inbox>, Path(number): Path<u64>) -> Response {
    let Some(mail) = inbox.message(number) else {
        return missing();
    };
    let file = |file: super::AttachedFile| File {
        filename: file.filename,
        content_type: file.content_type,
        bytes: file.bytes.len(),
    };
    let page = MessagePage {
        row: Row::of(&mail),
        sandbox: mail.header("X-Coterie-Sandbox").is_some(),
        text: pieces(&mail.text()),
        has_html: mail.html().is_some(),
        attachments: mail.attachments().into_iter().map(file).collect(),
    };
    with_policy(OWN_POLICY, page)
}

async fn html(State(inbox): State<Inbox>, Path(number): Path<u64>) -> Response {
    match inbox.message(number).and_then(|mail| mail.html()) {
        Some(html) => {
            let html = html.replacen("<head>", "<head><base target=\"_blank\">", 1);
            with_policy(MAIL_POLICY, ([(CONTENT_TYPE, "text/html; charset=utf-8")], html))
        }
        None => missing(),
    }
}

async fn raw(State(inbox): State<Inbox>, Path(number): Path<u64>) -> Response {
    match inbox.message(number) {
        Some(mail) => with_policy(
            OWN_POLICY,
            ([(CONTENT_TYPE, "text/plain; charset=utf-8")], mail.bytes.to_vec()),
        ),
        None => missing(),
    }
}

async fn attachment(State(inbox): State<Inbox>, Path((number, index)): Path<(u64, usize)>) -> Response {
    let file = inbox
        .message(number)
        .and_then(|mail| mail.attachments().into_iter().nth(index));
    let Some(file) = file else { return missing() };
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let filename: String = file.filename.chars().map(plain).collect();
    let headers = [
        (CONTENT_TYPE, file.content_type),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{filename}\"")),
    ];
    with_policy(OWN_POLICY, (headers, file.bytes))
}

async fn style() -> Response {
    let css = include_str!("../../templates/inbox/inbox.css");
    with_policy(OWN_POLICY, ([(CONTENT_TYPE, "text/css; charset=utf-8")], css))
}

fn missing() -> Response {
    with_policy(OWN_POLICY, (StatusCode::NOT_FOUND, "There is no such message."))
}

fn with_policy(policy: &'static str, body: impl IntoResponse) -> Response {
    let headers: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // The links in mail carry tokens: they tell nobody where they were.
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, body).into_response()
}

/// A stretch of text, or a link in it.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    text: String,
    link: bool,
}

/// Finds the web addresses in a text. Only http and https: nothing else becomes clickable.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = ["http://", "https://"]
        .iter()
        .filter_map(|scheme| rest.find(scheme))
        .min()
    {
        let (before, from) = rest.split_at(start);
        let end = from
            .find(|c: char| c.is_whitespace() || "<>\"".contains(c))
            .unwrap_or(from.len());
        let address = from[..end].trim_end_matches(['.', ',', ';', ':', ')', '!', '?']);
        if !before.is_empty() {
            pieces.push(Piece {
                text: before.to_owned(),
                link: false,
            });
        }
        pieces.push(Piece {
            text: address.to_owned(),
            link: true,
        });
        rest = &from[address.len()..];
    }
    if !rest.is_empty() {
        pieces.push(Piece {
            text: rest.to_owned(),
            link: false,
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_and_end_before_the_full_stop() {
        let found = pieces("See https://a.example/x?y=1. Or (http://b.example), javascript:alert(1).");
        let links: Vec<&str> = found
            .iter()
            .filter(|piece| piece.link)
            .map(|piece| piece.text.as_str())
            .collect();
        assert_eq!(links, ["https://a.example/x?y=1", "http://b.example"]);
        let whole: String = found.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(
            whole,
            "See https://a.example/x?y=1. Or (http://b.example), javascript:alert(1)."
        );
    }
}
