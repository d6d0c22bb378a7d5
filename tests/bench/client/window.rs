//! The real `hubbub` in a pseudo-terminal that only counts and times what comes: an emulator
//! would take its share of two cores.

use std::{
    io::{Read, Write},
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

/// What is around each frame.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
const PATIENCE: Duration = Duration::from_secs(30);

/// A window with the client in it; it ends with this.
pub(crate) struct Window {
    seen: Arc<Seen>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// The client's own process, where another one is around it.
    id: u32,
    _master: Box<dyn MasterPty + Send>,
    home: TempDir,
}

#[derive(Default)]
struct Seen {
    bytes: Mutex<Bytes>,
    came: Condvar,
}

#[derive(Default)]
struct Bytes {
    count: usize,
    frames: usize,
    /// What came since it was taken last.
    new: Vec<u8>,
}

impl Window {
    /// `hubbub` in a terminal of this size, live at this hub.
    pub(crate) fn open(hub: SocketAddr, size: (u16, u16), more: &[String]) -> anyhow::Result<Self> {
        Self::open_inside(&[], hub, size, more)
    }

    /// The same as the last arguments of another program. `HOME` is the directory it works in.
    pub(crate) fn open_inside(
        around: &[&str],
        hub: SocketAddr,
        (columns, rows): (u16, u16),
        more: &[String],
    ) -> anyhow::Result<Self> {
        let home = TempDir::with_prefix("hubbub-bench-")?;
        let mut words: Vec<String> = around.iter().map(ToString::to_string).collect();
        words.push(program("hubbub")?.display().to_string());
        words.extend(["-H", "127.0.0.1", "-p"].map(ToOwned::to_owned));
        words.extend([hub.port().to_string(), "-n".into(), "Ana".into()]);
        words.extend_from_slice(more);
        let mut command = CommandBuilder::new(&words[0]);
        command.args(&words[1..]);
        command.env_clear();
        command.cwd(home.path());
        command.env("HOME", home.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for (name, value) in
            [("USER", "ana"), ("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("TZ", "UTC")]
        {
            command.env(name, value);
        }
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let child = pair.slave.spawn_command(command)?;
        drop(pair.slave);
        let seen = Arc::new(Seen::default());
        let (keys, reader) = (pair.master.take_writer()?, pair.master.try_clone_reader()?);
        thread::spawn({
            let seen = Arc::clone(&seen);
            move || seen.read(reader)
        });
        let id = child.process_id().context("no process")?;
        let mut window = Self { seen, keys, child, id, _master: pair.master, home };
        window.wait_for(b"live")?;
        if !around.is_empty() {
            window.id = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?
                .split_whitespace()
                .next()
                .context("no child")?
                .parse()?;
        }
        Ok(window)
    }

    /// Where it works.
    pub(crate) fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    pub(crate) fn type_keys(&mut self, keys: &str) -> anyhow::Result<()> {
        Ok(self.keys.write_all(keys.as_bytes())?)
    }

    /// How many bytes, and how many frames, have come.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let bytes = lock(&self.seen);
        (bytes.count, bytes.frames)
    }

    /// Waits for these bytes, and forgets what has come up to now.
    pub(crate) fn wait_for(&self, text: &[u8]) -> anyhow::Result<()> {
        self.wait(|new| has(new, text)).with_context(|| String::from_utf8_lossy(text).into_owned())
    }

    /// Types a letter that is nowhere else. How long until the frame that shows it was whole.
    pub(crate) fn time_letter(&mut self, letter: char) -> anyhow::Result<Duration> {
        lock(&self.seen).new.clear();
        let begun = Instant::now();
        self.type_keys(&letter.to_string())?;
        let letter = letter as u8;
        self.wait(|new| {
            let at = new.iter().position(|byte| *byte == letter);
            at.is_some_and(|at| has(&new[at..], END))
        })?;
        Ok(begun.elapsed())
    }

    fn wait(&self, is_so: impl Fn(&[u8]) -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let mut bytes = lock(&self.seen);
        while !is_so(&bytes.new) {
            ensure!(Instant::now() < deadline, "it did not come");
            // What is waited for is short: the end of what came is enough to find the rest of it.
            let done = bytes.new.len().saturating_sub(1 << 16);
            bytes.new.drain(..done);
            let waited = self.seen.came.wait_timeout(bytes, PATIENCE);
            bytes = waited.map_err(|_| anyhow::anyhow!("the reader is gone"))?.0;
        }
        bytes.new.clear();
        Ok(())
    }

    /// Resident memory now, and at most so far, in MiB.
    pub(crate) fn memory(&self) -> anyhow::Result<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let of = |name: &str| -> anyhow::Result<f64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number =
                line.and_then(|line| line.split_whitespace().next()).context("no figure")?;
            Ok(number.parse::<f64>()? / 1024.0)
        };
        Ok((of("VmRSS:")?, of("VmHWM:")?))
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        tests::signal(self.id, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

impl Seen {
    fn read(&self, mut reader: Box<dyn Read + Send>) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            let mut bytes = lock(self);
            bytes.count += count;
            bytes.new.extend_from_slice(&buffer[..count]);
            // One that is cut in two by this read was not counted before.
            let from = bytes.new.len().saturating_sub(count + BEGIN.len() - 1);
            bytes.frames +=
                bytes.new[from..].windows(BEGIN.len()).filter(|it| *it == BEGIN).count();
            self.came.notify_all();
        }
    }
}

fn lock(seen: &Seen) -> std::sync::MutexGuard<'_, Bytes> {
    seen.bytes.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// One of our programs, built beside this one.
pub(crate) fn program(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(name);
    ensure!(path.exists(), "{name} is missing; cargo build --release -p tui-client -p server");
    Ok(path)
}
