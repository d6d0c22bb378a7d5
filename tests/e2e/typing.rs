//! Who is writing: told to a room, not too often, and not to crowds.

use std::time::{Duration, Instant};

use protocol::{ErrorCode, ServerFrame, UserName, server::Presence};
use tests::{TestClient, TestServer};

#[tokio::test]
async fn who_writes_is_told_to_the_room_and_to_nobody_else() {
    let server = TestServer::in_memory();
    let mut ana = member(&server, "Ana", "lobby").await;
    let mut bob = member(&server, "Bob", "lobby").await;
    let mut eve = member(&server, "Eve", "games").await;
    bob.type_in("lobby").await;
    assert_eq!(told(&mut ana).await, ["Bob"]);
    bob.type_in("games").await;
    bob.refused(ErrorCode::NotInRoom).await;
    assert!(!eve.frames_so_far().await.iter().any(|frame| names(frame).is_some()));
}

#[tokio::test]
async fn a_room_is_told_once_a_second() {
    let server = TestServer::in_memory();
    let mut ana = member(&server, "Ana", "lobby").await;
    let mut writers =
        [member(&server, "Bob", "lobby").await, member(&server, "Cyd", "lobby").await];
    let begin = Instant::now();
    for _ in 0..10 {
        for writer in &mut writers {
            writer.type_in("lobby").await;
        }
    }
    for writer in &mut writers {
        writer.alive().await;
    }
    assert_eq!(told(&mut ana).await.len(), 1, "at once");
    assert_eq!(told(&mut ana).await, ["Bob", "Cyd"]);
    assert!(begin.elapsed() >= Duration::from_secs(1), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_crowd_is_not_told() {
    let server = TestServer::in_memory();
    let mut ana = member(&server, "Ana", "lobby").await;
    let mut crowd = Vec::new();
    for number in 1..=100 {
        crowd.push(member(&server, &format!("g{number}"), "lobby").await);
    }
    let mut bob = crowd.pop().unwrap();
    counted(&mut ana, 101).await;
    bob.type_in("lobby").await;
    bob.alive().await;
    assert!(!ana.frames_so_far().await.iter().any(|frame| names(frame).is_some()));
    crowd.pop().unwrap().close().await;
    counted(&mut ana, 100).await;
    bob.type_in("lobby").await;
    assert_eq!(told(&mut ana).await, ["g100"]);
}

async fn member(server: &TestServer, name: &str, room: &str) -> TestClient {
    let mut client = server.guest(name).await;
    client.join(room).await;
    client
}

/// Waits until so many are in the room.
async fn counted(client: &mut TestClient, members: u32) {
    client
        .wait_for("the crowd", |frame| match frame {
            ServerFrame::Presence(Presence { count, .. }) if *count == members => Some(()),
            _ => None,
        })
        .await;
}

async fn told(client: &mut TestClient) -> Vec<String> {
    client.wait_for("somebody to write", names).await
}

fn names(frame: &ServerFrame) -> Option<Vec<String>> {
    let strings = |names: &[UserName]| names.iter().map(ToString::to_string).collect();
    match frame {
        ServerFrame::Typing(typing) => Some(strings(&typing.names)),
        _ => None,
    }
}
