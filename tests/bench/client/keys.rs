//! In this process: from a key to the bytes of its frame, and what else happens on a screen, with
//! more and less history in the room.

use std::{hint::black_box, time::Instant};

use tui_client::event::{Event, KeyCode, Size};

use crate::{
    figures::{Times, words},
    reader::Reader,
    report::Report,
};

/// How much has been said; all of it was read, from the newest to the first and back.
pub(crate) const HISTORIES: [u64; 3] = [100, 10_000, 1_000_000];
/// Sizes of the screen.
pub(crate) const SIZES: [(u16, u16); 2] = [(80, 24), (200, 50)];
/// How many of each are timed in a row.
const COUNT: usize = 400;
/// How often all take turns.
const ROUNDS: usize = 5;

type Act = fn(&mut Reader, usize);

const ACTS: [(&str, Act); 7] = [
    ("a letter typed", type_letter),
    ("a letter in a draft of 64 KiB", type_letter),
    ("a page up or down", page),
    ("a message comes", |reader, _| reader.hears_message()),
    ("another width", resize),
    ("to the first message or the newest", far),
    ("a letter, 1,000 own messages waiting", type_letter),
];

pub(crate) fn measure(report: &mut Report) -> anyhow::Result<()> {
    for (columns, rows) in SIZES {
        let mut readers: Vec<Reader> =
            HISTORIES.iter().map(|history| read(columns, rows, *history)).collect();
        report.heading(&format!("**Key to frame** in this process, {columns}×{rows}:"))?;
        report.table(&[
            "",
            "100 messages",
            "p99",
            "10,000",
            "1,000,000",
            "p99",
            "1,000,000 over 100",
        ])?;
        for (what, act) in ACTS {
            let times = turns(&mut readers, what, act);
            let [few, some, many] = &times[..] else { continue };
            let ratio = many.median().as_secs_f64() / few.median().as_secs_f64();
            report.row(&[
                what,
                &words(few.median()),
                &words(few.percentile(99)),
                &words(some.median()),
                &words(many.median()),
                &words(many.percentile(99)),
                &format!("{ratio:.2}"),
            ])?;
        }
    }
    Ok(())
}

fn read(columns: u16, rows: u16, history: u64) -> Reader {
    let mut reader = Reader::at(columns, rows, history);
    reader.read_all();
    reader
}

/// Each history in turn, so that a busy machine is unfair to all.
fn turns(readers: &mut [Reader], what: &str, act: Act) -> Vec<Times> {
    let mut times = vec![Times::default(); readers.len()];
    for reader in &mut *readers {
        prepare(reader, what);
    }
    for _ in 0..ROUNDS {
        for (reader, times) in readers.iter_mut().zip(&mut times) {
            for n in 0..COUNT {
                let begun = Instant::now();
                act(reader, n);
                black_box(reader.paint());
                times.note(begun.elapsed());
            }
        }
    }
    for reader in readers {
        reader.clear_draft();
        reader.press(KeyCode::End);
        reader.paint();
    }
    times
}

fn prepare(reader: &mut Reader, what: &str) {
    if what.contains("64 KiB") {
        reader.take(Event::Paste("words and words ".repeat(4096)));
    }
    if what.contains("page up") {
        reader.press(KeyCode::PageUp);
    }
    if what.contains("waiting") {
        reader.goes_offline();
        (0..1_000).for_each(|_| reader.sends("and nobody hears it"));
    }
    reader.paint();
}

fn type_letter(reader: &mut Reader, n: usize) {
    reader.press(if n % 20 < 10 { KeyCode::Char('x') } else { KeyCode::Backspace });
}

fn page(reader: &mut Reader, n: usize) {
    reader.press(if n.is_multiple_of(2) { KeyCode::PageUp } else { KeyCode::PageDown });
}

fn resize(reader: &mut Reader, n: usize) {
    let Size { rows, .. } = reader.state.size;
    let columns = if rows < 30 { 80 } else { 200 };
    reader.take(Event::Resize(Size { columns: columns + (n % 2) as u16, rows }));
}

/// Home and End: the first messages and the newest are read again where they were dropped.
fn far(reader: &mut Reader, n: usize) {
    reader.press(if n.is_multiple_of(2) { KeyCode::Home } else { KeyCode::End });
}

/// How many bytes a new message at the bottom takes, which fits into a row.
pub(crate) fn lines(report: &mut Report) -> anyhow::Result<()> {
    report.heading("**A new line at the bottom**, medians of 300:")?;
    report.table(&["screen", "bytes of the frame", "of these its text", "a whole frame"])?;
    for (columns, rows) in SIZES {
        let mut reader = Reader::at(columns, rows, 10_000);
        let whole = reader.repaint().len();
        let (mut bytes, mut texts) = (Vec::new(), Vec::new());
        while bytes.len() < 300 {
            let text = reader.next_text();
            reader.hears_message();
            let frame = reader.paint();
            if text.chars().count() + 40 < usize::from(columns) {
                bytes.push(frame.len() as f64);
                texts.push(text.len() as f64);
            }
        }
        let [bytes, text] = [bytes, texts].map(|figures| crate::figures::median(&figures));
        let screen = format!("{columns}×{rows}");
        report.row(&[&screen, &bytes.to_string(), &text.to_string(), &whole.to_string()])?;
    }
    Ok(())
}
