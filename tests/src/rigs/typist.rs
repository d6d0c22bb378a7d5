//! Somebody who types into the real `hubbub`, line after line over several places without waiting
//! for any, while it is killed at random moments: the hub is there, stopped or gone, and of what
//! the client wrote there is everything, what a loss of power leaves, or nothing.
//!
//! A line is accepted when it stands in the scrollback or, unless power is lost, in the outbox on
//! disk; and so is all that was typed before it. The hub's logs are then the judge.

mod judge;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use protocol::ServerFrame;
use rustix::process::Signal;
use tempfile::TempDir;

use super::power::Power;
use crate::{Home, ServerProcess, TestClient, TestTerminal, rigs::disk, secret, signal};
use judge::{Line, Logs, Place, judge};

pub use judge::Finding;

/// Most of them at once: each round waits a second for its draft.
const RIGS: u32 = 8;
/// When the client is killed, after the first key.
const KILLED_AFTER_MS: std::ops::RangeInclusive<u64> = 5..=500;
/// How old a draft is that must not be lost.
const DRAFT: Duration = Duration::from_secs(1);
/// Where the lines of a burst go; the last one is waited for on the screen.
const BURST: [Place; 6] =
    [Place::Lobby, Place::Games, Place::Bob, Place::Bob, Place::Games, Place::Lobby];
/// Most bursts of a round, if the kill does not come before.
const BURSTS: usize = 100;
/// The rooms that Ana is in, in the order of their keys; the last one is for drafts.
const ROOMS: &str = "--room lobby,games,notes";
/// Bob's secret.
const BOB: u8 = 7;
/// The last line everywhere.
const END: &str = "the end";

/// What a killed client loses beside its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing.
    Memory,
    /// What was not synced.
    Power,
    /// What it wrote: such a client must not pass.
    Outbox,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Typed {
    /// How many lines were typed.
    pub typed: usize,
    /// How many of them were accepted, everywhere and to Bob alone.
    pub accepted: usize,
    /// How many of those were to Bob.
    pub private: usize,
    /// The promises that were broken.
    pub findings: Vec<Finding>,
}

/// What the hub does meanwhile.
#[derive(Clone, Copy, Debug)]
enum Hub {
    Up,
    Stopped,
    Gone,
}

/// Kills clients into which somebody types, so many times in all.
pub fn kill_the_client_again_and_again(loss: Loss, rounds: u32) -> Typed {
    let rigs = RIGS.min(rounds);
    thread::scope(|scope| {
        let run = |first: u32| scope.spawn(move || Typist::new(loss).types(first, rigs, rounds));
        let running: Vec<_> = (0..rigs).map(run).collect();
        let mut all = Typed::default();
        for rig in running {
            all.add(rig.join().expect("a rig that comes to its end"));
        }
        all
    })
}

impl Typed {
    fn add(&mut self, other: Self) {
        self.typed += other.typed;
        self.accepted += other.accepted;
        self.private += other.private;
        self.findings.extend(other.findings);
    }
}

/// One person at one machine, and a hub.
struct Typist {
    loss: Loss,
    server: ServerProcess,
    hub: Hub,
    home: Home,
    /// The hub's data, and the journal of the client's disk.
    data: TempDir,
    runtime: tokio::runtime::Runtime,
    power: Option<Power>,
    draft: Option<String>,
    lines: Vec<Line>,
    findings: Vec<Finding>,
}

impl Typist {
    fn new(loss: Loss) -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let server = ServerProcess::start(Some(&data.path().join("hub")), &["--rate", "0"]);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let mut typist = Self {
            loss,
            server,
            hub: Hub::Up,
            home: Home::of("ana"),
            data,
            runtime,
            power: None,
            draft: None,
            lines: Vec::new(),
            findings: Vec::new(),
        };
        typist.get_to_know_bob();
        typist
    }

    /// Bob is known, and Ana has a conversation with him.
    fn get_to_know_bob(&mut self) {
        let address = self.server.address();
        self.runtime.block_on(async {
            let mut bob = TestClient::person(address, "Bob", BOB).await;
            bob.join("lobby").await;
            bob.say_acked("lobby", "hello").await;
            bob.close().await;
        });
        let mut ana = self.start();
        ana.wait_for_text(" live ");
        ana.type_keys("/msg Bob hello<ret>");
        ana.wait_for_text("to Bob (private): hello");
        ana.type_keys("/quit<ret>");
        ana.wait_for_exit();
        if self.loss == Loss::Power {
            let directory = self.outboxes().pop().expect("the outbox of this hub");
            self.power = Some(Power::on(&directory, &self.data.path().join("journal")));
        }
    }

    /// The rounds `first`, `first + step`, … below `end`, and what came of them.
    fn types(mut self, first: u32, step: u32, end: u32) -> Typed {
        for number in (first..end).step_by(step as usize) {
            self.round(number);
        }
        let ana = self.start_and_look();
        let end = format!("<a-1><c-u>{END}<ret><a-2><c-u>{END}<ret><a-1>/msg Bob {END}<ret>");
        ana.type_keys(&end);
        let logs = self.runtime.block_on(read_logs(&self.server));
        self.findings.extend(judge(&self.lines, &logs));
        let accepted = || self.lines.iter().filter(|line| line.is_accepted);
        Typed {
            typed: self.lines.len(),
            accepted: accepted().count(),
            private: accepted().filter(|line| line.place == Place::Bob).count(),
            findings: self.findings,
        }
    }

    fn round(&mut self, number: u32) {
        let ana = self.start_and_look();
        let draft = format!("draft {number}");
        ana.type_keys(&format!("<a-3><c-u>{draft}"));
        ana.wait_for_text(&format!("> {draft}"));
        self.draft = Some(draft);
        wait(DRAFT);
        ana.type_keys("<a-1><c-u>");
        self.set([Hub::Up, Hub::Stopped, Hub::Gone][number as usize % 3]);
        self.type_and_kill(ana, number);
        self.lose();
    }

    /// Starts the client, lets the hub come back, and looks for the draft and for what is there
    /// twice.
    fn start_and_look(&mut self) -> TestTerminal {
        let ana = self.start();
        ana.wait_for_text(" Ana ");
        self.wake();
        ana.wait_for_text(" live ");
        if let Some(draft) = self.draft.take() {
            // What was kept is in front of what is typed now.
            ana.type_keys("<a-3><end>~");
            let is_there = |row: &String| row.starts_with("> ") && row.ends_with('~');
            let rows =
                ana.wait_for("the composer", |screen| rows(screen).any(|row| is_there(&row)));
            if !rows.contains(&format!("> {draft}~")) {
                self.findings.push(Finding::DraftLost(draft));
            }
        }
        let shown = ana.rows();
        let twice = |text: &String| shown.iter().filter(|row| row.ends_with(text)).count() > 1;
        let twice = self.lines.iter().map(|line| &line.text).filter(|text| twice(text));
        self.findings.extend(twice.cloned().map(Finding::ShownTwice));
        ana
    }

    /// Types burst after burst until the client is killed.
    fn type_and_kill(&mut self, mut ana: TestTerminal, number: u32) {
        let (id, start) = (ana.id(), self.lines.len());
        let hit = Duration::from_millis(fastrand::u64(KILLED_AFTER_MS));
        thread::scope(|scope| {
            scope.spawn(|| {
                wait(hit);
                signal(id, Signal::KILL);
            });
            for _ in 0..BURSTS {
                let mut keys = String::new();
                for place in BURST {
                    let text = format!("{number}.{:03} is typed", self.lines.len() - start);
                    keys.push_str(&keys_of(place, &text));
                    self.lines.push(Line { place, text, is_accepted: false });
                }
                ana.type_keys(&keys);
                let last = self.lines.last().expect("a line").text.clone();
                if !ana.is_before_end("the burst", |screen| has_said(screen, &last)) {
                    break;
                }
                self.accept(start, &last);
            }
        });
        ana.wait_for_exit();
        self.accept_what_is_left(start, &ana.rows());
    }

    /// The client has this one, and so those of the round, which begins at `start`, before it.
    fn accept(&mut self, start: usize, text: &str) {
        let last = self.lines.iter().rposition(|line| line.text == text).expect("it was typed");
        self.lines[start..=last].iter_mut().for_each(|line| line.is_accepted = true);
    }

    /// What stands in the scrollback or on disk after the kill.
    fn accept_what_is_left(&mut self, start: usize, rows: &[String]) {
        let on_disk = if self.power.is_some() { Vec::new() } else { self.on_disk() };
        let is_shown = |text: &str| rows.iter().any(|row| is_said(row, text));
        let last = self.lines[start..].iter().rfind(|line| {
            let is_shown = line.place == Place::Lobby && is_shown(&line.text);
            is_shown || on_disk.contains(&line.text)
        });
        if let Some(text) = last.map(|line| line.text.clone()) {
            self.accept(start, &text);
        }
    }

    /// The messages in the files of the outbox.
    fn on_disk(&self) -> Vec<String> {
        let files = self.outboxes().into_iter().flat_map(|directory| entries(&directory));
        let texts = files.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
        texts.flat_map(|path| typed_in(&fs::read_to_string(path).expect("UTF-8"))).collect()
    }

    fn lose(&mut self) {
        match self.loss {
            Loss::Memory => {}
            Loss::Power => self.power.as_mut().expect("a disk").lose(),
            Loss::Outbox => fs::remove_dir_all(self.state()).expect("remove the outbox"),
        }
    }

    fn start(&self) -> TestTerminal {
        let disk = self.power.as_ref().map_or_else(String::new, |power| {
            let (library, files, journal) = (disk::library(), &power.data, &power.journal);
            format!(
                "LD_PRELOAD='{}' HUBBUB_DISK_FILES='{}' HUBBUB_DISK_JOURNAL='{}'",
                library.display(),
                files.display(),
                journal.display()
            )
        });
        let port = self.server.address().port();
        let script = format!("exec env {disk} \"$HUBBUB\" -H 127.0.0.1 -p {port} -n Ana {ROOMS}");
        TestTerminal::shell(&self.home, &script)
    }

    fn state(&self) -> PathBuf {
        self.home.path().join(".local/state/hubbub/outbox")
    }

    /// The directories of the outboxes, one for each hub.
    fn outboxes(&self) -> Vec<PathBuf> {
        entries(&self.state())
    }

    fn set(&mut self, hub: Hub) {
        self.hub = hub;
        match hub {
            Hub::Up => {}
            Hub::Stopped => signal(self.server.id(), Signal::STOP),
            Hub::Gone => self.server.kill(),
        }
    }

    fn wake(&mut self) {
        match std::mem::replace(&mut self.hub, Hub::Up) {
            Hub::Up => {}
            Hub::Stopped => signal(self.server.id(), Signal::CONT),
            Hub::Gone => self.server.restart(),
        }
    }
}

/// Everything that was said until the end, as Bob reads it.
async fn read_logs(server: &ServerProcess) -> Logs {
    let mut bob = TestClient::connect(server.address()).await;
    let welcome = bob.hello("Bob", Some(secret(BOB))).await.expect("welcome");
    let private = welcome.rooms.iter().find(|room| room.peer.is_some()).expect("Ana's hello");
    let rooms =
        [(Place::Lobby, "lobby"), (Place::Games, "games"), (Place::Bob, private.room.as_str())];
    let mut logs = BTreeMap::new();
    for (place, room) in rooms {
        bob.join_after(room, Some(0)).await;
        // What Ana says to Bob comes to him before he has joined, too, and so in any order.
        let mut log = BTreeMap::new();
        while !is_whole(&log) {
            let next = bob.wait_for("an event of the room", |frame| match frame {
                ServerFrame::Event(event) if event.room.as_str() == room => Some(event.clone()),
                _ => None,
            });
            let event = next.await;
            log.insert(event.seq.get(), event.text.map_or_else(String::new, |it| it.to_string()));
        }
        let log = log.into_values().collect();
        logs.insert(place, log);
    }
    bob.close().await;
    logs
}

/// Whether everything is there, from the first event to the last one.
fn is_whole(log: &BTreeMap<u64, String>) -> bool {
    log.last_key_value().is_some_and(|(seq, text)| text == END && *seq == log.len() as u64)
}

fn keys_of(place: Place, text: &str) -> String {
    match place {
        Place::Lobby => format!("<a-1>{text}<ret>"),
        Place::Games => format!("<a-2>{text}<ret>"),
        Place::Bob => format!("<a-1>/msg Bob {text}<ret>"),
    }
}

/// The messages that were written down in a file; a line without an end was not.
fn typed_in(file: &str) -> Vec<String> {
    let whole = file.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let lines = whole
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str::<Vec<serde_json::Value>>(line).expect("a list of notes"));
    let text = |note: serde_json::Value| note["typed"]["text"].as_str().map(str::to_owned);
    lines.flatten().filter_map(text).collect()
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// Whether a text stands in the scrollback, not only in the composer.
fn has_said(screen: &vt100::Screen, text: &str) -> bool {
    rows(screen).any(|row| is_said(&row, text))
}

fn is_said(row: &str, text: &str) -> bool {
    !row.starts_with('>') && row.ends_with(&format!(" {text}"))
}

fn rows(screen: &vt100::Screen) -> impl Iterator<Item = String> {
    screen.rows(0, 80).map(|row| row.trim_end().to_owned())
}

/// Lets time go by where it is time that is tested.
fn wait(time: Duration) {
    let (_sender, nothing) = mpsc::channel::<()>();
    let _ = nothing.recv_timeout(time); // Nothing comes.
}
