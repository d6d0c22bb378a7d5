//! How many messages a second are made durable, and how long an ack takes, beside what SQLite and
//! the disk allow.
//!
//! `cargo build --release -p server && cargo run --release -p tests --bin bench-ledger [DIR]`
//!
//! The floor: inserts in batches into the same tables, by one thread that does nothing else.
//! Beside it the ledger alone, and a real hub with many talkers; then that hub at a quarter of
//! the load that it takes, and how long their acks take beside an fdatasync on the same file
//! system (of DIR, or of where temporary files are). Inserts and hub are on one core, where
//! `taskset` is there, and who talks is on the other; the ledger has one, and who proposes to it
//! the other. The runs are interleaved, and their medians compared.

mod alone;
mod inserts;
mod said;
mod sync;
mod talk;

use std::{
    env,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};

use self::sync::Times;

/// Runs of each, of which the median counts.
const RUNS: usize = 5;
/// How much of the load that it takes the hub gets while acks are timed.
const PART: f64 = 0.25;
/// An fdatasync that takes less is none.
const REAL_SYNC_US: f64 = 10.0;
/// The bounds: parts of what inserts reach, and how many fdatasyncs an ack may take.
const ALONE_MIN: f64 = 0.8;
const HUB_MIN: f64 = 0.3;
const ACK_MAX: f64 = 3.0;

fn main() -> anyhow::Result<()> {
    tests::raise_file_limit();
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["inserts", directory] => say(inserts::rate(Path::new(directory))?),
        ["alone", directory] => say(alone::rate(Path::new(directory))?),
        ["acks", directory, rate] => acks(Path::new(directory), rate.parse()?),
        [] => compare(&env::temp_dir()),
        [directory] => compare(Path::new(directory)),
        _ => anyhow::bail!("too many words; say in which directory the logs are to be, or nothing"),
    }
}

/// How long acks take at this load, for who looks for the reason.
fn acks(directory: &Path, rate: f64) -> anyhow::Result<()> {
    pin(std::process::id(), "1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let times = runtime.block_on(talk::acks(directory, rate))?;
    Ok(writeln!(std::io::stdout(), "{times:?}")?)
}

/// What was measured, run by run.
#[derive(Debug, Default)]
struct Figures {
    inserts: Vec<f64>,
    alone: Vec<f64>,
    hub: Vec<f64>,
    sync: Vec<Times>,
    ack: Vec<Times>,
}

fn compare(place: &Path) -> anyhow::Result<()> {
    pin(std::process::id(), "1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut figures = Figures::default();
    // Removed at the end and not before: a disk that forgets what is deleted keeps others waiting.
    let all = tempfile::tempdir_in(place)?;
    let place = all.path();
    for _ in 0..RUNS {
        figures.inserts.push(in_child("inserts", place, "0")?);
        figures.alone.push(in_child("alone", place, "0,1")?);
        let rate = runtime.block_on(talk::rate(&tempfile::tempdir_in(place)?.keep()))?;
        figures.hub.push(rate);
        figures.sync.push(sync::times(place)?);
        let directory = tempfile::tempdir_in(place)?.keep();
        figures.ack.push(runtime.block_on(talk::acks(&directory, rate * PART))?);
    }
    tell(figures)
}

fn tell(figures: Figures) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let [inserts, alone, hub] = [figures.inserts, figures.alone, figures.hub].map(median);
    writeln!(out, "{:24} {:>10} messages/s", "inserts in batches", inserts.round())?;
    for (what, rate, bound) in [("ledger alone", alone, ALONE_MIN), ("end to end", hub, HUB_MIN)] {
        let ratio = rate / inserts;
        let verdict = verdict(ratio >= bound);
        let rate = rate.round();
        writeln!(out, "{what:24} {rate:>10} messages/s, {ratio:.2} × (≥ {bound}: {verdict})")?;
    }
    let median_of = |times: &[Times], of: fn(&Times) -> f64| median(times.iter().map(of).collect());
    let [sync, ack] = [&figures.sync, &figures.ack].map(|times| {
        (median_of(times, |times| times.p50_us), median_of(times, |times| times.p99_us))
    });
    writeln!(out, "{:24} p50 {:>6.0} µs, p99 {:>6.0} µs", "fdatasync", sync.0, sync.1)?;
    let (what, ratio) = (format!("ack at {:.0}/s", hub * PART), ack.1 / sync.1);
    let verdict = verdict(ratio <= ACK_MAX);
    let figures = format!("p50 {:>6.0} µs, p99 {:>6.0} µs", ack.0, ack.1);
    writeln!(out, "{what:24} {figures}, p99 {ratio:.2} × (≤ {ACK_MAX}: {verdict})")?;
    ensure!(sync.0 >= REAL_SYNC_US, "no disk takes less than {REAL_SYNC_US} µs; choose one: DIR");
    Ok(())
}

fn verdict(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "NOT reached" }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Measures in a process of its own, on these cores.
fn in_child(what: &str, place: &Path, cores: &str) -> anyhow::Result<f64> {
    let directory = tempfile::tempdir_in(place)?.keep();
    let mut command = Command::new(env::current_exe()?);
    command.arg(what).arg(directory).stdout(Stdio::piped());
    let child = command.spawn()?;
    pin(child.id(), cores);
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "{what} failed: {}", output.status);
    let said = String::from_utf8(output.stdout)?;
    said.trim().parse().with_context(|| format!("{what} has said {said:?}"))
}

fn say(rate: f64) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{rate}")?)
}

/// Keeps a process on these cores. Without `taskset` (macOS) the figures are only less steady.
fn pin(process: u32, cores: &str) {
    let mut command = Command::new("taskset");
    command.args(["-a", "-cp", cores, &process.to_string()]);
    let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
}
