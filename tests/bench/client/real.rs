//! The real client at a real hub: under a flood, with nothing to do, and after a million messages.

use std::{path::Path, thread, time::Duration};

use crate::{
    figures::{Times, median, words},
    hub::Hub,
    keys::SIZES,
    log,
    report::Report,
    talker::Talker,
    window::{Window, program},
};

/// How many messages a second are said.
const RATE: u32 = 1_000;
const FLOOD: Duration = Duration::from_secs(6);
const RUNS: usize = 3;
const IDLE: Duration = Duration::from_mins(1);

/// Redraws and keys while a thousand messages come each second.
pub(crate) async fn flood(report: &mut Report) -> anyhow::Result<()> {
    report.heading(&format!(
        "**{RATE} messages a second**, the real client in a pseudo-terminal at a real hub; medians \
         of {RUNS} runs of {} s:",
        FLOOD.as_secs()
    ))?;
    let header =
        ["screen", "frames/s", "key to frame, median", "p99", "p99 of all", "quiet: median"];
    report.table(&[&header[..], &["p99", "p99 of all"]].concat())?;
    for size in SIZES {
        let (mut frames, mut keys, mut quiet) = (Vec::new(), Runs::default(), Runs::default());
        for _ in 0..RUNS {
            let hub = Hub::start()?;
            let mut window = Window::open(hub.address, size, &[])?;
            let mut times = Times::default();
            letters(&mut window, &mut times, 150)?;
            quiet.note(&times);
            let mut talker = Talker::join(hub.address, "Bob", &["lobby".into()]).await?;
            let before = window.counts().1;
            let said = talker.say_at(RATE, FLOOD).await?;
            let drawn = window.counts().1 - before;
            frames.push(drawn as f64 / FLOOD.as_secs_f64());
            anyhow::ensure!(said as f64 > f64::from(RATE) * FLOOD.as_secs_f64() * 0.98, "{said}");
            let flood = tokio::spawn(async move { talker.say_at(RATE, FLOOD).await.map(drop) });
            let (again, times) = tokio::task::spawn_blocking(move || {
                let mut times = Times::default();
                letters(&mut window, &mut times, 180).map(|()| (window, times))
            })
            .await??;
            keys.note(&times);
            flood.await??;
            drop(again);
        }
        report.row(&[
            &format!("{}×{}", size.0, size.1),
            &format!("{:.1}", median(&frames)),
            &words(keys.medians.median()),
            &words(keys.p99s.median()),
            &words(keys.all.percentile(99)),
            &words(quiet.medians.median()),
            &words(quiet.p99s.median()),
            &words(quiet.all.percentile(99)),
        ])?;
    }
    Ok(())
}

/// The median and the p99 of each run, and all of them together.
#[derive(Default)]
struct Runs {
    medians: Times,
    p99s: Times,
    all: Times,
}

impl Runs {
    fn note(&mut self, run: &Times) {
        self.medians.note(run.median());
        self.p99s.note(run.percentile(99));
        self.all.extend(run);
    }
}

/// Types letters that nobody says, one each 30 ms or so.
fn letters(window: &mut Window, times: &mut Times, count: usize) -> anyhow::Result<()> {
    for n in 0..count {
        if n % 40 == 39 {
            window.type_keys("\x15")?;
        }
        thread::sleep(Duration::from_millis(23 + n as u64 % 14));
        times.note(window.time_letter(if n.is_multiple_of(2) { 'Q' } else { 'Z' })?);
    }
    Ok(())
}

/// Bytes and writes of who does nothing, at a hub and without one; and writes of who types.
pub(crate) async fn idle(report: &mut Report) -> anyhow::Result<()> {
    report.heading(&format!("**Nothing to do** for {} s:", IDLE.as_secs()))?;
    report.table(&["", "bytes", "writes to the terminal"])?;
    let traced = ["strace", "-f", "-qq", "-e", "trace=write,writev", "-o", "trace"];
    let (hub, mut lost) = (Hub::start()?, Hub::start()?);
    let live = Window::open_inside(&traced, hub.address, SIZES[0], &[])?;
    let offline = Window::open_inside(&traced, lost.address, SIZES[0], &[])?;
    lost.kill();
    offline.wait_for(b"retrying")?;
    thread::sleep(Duration::from_secs(2));
    let before = [&live, &offline].map(|window| (window.counts().0, writes(window.home())));
    thread::sleep(IDLE);
    for (name, window, before) in [("live", &live, before[0]), ("offline", &offline, before[1])] {
        let bytes = window.counts().0 - before.0;
        let writes = writes(window.home()) - before.1;
        report.row(&[name, &bytes.to_string(), &writes.to_string()])?;
    }
    let mut live = live;
    let before = (live.counts().1, writes(live.home()));
    letters(&mut live, &mut Times::default(), 30)?;
    let mut talker = Talker::join(hub.address, "Bob", &["lobby".into()]).await?;
    for number in 0..30 {
        talker.say("lobby", &log::text(number)).await?;
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    live.time_letter('W')?;
    let (frames, writes) = (live.counts().1 - before.0, writes(live.home()) - before.1);
    report.say(&format!("While one types and others talk: {frames} frames, {writes} writes."))
}

/// How many writes to standard output are in the trace.
fn writes(home: &Path) -> usize {
    let trace = std::fs::read_to_string(home.join("trace")).unwrap_or_default();
    let is_write = |line: &&str| line.contains("write(1, ") || line.contains("writev(1, ");
    trace.lines().filter(is_write).count()
}

/// Memory of the real client.
pub(crate) async fn memory(report: &mut Report) -> anyhow::Result<()> {
    program("hubbub")?;
    report.heading("**Memory** of the real client, MiB resident:")?;
    report.table(&["", "now", "at most"])?;
    let hub = Hub::start()?;
    let window = Window::open(hub.address, SIZES[0], &[])?;
    told(report, "just started", &window)?;
    let lobby = vec!["lobby".to_owned()];
    say_all(&hub, &lobby, 10_000, &window).await?;
    told(report, "after 10,000 messages in a room", &window)?;
    say_all(&hub, &lobby, 990_000, &window).await?;
    told(report, "after 1,000,000 messages in a room", &window)?;
    drop((window, hub));
    let hub = Hub::start()?;
    let rooms: Vec<String> = (1..ROOMS).map(|number| format!("room{number}")).collect();
    let more: Vec<String> =
        rooms.iter().flat_map(|room| ["--room".to_owned(), room.clone()]).collect();
    let window = Window::open(hub.address, (200, 50), &more)?;
    told(report, &format!("in {} rooms", rooms.len()), &window)?;
    say_all(&hub, &rooms, 10_000, &window).await?;
    told(report, &format!("after 10,000 messages in each of {}", rooms.len()), &window)
}

/// The hub lets one be in so many; one is left for where the client begins.
const ROOMS: usize = protocol::ROOMS_MAX;

fn told(report: &mut Report, what: &str, window: &Window) -> anyhow::Result<()> {
    thread::sleep(Duration::from_secs(1));
    let (now, most) = window.memory()?;
    report.row(&[what, &format!("{now:.1}"), &format!("{most:.1}")])
}

/// Says so many in each room, and waits until the last one is on the screen or in its counts.
async fn say_all(hub: &Hub, rooms: &[String], count: u64, window: &Window) -> anyhow::Result<()> {
    let mut talker = Talker::join(hub.address, &format!("Bob{count}"), rooms).await?;
    for number in 1..=count {
        for room in rooms {
            talker.say(room, &log::text(number)).await?;
        }
    }
    talker.is_heard().await?;
    // Whatever is behind is still coming: until nothing more is drawn for a while.
    let mut before = 0;
    while window.counts().0 != before {
        before = window.counts().0;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    Ok(())
}
