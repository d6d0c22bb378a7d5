//! Who may have which name.

use protocol::{ClientFrame, ErrorCode, UserName, client, server::ErrorFrame};
use tests::{TestClient, TestServer, fresh_id, secret};

#[tokio::test]
async fn thirty_students_are_in_with_one_more_try_each() {
    let server = TestServer::in_memory();
    let address = server.address();
    let mut names = Vec::new();
    let mut clients = Vec::new();
    for number in 0..30 {
        let mut client = TestClient::connect(address).await;
        let welcome = match client.hello("student", Some(secret(number))).await {
            Ok(welcome) => welcome,
            Err(error) => {
                let suggestion = suggested(&error);
                client.hello(suggestion.as_str(), Some(secret(number))).await.expect("free")
            }
        };
        names.push(welcome.name.key());
        clients.push(client);
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 30);
}

#[tokio::test]
async fn thirty_students_at_once_are_in_with_at_most_a_try_for_each_before_them() {
    let server = TestServer::in_memory();
    let address = server.address();
    let arrivals = (0..30).map(|number| async move {
        let mut client = TestClient::connect(address).await;
        let mut name = "student".to_owned();
        // Suggestions are not reserved, so that two may be told the same; a refused hello may be
        // sent again five times.
        for tries in 0..=5 {
            match client.hello(&name, Some(secret(number))).await {
                Ok(welcome) => return (welcome.name.key(), tries, client),
                Err(error) => name = suggested(&error).to_string(),
            }
        }
        panic!("student {number} is not in after five suggestions");
    });
    let arrived = futures::future::join_all(arrivals).await;
    let mut names: Vec<_> = arrived.iter().map(|(name, ..)| name.clone()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 30);
    let most = arrived.iter().map(|(_, tries, _)| *tries).max().expect("thirty");
    assert!(most <= 1, "somebody needed {most} suggestions");
}

#[tokio::test]
async fn a_person_has_one_name_on_all_devices() {
    let server = TestServer::in_memory();
    let mut laptop = TestClient::connect(server.address()).await;
    let mut phone = TestClient::connect(server.address()).await;
    let first = laptop.hello("Ana", Some(secret(1))).await.expect("welcome");
    let second = phone.hello("Somebody", Some(secret(1))).await.expect("welcome");
    assert_eq!(second.name, first.name);
    assert_eq!(second.identity, first.identity);
    assert_ne!(second.session, first.session);
}

#[tokio::test]
async fn a_former_name_stays_ones_own() {
    let server = TestServer::in_memory();
    let mut ana = TestClient::person(server.address(), "Ana", 1).await;
    rename(&mut ana, "Anna").await.expect("renamed");
    let mut thief = TestClient::connect(server.address()).await;
    for name in ["Ana", "anna"] {
        let error = thief.hello(name, Some(secret(2))).await.expect_err("owned");
        assert_eq!(error.code, ErrorCode::NameTaken);
    }
    rename(&mut ana, "Ana").await.expect("back again");
}

#[tokio::test]
async fn a_guests_name_is_free_again_when_the_guest_has_left() {
    let server = TestServer::in_memory();
    let guest = server.guest("Ana").await;
    let mut next = TestClient::connect(server.address()).await;
    let error = next.hello("Ana", Some(secret(1))).await.expect_err("taken");
    assert_eq!(error.code, ErrorCode::NameTaken);
    guest.close().await;
    next.hello("Ana", Some(secret(1))).await.expect("free again");
}

#[tokio::test]
async fn a_guest_cannot_take_an_owned_name() {
    let server = TestServer::in_memory();
    TestClient::person(server.address(), "Ana", 1).await.close().await;
    let mut guest = TestClient::connect(server.address()).await;
    let error = guest.hello("ana", None).await.expect_err("owned");
    assert_eq!(error.code, ErrorCode::NameTaken);
}

#[tokio::test]
async fn renaming_to_a_taken_or_reserved_name_changes_nothing() {
    let server = TestServer::in_memory();
    let _bob = server.guest("Bob").await;
    let mut ana = server.guest("Ana").await;
    let error = rename(&mut ana, "BOB").await.expect_err("taken");
    assert_eq!(error.code, ErrorCode::NameTaken);
    suggested(&error);
    ana.send_text(r#"{"type":"name","name":"admin"}"#).await;
    ana.refused(ErrorCode::NameInvalid).await;
    ana.join("lobby").await;
    ana.say_acked("lobby", "still me").await;
    assert_eq!(ana.event().await.from.as_str(), "Ana");
}

/// The free name in a `name_taken`.
fn suggested(error: &ErrorFrame) -> &UserName {
    assert_eq!(error.code, ErrorCode::NameTaken, "{error:?}");
    error.suggest.as_ref().expect("a suggestion")
}

async fn rename(client: &mut TestClient, to: &str) -> Result<(), ErrorFrame> {
    let id = fresh_id();
    let name = UserName::parse(to).expect("a valid name");
    client.send(&ClientFrame::Name(client::Name { id: Some(id.clone()), name })).await;
    client
        .wait_for("renamed or an error", |frame| match frame {
            protocol::ServerFrame::Renamed(renamed) if renamed.id.as_ref() == Some(&id) => {
                Some(Ok(()))
            }
            protocol::ServerFrame::Error(error) => Some(Err(error.clone())),
            _ => None,
        })
        .await
}
