//! A hub that is told to stop says goodbye and keeps what it acked.

use protocol::{
    ServerFrame, close,
    server::{Bye, ByeReason},
};
use rustix::process::Signal;
use tests::{Closing, ServerProcess, TestClient, TestServer, signal};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

#[tokio::test]
async fn sigterm_drains_and_keeps_everything_acked() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(directory.path()), &["--rate", "0"]);
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    ana.join("lobby").await;
    for number in 1..=50 {
        ana.say("lobby", &format!("m{number}")).await;
    }
    let first = ana.wait_for("the first ack", acked).await;
    assert_eq!(first, 1);
    server.terminate();
    let goodbye = bye(&mut ana).await;
    assert_eq!(goodbye.reason, ByeReason::Shutdown);
    assert!(goodbye.retry_after_ms.is_some_and(|ms| ms <= 5000), "{goodbye:?}");
    assert_eq!(ana.closed().await, Closing::Code(close::SHUTDOWN));
    assert_eq!(server.wait().code(), Some(0));

    let mut last = first;
    while let Some(seq) = ana.take_unread(acked) {
        last = seq;
    }
    server.restart();
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    let joined = bob.join_after("lobby", Some(0)).await;
    assert_eq!(joined.head.get(), last, "what was stored was acked, and the other way round");
    for (number, event) in (1..).zip(bob.events_until(joined.head.get()).await) {
        assert_eq!(event.text.expect("a text").as_str(), format!("m{number}"));
    }
}

#[tokio::test]
async fn a_restart_is_told_from_a_stop() {
    let mut server = ServerProcess::start(None, &[]);
    let mut ana = TestClient::guest(server.address(), "Ana").await;
    signal(server.id(), Signal::USR1);
    assert_eq!(bye(&mut ana).await.reason, ByeReason::Restart);
    assert_eq!(ana.closed().await, Closing::Code(close::RESTART));
    assert_eq!(server.wait().code(), Some(0));
}

#[tokio::test]
async fn everyone_comes_back_at_another_time() {
    let mut server = ServerProcess::start(None, &[]);
    let mut clients = Vec::new();
    for number in 0..10 {
        clients.push(TestClient::guest(server.address(), &format!("g{number}")).await);
    }
    signal(server.id(), Signal::USR1);
    let mut waits = Vec::new();
    for client in &mut clients {
        waits.push(bye(client).await.retry_after_ms.expect("when to come back"));
    }
    waits.sort_unstable();
    let steps = waits.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(steps.clone().all(|step| step == 500), "spread over 5 s: {waits:?}");
    for client in &mut clients {
        client.closed().await;
    }
    assert_eq!(server.wait().code(), Some(0));
}

#[tokio::test]
async fn a_second_signal_ends_the_hub_at_once() {
    let mut server = ServerProcess::start(None, &[]);
    // One who hears the goodbye and does not go: the drain would wait for them.
    let mut ana = TestClient::guest(server.address(), "Ana").await;
    server.terminate();
    bye(&mut ana).await;
    server.terminate();
    assert_eq!(server.wait().code(), Some(130));
}

#[tokio::test]
async fn a_hub_that_stops_is_alive_and_not_ready() {
    let server = ServerProcess::start(None, &[]);
    let mut http = TcpStream::connect(server.address()).await.expect("connect");
    assert_eq!(status(&mut http, "/readyz").await, "200");
    let mut ana = TestClient::guest(server.address(), "Ana").await;
    server.terminate();
    bye(&mut ana).await;
    assert_eq!(status(&mut http, "/readyz").await, "503");
    assert_eq!(status(&mut http, "/livez").await, "200");
    assert_eq!(status(&mut http, "/healthz").await, "200");
}

#[tokio::test]
async fn a_hub_that_does_not_come_back_says_so() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    server.stop(ByeReason::Shutdown).await;
    assert_eq!(bye(&mut ana).await.reason, ByeReason::Shutdown);
    assert_eq!(ana.closed().await, Closing::Code(close::SHUTDOWN));
}

#[tokio::test]
async fn the_port_is_free_again_at_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(directory.path()), &[]);
    for _ in 0..3 {
        let _client = TestClient::guest(server.address(), "Ana").await;
        server.terminate();
        assert_eq!(server.wait().code(), Some(0));
        server.restart();
    }
}

async fn bye(client: &mut TestClient) -> Bye {
    client
        .wait_for("bye", |frame| match frame {
            ServerFrame::Bye(bye) => Some(bye.clone()),
            _ => None,
        })
        .await
}

fn acked(frame: &ServerFrame) -> Option<u64> {
    match frame {
        ServerFrame::Ack(ack) => Some(ack.seq.get()),
        _ => None,
    }
}

/// The status of an answer on a connection that stays open.
async fn status(http: &mut TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: hub\r\n\r\n");
    http.write_all(request.as_bytes()).await.expect("write");
    let mut answer = String::new();
    while !answer.ends_with('\n') || !answer.contains("\r\n\r\n") {
        let mut bytes = [0; 512];
        let read = http.read(&mut bytes).await.expect("read");
        assert_ne!(read, 0, "closed after {answer:?}");
        answer.push_str(std::str::from_utf8(&bytes[..read]).expect("UTF-8"));
    }
    answer.split(' ').nth(1).expect("a status").to_owned()
}
