//! What goes through the child's stdin, its life line, and what it answers: a line for each. Only
//! whoever started the hub holds the other end.

use std::{
    io::{self, BufRead, Read as _},
    time::Duration,
};

use protocol::Identity;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _},
    sync::{mpsc, oneshot},
    time,
};

use super::HubProcess;

/// What the child writes when somebody is an operator.
pub const APPOINTED: &str = "appointed";
/// What begins the line that makes somebody one; their identity follows.
const OPERATOR: &str = "operator ";
/// Longest line; what is longer is none of ours.
const LINE_BYTES_MAX: u64 = 256;
/// How long an answer is waited for: the hub has one thing to write to its disk.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Most of them that wait to be written. One comes before each hello.
pub(super) const APPOINTMENTS_MAX: usize = 4;

/// Somebody who is to be an operator, and who waits for that.
#[derive(Debug)]
pub(super) struct Appointment {
    pub(super) who: Identity,
    pub(super) done: oneshot::Sender<()>,
}

/// Makes whoever hosts an operator of the hub that this process has started.
#[derive(Clone, Debug)]
pub struct Appointer(pub(super) mpsc::Sender<Appointment>);

impl Appointer {
    /// Has this person be an operator from their next hello on. A hub that does not answer in time
    /// is joined all the same, and does it when it can.
    pub async fn appoint(&self, who: &Identity) {
        let (done, is_done) = oneshot::channel();
        let appointment = Appointment { who: who.clone(), done };
        if self.0.try_send(appointment).is_ok() {
            let _ = time::timeout(ANSWER_WITHIN, is_done).await;
        }
    }
}

impl HubProcess {
    /// Tells the child, and waits until it has done so or has ended.
    pub(super) async fn appoint(&mut self, who: &Identity) {
        let answer = async {
            self.life_line.write_all(line_of(who).as_bytes()).await?;
            self.words.read_line(&mut String::new()).await
        };
        let _ = time::timeout(ANSWER_WITHIN, answer).await;
    }
}

fn line_of(who: &Identity) -> String {
    format!("{OPERATOR}{who}\n")
}

/// Who is to be an operator by this line, if it says so.
pub fn appointed_by(line: &str) -> Option<Identity> {
    Identity::parse(line.strip_prefix(OPERATOR)?).ok()
}

/// The next line; `None` at the end, or when the life line is broken.
pub fn next_line(input: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let read: io::Result<usize> = input.take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
    let is_there = read.is_ok_and(|count| count > 0);
    is_there.then(|| String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let who = Identity::from_bytes([7; 16]);
        let mut input = io::Cursor::new(line_of(&who) + "operator\noperator Bob\n\nnonsense");
        let lines: Vec<String> = std::iter::from_fn(|| next_line(&mut input)).collect();
        let found: Vec<Option<Identity>> = lines.iter().map(|line| appointed_by(line)).collect();
        assert_eq!(found, [Some(who), None, None, None, None]);
    }

    #[test]
    fn a_line_without_an_end_fills_no_memory() {
        let text = vec![b'x'; 3 * LINE_BYTES_MAX as usize];
        let mut input = text.as_slice();
        let lengths: Vec<usize> =
            std::iter::from_fn(|| next_line(&mut input)).map(|line| line.len()).collect();
        assert_eq!(lengths, [LINE_BYTES_MAX as usize; 3]);
    }
}
