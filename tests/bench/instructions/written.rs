//! What is written down, and how new figures are beside it.

use std::{collections::BTreeMap, fmt, fs};

use anyhow::Context as _;

use crate::subject::{Size, Subject};

/// Where it is written down.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bench/instructions.txt");
/// The beginning of the file.
const HEAD: &str = "# Instructions per operation, of a release build on x86-64; written by
# `cargo run --release -p tests --bin bench-instructions accept`.
# subject, rooms x members x history, instructions
";
/// A change that is more than one part of so many counts.
const PART: u64 = 10;

/// Instructions per operation.
#[derive(Debug, Default)]
pub(crate) struct Figures(BTreeMap<(Subject, Size), u64>);

/// How a figure is beside the one that is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There is none.
    New,
    Same,
    Worse,
    Better,
}

impl Figures {
    /// Those that are written down.
    pub(crate) fn read() -> anyhow::Result<Self> {
        match fs::read_to_string(FILE) {
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            text => Self::parse(&text.with_context(|| FILE.to_owned())?),
        }
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let figures = lines.map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            let [subject, size, figure] = words[..] else {
                anyhow::bail!("{FILE} has the line {line:?}; write it anew with accept");
            };
            Ok(((subject.parse()?, size.parse()?), figure.parse()?))
        });
        figures.collect::<anyhow::Result<_>>().map(Self)
    }

    /// Writes them down.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        let lines = self.0.iter();
        let lines =
            lines.map(|((subject, size), figure)| format!("{subject:14} {size:>12} {figure:>9}\n"));
        let text: String = [HEAD.to_owned()].into_iter().chain(lines).collect();
        fs::write(FILE, text).with_context(|| FILE.to_owned())
    }

    pub(crate) fn get(&self, subject: Subject, size: Size) -> Option<u64> {
        self.0.get(&(subject, size)).copied()
    }

    pub(crate) fn set(&mut self, subject: Subject, size: Size, figure: u64) {
        self.0.insert((subject, size), figure);
    }

    /// How a new figure is beside the one that is written down.
    pub(crate) fn judge(&self, subject: Subject, size: Size, now: u64) -> Verdict {
        match self.get(subject, size) {
            None => Verdict::New,
            Some(before) if now > before + before / PART => Verdict::Worse,
            Some(before) if now < before - before / PART => Verdict::Better,
            Some(_) => Verdict::Same,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "new: write it down with accept",
            Self::Same => "",
            Self::Worse => "WORSE by more than a tenth",
            Self::Better => "better by more than a tenth: write it down with accept",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { rooms: 1, members: 1_000, history: 100 };

    #[test]
    fn a_tenth_more_is_let_pass_and_not_more_than_that() {
        let figures = Figures::parse("# x\nhub-say  1x1000x100  2000\n").unwrap();
        let judge = |now| figures.judge(Subject::HubSay, SIZE, now);
        assert_eq!([judge(2_200), judge(1_800)], [Verdict::Same; 2]);
        assert_eq!((judge(2_201), judge(1_799)), (Verdict::Worse, Verdict::Better));
        assert_eq!(figures.judge(Subject::Encode, SIZE, 1), Verdict::New);
    }

    #[test]
    fn a_line_that_is_no_figure_is_an_error() {
        for text in ["hub-say 1x1x1", "hub-say 1x1 5", "hub 1x1x1 5", "hub-say 1x1x1 much"] {
            assert!(Figures::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_down_can_be_read() {
        assert!(Figures::read().unwrap().get(Subject::HubSay, SIZE).is_some());
    }
}
