//! Lines from stdin, and when the next one is taken.

use std::io::{self, BufRead, Read as _};

use tokio::sync::mpsc;

use crate::{
    composer::draft::DRAFT_BYTES_MAX, composer::paste::MESSAGES_MAX, link::Phase, state::State,
};

/// Lines read and not taken yet.
const LINES_MAX: usize = 16;

/// Reads stdin in a thread of its own: a read that waits cannot be called back.
pub(super) fn read_lines() -> io::Result<mpsc::Receiver<String>> {
    let (sender, receiver) = mpsc::channel(LINES_MAX);
    std::thread::Builder::new().name("stdin".into()).spawn(move || {
        let mut stdin = io::stdin().lock();
        while let Some(line) = next_line(&mut stdin) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}

/// The next line. One that is longer than any draft is cut, so that no input fills the memory.
fn next_line(input: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let read = input.take(DRAFT_BYTES_MAX as u64).read_until(b'\n', &mut line);
    match read {
        Ok(1..) => Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()),
        Ok(0) | Err(_) => None,
    }
}

/// Whether a line can be taken: what the one before asked for is there, and messages have room.
pub(super) fn is_ready(state: &State) -> bool {
    if state.prompt.is_some() {
        return true;
    }
    let has_answers = match state.link.phase {
        Phase::Connecting => false,
        Phase::Live => state.requests.is_empty(),
        Phase::Offline { .. } | Phase::Idle | Phase::Stopped { .. } => true,
    };
    has_answers && state.outbox.has_room_for(MESSAGES_MAX)
}

/// Whether everything that was taken is done, as far as it can be now.
pub(super) fn is_done(state: &State) -> bool {
    match state.link.phase {
        _ if state.prompt.is_some() => true,
        Phase::Connecting => false,
        Phase::Live => state.requests.is_empty() && state.outbox.is_settled(),
        Phase::Offline { .. } | Phase::Idle | Phase::Stopped { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_either_way_and_the_last_one_may_not() {
        let mut input = "one\r\n\ntwo\nlast".as_bytes();
        let lines: Vec<String> = std::iter::from_fn(|| next_line(&mut input)).collect();
        assert_eq!(lines, ["one", "", "two", "last"]);
    }

    #[test]
    fn a_line_without_an_end_fills_no_memory() {
        let text = vec![b'x'; 2 * DRAFT_BYTES_MAX + 1];
        let mut input = text.as_slice();
        let lengths: Vec<usize> =
            std::iter::from_fn(|| next_line(&mut input)).map(|line| line.len()).collect();
        assert_eq!(lengths, [DRAFT_BYTES_MAX, DRAFT_BYTES_MAX, 1]);
    }
}
