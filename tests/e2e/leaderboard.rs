//! The leaderboard of the examples: one `curl` and a small page, for everyone who has it open.

use std::{
    fs,
    io::{self, BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    thread,
};

use serde_json::json;
use tests::{
    Launch, PATIENCE, ServerProcess,
    browser::{Browser, Installed},
    http::HttpRequest,
    run_to_end,
    watcher::Watcher,
};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/examples/leaderboard.html");
/// How many have the page open.
const WATCHERS: usize = 50;

#[test]
fn fifty_who_watch_are_told_each_score_also_after_a_crash() {
    let board = Board::new(&[]);
    let mut hub = ServerProcess::launch(board.launch.clone());
    let token = board.token();
    let watchers = (0..WATCHERS).map(|_| Watcher::live(hub.address(), "lobby"));
    let mut watchers: Vec<_> = watchers.collect();
    post(&hub, &token, "ana 42");
    for watcher in &mut watchers {
        let event = watcher.event();
        assert_eq!((&event["text"], &event["from"]), (&json!("ana 42"), &json!("scores")));
    }
    hub.kill();
    hub.restart();
    post(&hub, &token, "bob 50");
    for watcher in &mut watchers {
        assert_eq!(watcher.block(), None);
        let mut back = Watcher::resume(hub.address(), "lobby", &watcher.last_id);
        back.begin();
        assert_eq!(back.event()["text"], "bob 50", "nothing twice, and nothing is missing");
    }
}

#[test]
fn the_page_shows_the_scores_in_a_browser_also_after_a_crash() {
    let Some(installed) = Installed::find() else { return };
    let page = serve(PAGE);
    let board = Board::new(&["--allow-origin", &format!("http://{page}")]);
    let mut hub = ServerProcess::launch(board.launch.clone());
    let token = board.token();
    post(&hub, &token, "ana 42");
    let browser = Browser::start(&installed);
    browser.open(&format!("http://{page}/leaderboard.html?hub=http://{}&by=scores", hub.address()));
    browser.wait_for_text("tr", "ana42");
    post(&hub, &token, "<b>bob</b> 50");
    browser.wait_for_text("tr", "<b>bob</b>50");
    hub.kill();
    hub.restart();
    post(&hub, &token, "nobody said this has points");
    post(&hub, &token, "ana 7");
    post(&hub, &token, "cleo -3");
    browser.wait_for_text("tr", "cleo-3");
    assert_eq!(browser.texts("tr"), ["<b>bob</b>50", "ana7", "cleo-3"]);
    assert_eq!(browser.eval("document.querySelectorAll('b').length", &[]), json!(0));
}

/// Where a hub keeps its log, and how it is started.
struct Board {
    launch: Launch,
    data: tempfile::TempDir,
}

impl Board {
    fn new(flags: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        Self { launch: Launch::new(Some(data.path()), flags), data }
    }

    /// A new token, as whoever runs the hub makes it.
    fn token(&self) -> String {
        let data = self.data.path().to_str().expect("UTF-8");
        let arguments = ["token", "new", "scores", "--data", data];
        let made = run_to_end("hubbub-server", &arguments, self.data.path(), PATIENCE);
        assert_eq!(made.code, Some(0), "{made:?}");
        made.stdout.trim().to_owned()
    }
}

/// What `curl` does, as the example says.
fn post(hub: &ServerProcess, token: &str, text: &str) {
    let body = json!({ "text": text }).to_string();
    let answer = HttpRequest::post("/rooms/lobby/messages", body).bearer(token).send(hub.address());
    assert_eq!(answer.status, 201, "{answer:?}");
}

/// Has this file served to whoever asks for anything, as `python3 -m http.server` would.
fn serve(file: impl AsRef<Path>) -> SocketAddr {
    let page = fs::read(file).expect("the page");
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let page = page.clone();
            // A browser may open more connections than it then asks on.
            thread::spawn(move || give(&client, &page));
        }
    });
    address
}

fn give(mut client: &TcpStream, page: &[u8]) -> io::Result<()> {
    let lines = BufReader::new(client).lines().map_while(Result::ok);
    let _ = lines.take_while(|line| !line.is_empty()).count();
    client.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")?;
    client.write_all(page)
}
