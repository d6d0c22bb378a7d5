//! A wall clock that is set back, and a hub that is stopped for a while.

use std::{fs, thread, time::Duration};

use protocol::Timestamp;
use rustix::process::Signal;

use crate::{
    Launch, ServerProcess, TestClient,
    crowd::{Crowd, Kind, Outcome, Violation},
    rigs::disk::Disk,
    signal,
};

/// Messages that are to be acked before and after.
const ACKS: usize = 200;
/// A year back.
const YEAR_BACK: &str = "-31536000";

/// The wall clock jumps back by a year under a hub, which is then killed and started again.
pub fn set_the_clock_back(launch: &Launch) -> Outcome {
    let home = tempfile::tempdir().expect("a directory");
    let clock = home.path().join("clock");
    fs::write(&clock, "0").expect("write");
    let mut server = ServerProcess::launch(Disk::Clock(&clock).under(launch));
    let crowd = Crowd::gather(server.address(), 8, 8);
    crowd.wait_for_acks(ACKS);
    let before = crowd.newest_label();
    fs::write(&clock, YEAR_BACK).expect("write");
    crowd.wait_for_acks(ACKS);
    assert!(crowd.newest_label() < before, "the hub's clock was not set back");
    server.kill();
    server.restart();
    crowd.wait_for_acks(ACKS);
    crowd.finish()
}

/// A hub is stopped for so long, and goes on: nobody is to notice but for the wait.
pub fn stop_the_hub(launch: Launch, pause: Duration) -> Outcome {
    let server = ServerProcess::launch(launch);
    let crowd = Crowd::gather(server.address(), 2, 30);
    crowd.wait_for_acks(ACKS);
    signal(server.id(), Signal::STOP);
    thread::park_timeout(pause);
    signal(server.id(), Signal::CONT);
    crowd.wait_for_acks(ACKS);
    let mut outcome = crowd.finish();
    if outcome.returns > 0 {
        let what = format!("{} had to come back", outcome.returns);
        outcome.violations.push(Violation::new(Kind::Reset, what));
    }
    outcome
}

impl Crowd {
    /// The time that the newest event of the lobby is labelled with.
    fn newest_label(&self) -> Timestamp {
        let newest = async {
            let mut reader = TestClient::guest(self.address(), "Reader").await;
            reader.join("lobby").await;
            let page = reader.history("lobby", None, 1).await;
            page.events.last().expect("an event").at
        };
        self.block_on(newest)
    }
}
