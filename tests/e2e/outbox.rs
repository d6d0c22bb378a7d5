//! Nothing that was typed is lost or doubled: the real `hubbub` is killed at random moments with
//! text in flight, queued and in the composer, while the hub is there, stopped or gone.
//!
//! A line counts as sent from the moment at which it stands in the scrollback. The hub's log is
//! then the judge. `HUBBUB_ROUNDS` says how many rounds (8); the kill after 5 to 500 ms is the
//! only thing here that goes by time, beside the second that a draft may take.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::mpsc,
    thread,
    time::Duration,
};

use rustix::process::Signal;
use tests::{Home, ServerProcess, TestClient, TestTerminal};
use vt100::Screen;

/// Lines that are typed in a round, if the kill does not come before.
const LINES: usize = 100;

#[test]
fn a_client_killed_at_any_moment_loses_and_doubles_nothing() {
    let rounds = std::env::var("HUBBUB_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let mut rig = Rig::new();
    for number in 0..rounds.unwrap_or(8) {
        rig.round(number);
    }
    rig.judge();
}

#[test]
fn a_hub_that_was_known_opens_offline_with_drafts_and_what_is_not_sent() {
    let mut rig = Rig::new();
    rig.client().type_until_live();
    rig.server.kill();
    let mut ana = rig.client().terminal;
    ana.wait_for_text("offline since");
    ana.type_keys("one<ret>two<ret>/quit<ret>");
    ana.wait_for_exit();
    assert!(ana.recorded_text().contains("2 messages not sent yet; they go out next time"));
    let mut ana = rig.client().terminal;
    ana.wait_for("both lines and the status", |screen| {
        has_said(screen, "one") && has_said(screen, "two") && shows(screen, "offline since")
    });
    rig.server.restart();
    ana.type_keys("/reconnect<ret>");
    ana.wait_for_text(" live ");
    ana.type_keys("three<ret>");
    ana.wait_for("the third line", |screen| has_said(screen, "three"));
    assert_eq!(rig.log_until("three"), ["one", "two", "three"]);
    ana.type_keys("/quit<ret>");
    ana.wait_for_exit();
    assert!(!ana.recorded_text().contains("not sent"), "everything went out");
}

#[test]
fn a_second_terminal_without_a_hub_is_asked_for_a_name_and_keeps_what_it_writes() {
    let mut rig = Rig::new();
    let port = rig.server.address().port().to_string();
    let arguments = ["-H", "127.0.0.1", "-p", &port];
    let first = TestTerminal::hubbub(&rig.home, &arguments);
    first.wait_for_text(" live ");
    rig.server.kill();
    let mut second = TestTerminal::hubbub(&rig.home, &arguments);
    second.wait_for_text("ana is taken. Your name: ana2");
    second.type_keys("<ret>");
    second.wait_for_text(" ana2 ");
    second.type_until("one<ret>", "a line that is kept", |screen| has_said(screen, "one"));
    second.signal(Signal::KILL);
    second.wait_for_exit();
    let second = TestTerminal::hubbub(&rig.home, &[&arguments[..], &["-n", "ana2"]].concat());
    second.wait_for("its line, which is not the first one's", |screen| has_said(screen, "one"));
    assert!(!first.rows().iter().any(|row| row.contains("one")));
}

#[test]
fn where_nothing_can_be_kept_nothing_is_sent_and_the_line_stays() {
    let rig = Rig::new();
    let state = rig.home.path().join(".local/state/hubbub");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(state.join("outbox"), "a file in the way").unwrap();
    let client = rig.client();
    client.type_until_live();
    client.terminal.type_keys("hello<ret>");
    client.terminal.wait_for_text("not sent, for it could be lost");
    client.terminal.wait_for_text("> hello");
    assert!(!client.terminal.rows().iter().any(|row| row.contains("Ana    ")));
    std::fs::remove_file(state.join("outbox")).unwrap();
    client.terminal.type_keys("<ret>");
    client.terminal.wait_for("the line", |screen| has_said(screen, "hello"));
    assert_eq!(rig.log_until("hello"), ["hello"]);
}

#[test]
fn two_screens_of_one_person_keep_what_is_theirs_and_the_next_one_takes_over_both() {
    let mut rig = Rig::new();
    let (first, second) = (rig.client(), rig.client());
    first.type_until_live();
    second.type_until_live();
    rig.server.kill();
    let (mut first, mut second) = (first.terminal, second.terminal);
    for (terminal, word) in [(&first, "one"), (&second, "two")] {
        terminal.wait_for_text("offline since");
        terminal.type_keys(&format!("{word}<ret>"));
        terminal.wait_for(word, |screen| has_said(screen, word));
        assert!(!terminal.rows().iter().any(|row| row.contains("one") && row.contains("two")));
    }
    first.signal(Signal::KILL);
    second.signal(Signal::KILL);
    first.wait_for_exit();
    second.wait_for_exit();
    let third = rig.client().terminal;
    third.wait_for("both", |screen| has_said(screen, "one") && has_said(screen, "two"));
    rig.server.restart();
    third.type_keys("/reconnect<ret>");
    third.wait_for_text(" live ");
    third.type_keys("three<ret>");
    let mut log = rig.log_until("three");
    log.sort();
    assert_eq!(log, ["one", "three", "two"]);
}

/// What the hub does meanwhile.
#[derive(Clone, Copy, Debug)]
enum Hub {
    Up,
    Stopped,
    Gone,
}

/// A hub, and one person at one machine.
struct Rig {
    server: ServerProcess,
    home: Home,
    _data: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
    /// Every line that stood in the scrollback.
    seen: Vec<String>,
}

struct Client {
    terminal: TestTerminal,
}

impl Client {
    fn type_until_live(&self) {
        self.terminal.wait_for_text(" live ");
    }
}

impl Rig {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let server = ServerProcess::start(Some(data.path()), &["--rate", "0"]);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        Self { server, home: Home::of("ana"), _data: data, runtime, seen: Vec::new() }
    }

    /// High enough that the lines of a round are seen at once.
    fn client(&self) -> Client {
        let port = self.server.address().port().to_string();
        let arguments = ["-H", "127.0.0.1", "-p", &port, "-n", "Ana"];
        Client { terminal: TestTerminal::hubbub_sized(&self.home, &arguments, 80, 60) }
    }

    fn round(&mut self, number: u32) {
        let hub = [Hub::Up, Hub::Stopped, Hub::Gone][number as usize % 3];
        let (hit, draft) = (random_delay(), format!("draft {number}"));
        let about = format!("round {number}: hub {hub:?}, killed after {hit:?}");
        let ana = self.client();
        ana.type_until_live();
        self.set(hub);
        self.type_and_kill(ana.terminal, number, hit);

        let mut ana = self.client().terminal;
        ana.wait_for_text(" Ana ");
        ana.type_keys(&format!("<c-u>{draft}"));
        ana.wait_for_text(&format!("> {draft}"));
        wait(Duration::from_secs(1));
        ana.signal(Signal::KILL);
        ana.wait_for_exit();

        let ana = self.client().terminal;
        ana.wait_for(&about, |screen| shows(screen, &format!("> {draft}")));
        self.wake(hub);
        ana.wait_for_text(" live ");
        let marker = format!("round {number} ends");
        ana.type_keys(&format!("<c-u>{marker}<ret>"));
        ana.wait_for(&about, |screen| has_said(screen, &marker));
        let log = self.log_until(&marker);
        let of_round = format!("{number}.");
        let stored: Vec<&String> = log.iter().filter(|text| text.starts_with(&of_round)).collect();
        let typed: Vec<String> = (0..stored.len()).map(|line| said(number, line)).collect();
        assert_eq!(stored, typed.iter().collect::<Vec<_>>(), "{about}");
        let seen = self.seen.iter().filter(|text| text.starts_with(&of_round)).count();
        assert!(seen <= stored.len(), "{about}: {seen} seen, {} stored", stored.len());
        for text in typed {
            let times = ana.rows().iter().filter(|row| row.ends_with(&format!(" {text}"))).count();
            assert!(times <= 1, "{about}: {text} is there {times} times");
        }
    }

    /// Types line after line until the program is killed.
    fn type_and_kill(&mut self, mut ana: TestTerminal, number: u32, hit: Duration) {
        let id = ana.id();
        thread::scope(|scope| {
            scope.spawn(|| {
                wait(hit);
                tests::signal(id, Signal::KILL);
            });
            for line in 0..LINES {
                let text = said(number, line);
                ana.type_keys(&format!("{text}<ret>"));
                if !ana.is_before_end("the line that was typed", |screen| has_said(screen, &text)) {
                    break;
                }
                self.seen.push(text);
            }
        });
        ana.wait_for_exit();
    }

    fn set(&mut self, hub: Hub) {
        match hub {
            Hub::Up => {}
            Hub::Stopped => tests::signal(self.server.id(), Signal::STOP),
            Hub::Gone => self.server.kill(),
        }
    }

    fn wake(&mut self, hub: Hub) {
        match hub {
            Hub::Up => {}
            Hub::Stopped => tests::signal(self.server.id(), Signal::CONT),
            Hub::Gone => self.server.restart(),
        }
    }

    /// Everything that was said, up to this.
    fn log_until(&self, last: &str) -> Vec<String> {
        self.runtime.block_on(async {
            let mut judge = TestClient::guest(self.server.address(), "Judge").await;
            judge.join_after("lobby", Some(0)).await;
            let mut log = Vec::new();
            while log.last().is_none_or(|text| text != last) {
                let event = judge.event().await;
                log.push(event.text.map_or_else(String::new, |text| text.to_string()));
            }
            judge.close().await;
            log
        })
    }

    /// Nothing that was ever seen is missing at the end, and nothing is there twice.
    #[expect(clippy::print_stdout, reason = "the long run says what it has seen")]
    fn judge(&mut self) {
        let ana = self.client().terminal;
        ana.wait_for_text(" live ");
        ana.type_keys("the end<ret>");
        let log = self.log_until("the end");
        for text in &self.seen {
            let times = log.iter().filter(|known| *known == text).count();
            assert_eq!(times, 1, "{text:?} is in the log {times} times");
        }
        println!("{} lines were seen on the screen and are in the log once", self.seen.len());
    }
}

fn said(round: u32, line: usize) -> String {
    format!("{round}.{line:02} is typed")
}

/// Whether a text stands in the scrollback, not only in the composer.
fn has_said(screen: &Screen, text: &str) -> bool {
    let rows = screen.rows(0, 80);
    rows.into_iter().any(|row| !row.starts_with('>') && row.contains(text))
}

fn shows(screen: &Screen, text: &str) -> bool {
    screen.contents().contains(text)
}

fn random_delay() -> Duration {
    let random = RandomState::new().build_hasher().finish();
    Duration::from_millis(5 + random % 496)
}

/// Lets time go by where it is time that is tested.
fn wait(time: Duration) {
    let (_sender, nothing) = mpsc::channel::<()>();
    let _ = nothing.recv_timeout(time); // Nothing comes.
}
