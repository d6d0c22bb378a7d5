//! Nothing that was typed is lost or doubled: the real `hubbub` is killed at random moments with
//! text in flight, queued and in the composer, is without its hub, or without its disk.

use rustix::process::Signal;
use tests::{
    Home, ServerProcess, TestClient, TestTerminal,
    rigs::{self, Finding, Loss, Typed},
};
use vt100::Screen;

/// Lines of a round that are accepted at the least, on a machine that does much else.
const ACCEPTED: usize = 3;

#[test]
fn a_client_killed_at_any_moment_loses_and_doubles_nothing() {
    let rounds = rigs::rounds(100);
    all_kept(&rigs::kill_the_client_again_and_again(Loss::Memory, rounds), rounds);
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_loses_power_at_any_moment_loses_and_doubles_nothing() {
    let rounds = rigs::rounds(16);
    all_kept(&rigs::kill_the_client_again_and_again(Loss::Power, rounds), rounds);
}

#[test]
fn a_client_that_forgets_what_it_wrote_is_noticed() {
    let findings = rigs::kill_the_client_again_and_again(Loss::Outbox, 3).findings;
    assert!(findings.iter().any(|it| matches!(it, Finding::Lost(_))), "{findings:?}");
    assert!(findings.iter().any(|it| matches!(it, Finding::DraftLost(_))), "{findings:?}");
}

#[expect(clippy::print_stdout, reason = "the long run says what it has seen")]
fn all_kept(outcome: &Typed, rounds: u32) {
    let Typed { typed, accepted, private, findings } = outcome;
    println!("{typed} lines typed in {rounds} rounds, {accepted} accepted, {private} private");
    assert_eq!(findings, &[]);
    assert!(*accepted >= ACCEPTED * rounds as usize && *private > 0, "{outcome:?}");
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
    // Where it was back by itself before it was told to, that line is in the draft again.
    ana.type_keys("<c-u>three<ret>");
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
    }
    for (terminal, others) in [(&first, "two"), (&second, "one")] {
        assert!(!terminal.rows().iter().any(|row| row.contains(others)), "{:?}", terminal.rows());
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
    third.type_keys("<c-u>three<ret>");
    let mut log = rig.log_until("three");
    log.sort();
    assert_eq!(log, ["one", "three", "two"]);
}

/// A hub, and one person at one machine.
struct Rig {
    server: ServerProcess,
    home: Home,
    _data: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
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
        Self { server, home: Home::of("ana"), _data: data, runtime }
    }

    /// High enough that the lines of a round are seen at once.
    fn client(&self) -> Client {
        let port = self.server.address().port().to_string();
        let arguments = ["-H", "127.0.0.1", "-p", &port, "-n", "Ana"];
        Client { terminal: TestTerminal::hubbub_sized(&self.home, &arguments, 80, 60) }
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
}

/// Whether a text stands in the scrollback, not only in the composer.
fn has_said(screen: &Screen, text: &str) -> bool {
    let rows = screen.rows(0, 80);
    rows.into_iter().any(|row| !row.starts_with('>') && row.contains(text))
}

fn shows(screen: &Screen, text: &str) -> bool {
    screen.contents().contains(text)
}
