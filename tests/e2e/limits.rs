//! Limits. Too fast is a pause, not an error: nothing is lost, and nobody else waits. Too many is
//! said to who comes, not to who is there.

use std::time::{Duration, Instant};

use protocol::{
    ClientFrame, ErrorCode, PageLimit, RoomName, ServerFrame, client, close,
    server::{Bye, ByeReason},
};
use server::{Config, Storage};
use tests::{Closing, ServerProcess, TestClient, TestServer, fresh_id};

#[tokio::test]
async fn a_burst_of_a_hundred_messages_arrives_as_a_whole() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    ana.join("lobby").await;
    bob.join("lobby").await;
    let (mut ids, start) = (Vec::new(), Instant::now());
    for number in 1..=100 {
        ids.push(ana.say("lobby", &format!("m{number}")).await);
    }
    // Somebody else does not wait meanwhile.
    let early = bob.say_acked("lobby", "me too").await;
    assert!(early.seq.get() < 100, "Bob waited for Ana's burst: {early:?}");
    let events = bob.events_until(101).await;
    let own: Vec<_> = events.iter().filter(|event| event.from.as_str() == "Ana").collect();
    assert_eq!(own.iter().map(|event| event.id.clone()).collect::<Vec<_>>(), ids);
    for id in &ids {
        ana.ack(id).await;
    }
    // Thirty at once and ten a second: on no machine can it have taken less.
    assert!(start.elapsed() >= Duration::from_millis(6_900), "it was not slowed down");
}

#[tokio::test]
async fn a_hundred_and_fifty_pipelined_requests_are_all_answered_in_order() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    ana.join("lobby").await;
    let mut ids = Vec::new();
    for _ in 0..150 {
        let id = fresh_id();
        let (room, limit) = (RoomName::lobby(), PageLimit::MAX);
        let frame =
            client::History { id: Some(id.clone()), room, before: None, after: None, limit };
        ana.send(&ClientFrame::History(frame)).await;
        ids.push(id);
    }
    for id in ids {
        let answered = ana
            .wait_for("a page", |frame| match frame {
                ServerFrame::Page(page) => Some(page.id.clone()),
                ServerFrame::Error(error) => panic!("{error:?}"),
                _ => None,
            })
            .await;
        assert_eq!(answered, Some(id));
    }
}

#[tokio::test]
async fn too_many_renames_are_refused_for_a_while() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    for name in ["Ana1", "Ana2", "Ana3"] {
        ana.send_text(&format!(r#"{{"type":"name","name":"{name}"}}"#)).await;
        ana.wait_for("renamed", |frame| matches!(frame, ServerFrame::Renamed(_)).then_some(()))
            .await;
    }
    ana.send_text(r#"{"type":"name","name":"Ana4"}"#).await;
    let error = ana.refused(ErrorCode::RateLimited).await;
    assert!(error.retry_after_ms.is_some_and(|ms| (1..=60_000).contains(&ms)), "{error:?}");
}

#[tokio::test]
async fn who_finds_the_hub_full_is_told_in_answer_to_hello() {
    let config = |config: &mut Config| config.connections_max = 2;
    turned_away(config, "the hub is full; try again later").await;
}

#[tokio::test]
async fn who_comes_too_often_from_one_address_is_told_so() {
    let config = |config: &mut Config| config.per_address_max = 2;
    turned_away(config, "too many connections from your address").await;
}

/// The third connection is told that there is no place; when one has gone, it gets in.
async fn turned_away(limit: impl Fn(&mut Config), words: &str) {
    let mut config = Config::new(Storage::Memory);
    limit(&mut config);
    let server = TestServer::with(config);
    let (ana, mut bob) = (server.guest("Ana").await, server.guest("Bob").await);
    let mut cyd = TestClient::connect(server.address()).await;
    let error = cyd.hello("Cyd", None).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::ServerFull);
    assert!(error.text.contains(words), "{error:?}");
    assert!(error.retry_after_ms.is_some() && error.id.is_some(), "{error:?}");
    assert_eq!(cyd.closed().await, Closing::Code(close::FULL));
    // Those who are in notice nothing.
    bob.alive().await;
    ana.close().await;
    // The place is free once the hub has seen the end of Ana's connection.
    let deadline = Instant::now() + tests::PATIENCE;
    while let Err(error) = server.try_guest("Cyd").await {
        assert!(Instant::now() < deadline, "{error:?}");
    }
}

#[tokio::test]
async fn who_asks_for_nothing_is_told_to_go_where_the_operator_wants_that() {
    let server = ServerProcess::start(None, &["--idle-timeout", "1s"]);
    let mut ana = TestClient::guest(server.address(), "Ana").await;
    ana.join("lobby").await;
    let bye = ana.wait_for("bye", |frame| match frame {
        ServerFrame::Bye(bye) => Some(bye.clone()),
        _ => None,
    });
    assert_eq!(bye.await, Bye { reason: ByeReason::Idle, retry_after_ms: None });
    assert_eq!(ana.closed().await, Closing::Code(close::IDLE));
}
