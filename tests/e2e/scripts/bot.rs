//! The bot of the README, exactly as it stands there.

use std::{fs, path::Path};

use protocol::ServerFrame;
use tests::{Home, ServerProcess, TestClient};

use super::{Running, comes, in_lobby, run};

/// What stands before it in the README.
const MARKER: &str = "<!-- bot -->";

/// The script in the README, or that which is to be put there.
fn bot() -> String {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(top.join("README.md")).expect("a README");
    let Some((_, behind)) = readme.split_once(MARKER) else {
        return include_str!("bot.sh").to_owned();
    };
    let block = behind.split_once("```sh\n").and_then(|(_, block)| block.split_once("\n```"));
    block.expect("a block of shell behind the marker").0.to_owned()
}

/// The next thing that the bot says.
async fn answer(client: &mut TestClient) -> String {
    let answer = client.wait_for("an answer", |frame| match frame {
        ServerFrame::Event(event) if event.from.as_str() == "dicebot" => event.text.clone(),
        _ => None,
    });
    answer.await.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_of_ten_lines_answers_others_and_not_itself() {
    let server = ServerProcess::start(None, &[]);
    let mut bob = in_lobby(&server, "Bob").await;
    let bot = bot();
    assert!(bot.lines().count() <= 10, "{bot}");
    let home = Home::of("ana");
    let _running = Running::start(&home, server.address(), &bot);
    comes(&mut bob, "dicebot").await;
    bob.say("lobby", "!time").await;
    let time = answer(&mut bob).await;
    assert!(time.starts_with("Bob: it is "), "{time}");
    let own = run(&home, &server, "hubbub send -n dicebot '!time'");
    assert_eq!((own.code, own.stderr.as_str()), (Some(0), ""));
    assert_eq!(answer(&mut bob).await, "!time");
    bob.say("lobby", "!roll").await;
    let roll = answer(&mut bob).await;
    let number = roll.strip_prefix("Bob: ").and_then(|number| number.parse().ok());
    assert!(number.is_some_and(|number: u8| (1..=6).contains(&number)), "{roll}");
}
