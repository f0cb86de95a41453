use std::time::Duration;

use coterie_server::inbox::{Inbox, pages};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use super::{Post, receipt};

/// The inbox's pages on a port of their own.
async fn serve(inbox: Inbox) -> (String, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = async move { axum::serve(listener, pages(inbox)).await.unwrap() };
    (address, AbortOnDropHandle::new(tokio::spawn(server)))
}

#[tokio::test]
async fn the_pages_show_a_message_and_run_nothing_of_it() {
    let post = Post::new().await;
    let mut letter = receipt();
    letter.subject = "<script>alert(1)</script>".to_owned();
    post.queue(&letter).await;
    let _worker = post.start();
    post.inbox.wait_for(|_| true, Duration::from_secs(20)).await.unwrap();
    let (address, _server) = serve(post.inbox.inbox()).await;
    let get = |path: &'static str| {
        let url = format!("{address}{path}");
        async move { reqwest::get(url).await.unwrap() }
    };

    let list = get("/").await;
    let policy = list.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(!policy.contains("unsafe"), "{policy}");
    let list = list.text().await.unwrap();
    assert!(list.contains("href=\"/1\"") && !list.contains("<script>"), "{list}");
    let message = get("/1").await.text().await.unwrap();
    assert!(
        message.contains("<a href=\"http://hafen.localhost:8080/invoices/1?from=mail\""),
        "{message}"
    );
    assert!(message.contains("captured, never sent") && !message.contains("style="));
    let html = get("/1/html").await;
    let policy = html.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.contains("sandbox") && !policy.contains("allow-scripts"),
        "{policy}"
    );
    let file = get("/1/attachments/0").await;
    assert!(
        file.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    assert_eq!(file.bytes().await.unwrap(), receipt().attachments[0].bytes);
    for missing in ["/2", "/2/html", "/1/attachments/1"] {
        assert_eq!(get(missing).await.status(), 404, "{missing}");
    }
}

/// Sends the text and returns everything that is said until the server hangs up.
async fn dialogue(inbox: &coterie_server::inbox::RunningInbox, said: &[u8]) -> String {
    let mut stream = BufReader::new(TcpStream::connect(inbox.addr).await.unwrap());
    let mut greeting = String::new();
    stream.read_line(&mut greeting).await.unwrap();
    stream.write_all(said).await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    answers
        .lines()
        .map(|line| line.get(..4).unwrap_or(line).trim_end())
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::test]
async fn the_server_keeps_to_the_protocol() {
    let dir = std::env::temp_dir().join(format!("coterie-inbox-{}-{}", std::process::id(), line!()));
    let start = || Inbox::start("127.0.0.1:0".parse().unwrap(), Some(dir.clone()));
    let inbox = start().await.unwrap();
    let answers = dialogue(
        &inbox,
        b"MAIL FROM:<a@b.c>\r\nHELO me\r\nRCPT TO:<a@b.c>\r\nMAIL FROM:<> SIZE=100\r\nDATA\r\nRSET\r\nNOOP\r\nFOO\r\n\
          mail from:<a@b.c> BODY=8BITMIME\r\nrcpt to:<x@y.z>\r\ndata\r\n..dot\r\n.\n\r\nlast\r\n.\r\n\
          MAIL FROM:<a@b.c> SIZE=99999999\r\nQUIT\r\n",
    )
    .await;
    assert_eq!(answers, "503 250 503 250 503 250 250 502 250 250 354 250 552 221");
    let kept = inbox.messages();
    assert_eq!(kept.len(), 1);
    // A dot and a bare line feed do not end a message.
    assert_eq!(&*kept[0].bytes, b".dot\r\n\n\r\nlast\r\n");

    let mut large = b"EHLO me\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<x@y.z>\r\nDATA\r\n".to_vec();
    large.extend(std::iter::repeat_n(*b"0123456789abcd\r\n", 700_000).flatten());
    large.extend(b".\r\nNOOP\r\nQUIT\r\n");
    assert_eq!(dialogue(&inbox, &large).await, "250- 250- 250 250 250 354 552 250 221");
    assert_eq!(inbox.messages().len(), 1);

    drop(inbox);
    let again = start().await.unwrap();
    assert_eq!(again.messages().len(), 1);
    assert_eq!(again.messages()[0].bytes, kept[0].bytes);
    std::fs::remove_dir_all(&dir).unwrap();
    assert!(Inbox::start("0.0.0.0:0".parse().unwrap(), None).await.is_err());
}
