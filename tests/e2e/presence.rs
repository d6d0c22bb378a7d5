//! Who is here: members are people, told of once.

use std::time::Duration;

use protocol::{
    ClientFrame, Note, RoomName, ServerFrame, UserName, client,
    server::{Member, Members, Presence},
};
use server::{Config, Storage};
use tests::{TestClient, TestServer, fresh_id};

#[tokio::test]
async fn who_comes_and_goes_is_told() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    assert_eq!(ana.join("lobby").await.count, 1);
    let mut bob = server.guest("Bob").await;
    let joined = bob.join("lobby").await;
    assert_eq!(joined.count, 2);
    assert_eq!(names(&joined.members), ["Ana", "Bob"]);
    assert!(!joined.more);

    told(&mut ana, "Bob came", |presence| has(&presence.joined, "Bob")).await;
    bob.close().await;
    let gone = told(&mut ana, "Bob left", |presence| left(presence, "Bob")).await;
    assert_eq!(gone.count, 1);
}

#[tokio::test]
async fn leaving_a_room_is_told_to_that_room() {
    let server = TestServer::in_memory();
    let mut ana = server.guest("Ana").await;
    let mut bob = server.guest("Bob").await;
    ana.join("games").await;
    bob.join("games").await;
    told(&mut ana, "Bob came", |presence| has(&presence.joined, "Bob")).await;
    let room = RoomName::parse("games").expect("valid");
    bob.send(&ClientFrame::Leave(client::Leave { id: None, room })).await;
    told(&mut ana, "Bob left", |presence| left(presence, "Bob")).await;
}

#[tokio::test]
async fn two_screens_of_one_person_are_one_member() {
    let server = TestServer::in_memory();
    let mut bob = server.guest("Bob").await;
    bob.join("lobby").await;
    let mut laptop = TestClient::person(server.address(), "Ana", 1).await;
    laptop.join("lobby").await;
    let mut phone = TestClient::person(server.address(), "Ana", 1).await;
    assert_eq!(phone.join("lobby").await.count, 2);
    phone.close().await;
    // Whatever is told of the phone would come before what is told of cyd.
    let mut cyd = server.guest("cyd").await;
    cyd.join("lobby").await;
    let mut seen = Vec::new();
    told(&mut bob, "cyd came", |presence| {
        seen.push(presence.clone());
        has(&presence.joined, "cyd")
    })
    .await;
    assert!(!seen.iter().any(|presence| left(presence, "Ana")), "{seen:?}");
    laptop.close().await;
    told(&mut bob, "Ana left", |presence| left(presence, "Ana")).await;
}

#[tokio::test]
async fn who_is_cut_off_and_back_in_time_has_not_left() {
    let server = TestServer::in_memory();
    let mut bob = server.guest("Bob").await;
    bob.join("lobby").await;
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    ana.join("lobby").await;
    told(&mut bob, "Ana came", |presence| has(&presence.joined, "Ana")).await;
    drop(ana); // No close frame.
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    ana.join("lobby").await;
    let mut cyd = server.guest("cyd").await;
    cyd.join("lobby").await;
    let mut seen = Vec::new();
    told(&mut bob, "cyd came", |presence| {
        seen.push(presence.clone());
        has(&presence.joined, "cyd")
    })
    .await;
    assert!(!seen.iter().any(|presence| left(presence, "Ana")), "{seen:?}");
}

#[tokio::test]
async fn who_is_cut_off_and_not_back_in_time_has_left() {
    let mut config = Config::new(Storage::Memory);
    config.linger = Duration::from_millis(50);
    let server = TestServer::with(config);
    let mut bob = server.guest("Bob").await;
    bob.join("lobby").await;
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    ana.join("lobby").await;
    told(&mut bob, "Ana came", |presence| has(&presence.joined, "Ana")).await;
    drop(ana);
    told(&mut bob, "Ana left", |presence| left(presence, "Ana")).await;
}

#[tokio::test]
async fn who_is_away_says_why() {
    let server = TestServer::in_memory();
    let mut bob = server.guest("Bob").await;
    bob.join("lobby").await;
    let mut ana = server.guest("Ana").await;
    ana.join("lobby").await;
    let text = Some(Note::parse("lunch").expect("valid"));
    ana.send(&ClientFrame::Away(client::Away { id: None, text })).await;
    let is_away = |members: &[Member]| {
        members.iter().any(|m| m.away.as_ref().is_some_and(|note| note.as_str() == "lunch"))
    };
    told(&mut bob, "Ana is away", |presence| is_away(&presence.joined)).await;
    assert!(is_away(&who(&mut bob, Some("lobby"), None).await.members));
    ana.send(&ClientFrame::Away(client::Away { id: None, text: None })).await;
    told(&mut bob, "Ana is back", |presence| {
        has(&presence.joined, "Ana") && !is_away(&presence.joined)
    })
    .await;
}

#[tokio::test]
async fn who_tells_of_a_person_who_is_not_here() {
    let server = TestServer::in_memory();
    TestClient::person(server.address(), "Ana", 1).await.close().await;
    let mut bob = server.guest("Bob").await;
    let found = who(&mut bob, None, Some("ana")).await;
    assert_eq!(names(&found.members), ["Ana"]);
    assert!(found.members[0].last_seen.is_some(), "{found:?}");
}

async fn who(client: &mut TestClient, room: Option<&str>, name: Option<&str>) -> Members {
    let id = fresh_id();
    let frame = client::Who {
        id: Some(id.clone()),
        room: room.map(|room| RoomName::parse(room).expect("valid")),
        name: name.map(|name| UserName::parse(name).expect("valid")),
        after: None,
        limit: None,
    };
    client.send(&ClientFrame::Who(frame)).await;
    client
        .wait_for("members", |frame| match frame {
            ServerFrame::Members(members) if members.id.as_ref() == Some(&id) => {
                Some(members.clone())
            }
            _ => None,
        })
        .await
}

async fn told(
    client: &mut TestClient,
    what: &str,
    mut is_it: impl FnMut(&Presence) -> bool,
) -> Presence {
    client
        .wait_for(what, |frame| match frame {
            ServerFrame::Presence(presence) if is_it(presence) => Some(presence.clone()),
            _ => None,
        })
        .await
}

fn has(members: &[Member], name: &str) -> bool {
    members.iter().any(|member| member.name.as_str() == name)
}

fn left(presence: &Presence, name: &str) -> bool {
    presence.left.iter().any(|left| left.as_str() == name)
}

fn names(members: &[Member]) -> Vec<&str> {
    let mut names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
    names.sort_unstable();
    names
}
