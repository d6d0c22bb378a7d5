//! The hub beside those who do the same: gorilla/websocket, `ws`, uWebSockets,
//! tokio-tungstenite and axum with a broadcast channel, and a bare `send()` loop as the floor.
//!
//! `cargo build --release -p server && cargo run --release -p tests --bin bench-compare`
//!
//! Arguments choose what is measured (`fanout handshakes stalled large curve`; all without), and:
//! `--runs N` (5) of each, `--only NAME,NAME` peers (`hub` is both of ours). What comes out are
//! two tables, figures and the ratios of DESIGN §5. `tests/bench/peers/install` gets the peers
//! once; who is absent is said and left out. One generator for all, runs take turns, medians count, so that a busy machine is
//! unfair to all. What peers are told is the event that the hub would make, which they repeat.

#[cfg(target_os = "linux")]
mod compare {
    pub(crate) mod book;
    pub(crate) mod choice;
    pub(crate) mod generator;
    pub(crate) mod latency;
    pub(crate) mod measure;
    pub(crate) mod peers;
    pub(crate) mod server;
    pub(crate) mod speech;
    pub(crate) mod table;
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
    use compare::table;
    use std::io::Write as _;

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [serve, peer] = arguments.as_slice()
        && serve == "serve"
    {
        return serve_as(peer);
    }
    let choice = compare::choice::Choice::parse(&arguments)?;
    compare::measure::check_limits()?;
    let mut present = Vec::new();
    for peer in choice.peers {
        match peer.build() {
            Ok(()) => present.push(peer),
            Err(why) => writeln!(std::io::stdout(), "{} is absent: {why:#}", peer.name())?,
        }
    }
    let book = compare::measure::all(&choice.kinds, &present, choice.runs)?;
    write!(std::io::stdout(), "\n{}\n{}", table::figures(&book), table::ratios(&book))?;
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
