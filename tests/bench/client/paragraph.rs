//! The same text in ratatui's wrapped `Paragraph`, as most terminal clients in Rust show theirs.
//! It is made once and only drawn here; of its frame the bytes are not counted either.

use std::{fmt::Write as _, hint::black_box, time::Instant};

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Text,
    widgets::{Paragraph, Widget as _, Wrap},
};

use crate::{
    figures::{Times, words},
    keys::{HISTORIES, SIZES},
    log,
    reader::Reader,
    report::Report,
};

/// It counts rows in 16 bits: what is below these cannot be shown.
const SCROLL_MAX: u64 = u16::MAX as u64;

pub(crate) fn measure(report: &mut Report) -> anyhow::Result<()> {
    report.heading(
        "**Beside ratatui's wrapped `Paragraph`** on the same text: a view of it drawn into \
         cells, beside our whole frame (event, state, layout, cells, bytes) after it is scrolled \
         by a row.",
    )?;
    report.table(&["screen", "messages", "Paragraph", "ours", "×"])?;
    for (columns, rows) in SIZES {
        for history in HISTORIES {
            let theirs = paragraph(columns, rows, history);
            let ours = scrolled(columns, rows, history);
            report.row(&[
                &format!("{columns}×{rows}"),
                &history.to_string(),
                &words(theirs.median()),
                &words(ours.median()),
                &format!("{:.1}", theirs.median().as_secs_f64() / ours.median().as_secs_f64()),
            ])?;
        }
    }
    Ok(())
}

/// As far down as there are messages, or as it goes: above the newest, since texts wrap.
fn paragraph(columns: u16, rows: u16, history: u64) -> Times {
    let mut text = String::new();
    for number in 1..=history {
        let event = log::event(number);
        let _ = writeln!(text, "14:05 {:12}{}", event.from.as_str(), log::text(number));
    }
    let area = Rect::new(0, 0, columns - 16, rows - 4);
    let offset = history.saturating_sub(u64::from(area.height)).min(SCROLL_MAX) as u16;
    let paragraph = Paragraph::new(Text::raw(text)).wrap(Wrap { trim: false }).scroll((offset, 0));
    let mut buffer = Buffer::empty(area);
    let mut times = Times::default();
    for _ in 0..if history > 100_000 { 5 } else { 100 } {
        let begun = Instant::now();
        buffer.reset();
        (&paragraph).render(area, &mut buffer);
        black_box(&buffer);
        times.note(begun.elapsed());
    }
    times
}

fn scrolled(columns: u16, rows: u16, history: u64) -> Times {
    let mut reader = Reader::at(columns, rows, history);
    let mut times = Times::default();
    for n in 0..400 {
        let begun = Instant::now();
        reader.take(tui_client::event::Event::Wheel(if n % 20 < 10 { -1 } else { 1 }));
        black_box(reader.paint());
        times.note(begun.elapsed());
    }
    times
}
