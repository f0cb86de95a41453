//! One ESMTP conversation (RFC 5321, with SIZE and 8BITMIME), from greeting to goodbye.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::script::Scripted;
use super::store::Inbox;

/// Largest message.
pub(super) const MAX_MESSAGE_BYTES: usize = 10 * 1024 * 1024;

/// Longest command line, RFC 5321 section 4.5.3.1.4 doubled; longer text lines are taken in pieces.
const MAX_LINE_BYTES: u64 = 1024;

/// Most recipients of one message.
const MAX_RECIPIENTS: usize = 100;

/// Longest silence of the client.
const IDLE: Duration = Duration::from_mins(1);

/// The message being offered.
struct Offer {
    from: String,
    to: Vec<String>,
    answer: Scripted,
}

/// What to do after a command.
enum Next {
    Answer(&'static str),
    Custom(String),
    Data,
    Goodbye,
}

pub(super) async fn converse(stream: TcpStream, inbox: &Inbox) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut greeted = false;
    let mut offer: Option<Offer> = None;
    say(&mut stream, "220 coterie inbox ESMTP").await?;
    while let Some(line) = read_line(&mut stream).await? {
        let Some(line) = line.strip_suffix(b"\r\n") else {
            say(&mut stream, "500 the line is too long or not ended by CRLF").await?;
            return Ok(());
        };
        match command(&String::from_utf8_lossy(line), &mut greeted, &mut offer, inbox) {
            Next::Answer(answer) => say(&mut stream, answer).await?,
            Next::Custom(answer) => say(&mut stream, &answer).await?,
            Next::Goodbye => return say(&mut stream, "221 goodbye").await,
            Next::Data => {
                let Some(offer) = offer.take() else { continue };
                say(&mut stream, "354 end with a line holding one dot").await?;
                let Some(message) = read_message(&mut stream).await? else {
                    return Ok(());
                };
                match receive(offer, message, inbox).await? {
                    Some(answer) => say(&mut stream, &answer).await?,
                    None => return Ok(()),
                }
            }
        }
    }
    Ok(())
}

fn command(line: &str, greeted: &mut bool, offer: &mut Option<Offer>, inbox: &Inbox) -> Next {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" => {
            (*greeted, *offer) = (true, None);
            Next::Custom(format!("250-coterie\r\n250-8BITMIME\r\n250 SIZE {MAX_MESSAGE_BYTES}"))
        }
        "HELO" => {
            (*greeted, *offer) = (true, None);
            Next::Answer("250 coterie")
        }
        "MAIL" if !*greeted => Next::Answer("503 say EHLO first"),
        "MAIL" if offer.is_some() => Next::Answer("503 one message at a time"),
        "MAIL" => match path(rest, "FROM:") {
            Some((_, parameters)) if too_large(parameters) => Next::Answer("552 the message is too large"),
            Some((from, _)) => {
                *offer = Some(Offer {
                    from: from.to_owned(),
                    to: Vec::new(),
                    answer: inbox.next_answer(),
                });
                Next::Answer("250 ok")
            }
            None => Next::Answer("501 MAIL FROM:<address>"),
        },
        "RCPT" => match (offer, path(rest, "TO:")) {
            (None, _) => Next::Answer("503 MAIL FROM first"),
            (Some(_), None | Some(("", _))) => Next::Answer("501 RCPT TO:<address>"),
            (Some(offer), _) if offer.to.len() >= MAX_RECIPIENTS => Next::Answer("452 too many recipients"),
            (
                Some(Offer {
                    answer: Scripted::Recipient(code),
                    ..
                }),
                _,
            ) => Next::Custom(scripted(*code)),
            (Some(offer), Some((to, _))) => {
                offer.to.push(to.to_owned());
                Next::Answer("250 ok")
            }
        },
        "DATA" => match offer {
            Some(offer) if !offer.to.is_empty() => Next::Data,
            _ => Next::Answer("503 MAIL FROM and RCPT TO first"),
        },
        "RSET" => {
            *offer = None;
            Next::Answer("250 ok")
        }
        "NOOP" => Next::Answer("250 ok"),
        "VRFY" => Next::Answer("252 send it and see"),
        "QUIT" => Next::Goodbye,
        _ => Next::Answer("502 not known here"),
    }
}

/// Keeps the message or does as the script says; `None` is to hang up.
async fn receive(offer: Offer, message: Message, inbox: &Inbox) -> io::Result<Option<String>> {
    let Message::Whole(bytes) = message else {
        return Ok(Some("552 the message is too large".to_owned()));
    };
    match offer.answer {
        Scripted::Take | Scripted::Recipient(_) => {
            let number = inbox.deliver(offer.from, offer.to, bytes).await?;
            Ok(Some(format!("250 kept as {number}")))
        }
        Scripted::Message(code) => Ok(Some(scripted(code))),
        Scripted::HangUp => Ok(None),
        Scripted::KeepAndHangUp => {
            inbox.deliver(offer.from, offer.to, bytes).await?;
            Ok(None)
        }
    }
}

fn scripted(code: u16) -> String {
    format!("{code} as the script says")
}

/// The address between angle brackets after `FROM:` or `TO:`, and the parameters behind it.
fn path<'a>(rest: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let named = rest.get(..keyword.len())?.eq_ignore_ascii_case(keyword);
    let inside = rest.get(keyword.len()..)?.trim_start().strip_prefix('<')?;
    let (address, parameters) = inside.split_once('>')?;
    let plain = !address.chars().any(|c| c.is_whitespace() || c.is_control());
    (named && plain).then_some((address, parameters))
}

/// Whether the client announces (RFC 1870) more than is taken.
fn too_large(parameters: &str) -> bool {
    parameters
        .split_whitespace()
        .any(|parameter| match parameter.split_once('=') {
            Some((name, size)) if name.eq_ignore_ascii_case("SIZE") => {
                size.parse::<usize>().map_or(true, |size| size > MAX_MESSAGE_BYTES)
            }
            _ => false,
        })
}

enum Message {
    Whole(Vec<u8>),
    TooLarge,
}

/// Reads up to the line with one dot and takes the doubled dots away; `None` if the client goes before.
async fn read_message(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Message>> {
    let mut bytes = Vec::new();
    let (mut line_starts, mut too_large) = (true, false);
    while let Some(piece) = read_line(stream).await? {
        if line_starts && piece == b".\r\n" {
            return Ok(Some(if too_large {
                Message::TooLarge
            } else {
                Message::Whole(bytes)
            }));
        }
        let text = if line_starts {
            piece.strip_prefix(b".").unwrap_or(&piece)
        } else {
            &piece
        };
        // Reading on and keeping nothing: the client hears of it at the end, as the protocol has it.
        too_large |= bytes.len() + text.len() > MAX_MESSAGE_BYTES;
        if !too_large {
            bytes.extend_from_slice(text);
        }
        line_starts = piece.ends_with(b"\r\n");
    }
    Ok(None)
}

/// A line with its end, or a piece of at most [`MAX_LINE_BYTES`]; `None` at the end of the connection.
async fn read_line(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let reading = async {
        let mut limited = (&mut *stream).take(MAX_LINE_BYTES);
        limited.read_until(b'\n', &mut line).await
    };
    let read = tokio::time::timeout(IDLE, reading)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok((read > 0).then_some(line))
}

async fn say(stream: &mut BufReader<TcpStream>, answer: &str) -> io::Result<()> {
    let write = async {
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        stream.flush().await
    };
    tokio::time::timeout(IDLE, write)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}
