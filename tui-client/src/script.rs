//! `hubbub send` and `hubbub tail`: the same hubs, names and secrets for scripts. Nothing is ever
//! asked, what was said is on stdout and all else on stderr, and the exit code says how it went.

mod entering;
mod input;
mod lines;
mod output;
mod send;
mod sending;
mod session;
mod tail;
mod tailing;

pub use send::send;
pub use tail::tail;

/// It worked.
const DONE: u8 = 0;
/// It did not, or not all of it.
const FAILURE: u8 = 1;
/// The hub was there, and was lost.
const LOST: u8 = 4;
/// The hub is there, and does not let one in.
const NOT_LET_IN: u8 = 5;

/// Why a script ends, with the code by which it knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// What is wrong, and what to do.
    pub sentence: String,
}

impl Failure {
    fn new(code: u8, sentence: impl Into<String>) -> Self {
        Self { code, sentence: sentence.into() }
    }
}

/// What a shell makes of a program that a signal ended.
fn code_of_signal(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(FAILURE)
}
