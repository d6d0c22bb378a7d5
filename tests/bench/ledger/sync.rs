//! How long the disk takes: a page is appended, then fdatasync, over as long a time as acks are
//! timed: a disk that stands still now and then does so for both.

use std::{
    io::Write as _,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

/// For so long.
const MEASURED: Duration = Duration::from_secs(5);
/// From one to the next.
const PAUSE: Duration = Duration::from_millis(1);
/// A page of SQLite's.
const PAGE: [u8; 4096] = [7; 4096];

/// How long something took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

/// Of an fdatasync in this directory.
pub(crate) fn times(directory: &Path) -> anyhow::Result<Times> {
    let mut file = tempfile::tempfile_in(directory)?;
    let (mut times, end) = (Vec::new(), Instant::now() + MEASURED);
    while Instant::now() < end {
        file.write_all(&PAGE)?;
        let start = Instant::now();
        file.sync_data()?;
        times.push(start.elapsed().as_secs_f64() * 1e6);
        sleep(PAUSE);
    }
    Ok(Times::of(times))
}

impl Times {
    /// Of these, in µs; there is at least one.
    pub(crate) fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        Self { p50_us: at(50), p99_us: at(99) }
    }
}
