//! A real hub, and who talks to it: as much as it takes, or so much a second.

use std::{
    collections::VecDeque,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use tests::raw::{self, RawFrame, RawReader, RawWriter};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{interval, sleep},
};

use crate::{
    pin,
    said::{TALKERS, TEXT, id},
    sync::Times,
};

/// Messages of one talker without an ack: half of what the hub reads ahead of its answers.
const IN_FLIGHT: usize = 32;
/// What is not counted at the beginning, and what is.
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(5);
/// So much of what was to be said must have been, or somebody was too slow to measure.
const SAID_MIN: f64 = 0.95;

/// Acks a second, when everyone says as much as they can.
pub(crate) async fn rate(directory: &Path) -> anyhow::Result<f64> {
    let hub = Hub::start(directory)?;
    let acked = Arc::new(AtomicU64::new(0));
    let mut talkers = JoinSet::new();
    for number in 0..TALKERS {
        let (reader, writer) = join(hub.address, number).await?;
        talkers.spawn(talk(number, reader, writer, Arc::clone(&acked)));
    }
    let measuring = async {
        sleep(WARM_UP).await;
        let (before, start) = (acked.load(Relaxed), Instant::now());
        sleep(MEASURED).await;
        (acked.load(Relaxed) - before) as f64 / start.elapsed().as_secs_f64()
    };
    tokio::select! {
        rate = measuring => Ok(rate),
        ended = talkers.join_next() => bail!("a talker ended: {ended:?}"),
    }
}

/// How long acks take, when so many messages come a second, evenly, whatever becomes of them.
pub(crate) async fn acks(directory: &Path, rate: f64) -> anyhow::Result<Times> {
    let hub = Hub::start(directory)?;
    let (mut writers, mut listening) = (Vec::new(), JoinSet::new());
    let took = Took::default();
    for number in 0..TALKERS {
        let (reader, writer) = join(hub.address, number).await?;
        let waiting = Waiting::default();
        writers.push((writer, Arc::clone(&waiting)));
        listening.spawn(time(reader, waiting, Arc::clone(&took)));
    }
    let start = Instant::now();
    tokio::select! {
        said = pace(&mut writers, rate, start) => said?,
        ended = listening.join_next() => bail!("a talker ended: {ended:?}"),
    }
    let took = lock(&took);
    let counted = took.iter().filter(|(sent, _)| *sent > start + WARM_UP);
    let times: Vec<_> = counted.map(|(_, time)| *time).collect();
    let wanted = rate * MEASURED.as_secs_f64();
    ensure!(times.len() as f64 > wanted * SAID_MIN, "{} acks of {wanted:.0} came", times.len());
    Ok(Times::of(times))
}

/// When a talker has said what is not acknowledged yet.
type Waiting = Arc<Mutex<VecDeque<Instant>>>;
/// When something was said, and how many µs its ack took.
type Took = Arc<Mutex<Vec<(Instant, f64)>>>;

async fn talk(
    talker: usize,
    mut reader: RawReader,
    mut writer: RawWriter,
    acked: Arc<AtomicU64>,
) -> anyhow::Result<()> {
    let window = Semaphore::new(IN_FLIGHT);
    let saying = async {
        for number in 0.. {
            window.acquire().await?.forget();
            writer.text(&said(talker, number)).await?;
        }
        anyhow::Ok(())
    };
    let hearing = async {
        loop {
            if is_ack(&reader.next().await?)? {
                acked.fetch_add(1, Relaxed);
                window.add_permits(1);
            }
        }
        #[expect(unreachable_code, reason = "names the type of the loop's error")]
        anyhow::Ok(())
    };
    futures::future::try_join(saying, hearing).await?;
    Ok(())
}

/// Says everything when it is due, to a millisecond, one talker after another. It rests in
/// between: the kernel's own threads, without which no sync ends, may need this core.
async fn pace(
    writers: &mut [(RawWriter, Waiting)],
    rate: f64,
    start: Instant,
) -> anyhow::Result<()> {
    let mut said_so_far = 0;
    let mut tick = interval(Duration::from_millis(1));
    while start.elapsed() < WARM_UP + MEASURED {
        while (said_so_far as f64) < start.elapsed().as_secs_f64() * rate {
            let talker = said_so_far % TALKERS;
            let (writer, waiting) = &mut writers[talker];
            lock(waiting).push_back(Instant::now());
            writer.text(&said(talker, said_so_far)).await?;
            said_so_far += 1;
        }
        tick.tick().await;
    }
    Ok(())
}

/// Notes how long each ack took; they come in the order of the messages.
async fn time(mut reader: RawReader, waiting: Waiting, took: Took) -> anyhow::Result<()> {
    loop {
        if is_ack(&reader.next().await?)? {
            let sent = lock(&waiting).pop_front().context("an ack for nothing")?;
            lock(&took).push((sent, sent.elapsed().as_secs_f64() * 1e6));
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn join(address: SocketAddr, number: usize) -> anyhow::Result<(RawReader, RawWriter)> {
    let (mut reader, mut writer) = raw::connect(address).await?;
    writer.text(&format!(r#"{{"type":"hello","name":"c{number}"}}"#)).await?;
    reader.until(r#""type":"welcome""#).await?;
    writer.text(&format!(r#"{{"type":"join","room":"room-{number}"}}"#)).await?;
    reader.until(&format!(r#""type":"joined","room":"room-{number}""#)).await?;
    Ok((reader, writer))
}

fn said(talker: usize, number: usize) -> String {
    let id = id(number);
    format!(r#"{{"type":"say","room":"room-{talker}","id":"{id}","text":"{TEXT}"}}"#)
}

fn is_ack(frame: &RawFrame<'_>) -> anyhow::Result<bool> {
    match frame {
        RawFrame::Text(text) => {
            ensure!(!text.starts_with(br#"{"type":"error""#), "{}", String::from_utf8_lossy(text));
            Ok(text.starts_with(br#"{"type":"ack""#))
        }
        RawFrame::Ping(_) => Ok(false),
        RawFrame::Close => bail!("the hub closed the connection"),
    }
}

/// The real hub, on a core of its own.
struct Hub {
    process: Child,
    address: SocketAddr,
}

impl Hub {
    fn start(data: &Path) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?.with_file_name("hubbub-server");
        let mut process = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", "0", "--rate", "0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("build it first: cargo build --release -p server")?;
        pin(process.id(), "0");
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on ws://");
        let address = address.and_then(|rest| rest.strip_suffix("/ws")).context("no address")?;
        Ok(Self { address: address.parse()?, process })
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = self.process.kill(); // It may have ended; then a talker has said so.
        let _ = self.process.wait();
    }
}
