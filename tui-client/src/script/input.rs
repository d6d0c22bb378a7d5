//! The lines of the input, each a message or the reason why it is none.

use std::io::{self, BufRead, Read as _};

use protocol::{MESSAGE_BYTES_MAX, MessageText};
use tokio::sync::mpsc;

use super::sending::Line;

/// Lines read and not taken yet.
const LINES_MAX: usize = 16;
/// What is read of a line: a message, its end, and one byte more, by which it is too long.
const READ_MAX: u64 = MESSAGE_BYTES_MAX as u64 + 3;

/// Reads stdin in a thread of its own: a read that waits cannot be called back.
pub(super) fn read_lines() -> io::Result<mpsc::Receiver<Line>> {
    let (sender, receiver) = mpsc::channel(LINES_MAX);
    std::thread::Builder::new().name("stdin".into()).spawn(move || {
        let lines = Lines { input: io::stdin().lock(), number: 0, has_ended: false };
        for line in lines {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}

/// The lines of an input but for empty ones. None takes more memory than a message, however long
/// it is.
struct Lines<I> {
    input: I,
    number: u64,
    has_ended: bool,
}

impl<I: BufRead> Iterator for Lines<I> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        while !self.has_ended {
            let text = match self.read() {
                Ok(Some(text)) => text,
                Ok(None) => return None,
                Err(error) => {
                    self.has_ended = true;
                    Some(Err(format!("can't read the input: {error}")))
                }
            };
            if let Some(text) = text {
                return Some(Line { number: Some(self.number), text });
            }
        }
        None
    }
}

/// What a line says; `None` where it is empty.
type Read = Option<Result<MessageText, String>>;

impl<I: BufRead> Lines<I> {
    /// The next line; `None` at the end.
    fn read(&mut self) -> io::Result<Option<Read>> {
        self.number += 1;
        let mut line = Vec::new();
        if (&mut self.input).take(READ_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let is_whole = line.ends_with(b"\n") || line.len() < READ_MAX as usize;
        if !is_whole {
            self.skip_line()?;
            let text = format!("a message has at most {MESSAGE_BYTES_MAX} bytes; shorten it");
            return Ok(Some(Some(Err(text))));
        }
        Ok(Some(parse(&line)))
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let bytes = self.input.fill_buf()?;
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let length = bytes.len();
            self.input.consume(end.map_or(length, |end| end + 1));
            if end.is_some() || length == 0 {
                return Ok(());
            }
        }
    }
}

fn parse(line: &[u8]) -> Read {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return None;
    }
    let Ok(text) = std::str::from_utf8(line) else {
        return Some(Err("it is not UTF-8".to_owned()));
    };
    Some(MessageText::parse(text).map_err(|refusal| refusal.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<(u64, Result<String, String>)> {
        let lines = Lines { input, number: 0, has_ended: false };
        let text = |line: Line| line.text.map(|text| text.as_str().to_owned());
        lines.map(|line| (line.number.unwrap(), text(line))).collect()
    }

    #[test]
    fn lines_end_in_either_way_are_numbered_and_empty_ones_left_out() {
        let found = lines(b"one\r\n\n\r\n/two\n\tthree");
        let wanted = [(1, "one"), (4, "/two"), (5, "\tthree")];
        assert_eq!(found, wanted.map(|(number, text)| (number, Ok(text.to_owned()))));
    }

    #[test]
    fn what_is_no_message_is_told_and_the_next_line_is_read() {
        let mut input = vec![b'x'; MESSAGE_BYTES_MAX];
        input.extend(b"\r\n");
        input.extend(vec![b'y'; 5 * MESSAGE_BYTES_MAX]);
        input.extend(b"\na\x1bb\n\xff\nlast");
        let found = lines(&input);
        assert_eq!(found[0].1.as_ref().map(String::len), Ok(MESSAGE_BYTES_MAX));
        let why = |index: usize| found[index].1.clone().unwrap_err();
        assert_eq!(why(1), "a message has at most 4096 bytes; shorten it");
        assert!(why(2).contains("U+001B"), "{}", why(2));
        assert_eq!(why(3), "it is not UTF-8");
        assert_eq!(found[4], (5, Ok("last".to_owned())));
        let (number, too_long) = &lines(&vec![b'z'; MESSAGE_BYTES_MAX + 1])[0];
        assert!(*number == 1 && too_long.is_err());
    }
}
