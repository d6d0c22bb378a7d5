//! What was said stays: pages, resuming from a number, and a kill of the hub.

use protocol::{
    ClientFrame, Epoch, RoomEvent, RoomName, Seq, ServerFrame, client, server::GapReason,
};
use tests::{ServerProcess, TestClient, TestServer, fresh_id};

#[tokio::test]
async fn pages_lead_back_to_the_first_message() {
    let server = unhurried();
    let mut ana = server.guest("Ana").await;
    ana.join("lobby").await;
    say_numbered(&mut ana, 1..=25).await;

    let mut texts = Vec::new();
    let mut before = None;
    loop {
        let page = ana.history("lobby", before, 10).await;
        assert_eq!(page.oldest.get(), 1);
        texts.splice(0..0, texts_of(&page.events));
        before = page.events.first().map(|event| event.seq.get());
        if !page.more {
            break;
        }
        assert_eq!(page.events.len(), 10);
    }
    assert_eq!(texts, numbered(1..=25));
}

#[tokio::test]
async fn joining_from_a_number_brings_what_came_after_it_then_what_comes() {
    let server = unhurried();
    let mut ana = server.guest("Ana").await;
    ana.join("lobby").await;
    say_numbered(&mut ana, 1..=20).await;

    let mut bob = server.guest("Bob").await;
    let joined = bob.join_after("lobby", Some(5)).await;
    assert_eq!(joined.head.get(), 20);
    ana.say_acked("lobby", "m21").await;
    let events = bob.events_until(21).await;
    assert_eq!(seqs_of(&events), (6..=21).collect::<Vec<_>>());
    assert_eq!(texts_of(&events), numbered(6..=21));
}

#[tokio::test]
async fn joining_without_a_number_begins_at_the_head() {
    let server = unhurried();
    let mut ana = server.guest("Ana").await;
    ana.join("lobby").await;
    say_numbered(&mut ana, 1..=5).await;
    let mut bob = server.guest("Bob").await;
    assert_eq!(bob.join("lobby").await.head.get(), 5);
    ana.say_acked("lobby", "m6").await;
    assert_eq!(bob.event().await.seq.get(), 6);
}

#[tokio::test]
async fn resuming_in_the_middle_of_talk_has_no_hole_and_no_overlap() {
    let server = unhurried();
    let mut ana = server.guest("Ana").await;
    ana.join("lobby").await;
    say_numbered(&mut ana, 1..=50).await;
    let mut bob = server.guest("Bob").await;
    let talk = say_numbered(&mut ana, 51..=300);
    let listen = async {
        // Each join moves the cursor: from 0, then from where the first one was interrupted.
        bob.join_after("lobby", Some(0)).await;
        let mut events = bob.events_until(80).await;
        let seen = events.last().map(|event| event.seq.get());
        drop(bob);
        let mut bob = server.guest("Bob2").await;
        bob.join_after("lobby", seen).await;
        events.extend(bob.events_until(300).await);
        events
    };
    let ((), events) = futures::future::join(talk, listen).await;
    assert_eq!(seqs_of(&events), (1..=300).collect::<Vec<_>>());
    assert_eq!(texts_of(&events), numbered(1..=300));
}

#[tokio::test]
async fn a_number_of_another_history_is_told_as_a_gap() {
    let server = unhurried();
    let mut ana = server.guest("Ana").await;
    ana.join("lobby").await;
    say_numbered(&mut ana, 1..=3).await;
    for (after, epoch) in [(2, Some("0123456789abcdef")), (9, None)] {
        let mut bob = server.guest("Bob").await;
        let epoch = epoch.map(|epoch| Epoch::parse(epoch).expect("valid"));
        let (id, room, after) = (Some(fresh_id()), RoomName::lobby(), Seq::new(after));
        bob.send(&ClientFrame::Join(client::Join { id, room, after, epoch })).await;
        let gap = bob
            .wait_for("gap", |frame| match frame {
                ServerFrame::Gap(gap) => Some(gap.clone()),
                _ => None,
            })
            .await;
        assert_eq!((gap.from.get(), gap.to.get(), gap.reason), (1, 3, GapReason::Epoch));
        bob.close().await;
    }
}

#[tokio::test]
async fn a_kill_keeps_everything_acked_once_and_in_order() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(directory.path()), &["--rate", "0"]);
    let mut said = 0;
    for round in 0..3 {
        let mut ana = TestClient::person(server.address(), "Ana", 1).await;
        ana.join("lobby").await;
        say_numbered(&mut ana, said + 1..=said + 40).await;
        said += 40;
        server.kill();
        server.restart();
        let mut bob = TestClient::person(server.address(), "Bob", 2).await;
        assert_eq!(bob.join_after("lobby", Some(0)).await.head.get(), said, "round {round}");
        let events = bob.events_until(said).await;
        assert_eq!(seqs_of(&events), (1..=said).collect::<Vec<_>>());
        assert_eq!(texts_of(&events), numbered(1..=said));
    }
}

/// Many retries at once in one room; those of the kill rig's crowd have one in each room.
#[tokio::test]
async fn a_kill_in_the_middle_of_talk_loses_nothing_acked_and_retries_add_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(directory.path()), &["--rate", "0"]);
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    ana.join("lobby").await;
    // Sixty on their way; the hub dies when the twentieth is acked.
    let mut ids = Vec::new();
    for text in numbered(1..=60) {
        ids.push((ana.say("lobby", &text).await, text));
    }
    for (id, _) in &ids[..20] {
        ana.ack(id).await;
    }
    server.kill();
    server.restart();

    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    ana.join("lobby").await;
    for (id, text) in &ids {
        ana.say_as(id, "lobby", text).await;
        ana.ack(id).await;
    }
    let mut bob = TestClient::person(server.address(), "Bob", 2).await;
    bob.join_after("lobby", Some(0)).await;
    let events = bob.events_until(60).await;
    assert_eq!(texts_of(&events), numbered(1..=60), "each once, in the order typed");
}

#[tokio::test]
async fn a_name_stays_its_owners_through_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = ServerProcess::start(Some(directory.path()), &[]);
    TestClient::person(server.address(), "Ana", 1).await.close().await;
    server.kill();
    server.restart();
    let mut thief = TestClient::connect(server.address()).await;
    let error = thief.hello("ANA", None).await.expect_err("owned");
    assert_eq!(error.code, protocol::ErrorCode::NameTaken);
    let mut ana = TestClient::connect(server.address()).await;
    let welcome = ana.hello("Somebody", Some(tests::secret(1))).await.expect("welcome");
    assert_eq!(welcome.name.as_str(), "Ana", "hello.name counts only while there is none");
}

/// A hub whose pause rule is off, for tests that say a lot.
fn unhurried() -> TestServer {
    let mut config = server::Config::new(server::Storage::Memory);
    config.rate = 0;
    TestServer::with(config)
}

async fn say_numbered(client: &mut TestClient, numbers: std::ops::RangeInclusive<u64>) {
    for text in numbered(numbers) {
        client.say_acked("lobby", &text).await;
    }
}

fn numbered(numbers: std::ops::RangeInclusive<u64>) -> Vec<String> {
    numbers.map(|number| format!("m{number}")).collect()
}

fn texts_of(events: &[RoomEvent]) -> Vec<String> {
    events.iter().map(|event| event.text.as_ref().expect("a text").to_string()).collect()
}

fn seqs_of(events: &[RoomEvent]) -> Vec<u64> {
    events.iter().map(|event| event.seq.get()).collect()
}
