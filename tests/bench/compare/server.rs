//! A server under test as a process of its own: where it may run, and what it costs.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    thread::available_parallelism,
    time::Duration,
};

use anyhow::Context as _;
use tempfile::TempDir;

use super::peers::Peer;

/// Where processes run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cores {
    /// The server on the first core, the generator on the second.
    Apart,
    /// Both wherever they like.
    Shared,
}

/// The server, killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    _data: TempDir,
}

impl Server {
    pub(crate) fn start(peer: Peer, cores: Cores) -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let all = format!("0-{}", available_cores().saturating_sub(1));
        let (server, generator) = match cores {
            Cores::Apart => ("0", "1"),
            Cores::Shared => (all.as_str(), all.as_str()),
        };
        // Before the server: its runtime counts the cores that it has when it starts.
        pin(generator);
        let mut process = on(server, &peer.command(data.path())?)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not start", peer.name()))?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut line)?;
        let address = address_in(&line).with_context(|| format!("{}: {line:?}", peer.name()));
        if address.is_err() {
            let _ = process.kill(); // It may have ended by itself.
            let _ = process.wait();
        }
        Ok(Self { process, address: address?, _data: data })
    }

    /// Time on a core so far, of all threads there are.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let mut sum = Duration::ZERO;
        for task in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            // A thread may end in the meantime.
            if let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) {
                sum += run_time(&text).context("schedstat")?;
            }
        }
        Ok(sum)
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        resident_in(&status).context("VmRSS")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill(); // It may have ended; then a client has said so.
        let _ = self.process.wait();
    }
}

pub(crate) fn available_cores() -> usize {
    let online = fs::read_to_string("/sys/devices/system/cpu/online").unwrap_or_default();
    let last = online.trim().rsplit(['-', ',']).next().and_then(|last| last.parse().ok());
    last.map_or_else(|| available_parallelism().map_or(1, Into::into), |last: usize| last + 1)
}

/// The command, on these cores. Without `taskset` the figures are only less steady.
fn on(cores: &str, command: &Command) -> Command {
    let has_taskset = Command::new("taskset").arg("--version").output().is_ok();
    let mut wrapped = if has_taskset {
        let mut wrapped = Command::new("taskset");
        wrapped.args(["-c", cores]).arg(command.get_program());
        wrapped
    } else {
        Command::new(command.get_program())
    };
    wrapped.args(command.get_args());
    wrapped.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
    wrapped
}

/// Keeps this process on these cores, where it can.
fn pin(cores: &str) {
    let mut command = Command::new("taskset");
    command.args(["-a", "-cp", cores, &std::process::id().to_string()]);
    let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
}

/// The address in `listening on ws://ADDRESS/ws`.
fn address_in(line: &str) -> Option<SocketAddr> {
    let rest = line.trim().strip_prefix("listening on ws://")?;
    rest.strip_suffix("/ws")?.parse().ok()
}

/// Nanoseconds on a core: the first word of `schedstat`.
fn run_time(schedstat: &str) -> Option<Duration> {
    Some(Duration::from_nanos(schedstat.split_whitespace().next()?.parse().ok()?))
}

fn resident_in(status: &str) -> Option<f64> {
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_where_it_listens() {
        let address = address_in("listening on ws://127.0.0.1:4000/ws\n");
        assert_eq!(address, Some(SocketAddr::from(([127, 0, 0, 1], 4000))));
        assert_eq!(address_in("cannot listen"), None);
    }

    #[test]
    fn time_and_memory_are_read_from_what_the_system_says() {
        assert_eq!(run_time("190724 31006000 2\n"), Some(Duration::from_nanos(190_724)));
        assert_eq!(resident_in("Name:\tx\nVmRSS:\t    12 kB\n"), Some(12_288.0));
        assert_eq!(resident_in("Name:\tx\n"), None);
    }
}
