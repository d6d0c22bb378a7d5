//! The runs: each starts a server, loads it, and notes figures.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use super::{
    book::{Book, What},
    generator::{Crowd, Silence},
    peers::Peer,
    server::{Cores, Server},
    speech::Speech,
    storm::storm,
};

/// Clients of the fan-out rows.
pub(crate) const CLIENTS: usize = 500;
/// Messages of the talker that it has not heard itself yet.
const IN_FLIGHT: u64 = 16;
/// What is not counted at the beginning, and what is.
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(3);
/// Presence windows and pages settle.
pub(crate) const SETTLE: Duration = Duration::from_secs(2);
/// Clients between which memory is measured. The larger is what 20,000 descriptors allow.
const SMALL_CROWD: usize = 5_000;
const LARGE_CROWD: usize = 19_000;
/// Messages to a large crowd, of which the median counts, after one that is not counted.
const LARGE_MESSAGES: usize = 7;
/// One of a hundred stalls.
const STALLED: usize = CLIENTS / 100;
/// Clients of whom a half stalls, so that it shows what each of these takes.
const HALF_STALLED: usize = 4_000;
/// Messages that these do not read.
const STALLED_MESSAGES: u64 = 4_000;
/// Connections of the handshake row.
const HANDSHAKES: usize = 6_000;
/// Clients at the points of the plot.
pub(crate) const CURVE: [usize; 6] = [100, 500, 2_000, 5_000, 10_000, 19_000];

/// Kinds of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Fanout,
    Handshakes,
    Stalled,
    Storm,
    Large,
    Curve,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Fanout, Self::Handshakes, Self::Stalled, Self::Storm, Self::Large, Self::Curve];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fanout => "fanout",
            Self::Handshakes => "handshakes",
            Self::Stalled => "stalled",
            Self::Storm => "storm",
            Self::Large => "large",
            Self::Curve => "curve",
        }
    }

    /// Whether a peer has what is measured: only the hub tells presence.
    pub(crate) fn is_for(self, peer: Peer) -> bool {
        self != Self::Storm || peer.speech() == Speech::Hub
    }

    fn run(self, peer: Peer, book: &mut Book) -> anyhow::Result<()> {
        match self {
            Self::Fanout => fanout(peer, book),
            Self::Handshakes => handshakes(peer, book),
            Self::Stalled => stalled(peer, book),
            Self::Storm => storm(peer, book),
            Self::Large => large(peer, book),
            Self::Curve => curve(peer, book),
        }
    }
}

/// Every kind with every peer, so many times, the peers taking turns. A run that fails is said
/// and leaves no figure.
pub(crate) fn all(kinds: &[Kind], peers: &[Peer], runs: usize) -> anyhow::Result<Book> {
    let mut book = Book::default();
    let mut out = std::io::stdout();
    for kind in kinds {
        for run in 1..=runs {
            for peer in peers.iter().filter(|peer| kind.is_for(**peer)) {
                let name = format!("{} {run}/{runs} {}", kind.name(), peer.name());
                let mut noted = Book::default();
                match kind.run(*peer, &mut noted) {
                    Ok(()) => {
                        writeln!(out, "{name}: {}", noted.line())?;
                        book.add(noted);
                    }
                    Err(why) => {
                        writeln!(out, "{name}: FAILED: {why:#}")?;
                        book.failed += 1;
                    }
                }
            }
        }
    }
    Ok(book)
}

/// 500 clients: many messages in flight, then one at a time.
fn fanout(peer: Peer, book: &mut Book) -> anyhow::Result<()> {
    let (server, mut crowd) = start(peer, Cores::Apart, CLIENTS, 0)?;
    book.note(What::Deliveries, peer, flood(&mut crowd)?);
    let (cpu, before) = (server.cpu()?, crowd.delivered());
    let end = Instant::now() + MEASURED;
    while Instant::now() < end {
        crowd.tell_all()?;
    }
    let per_delivery = per(server.cpu()?.saturating_sub(cpu), crowd.delivered() - before);
    book.note(What::CpuPerDelivery, peer, per_delivery);
    Ok(())
}

/// Connects and upgrades; nobody says anything.
fn handshakes(peer: Peer, book: &mut Book) -> anyhow::Result<()> {
    let server = Server::start(peer, Cores::Apart)?;
    let mut crowd = Crowd::new(server.address, Speech::Upgrade, 0)?;
    crowd.grow(CLIENTS)?;
    let (cpu, start) = (server.cpu()?, Instant::now());
    crowd.grow(CLIENTS + HANDSHAKES)?;
    let rate = HANDSHAKES as f64 / start.elapsed().as_secs_f64();
    book.note(What::Handshakes, peer, rate);
    let cpu = per(server.cpu()?.saturating_sub(cpu), HANDSHAKES as u64);
    book.note(What::CpuPerHandshake, peer, cpu);
    Ok(())
}

/// The same load with everybody reading, and with one of a hundred who does not. A server that
/// then waits for the stalled has not failed: it is slower than any figure. But one that goes on
/// and leaves out somebody who reads has failed.
fn stalled(peer: Peer, book: &mut Book) -> anyhow::Result<()> {
    for (what, stalled) in [(What::P99, 0), (What::P99Stalled, STALLED)] {
        let (_server, mut crowd) = start(peer, Cores::Apart, CLIENTS, stalled)?;
        let p99 = match p99(&mut crowd) {
            Err(why) if stalled > 0 && why.is::<Silence>() => f64::INFINITY,
            p99 => {
                let p99 = p99?;
                crowd.catch_up().context("after a flood")?;
                p99
            }
        };
        book.note(what, peer, p99);
    }
    // Most others keep for the stalled whatever comes, as long as it does.
    if peer.speech() == Speech::Hub {
        let [none, half] = [0, HALF_STALLED / 2].map(|stalled| resident(peer, stalled));
        let more = (half? - none?) / (HALF_STALLED / 2) as f64;
        book.note(What::StalledMemory, peer, more);
    }
    Ok(())
}

/// What a server has in memory after a flood of which some have read nothing. The flood is the
/// same however many they are, because the hub remembers some of what was said.
fn resident(peer: Peer, stalled: usize) -> anyhow::Result<f64> {
    let (server, mut crowd) = start(peer, Cores::Apart, HALF_STALLED, stalled)?;
    crowd.flood_of(IN_FLIGHT, STALLED_MESSAGES)?;
    crowd.catch_up().context("after a flood")?;
    server.resident()
}

/// Milliseconds, of a flood after it has gone on for a while.
fn p99(crowd: &mut Crowd) -> anyhow::Result<f64> {
    crowd.flood(IN_FLIGHT, WARM_UP * 2)?;
    crowd.take_latency();
    crowd.flood(IN_FLIGHT, MEASURED)?;
    Ok(crowd.take_latency().percentile(99).as_secs_f64() * 1e3)
}

/// Memory of idle clients, and one message to very many of them.
fn large(peer: Peer, book: &mut Book) -> anyhow::Result<()> {
    let (server, mut crowd) = start(peer, Cores::Shared, SMALL_CROWD, 0)?;
    crowd.settle(SETTLE)?;
    let small = server.resident()?;
    crowd.grow(LARGE_CROWD)?;
    crowd.settle(SETTLE)?;
    let slope = (server.resident()? - small) / (LARGE_CROWD - SMALL_CROWD) as f64;
    book.note(What::Memory, peer, slope);
    let last = time_to_last(&mut crowd)?;
    book.note(What::LastOfLarge, peer, last);
    Ok(())
}

/// Deliveries and time to the last against the number of clients.
fn curve(peer: Peer, book: &mut Book) -> anyhow::Result<()> {
    for clients in CURVE {
        let (_server, mut crowd) = start(peer, Cores::Apart, clients, 0)?;
        book.note(What::DeliveriesAt(clients), peer, flood(&mut crowd)?);
        let last = time_to_last(&mut crowd)?;
        book.note(What::LastOf(clients), peer, last);
    }
    Ok(())
}

/// A server with so many clients.
pub(crate) fn start(
    peer: Peer,
    cores: Cores,
    clients: usize,
    stalled: usize,
) -> anyhow::Result<(Server, Crowd)> {
    let server = Server::start(peer, cores)?;
    let mut crowd = Crowd::new(server.address, peer.speech(), stalled)?;
    crowd.grow(clients)?;
    crowd.stall()?;
    Ok((server, crowd))
}

/// Deliveries a second with many messages in flight, from nothing underway to nothing underway:
/// only the talker is waited for, and what waits for others in buffers would count with either.
fn flood(crowd: &mut Crowd) -> anyhow::Result<f64> {
    crowd.flood(IN_FLIGHT, WARM_UP)?;
    crowd.catch_up().context("after the warm-up")?;
    let (before, start) = (crowd.delivered(), Instant::now());
    crowd.flood(IN_FLIGHT, MEASURED)?;
    crowd.catch_up().context("after a flood")?;
    Ok((crowd.delivered() - before) as f64 / start.elapsed().as_secs_f64())
}

/// Milliseconds, the median of some messages.
fn time_to_last(crowd: &mut Crowd) -> anyhow::Result<f64> {
    crowd.tell_all()?;
    let mut times = Vec::new();
    for _ in 0..LARGE_MESSAGES {
        times.push(crowd.tell_all()?);
    }
    times.sort();
    Ok(times[LARGE_MESSAGES / 2].as_secs_f64() * 1e3)
}

/// Microseconds a piece.
fn per(time: Duration, pieces: u64) -> f64 {
    time.as_secs_f64() * 1e6 / pieces as f64
}

/// Whether this machine can be measured at all.
pub(crate) fn check_limits() -> anyhow::Result<()> {
    ::tests::raise_file_limit();
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let is_enough = limit.is_none_or(|limit| limit > LARGE_CROWD as u64 + 100);
    ensure!(is_enough, "{LARGE_CROWD} clients need as many open files; this process may {limit:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hub_is_in_a_storm_and_everybody_in_the_rest() {
        for kind in Kind::ALL {
            let peers = Peer::ALL.into_iter().filter(|peer| kind.is_for(*peer)).count();
            assert_eq!(peers, if kind == Kind::Storm { 2 } else { Peer::ALL.len() });
        }
    }
}
