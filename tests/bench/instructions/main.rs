//! How many instructions one operation takes, counted by valgrind: the same on a busy machine and
//! on an idle one, so that a change for the worse is seen where times say nothing.
//!
//! `cargo run --release -p tests --bin bench-instructions [accept] [SUBJECT]`
//!
//! Compares with what is written down in `instructions.txt` beside this file, and fails if
//! anything is more than a tenth worse; with `accept` it writes down what it has counted. The
//! figures are those of one compiler on x86-64.
//!
//! Each subject is prepared in the same way and done a few times and many times, in two
//! processes; what the second one took more is what the operations took. To look closer (with
//! `CARGO_PROFILE_RELEASE_DEBUG=line-tables-only` when it is built, also by line):
//!
//! `valgrind --tool=callgrind target/release/bench-instructions run hub-say 1x1000x100 1100`

mod count;
mod hub;
mod ledger;
mod made;
mod shard;
mod subject;
mod written;

use std::io::Write as _;

use anyhow::{Context as _, ensure};

use self::{
    subject::{Size, Subject},
    written::{Figures, Verdict},
};

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["run", subject, size, count] => do_it(subject, size, count),
        ["run", ..] => anyhow::bail!("run what? run SUBJECT ROOMSxMEMBERSxHISTORY COUNT"),
        ["accept"] => accept(""),
        ["accept", subject] => accept(subject),
        [] => compare(""),
        [subject] => compare(subject),
        _ => anyhow::bail!("too many words; say [accept] [SUBJECT]"),
    }
}

/// What is counted: it ends without taking anything apart.
fn do_it(subject: &str, size: &str, count: &str) -> anyhow::Result<()> {
    let subject: Subject = subject.parse()?;
    let count: usize = count.parse().context("how often is a number")?;
    let mut once = subject.prepare(size.parse()?)?;
    (0..count).for_each(|_| once());
    std::mem::forget(once);
    Ok(())
}

/// Counts, and tells how it is beside what is written down.
fn compare(named: &str) -> anyhow::Result<()> {
    let before = Figures::read()?;
    let mut worse = Vec::new();
    let mut out = std::io::stdout();
    writeln!(out, "{:14} {:>16} {:>14} {:>9}", "", "rooms×members×…", "instructions", "before")?;
    for (subject, size) in wanted(named)? {
        let now = count::instructions(subject, size)?;
        let verdict = before.judge(subject, size, now);
        let before = before.get(subject, size).map_or_else(|| "-".to_owned(), |it| it.to_string());
        writeln!(out, "{subject:14} {size:>16} {now:>14} {before:>9} {verdict}")?;
        if verdict == Verdict::Worse {
            worse.push(format!("{subject} at {size} takes {now}, not {before}"));
        }
    }
    let how = "make it cheaper, or if it is worth that much, write it down with accept";
    ensure!(worse.is_empty(), "more than a tenth worse: {}; {how}", worse.join("; "));
    Ok(())
}

/// Counts, and writes it down.
fn accept(named: &str) -> anyhow::Result<()> {
    let mut figures = Figures::read()?;
    for (subject, size) in wanted(named)? {
        let now = count::instructions(subject, size)?;
        writeln!(std::io::stdout(), "{subject:14} {size:>16} {now:>14}")?;
        figures.set(subject, size, now);
        figures.write()?;
    }
    Ok(())
}

fn wanted(named: &str) -> anyhow::Result<Vec<(Subject, Size)>> {
    let subjects = Subject::ALL.into_iter().filter(|subject| subject.name().starts_with(named));
    let all: Vec<_> = subjects
        .flat_map(|subject| subject.sizes().iter().map(move |size| (subject, *size)))
        .collect();
    ensure!(!all.is_empty(), "there is no subject {named}; {}", subject::names());
    Ok(all)
}
