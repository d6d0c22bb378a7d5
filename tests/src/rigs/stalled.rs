//! Clients that stop: they are reset, nobody else notices, and they come back to everything.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use protocol::{RoomName, ServerFrame};
use rustix::process::Signal;
use tokio::time::{Instant, timeout_at};

use crate::{
    Launch, ServerProcess, TestClient,
    crowd::{Crowd, Entry, Kind, Outcome, Violation},
    process::program,
    signal,
};

/// The longest until somebody who stopped is told to have left: 55 s of silence, 10 s in which
/// they might come back, and some for a machine that is busy.
const LEFT_AFTER: Duration = Duration::from_secs(80);
/// Messages that everybody else must get meanwhile.
const ACKS: usize = 50;

/// Stops so many clients among so many others until the hub has reset them, and lets them go on.
pub fn stall(launch: Launch, stalled: usize, others: u8) -> Outcome {
    let server = ServerProcess::launch(launch);
    let crowd = Crowd::gather_slow(server.address(), 4, others - 4);
    let followers: Vec<_> =
        (0..stalled).map(|number| Follower::start(server.address(), number)).collect();
    crowd.wait_for_acks(ACKS);
    crowd.wait_until("followers", || followers.iter().all(|it| it.last() > 0));
    for follower in &followers {
        follower.signal(Signal::STOP);
    }
    let left = crowd.block_on(all_left(server.address(), stalled));
    crowd.wait_for_acks(ACKS);
    for follower in &followers {
        follower.signal(Signal::CONT);
    }
    let mut violations = Vec::new();
    if left {
        crowd.wait_until("a return", || followers.iter().all(Follower::is_back));
        let end = crowd.newest();
        crowd.wait_until("the rest", || followers.iter().all(|it| it.last() >= end));
    } else {
        violations.push(Violation::new(Kind::NotReset, "somebody who stopped was not reset"));
    }
    violations.extend(followers.iter().filter_map(Follower::fault));
    let mut outcome = crowd.finish();
    let log = &outcome.logs.get(&RoomName::lobby()).map(Vec::as_slice).unwrap_or_default();
    violations.extend(followers.iter().filter_map(|it| it.differs_from(log)));
    outcome.violations.extend(violations);
    outcome
}

/// Waits until all followers are told to have left; says whether that came.
async fn all_left(address: SocketAddr, count: usize) -> bool {
    let mut watcher = TestClient::guest(address, "Watcher").await;
    watcher.join("lobby").await;
    let deadline = Instant::now() + LEFT_AFTER;
    let mut left = 0;
    let watching = async {
        while left < count {
            left += watcher
                .wait_for("presence", |frame| match frame {
                    ServerFrame::Presence(presence) => Some(presence.left.len()),
                    _ => None,
                })
                .await;
        }
    };
    timeout_at(deadline, watching).await.is_ok()
}

/// A follower in a process of its own.
#[derive(Debug)]
struct Follower {
    child: Child,
    heard: Arc<Mutex<Heard>>,
}

/// What a follower said.
#[derive(Debug, Default)]
struct Heard {
    last: u64,
    /// Which event was at seq 1, 2, ….
    ids: Vec<String>,
    cuts: u32,
    fault: Option<Violation>,
    since_cut: bool,
}

impl Follower {
    fn start(address: SocketAddr, number: usize) -> Self {
        let mut command = Command::new(program("follower"));
        command.arg(address.to_string()).arg(format!("follower{number}"));
        let mut child = command.stdout(Stdio::piped()).spawn().expect("start a follower");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let heard = Arc::new(Mutex::new(Heard::default()));
        let listening = Arc::clone(&heard);
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                lock(&listening).take(&line);
            }
        });
        Self { child, heard }
    }

    fn signal(&self, which: Signal) {
        signal(self.child.id(), which);
    }

    fn last(&self) -> u64 {
        lock(&self.heard).last
    }

    fn is_back(&self) -> bool {
        let heard = lock(&self.heard);
        heard.cuts > 0 && heard.since_cut
    }

    fn fault(&self) -> Option<Violation> {
        lock(&self.heard).fault.clone()
    }

    /// What it heard has to be the beginning of the log, if that could be read.
    fn differs_from(&self, log: &[Entry]) -> Option<Violation> {
        let heard = lock(&self.heard);
        let is_other = |(id, entry): (&String, &Entry)| *id != entry.id.as_str();
        let at = heard.ids.iter().zip(log).position(is_other)?;
        let what = format!("a follower heard {} as {}: {:?}", heard.ids[at], at + 1, log[at]);
        Some(Violation::new(Kind::SeenLost, what))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill(); // It ends no other way.
        let _ = self.child.wait();
    }
}

impl Heard {
    fn take(&mut self, line: &str) {
        if line == "cut" {
            (self.cuts, self.since_cut) = (self.cuts + 1, false);
            return;
        }
        let (seq, id) = line.split_once(' ').expect("SEQ ID");
        let seq = seq.parse().expect("a number");
        self.ids.push(id.to_owned());
        if seq != self.last + 1 {
            let kind = if seq > self.last { Kind::Hole } else { Kind::Overlap };
            self.fault = Some(Violation::new(kind, format!("{seq} came after {}", self.last)));
        }
        (self.last, self.since_cut) = (seq, true);
    }
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Crowd {
    /// The last seq of the lobby.
    fn newest(&self) -> u64 {
        let head = async {
            TestClient::guest(self.address(), "Reader").await.join("lobby").await.head.get()
        };
        self.block_on(head)
    }
}
