//! What is said outside the screen: the lines of linear mode, complaints, farewells, questions
//! before there is a screen, and panics. All of it is made safe here: in any of it there may be a
//! name, an address or a sentence of somebody else's.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::{self, Write as _},
    os::fd::AsFd as _,
    panic, thread,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
};

use crate::safe_text::SafeText;

/// Prints a text, line by line.
pub fn out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(safe(text).as_bytes())?;
    stdout.flush()
}

/// Says what went wrong. Nobody may be there to read it.
pub fn complain(text: &str) {
    let _ = io::stderr().lock().write_all(safe(text).as_bytes());
}

/// Waits until nobody can read any more what is printed. Whether that is so: of a file it is never
/// known.
pub(crate) fn until_nobody_reads() -> bool {
    let stdout = io::stdout();
    // No event is asked for: those that tell of an end come unasked.
    let mut watched = [PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::empty())];
    loop {
        match poll(&mut watched, None) {
            Ok(_) => return watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP),
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Asks something; the answer is typed behind it.
pub(crate) fn ask(question: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(SafeText::line(question).as_str().as_bytes())?;
    stdout.flush()
}

/// A panic repeats what it stumbled over, which may be what somebody else wrote.
pub fn mind_panics() {
    panic::set_hook(Box::new(|info| {
        let thread = thread::current();
        let name = thread.name().unwrap_or("a thread");
        let trace = Backtrace::capture();
        let trace = match trace.status() {
            BacktraceStatus::Captured => format!("\n{trace}"),
            _ => String::new(),
        };
        complain(&format!("hubbub broke; this is an error of the program: {name} {info}{trace}"));
    }));
}

/// Each line as no terminal can take it for anything else.
fn safe(text: &str) -> String {
    let lines = text.lines().map(|line| format!("{}\n", SafeText::line(line).as_str()));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_safe_and_ends() {
        assert_eq!(safe("a\u{1b}[2J\r\nb\u{202E}\rc"), "a<U+001B>[2J\nb<U+202E><U+000D>c\n");
        assert_eq!(safe(""), "");
    }

    #[test]
    fn what_is_safe_stays_as_it_is() {
        let once = safe("日本 \u{200B}👩‍👩‍👧‍👦\te\u{301}");
        assert_eq!(safe(&once), once);
    }
}
