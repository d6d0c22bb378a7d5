//! A hub that is told to stop says goodbye and keeps what it acked.

use protocol::{
    ServerFrame, close,
    server::{Bye, ByeReason},
};
use tests::{Closing, ServerProcess, TestClient, TestServer};

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
    assert_eq!(goodbye.reason, ByeReason::Restart);
    assert!(goodbye.retry_after_ms.is_some_and(|ms| ms <= 5000), "{goodbye:?}");
    assert_eq!(ana.closed().await, Closing::Code(close::RESTART));
    assert_eq!(server.wait().code(), Some(0));

    let mut last = first;
    while let Some(seq) = ana.take_unread(acked) {
        last = seq;
    }
    server.restart();
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    let joined = bob.join_after("lobby", Some(0)).await;
    assert!(joined.head.get() >= last, "acked up to {last}, kept up to {}", joined.head);
    for (number, event) in (1..).zip(bob.events_until(joined.head.get()).await) {
        assert_eq!(event.text.expect("a text").as_str(), format!("m{number}"));
    }
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
