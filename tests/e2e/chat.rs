//! People talk: in a room, under new names, privately; and a retry adds nothing.

use protocol::{
    Addressee, ClientFrame, ErrorCode, EventKind, MessageText, RequestId, ServerFrame, UserName,
    client,
    server::{Ack, Durability, Joined, Renamed},
};
use tests::{TestClient, TestServer, fresh_id};

#[tokio::test]
async fn what_one_says_the_other_hears() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    ana.join("lobby").await;
    bob.join("lobby").await;

    let ack = ana.say_acked("lobby", "hi Bob").await;
    let heard = bob.event().await;
    assert_eq!(heard, ana.event().await, "one's own event is everyone's");
    assert_eq!((heard.from.as_str(), heard.kind), ("Ana", EventKind::Message));
    assert_eq!((heard.seq, &heard.id, heard.at), (ack.seq, &ack.id, ack.at));

    bob.say_acked("lobby", "hi Ana").await;
    assert_eq!(ana.event().await.seq, ack.seq.next());
}

#[tokio::test]
async fn the_welcome_says_what_an_ack_survives() {
    let server = TestServer::in_memory();
    let mut ana = TestClient::connect(server.address()).await;
    let welcome = ana.hello("Ana", None).await.expect("welcome");
    assert_eq!(welcome.durability, Durability::Memory);
    assert_eq!(welcome.limits.text, 4096);
    assert_eq!((welcome.limits.rate, welcome.limits.burst), (10, 30));
}

#[tokio::test]
async fn a_rename_is_told_to_the_room_and_kept_on_later_messages() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    ana.join("lobby").await;
    bob.join("lobby").await;

    // What happens in one window is told as a whole: first let the arrivals be told.
    bob.wait_for("presence with Bob", |frame| match frame {
        ServerFrame::Presence(presence) => {
            presence.joined.iter().any(|member| member.name.as_str() == "Bob").then_some(())
        }
        _ => None,
    })
    .await;
    let renamed = rename(&mut ana, "Anna").await;
    assert_eq!((renamed.from.as_str(), renamed.to.as_str()), ("Ana", "Anna"));
    ana.say_acked("lobby", "it is me").await;
    assert_eq!(bob.event().await.from.as_str(), "Anna");
    bob.wait_for("presence with the new name", |frame| match frame {
        ServerFrame::Presence(presence) => presence
            .renamed
            .iter()
            .any(|rename| rename.from.as_str() == "Ana" && rename.to.as_str() == "Anna")
            .then_some(()),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn a_private_message_reaches_two_people_and_nobody_else() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    let mut cyd = server.guest("cyd").await;
    for client in [&mut ana, &mut bob, &mut cyd] {
        client.join("lobby").await;
    }

    let (joined, ack) = direct(&mut ana, "Bob", "just between us").await;
    assert_eq!(joined.room, ack.room);
    assert!(joined.room.is_private());
    assert_eq!(joined.peer.as_ref().map(UserName::as_str), Some("Bob"));
    assert_eq!(joined.head.next(), ack.seq, "joined comes before the event that made the room");

    let attached = bob.wait_for("joined", joined_of).await;
    assert_eq!(attached.peer.as_ref().map(UserName::as_str), Some("Ana"));
    assert_eq!(bob.event_saying("just between us").await.room, ack.room);

    // cyd has heard nothing by the time that something said later reaches the room.
    ana.say_acked("lobby", "hello all").await;
    cyd.event_saying("hello all").await;
    let frames = cyd.frames_so_far().await;
    assert!(!format!("{frames:?}").contains("dm:"), "{frames:?}");

    let id = fresh_id();
    let room = ack.room.clone();
    let join = client::Join { id: Some(id), room, after: None, epoch: None };
    cyd.send(&ClientFrame::Join(join)).await;
    let error = cyd.error().await;
    assert!(
        matches!(error.code, ErrorCode::RoomInvalid | ErrorCode::Forbidden),
        "a private room cannot be joined by name: {error:?}"
    );
}

#[tokio::test]
async fn a_private_answer_goes_the_same_way_back() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    let (_, asked) = direct(&mut ana, "Bob", "coming?").await;
    bob.event_saying("coming?").await;
    let id = bob.say(asked.room.as_str(), "yes").await;
    assert_eq!(bob.ack(&id).await.seq, asked.seq.next());
    assert_eq!(ana.event_saying("yes").await.from.as_str(), "Bob");
}

#[tokio::test]
async fn a_retry_gets_the_first_ack_and_adds_nothing() {
    let server = TestServer::in_memory();
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    ana.join("lobby").await;
    let first = ana.say_acked("lobby", "once").await;

    // The same person, on another connection, tries again.
    let mut again = TestClient::person(server.address(), "Ana", 1).await;
    again.join("lobby").await;
    again.say_as(&first.id, "lobby", "once").await;
    assert_eq!(again.ack(&first.id).await, first);

    let next = again.say_acked("lobby", "twice").await;
    assert_eq!(next.seq, first.seq.next(), "the retry took no place");
    assert_eq!(ana.event_saying("twice").await.seq, next.seq);
}

#[tokio::test]
async fn the_same_id_from_somebody_else_is_another_message() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    ana.join("lobby").await;
    bob.join("lobby").await;
    let id = RequestId::parse("1").expect("valid");
    ana.say_as(&id, "lobby", "mine").await;
    let first = ana.ack(&id).await;
    bob.say_as(&id, "lobby", "mine").await;
    assert_eq!(bob.ack(&id).await.seq, first.seq.next());
}

async fn rename(client: &mut TestClient, to: &str) -> Renamed {
    let name = UserName::parse(to).expect("a valid name");
    client.send(&ClientFrame::Name(client::Name { id: Some(fresh_id()), name })).await;
    client
        .wait_for("renamed", |frame| match frame {
            ServerFrame::Renamed(renamed) => Some(renamed.clone()),
            _ => None,
        })
        .await
}

/// Sends a private message; returns the `joined` and the `ack` that answer it.
async fn direct(client: &mut TestClient, to: &str, text: &str) -> (Joined, Ack) {
    let id = fresh_id();
    let to = Addressee::parse(to).expect("a valid name");
    let text = MessageText::parse(text).expect("a valid text");
    client.send(&ClientFrame::Direct(client::Direct { id: id.clone(), to, text })).await;
    let joined = client.wait_for("joined", joined_of).await;
    (joined, client.ack(&id).await)
}

fn joined_of(frame: &ServerFrame) -> Option<Joined> {
    match frame {
        ServerFrame::Joined(joined) if joined.room.is_private() => Some(joined.clone()),
        _ => None,
    }
}
