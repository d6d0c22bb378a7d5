//! `kill -9` of the hub at any moment.

use std::{thread, time::Duration};

use crate::{
    Launch, ServerProcess,
    crowd::{Crowd, Outcome},
};

/// When the hub is killed, after it began to listen: the point is that nobody knows when.
const KILLED_AFTER_MS: std::ops::RangeInclusive<u64> = 5..=500;

/// Kills a hub under eight who talk and eight who listen, again and again.
pub fn kill_again_and_again(launch: Launch, rounds: u32) -> Outcome {
    let mut server = ServerProcess::launch(launch);
    let crowd = Crowd::gather(server.address(), 8, 8);
    crowd.wait_for_acks(1);
    for _ in 0..rounds {
        thread::park_timeout(Duration::from_millis(fastrand::u64(KILLED_AFTER_MS)));
        server.kill();
        server.restart();
    }
    crowd.finish()
}
