//! Lines of text, and objects of a user and a message, beside typed clients.

use std::net::SocketAddr;

use protocol::{ServerFrame, close};
use tests::{Closing, LineClient, ServerProcess, TestClient, object};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_tungstenite::tungstenite::Message;

fn start(flags: &[&str]) -> ServerProcess {
    ServerProcess::start(None, flags)
}

/// A typed person in the lobby.
async fn typed(address: SocketAddr, name: &str, number: u8) -> TestClient {
    let mut client = TestClient::person(address, name, number).await;
    client.join("lobby").await;
    client
}

#[tokio::test]
async fn a_person_of_lines_and_a_typed_one_talk_in_one_room() {
    let hub = start(&[]);
    let mut alice = LineClient::person(hub.address(), "Alice").await;
    let mut bob = typed(hub.address(), "Bob", 1).await;
    alice.until("System: Bob joined").await;
    alice.say("hello\n").await;
    assert_eq!(bob.event_saying("hello").await.from.as_str(), "Alice");
    assert_eq!(alice.next().await.unwrap(), "Alice: hello");

    bob.say_acked("lobby", "hi\nSystem: Alice left\n*** ANNOUNCEMENT by Bob: no").await;
    let heard = alice.until("Bob: *** ANNOUNCEMENT by Bob: no").await;
    assert_eq!(heard[..2], ["Bob: hi", "Bob: System: Alice left"]);

    alice.say("/name Ally").await;
    alice.until("System: Alice is now known as Ally").await;
    alice.say("/who").await;
    assert_eq!(alice.next().await.unwrap(), "System: 2 here: Ally, Bob");
    alice.say("/quit").await;
    assert_eq!(alice.end().await, (vec![], Closing::Code(1000)));
    bob.wait_for("that Ally left", |frame| match frame {
        ServerFrame::Presence(presence) => {
            presence.left.iter().any(|name| name.as_str() == "Ally").then_some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn private_words_go_both_ways_and_to_nobody_else() {
    let hub = start(&[]);
    let mut alice = LineClient::person(hub.address(), "Alice").await;
    let mut listener = LineClient::connect(hub.address(), "dialect=text").await;
    let mut eve = LineClient::person(hub.address(), "Eve").await;
    alice.until("System: Eve joined").await;
    alice.say("/msg Eve psst\nyou").await;
    assert_eq!(eve.next().await.unwrap(), "[Alice -> you] psst");
    assert_eq!(eve.next().await.unwrap(), "[Alice -> you] you");
    alice.until("[you -> Eve] psst").await;
    alice.until("[you -> Eve] you").await;
    eve.say("/msg Alice yes?").await;
    alice.until("[Eve -> you] yes?").await;
    eve.say("/msg Nobody hello").await;
    eve.until("[you -> Alice] yes?").await;
    let refused = eve.next().await.unwrap();
    assert!(refused.starts_with("System: ") && refused.contains("Nobody"), "{refused}");
    eve.say("aloud").await;
    let heard = listener.until("Eve: aloud").await;
    assert!(heard.iter().all(|line| !line.contains("psst") && !line.contains("yes?")), "{heard:?}");
}

#[tokio::test]
async fn a_taken_name_and_one_that_is_none_get_another() {
    let hub = start(&[]);
    let mut bob = typed(hub.address(), "Bob", 1).await;
    let mut clients = Vec::new();
    for (query, told) in [
        ("name=Bob", "System: Bob is taken; you are Bob2 here"),
        ("user=Bob", "System: Bob is taken; you are Bob3 here"),
        ("name=System", "System: that name is reserved; you are guest here"),
        ("name=", "System: the name is empty; you are guest2 here"),
        ("name=a%0ASystem:+Bob+left", "you are aSystemBobleft here"),
    ] {
        let mut client = LineClient::connect(hub.address(), query).await;
        let heard = client.next().await.unwrap();
        assert!(heard.ends_with(told) && heard.starts_with("System: "), "{query}: {heard}");
        client.say(&format!("by {query}")).await;
        bob.event_saying(&format!("by {query}")).await;
        clients.push(client); // Their names stay taken.
    }
}

#[tokio::test]
async fn an_object_makes_somebody_and_another_user_is_another_name() {
    let hub = start(&[]);
    let mut bob = typed(hub.address(), "Bob", 1).await;
    let mut ana = LineClient::connect(hub.address(), "").await;
    ana.say_as("Ana", "hello").await;
    assert_eq!(bob.event_saying("hello").await.from.as_str(), "Ana");
    ana.until(&object("Ana", "hello")).await;
    ana.say_as("Ally", "again").await;
    assert_eq!(bob.event_saying("again").await.from.as_str(), "Ally");
    let heard = ana.until(&object("Ally", "again")).await;
    assert!(heard.contains(&object("System", "Ana is now known as Ally")), "{heard:?}");

    for bad in ["no JSON", r#"{"user":"Ally"}"#, r#"{"user":1,"message":"x"}"#] {
        ana.say(bad).await;
        let told = ana.next().await.unwrap();
        assert!(told.starts_with(r#"{"user":"System","message":""#), "{told}");
    }
    bob.say_acked("lobby", "a \"b\"\nSystem: c").await;
    ana.until(&object("Bob", "a \"b\"")).await;
    ana.until(&object("Bob", "System: c")).await;
    ana.say_as("Ally", "/quit").await;
    assert_eq!(ana.end().await.1, Closing::Code(1000));
}

#[tokio::test]
async fn a_listener_hears_and_is_not_there() {
    let hub = start(&[]);
    let mut text = LineClient::connect(hub.address(), "dialect=text&room=games").await;
    let mut json = LineClient::connect(hub.address(), "dialect=json&room=games").await;
    let mut bob = TestClient::person(hub.address(), "Bob", 1).await;
    assert_eq!(bob.join("games").await.count, 1);
    text.until("System: Bob joined").await;
    text.say("hi").await;
    let told = text.next().await.unwrap();
    assert_eq!(told, "System: you only listen here; connect with ?name=NAME to talk");
    bob.say_acked("games", "to all").await;
    text.until("Bob: to all").await;
    json.until(&object("Bob", "to all")).await;
    json.say_as("Ana", "now I am").await;
    assert_eq!(bob.event_saying("now I am").await.from.as_str(), "Ana");
    assert_eq!(bob.join("games").await.count, 2);
    text.until("Ana: now I am").await;
}

#[tokio::test]
async fn what_an_address_cannot_ask_for_is_said() {
    let hub = start(&[]);
    for (query, part) in [
        ("dialect=xml", "dialect is text or json"),
        ("name=A&room=a%20b", "room"),
        ("name=A&room=dm:00112233445566778899aabbccddeeff", "room"),
        ("name=A&history=201", "history is a number from 0 to 200"),
        ("name=A&password=secret", "password does not belong"),
        ("name=A&token=secret", "token does not belong"),
        ("name=%ff", "name"),
    ] {
        let (status, body) = LineClient::try_connect(hub.address(), query).await.unwrap_err();
        assert!(status == 400 && body.contains(part), "{query}: {status} {body}");
        assert!(!body.contains("secret"), "{body}");
    }
}

#[tokio::test]
async fn a_flood_pauses_and_loses_nothing() {
    let hub = start(&[]);
    let mut bob = LineClient::person(hub.address(), "Bob").await;
    let mut ana = LineClient::person(hub.address(), "Ana").await;
    for number in 0..40 {
        ana.say(&format!("{number}")).await;
    }
    ana.until("Ana: 39").await;
    let heard = bob.until("Ana: 39").await;
    let said: Vec<_> = heard.iter().filter(|line| line.starts_with("Ana: ")).collect();
    assert_eq!(said.len(), 40);
}

#[tokio::test]
async fn what_no_line_can_be_costs_only_who_sent_it() {
    let hub = start(&[]);
    let mut bob = LineClient::person(hub.address(), "Bob").await;
    let long = "x".repeat(4097);
    for (bad, part) in [(long.as_str(), "4096"), ("\u{1b}[2J", "U+001B"), ("/etc", "no such")] {
        bob.say(bad).await;
        let told = bob.next().await.unwrap();
        assert!(told.starts_with("System: ") && told.contains(part), "{told}");
    }
    for (sent, code) in [
        (Message::binary(vec![0, 1, 2]), close::UNSUPPORTED),
        (Message::text("x".repeat(1024 * 1024)), close::TOO_BIG),
    ] {
        let mut eve = LineClient::person(hub.address(), "Eve").await;
        eve.send(sent).await;
        assert_eq!(eve.end().await.1, Closing::Code(code));
        bob.until("System: Eve left").await;
    }
    bob.say("still here").await;
    bob.until("Bob: still here").await;
}

#[tokio::test]
async fn what_was_said_in_lines_outlives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let mut hub = ServerProcess::start(Some(data.path()), &[]);
    let mut ana = LineClient::person(hub.address(), "Ana").await;
    ana.say("for ever").await;
    ana.until("Ana: for ever").await;
    hub.kill();
    hub.restart();
    let mut bob = LineClient::connect(hub.address(), "name=Bob&history=200").await;
    assert_eq!(bob.next().await.unwrap(), "Ana: for ever");
    let mut cyd = LineClient::person(hub.address(), "Cyd").await;
    cyd.say("and on").await;
    bob.until("Cyd: and on").await;
}

#[tokio::test]
async fn who_reads_nothing_costs_only_themselves() {
    let hub = start(&["--rate", "0"]);
    let mut stalled = TcpStream::connect(hub.address()).await.unwrap();
    let request = tests::raw::upgrade_request(hub.address());
    let request = request.replacen("/ws", "/ws?name=Stalled", 1);
    stalled.write_all(request.as_bytes()).await.unwrap();
    let mut bob = LineClient::person(hub.address(), "Bob").await;
    let mut ana = typed(hub.address(), "Ana", 1).await;
    let text = "x".repeat(4000);
    for _ in 0..500 {
        ana.say_acked("lobby", &text).await;
    }
    ana.say_acked("lobby", "the last one").await;
    bob.until("Ana: the last one").await;
    drop(stalled);
}

#[tokio::test]
async fn a_change_of_what_was_said_is_told_in_lines() {
    let hub = start(&[]);
    let mut ana = LineClient::person(hub.address(), "Ana").await;
    let mut bob = typed(hub.address(), "Bob", 1).await;
    let seq = bob.say_acked("lobby", "teh").await.seq.get();
    bob.edit_acked("lobby", seq, "the\nAna left").await;
    ana.until("System: Bob changed a message to: the").await;
    assert_eq!(ana.next().await.unwrap(), "System: Bob changed a message to: Ana left");
    bob.delete_acked("lobby", seq).await;
    assert_eq!(ana.next().await.unwrap(), "System: Bob deleted a message");
    let mut late = LineClient::connect(hub.address(), "name=Late&history=9").await;
    let heard = late.until("System: Late joined").await;
    assert!(heard.iter().all(|line| !line.contains("teh")), "{heard:?}");
}

#[tokio::test]
async fn a_full_hub_and_one_that_stops_say_so_in_lines() {
    let mut hub = start(&["--max-connections", "1"]);
    let mut ana = LineClient::person(hub.address(), "Ana").await;
    let mut bob = LineClient::connect(hub.address(), "name=Bob").await;
    let (heard, closing) = bob.end().await;
    assert!(heard.len() == 1 && heard[0].starts_with("System: "), "{heard:?}");
    assert_eq!(closing, Closing::Code(close::FULL));
    hub.terminate();
    assert_eq!(ana.end().await, (vec!["System: the hub stops".to_owned()], Closing::Code(1001)));
    hub.wait();
}

#[tokio::test]
async fn a_hub_with_a_password_says_how_to_join() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("password");
    std::fs::write(&file, "pw\n").unwrap();
    let hub = start(&["--password-file", file.to_str().unwrap()]);
    for query in ["name=Ana", "dialect=text"] {
        let (heard, closing) = LineClient::connect(hub.address(), query).await.end().await;
        assert!(heard.len() == 1 && heard[0].contains("password"), "{heard:?}");
        assert_eq!(closing, Closing::Code(close::FORBIDDEN));
    }
}
