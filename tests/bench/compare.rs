//! The hub beside those who do the same: gorilla/websocket, `ws`, uWebSockets,
//! tokio-tungstenite and axum with a broadcast channel, and a bare `send()` loop as the floor.
//!
//! `cargo build --release -p server && cargo run --release -p tests --bin bench-compare`
//!
//! Arguments choose what is measured (`fanout handshakes stalled storm large curve`; all without),
//! and: `--runs N` (5) of each; `--only NAME,NAME` peers (`hub` is both of ours); `--write` puts
//! what was measured into `tests/RESULTS.md`, and the curve into `tests/bench/curve.svg`. Each
//! kind has a table of figures, and one of what DESIGN §5 bounds. `tests/bench/peers/install` gets
//! the peers once; who is absent is said and left out. One generator for all, runs take turns,
//! medians count, so that a busy machine is unfair to all. What peers are told is the event that
//! the hub would make, which they repeat.

#[cfg(target_os = "linux")]
mod compare {
    pub(crate) mod book;
    pub(crate) mod choice;
    pub(crate) mod client;
    pub(crate) mod generator;
    pub(crate) mod latency;
    pub(crate) mod measure;
    pub(crate) mod origin;
    pub(crate) mod peers;
    pub(crate) mod plot;
    pub(crate) mod report;
    pub(crate) mod server;
    pub(crate) mod sockets;
    pub(crate) mod speech;
    pub(crate) mod storm;
    pub(crate) mod table;
    pub(crate) mod talk;
    pub(crate) mod told;
}

/// Peers written in Rust: this very program serves.
#[cfg(target_os = "linux")]
#[path = "peers"]
mod peers {
    pub(crate) mod axum;
    pub(crate) mod broadcast;
    pub(crate) mod floor;
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> anyhow::Result<()> {
    use std::io::Write as _;

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [serve, peer] = arguments.as_slice()
        && serve == "serve"
    {
        return serve_as(peer);
    }
    let choice = compare::choice::Choice::parse(&arguments)?;
    compare::measure::check_limits()?;
    let origin = compare::origin::line(choice.runs)?;
    let mut present = Vec::new();
    for peer in choice.peers {
        match peer.build() {
            Ok(()) => present.push(peer),
            Err(why) => writeln!(std::io::stdout(), "{} is absent: {why:#}", peer.name())?,
        }
    }
    let book = compare::measure::all(&choice.kinds, &present, choice.runs)?;
    let mut kinds = choice.kinds;
    kinds.retain(|kind| compare::table::is_measured(&book, *kind));
    for kind in &kinds {
        let section = compare::report::section(&book, *kind, &origin);
        writeln!(std::io::stdout(), "\n{}: {section}", kind.name())?;
    }
    if choice.write {
        write_down(&book, &kinds, &origin)?;
    }
    anyhow::ensure!(book.failed == 0, "failed runs: {}", book.failed);
    Ok(())
}

#[cfg(target_os = "linux")]
fn write_down(
    book: &compare::book::Book,
    kinds: &[compare::measure::Kind],
    origin: &str,
) -> anyhow::Result<()> {
    use compare::{measure::Kind, report};

    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = here.join("RESULTS.md");
    let mut text = std::fs::read_to_string(&path)?;
    for kind in kinds {
        text = report::replaced(&text, *kind, &report::section(book, *kind, origin))?;
    }
    std::fs::write(path, text)?;
    if kinds.contains(&Kind::Curve) {
        std::fs::write(here.join("bench/curve.svg"), report::plot(book))?;
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn serve_as(peer: &str) -> anyhow::Result<()> {
    match peer {
        "axum" => peers::axum::serve(),
        "broadcast" => peers::broadcast::serve(),
        "floor" => peers::floor::serve(),
        other => anyhow::bail!("there is no peer {other}"),
    }
}
