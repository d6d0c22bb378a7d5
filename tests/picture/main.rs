//! Draws the picture of the README: real clients on a real hub say what a scene wants, and the
//! screen of one of them becomes an SVG file.
//!
//! `cargo build -p tui-client -p server && cargo run -p tests --bin screen-picture FILE`

mod svg;

use std::{env, fs};

use anyhow::{Context as _, Result};
use protocol::{Addressee, ClientFrame, MessageText, UserName, client::Direct};
use tests::{Home, TestClient, TestServer, TestTerminal, fresh_id};
use vt100::Parser;

const COLUMNS: u16 = 80;
const ROWS: u16 = 20;

#[tokio::main]
async fn main() -> Result<()> {
    let path = env::args().nth(1).context("usage: screen-picture FILE")?;
    let server = TestServer::in_memory();
    let home = Home::of("ana");
    let port = server.address().port().to_string();
    let arguments = ["-H", "127.0.0.1", "-p", &port, "-n", "Ana"];
    let terminal = TestTerminal::hubbub_sized(&home, &arguments, COLUMNS, ROWS);
    terminal.wait_for_text("live");
    play(&server, &terminal).await?;
    let mut parser = Parser::new(ROWS.try_into()?, COLUMNS.try_into()?, 0);
    parser.process(&terminal.recorded());
    fs::write(&path, svg::picture(parser.screen())).context(format!("can't write {path}"))
}

/// What people say, until everything that the picture is to show is on the screen.
async fn play(server: &TestServer, terminal: &TestTerminal) -> Result<()> {
    let mut bob = server.guest("Bob").await;
    let mut cyd = server.guest("cyd").await;
    let mut mei = server.guest("美雨").await;
    for person in [&mut bob, &mut cyd, &mut mei] {
        person.join("lobby").await;
    }
    terminal.wait_for_text("joined");
    for room in ["builds", "games"] {
        terminal.type_keys(&format!("/join {room}<ret>"));
        terminal.wait_for_text(&format!("live · Ana · {room}"));
    }
    bob.join("builds").await;
    mei.join("games").await;
    terminal.type_keys("/join lobby<ret>");
    terminal.wait_for_text("live · Ana · lobby");
    terminal.type_keys("/topic what we are building<ret>");
    terminal.wait_for_text("lobby · what we are building");
    bob.say_acked("lobby", "hi Ana, have you seen the figures?").await;
    terminal.wait_for_text("seen the figures?");
    terminal.type_keys("yes, numbers tonight<ret>");
    terminal.wait_for_text("numbers tonight");
    talk(&mut bob, &mut cyd, &mut mei).await?;
    terminal.wait_for_text("between us");
    terminal.wait_for_text("Bob goes for tea");
    terminal.type_keys("thanks! I read it on the train, and");
    terminal.wait_for_text("train, and");
    Ok(())
}

async fn talk(bob: &mut TestClient, cyd: &mut TestClient, mei: &mut TestClient) -> Result<()> {
    cyd.say_acked("lobby", "done: 10,000 messages to 500 clients, in one order").await;
    mei.say_acked("lobby", "写在 https://example.org/notes/2026/fan-out 里了 👩‍💻").await;
    bob.say_acked("builds", "main is green").await;
    bob.say_acked("builds", "so is the release").await;
    mei.say_acked("games", "Ana: your move").await;
    bob.say_acked("lobby", "/me goes for tea").await;
    whisper(cyd, "Ana", "just between us").await
}

async fn whisper(from: &mut TestClient, to: &str, text: &str) -> Result<()> {
    let to = Addressee::Name(UserName::parse(to)?);
    let text = MessageText::parse(text)?;
    from.send(&ClientFrame::Direct(Direct { id: fresh_id(), to, text })).await;
    Ok(())
}
