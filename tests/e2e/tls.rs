//! TLS: the same chat as without, and what can be wrong before and under it.

mod client;

use std::{
    io::ErrorKind,
    path::Path,
    time::{Duration, Instant},
};

use protocol::{ErrorCode, ServerFrame, close};
use server::{Config, Storage, tls::Tls};
use tests::{
    Certificate, Closing, Launch, PATIENCE, ServerProcess, TestClient, TestServer, run_to_end,
    secret,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// How long the way from TCP to a WebSocket may take.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// The first byte of an alert of TLS.
const ALERT: u8 = 0x15;

/// A hub with TLS in a process of its own.
fn process(certificate: &Certificate, data: Option<&Path>) -> ServerProcess {
    let launch = Launch::new(data, &["--rate", "0"])
        .with_variable("HUBBUB_TLS_CERT", certificate.cert())
        .with_variable("HUBBUB_TLS_KEY", certificate.key());
    ServerProcess::launch(launch)
}

/// A hub with TLS in this process.
fn server(certificate: &Certificate, change: impl FnOnce(&mut Config)) -> TestServer {
    let mut config = Config::new(Storage::Memory);
    config.rate = 0;
    config.tls = Some(Tls::load(&certificate.cert(), &certificate.key()).expect("a certificate"));
    change(&mut config);
    TestServer::with(config)
}

#[tokio::test]
async fn two_talk_and_both_find_what_was_said_after_a_restart() {
    let (certificate, data) = (Certificate::new(), tempfile::tempdir().expect("a directory"));
    let mut hub = process(&certificate, Some(data.path()));
    let mut ana = certificate.person(hub.address(), "Ana", 1).await;
    let mut bob = certificate.person(hub.address(), "Bob", 2).await;
    ana.join("lobby").await;
    bob.join("lobby").await;
    let first = ana.say_acked("lobby", "hi Bob").await;
    assert_eq!(bob.event_saying("hi Bob").await.seq, first.seq);
    bob.say("lobby", "hi Ana").await;
    ana.event_saying("hi Ana").await;
    ana.close().await;
    hub.kill();
    assert_eq!(bob.closed().await, Closing::Cut);

    hub.restart();
    let mut ana = certificate.person(hub.address(), "Ana", 1).await;
    ana.join_after("lobby", Some(0)).await;
    ana.event_saying("hi Bob").await;
    ana.event_saying("hi Ana").await;
    let page = ana.history("lobby", None, 10).await;
    assert_eq!(page.events.first().map(|event| event.seq), Some(first.seq));
}

#[tokio::test]
async fn who_stops_reading_holds_up_nobody_and_catches_up() {
    let certificate = Certificate::new();
    let hub = server(&certificate, |_| {});
    let stream = certificate.connect_narrow(hub.address()).await;
    let mut slow = TestClient::over(stream, hub.address()).await;
    slow.hello("Slow", Some(secret(1))).await.expect("welcome");
    slow.join("lobby").await;
    let mut ana = certificate.person(hub.address(), "Ana", 2).await;
    let mut bob = certificate.person(hub.address(), "Bob", 3).await;
    ana.join("lobby").await;
    bob.join("lobby").await;
    // More than the buffers of a pair, of TLS and of two sockets take, and than a ring.
    let (text, mut last) = ("x".repeat(4000), 0);
    for _ in 0..3000 {
        last = ana.say_acked("lobby", &text).await.seq.get();
        while ana.take_unread(|frame| Some(frame.clone())).is_some() {}
    }
    assert_eq!(bob.events_until(last).await.len() as u64, last);
    let events = slow.events_until(last).await;
    assert!(events.windows(2).all(|pair| pair[0].seq.get() + 1 == pair[1].seq.get()));
    slow.say_acked("lobby", "here I am").await;
    bob.event_saying("here I am").await;
}

#[tokio::test]
async fn a_handshake_that_does_not_go_on_is_over_after_five_seconds() {
    let certificate = Certificate::new();
    let hub = server(&certificate, |_| {});
    let start = Instant::now();
    let silent = TcpStream::connect(hub.address()).await.expect("connect");
    let mut halfway = TcpStream::connect(hub.address()).await.expect("connect");
    // The header of a record, and the first byte of a `ClientHello` that never comes.
    halfway.write_all(&[0x16, 3, 1, 1, 0, 1]).await.expect("write");
    // TLS is there, and no HTTP comes.
    let mut secure = certificate.connect(hub.address()).await;
    for stream in [silent, halfway] {
        assert_eq!(rest(stream).await, b"", "no word is owed to whoever says nothing");
    }
    let read = timeout(PATIENCE, secure.read_u8()).await.expect("waited for the end");
    assert!(read.is_err());
    let took = start.elapsed();
    assert!(took >= HANDSHAKE.mul_f32(0.9), "they had {took:?}");
    certificate.person(hub.address(), "Ana", 1).await.alive().await;
}

#[tokio::test]
async fn who_speaks_no_tls_gets_an_alert() {
    let certificate = Certificate::new();
    let hub = server(&certificate, |_| {});
    let mut plain = TcpStream::connect(hub.address()).await.expect("connect");
    let request = tests::raw::upgrade_request(hub.address());
    plain.write_all(request.as_bytes()).await.expect("write");
    assert_eq!(rest(plain).await.first(), Some(&ALERT));
    certificate.person(hub.address(), "Ana", 1).await.alive().await;
}

#[tokio::test]
async fn a_hub_that_stops_says_goodbye() {
    let certificate = Certificate::new();
    let mut hub = process(&certificate, None);
    let mut ana = certificate.person(hub.address(), "Ana", 1).await;
    hub.terminate();
    ana.wait_for("bye", |frame| matches!(frame, ServerFrame::Bye(_)).then_some(())).await;
    assert_eq!(ana.closed().await, Closing::Code(close::SHUTDOWN));
    // The end of TLS comes before that of TCP: nobody has cut anything off.
    let end = timeout(PATIENCE, ana.socket().get_mut().read(&mut [0])).await;
    assert_eq!(end.expect("waited for the end").expect("a clean end"), 0);
    drop(ana);
    assert_eq!(hub.wait().code(), Some(0));
}

#[tokio::test]
async fn who_finds_no_place_is_told_and_one_who_vanishes_makes_room() {
    let certificate = Certificate::new();
    let hub = server(&certificate, |config| config.per_address_max = 1);
    let mut ana = certificate.person(hub.address(), "Ana", 1).await;
    let refused = enter(&certificate, &hub, "Bob").await.expect_err("there is no place");
    assert_eq!(refused, ErrorCode::ServerFull);
    ana.alive().await;
    drop(ana); // Without a word.
    let coming = async { while enter(&certificate, &hub, "Bob").await.is_err() {} };
    timeout(PATIENCE, coming).await.expect("waited for a place");
}

/// Says hello under this name.
async fn enter(
    certificate: &Certificate,
    hub: &TestServer,
    name: &str,
) -> Result<TestClient, ErrorCode> {
    let stream = certificate.connect(hub.address()).await;
    let mut client = TestClient::over(stream, hub.address()).await;
    match client.hello(name, None).await {
        Ok(_) => Ok(client),
        Err(error) => {
            assert_eq!(client.closed().await, Closing::Code(close::FULL));
            Err(error.code)
        }
    }
}

#[tokio::test]
async fn what_breaks_the_rules_of_websocket_is_closed_with_a_code() {
    let certificate = Certificate::new();
    let hub = server(&certificate, |_| {});
    let mut ana = certificate.person(hub.address(), "Ana", 1).await;
    ana.send_binary(vec![1, 2, 3]).await;
    assert_eq!(ana.closed().await, Closing::Code(close::UNSUPPORTED));
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let (mine, other) = (Certificate::new(), Certificate::new());
    let text = |path: std::path::PathBuf| path.to_str().expect("UTF-8").to_owned();
    let (cert, key, strange) = (text(mine.cert()), text(mine.key()), text(other.key()));
    let none = text(mine.directory().join("none.pem"));
    let no_file = format!("the certificate file {none} can't be read: No such file");
    let no_key_file = format!("the key file {none} can't be read: No such file");
    let no_cert = format!("there is no certificate in {key}; it is to have one as PEM");
    let no_key = format!("there is no key in {cert}; it is to have one as PEM");
    let strangers = format!("the key in {strange} does not belong to the certificate in {cert}");
    for (flags, expected) in [
        (vec!["--tls-cert", &none, "--tls-key", &key], no_file.as_str()),
        (vec!["--tls-cert", &cert, "--tls-key", &none], &no_key_file),
        (vec!["--tls-cert", &key, "--tls-key", &key], &no_cert),
        (vec!["--tls-cert", &cert, "--tls-key", &cert], &no_key),
        (vec!["--tls-cert", &cert, "--tls-key", &strange], &strangers),
        (vec!["--tls-cert", &cert], "--tls-cert needs the certificate's key; add --tls-key FILE"),
        (vec!["--tls-key", &key], "--tls-key needs the certificate; add --tls-cert FILE"),
    ] {
        let arguments = [vec!["--memory", "-p", "0"], flags].concat();
        let ended = run_to_end("hubbub-server", &arguments, mine.directory(), PATIENCE);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        let sentence = ended.stderr.strip_prefix("hubbub-server: ").unwrap_or_default();
        assert!(sentence.starts_with(expected), "{arguments:?}: {}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    }
}

/// Everything until the end.
async fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let end = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("waited for the end");
    // What the hub had not read yet makes the end a reset.
    assert!(end.is_ok() || end.is_err_and(|why| why.kind() == ErrorKind::ConnectionReset));
    bytes
}
