//! Asks the terminal for its colours, before anybody else reads what comes from it.

use std::{
    io,
    io::Write as _,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec},
    io::Errno,
};

use super::answers::{ASK, Answers, FENCE};

/// How long the terminal may take. Most need a millisecond; what comes later, over a slow line,
/// is not lost but seen a moment after the first frame.
const PATIENCE: Duration = Duration::from_millis(200);
/// How long the rest may take of an answer that has begun: cut in two it would be typed text.
const REST: Duration = Duration::from_secs(1);

/// Asks, and waits until all is answered, or for so long.
pub(super) fn ask() -> io::Result<Answers> {
    let mut stdout = io::stdout().lock();
    stdout.write_all([ASK, FENCE].concat().as_bytes())?;
    stdout.flush()?;
    drop(stdout);
    let begun = Instant::now();
    let mut answers = Answers::default();
    while !answers.are_all() {
        let limit = if answers.are_cut() { PATIENCE + REST } else { PATIENCE };
        let left = limit.saturating_sub(begun.elapsed());
        let Some(bytes) = read_within(left) else { break };
        answers.push(&bytes);
    }
    Ok(answers)
}

/// What has come, as soon as something has; `None` when the time is over. Also where the
/// terminal is gone: whoever reads its keys will see to that.
fn read_within(time: Duration) -> Option<Vec<u8>> {
    let stdin = io::stdin();
    let mut waiting = [PollFd::new(&stdin, PollFlags::IN)];
    let seconds = time.as_secs().cast_signed();
    let limit = Timespec { tv_sec: seconds, tv_nsec: time.subsec_nanos().into() };
    match rustix::event::poll(&mut waiting, Some(&limit)) {
        Ok(1..) => {}
        Err(Errno::INTR) => return Some(Vec::new()),
        Ok(0) | Err(_) => return None,
    }
    let mut buffer = [0; 1024];
    // Not by `Stdin`, which would keep what it read ahead to itself.
    match rustix::io::read(&stdin, &mut buffer) {
        Ok(count @ 1..) => Some(buffer[..count].to_vec()),
        Err(Errno::INTR) => Some(Vec::new()),
        Ok(0) | Err(_) => None,
    }
}
