//! Draws the picture of the page in the README: people talk on a real hub, one of them in a real
//! browser, and what she sees becomes a PNG file.
//!
//! `cargo run -p tests --bin page-picture FILE [WIDTHxHEIGHT] [dark]`

use std::{env, fs};

use anyhow::{Context as _, Result};
use protocol::{Addressee, ClientFrame, MessageText, RoomName, Seq, Topic, UserName, client};
use tests::{
    TestClient, TestServer,
    browser::{Browser, ENTER, Installed},
    fresh_id,
};

const USAGE: &str = "usage: page-picture FILE [WIDTHxHEIGHT] [dark]";
const SIZE: (u32, u32) = (1000, 600);
/// Narrower windows are those of phones.
const PHONE: u32 = 600;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().context(USAGE)?;
    let (mut size, mut scheme) = (SIZE, "light");
    for argument in arguments {
        match argument.split_once('x') {
            Some((width, height)) => size = (width.parse()?, height.parse()?),
            None => scheme = "dark",
        }
    }
    let installed = Installed::find().context("no chromium with chromedriver is installed here")?;
    let server = TestServer::in_memory();
    let browser = Browser::start(&installed);
    browser.resize(size.0, size.1, size.0 < PHONE);
    browser.prefer(scheme);
    play(&server, &browser).await?;
    fs::write(&path, browser.picture()).context(format!("can't write {path}"))
}

/// What people say, until everything that the picture is to show can be seen.
async fn play(server: &TestServer, browser: &Browser) -> Result<()> {
    // With identities that are always the same, and so are their colours.
    let address = server.address();
    let mut bob = TestClient::person(address, "Bob", 1).await;
    let mut cyd = TestClient::person(address, "cyd", 2).await;
    let mut zoe = TestClient::person(address, "Zoë", 3).await;
    for person in [&mut bob, &mut cyd, &mut zoe] {
        person.join("lobby").await;
    }
    zoe.join("games").await;
    browser.open(&format!("http://{address}/"));
    browser.keys("#entry-name", &format!("Ana{ENTER}"));
    browser.wait_for_text("#status", "live");
    for (command, room) in [("/join builds", "builds"), ("/join lobby", "lobby")] {
        browser.keys("#draft", &format!("{command}{ENTER}"));
        browser.wait_for_text("#room", room);
    }
    bob.join("builds").await;
    let (room, text) = (RoomName::parse("lobby")?, Topic::parse("what we are building")?);
    bob.send(&ClientFrame::Topic(client::SetTopic { id: fresh_id(), room, text })).await;
    browser.wait_for_text("#topic", "what we are building");
    talk(&mut bob, &mut cyd, &mut zoe, browser).await
}

async fn talk(
    bob: &mut TestClient,
    cyd: &mut TestClient,
    zoe: &mut TestClient,
    browser: &Browser,
) -> Result<()> {
    let asked = bob.say_acked("lobby", "hi Ana, have you seen the figures?").await;
    browser.wait_for_text("#log", "seen the figures?");
    browser.keys("#draft", &format!("yes, numbers tonight{ENTER}"));
    bob.event_saying("yes, numbers tonight").await;
    answer(cyd, asked.seq, "done: 10,000 messages to 500 clients, in one order").await?;
    zoe.say_acked("lobby", "I wrote it down: https://example.org/notes/2026/fan-out").await;
    bob.say_acked("builds", "main is green").await;
    bob.say_acked("builds", "so is the release").await;
    bob.say_acked("lobby", "/me goes for tea").await;
    whisper(cyd, "Ana", "just between us").await?;
    browser.wait_for_text("#log", "goes for tea");
    browser.wait_for_text("#room-list", "@cyd1");
    browser.keys("#draft", "thanks! I read it on the train, and");
    Ok(())
}

async fn answer(from: &mut TestClient, reply_to: Seq, text: &str) -> Result<()> {
    let (room, id) = (RoomName::parse("lobby")?, fresh_id());
    let text = MessageText::parse(text)?;
    let say = client::Say { id: id.clone(), room, text, reply_to: Some(reply_to) };
    from.send(&ClientFrame::Say(say)).await;
    from.ack(&id).await;
    Ok(())
}

async fn whisper(from: &mut TestClient, to: &str, text: &str) -> Result<()> {
    let to = Addressee::Name(UserName::parse(to)?);
    let text = MessageText::parse(text)?;
    from.send(&ClientFrame::Direct(client::Direct { id: fresh_id(), to, text })).await;
    Ok(())
}
