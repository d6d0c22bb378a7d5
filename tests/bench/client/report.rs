//! What was measured, in words: printed as it comes, and kept to be written down.

use std::{io::Write as _, path::Path};

use anyhow::Context as _;

/// What was measured, as it stands in `RESULTS.md`.
#[derive(Default)]
pub(crate) struct Report {
    text: String,
}

impl Report {
    pub(crate) fn say(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(std::io::stdout(), "{line}")?;
        self.text += line;
        self.text.push('\n');
        Ok(())
    }

    pub(crate) fn heading(&mut self, line: &str) -> anyhow::Result<()> {
        self.say("")?;
        self.say(line)?;
        self.say("")
    }

    pub(crate) fn table(&mut self, columns: &[&str]) -> anyhow::Result<()> {
        self.row(columns)?;
        self.row(&vec!["---"; columns.len()])
    }

    pub(crate) fn row(&mut self, cells: &[&str]) -> anyhow::Result<()> {
        self.say(&format!("| {} |", cells.join(" | ")))
    }

    /// Puts it between the markers of this part in `RESULTS.md`.
    pub(crate) fn write(&self, part: &str) -> anyhow::Result<()> {
        let (open, close) = (format!("<!-- client {part} -->"), format!("<!-- /client {part} -->"));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
        let text = std::fs::read_to_string(&path)?;
        let (before, rest) = text.split_once(&open).with_context(|| format!("no {open}"))?;
        let (_, after) = rest.split_once(&close).with_context(|| format!("no {close}"))?;
        std::fs::write(path, format!("{before}{open}\n{}\n{close}{after}", self.text))?;
        Ok(())
    }
}
