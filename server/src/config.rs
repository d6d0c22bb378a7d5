//! What a hub is told at its start, validated.

use std::{env, path::PathBuf, time::Duration};

use etcetera::BaseStrategy as _;

use crate::{ledger::Retention, tls::Tls};

pub use crate::http::origin::{BadOrigin, Origin};

/// How many seconds' worth of messages may come at once.
const BURST_SECONDS: u32 = 3;
/// The longest time that can be asked for: a hundred years, so that any two can be added.
const DURATION_MAX: Duration = Duration::from_hours(36_500 * 24);

/// How a hub runs. Made from flags, environment and file in `main`, or by a test.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the hub is called, `Ana's hub`: clients show it to whoever joins.
    pub title: String,
    /// Where the log is kept.
    pub storage: Storage,
    /// Messages a second that one connection may send; 0 is no limit.
    pub rate: u32,
    /// Messages at once, above `rate`.
    pub burst: u32,
    /// Most connections at once; 0 is no limit.
    pub connections_max: usize,
    /// Most connections at once from one address (IPv6: one /64); 0 is no limit.
    pub per_address_max: usize,
    /// The certificate, where nothing but TLS is to be spoken.
    pub tls: Option<Tls>,
    /// Whether browsers get a page to chat with, at `/`.
    pub has_page: bool,
    /// Which other sites' pages may use the hub.
    pub allow_origins: Vec<Origin>,
    /// What `hello` must carry, where the operator wants one.
    pub password: Option<String>,
    /// How much of each room is kept.
    pub retention: Retention,
    /// After how long without a request a connection is closed; none: never.
    pub idle_timeout: Option<Duration>,
    /// How long the hub waits before it tells that somebody without a clean goodbye has left.
    pub linger: Duration,
}

/// Where the log is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In memory, gone at the end.
    Memory,
    /// In this directory, which one process holds at a time.
    Directory(PathBuf),
}

impl Config {
    /// The defaults of the specification with this storage.
    pub fn new(storage: Storage) -> Self {
        Self {
            title: "hubbub".to_owned(),
            storage,
            rate: 10,
            burst: 30,
            connections_max: 0,
            per_address_max: 0,
            tls: None,
            has_page: true,
            allow_origins: Vec::new(),
            password: None,
            retention: Retention::default(),
            idle_timeout: None,
            linger: Duration::from_secs(10),
        }
    }

    /// With so many messages a second, and three times as many at once; 0 is no limit.
    pub fn with_rate(self, rate: u32) -> Self {
        Self { rate, burst: rate.saturating_mul(BURST_SECONDS), ..self }
    }
}

/// This is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDuration {
    /// Not how times are written.
    #[error("write a number and a unit: 30s, 15m, 12h, 30d or 2w")]
    Unknown,
    /// Longer than anybody waits, and than clocks can be added to.
    #[error("that is too long; a hundred years (36500d) is the most")]
    TooLong,
}

/// Reads a time as people write it in flags: `90s`, `15m`, `12h`, `30d`, `2w`.
pub fn parse_duration(text: &str) -> Result<Duration, BadDuration> {
    let is_letter = |letter: char| !letter.is_ascii_digit();
    let split = text.find(is_letter).filter(|at| *at > 0).ok_or(BadDuration::Unknown)?;
    let (number, unit) = text.split_at(split);
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return Err(BadDuration::Unknown),
    };
    // These are digits: what can't be read is too much.
    let seconds = number.parse().ok().and_then(|number: u64| number.checked_mul(seconds));
    let duration = seconds.map(Duration::from_secs).filter(|duration| *duration <= DURATION_MAX);
    duration.ok_or(BadDuration::TooLong)
}

/// There is no place to keep the log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no home directory to keep the log in; say where with --data DIR")]
pub struct NoDirectory;

/// Where the log is kept unless told otherwise: what the service manager gave, else a part of
/// the user's data directory.
pub fn default_directory() -> Result<PathBuf, NoDirectory> {
    let given = env::var_os("STATE_DIRECTORY").filter(|given| !given.is_empty());
    if let Some(first) = given.and_then(|given| env::split_paths(&given).next()) {
        return Ok(first);
    }
    let dirs = etcetera::choose_base_strategy().map_err(|_| NoDirectory)?;
    Ok(dirs.data_dir().join("hubbub").join("hub"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_hundred_years_at_most() {
        let years = Duration::from_hours(24 * 365 * 100);
        assert_eq!(parse_duration("36500d"), Ok(years));
        for text in ["36501d", "9999999999999999999s", "18446744073709551616s"] {
            let why = parse_duration(text).unwrap_err().to_string();
            assert!(why.contains("hundred years"), "{text}: {why}");
        }
        assert_eq!(parse_duration("5"), Err(BadDuration::Unknown));
    }
}
