//! Rooms: made by the first join, listed, left, and each its own.

use protocol::{
    ClientFrame, ErrorCode, PageLimit, ROOMS_MAX, RoomName, ServerFrame, Topic, client,
    server::Rooms,
};
use tests::{TestClient, TestServer, fresh_id};

#[tokio::test]
async fn a_room_hears_only_what_is_said_in_it() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    for room in ["games", "work"] {
        ana.join(room).await;
    }
    bob.join("games").await;
    ana.say_acked("work", "numbers tonight").await;
    ana.say_acked("games", "chess?").await;
    let first = bob.event().await;
    assert_eq!(first.text.expect("a text").as_str(), "chess?");
    assert_eq!(first.seq.get(), 1, "each room counts for itself");
}

#[tokio::test]
async fn one_room_has_one_name_in_any_case() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    assert_eq!(ana.join("#Games").await.room, bob.join("games").await.room);
    ana.say_acked("GAMES", "chess?").await;
    bob.event_saying("chess?").await;
}

#[tokio::test]
async fn after_left_nothing_of_the_room_comes() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    for client in [&mut ana, &mut bob] {
        client.join("games").await;
        client.join("lobby").await;
    }
    leave(&mut bob, "games").await;
    ana.say_acked("games", "anyone?").await;
    ana.say_acked("lobby", "hello").await;
    let next = bob.event().await;
    assert_eq!(next.room, RoomName::lobby());
    bob.say("games", "too late").await;
    bob.refused(ErrorCode::NotInRoom).await;
}

#[tokio::test]
async fn a_topic_is_told_and_kept() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    ana.join("games").await;
    bob.join("games").await;
    let (id, room) = (fresh_id(), RoomName::parse("games").expect("valid"));
    let text = Topic::parse("chess and go").expect("valid");
    ana.send(&ClientFrame::Topic(client::SetTopic { id: id.clone(), room, text })).await;
    ana.ack(&id).await;
    bob.event_saying("chess and go").await;
    let mut cyd = server.guest("cyd").await;
    assert_eq!(cyd.join("games").await.topic.as_str(), "chess and go");
}

#[tokio::test]
async fn the_list_of_rooms_has_public_rooms_and_ones_own() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    ana.join("games").await;
    bob.join("work").await;
    bob.send_text(r#"{"type":"direct","id":"d","to":"Ana","text":"psst"}"#).await;
    ana.event_saying("psst").await;
    let mut cyd = server.guest("cyd").await;
    let listed = list(&mut cyd, None).await;
    let names: Vec<_> = listed.rooms.iter().map(|room| room.room.as_str()).collect();
    for room in ["lobby", "games", "work"] {
        assert!(names.contains(&room), "{room} is not in {names:?}");
    }
    assert!(!names.iter().any(|room| room.starts_with("dm:")), "{names:?}");
    let games = list(&mut cyd, Some("ga")).await;
    assert_eq!(games.rooms.len(), 1);
    assert_eq!((games.rooms[0].members, games.rooms[0].mine), (1, false));
}

#[tokio::test]
async fn too_many_rooms_are_refused() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    for number in 0..ROOMS_MAX {
        ana.join(&format!("room{number}")).await;
    }
    ana.send_text(r#"{"type":"join","room":"onemore"}"#).await;
    ana.refused(ErrorCode::TooManyRooms).await;
    leave(&mut ana, "room0").await;
    ana.join("onemore").await;
}

async fn leave(client: &mut TestClient, room: &str) {
    let room = RoomName::parse(room).expect("valid");
    let frame = client::Leave { id: Some(fresh_id()), room: room.clone() };
    client.send(&ClientFrame::Leave(frame)).await;
    client
        .wait_for("left", |frame| match frame {
            ServerFrame::Left(left) if left.room == room => Some(()),
            _ => None,
        })
        .await;
}

async fn list(client: &mut TestClient, prefix: Option<&str>) -> Rooms {
    let id = fresh_id();
    let prefix = prefix.map(str::to_owned);
    let frame = client::ListRooms { id: Some(id.clone()), prefix, limit: PageLimit::MAX };
    client.send(&ClientFrame::Rooms(frame)).await;
    client
        .wait_for("rooms", |frame| match frame {
            ServerFrame::Rooms(rooms) if rooms.id.as_ref() == Some(&id) => Some(rooms.clone()),
            _ => None,
        })
        .await
}
