//! What the client costs, with a hundred messages in a room and with a million.
//!
//! `cargo build --release -p tui-client -p server &&
//! cargo run --release -p tests --bin bench-client`
//!
//! Arguments choose what is measured (`keys line paragraph flood idle memory`; all without), and
//! `--write` puts it into `tests/RESULTS.md`. `keys`, `line` and `paragraph` drive the client's
//! state and painter in this process; the bytes go nowhere. The others start the real programs,
//! the client in a pseudo-terminal; `idle` needs `strace`. What is compared takes turns, and
//! medians count: the figures are those of a machine, the ratios are not.

#![expect(clippy::expect_used, reason = "what is made here is valid")]

#[cfg(target_os = "linux")]
mod figures;
#[cfg(target_os = "linux")]
mod hub;
#[cfg(target_os = "linux")]
mod keys;
#[cfg(target_os = "linux")]
mod log;
#[cfg(target_os = "linux")]
mod paragraph;
#[cfg(target_os = "linux")]
mod reader;
#[cfg(target_os = "linux")]
mod real;
#[cfg(target_os = "linux")]
mod report;
#[cfg(target_os = "linux")]
mod talker;
#[cfg(target_os = "linux")]
mod window;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    const PARTS: [&str; 6] = ["keys", "line", "paragraph", "flood", "idle", "memory"];
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let asked = words.len();
    words.retain(|word| word != "--write");
    let is_written = words.len() < asked;
    if let Some(word) = words.iter().find(|word| !PARTS.contains(&word.as_str())) {
        anyhow::bail!("there is no part {word}; there are {}", PARTS.join(" "));
    }
    let is_asked = |part: &&str| words.is_empty() || words.iter().any(|word| word == part);
    for part in PARTS.into_iter().filter(is_asked) {
        let mut report = report::Report::default();
        match part {
            "keys" => keys::measure(&mut report)?,
            "line" => keys::lines(&mut report)?,
            "paragraph" => paragraph::measure(&mut report)?,
            "flood" => real::flood(&mut report).await?,
            "idle" => real::idle(&mut report).await?,
            _ => real::memory(&mut report).await?,
        }
        if is_written {
            report.write(part)?;
        }
    }
    Ok(())
}
