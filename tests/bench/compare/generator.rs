//! All clients of a server under test, in one thread with one read buffer.
//!
//! It is meant to cost less than any server that it loads. It checks what it counts: the n-th
//! event of each client is byte for byte the n-th event of whoever heard it first, and that one
//! is what was said. So an event lost, doubled, swapped or changed ends the run.

use std::{
    io::Write as _,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use rustix::event::Timespec;
use tests::raw;

use super::{
    client::{Client, Hearing},
    latency::Latency,
    sockets::{Sockets, connect},
    speech::Speech,
    told::{Said, Told},
};

/// Largest read at once.
const READ_BYTES: usize = 256 * 1024;
/// Sockets looked at after one wait.
const READY_MAX: usize = 1024;
/// Of those who came late, so that the first ones do not wait for them.
const LATE_MAX: usize = 16;
/// The number of all their sockets together.
const LATE: u64 = u64::MAX;
/// Clients on their way in at the same time: less than any server's backlog.
const AT_ONCE: usize = 64;
/// How long nothing may happen while something is due: so many waits of a second, so that a
/// machine that stood still for a minute has waited for one second only.
const PATIENCE: usize = 10;
const SECOND: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// The clients of one server.
pub(crate) struct Crowd {
    address: SocketAddr,
    speech: Speech,
    /// Those of the first ones, and of those who came late, which are read when no first one is
    /// ready.
    sockets: Sockets,
    late: Sockets,
    clients: Vec<Client>,
    /// Clients opened first, which stop to read once they are in.
    stalled: usize,
    /// Clients whose times count, of whom the last one talks; the others came late.
    firsts: usize,
    live: usize,
    buffer: Vec<u8>,
    said: Said,
    told: Told,
}

/// Nothing came although something was due.
#[derive(Debug)]
pub(crate) struct Silence;

impl std::fmt::Display for Silence {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "nothing came for {PATIENCE} s")
    }
}

impl std::error::Error for Silence {}

impl Crowd {
    pub(crate) fn new(address: SocketAddr, speech: Speech, stalled: usize) -> anyhow::Result<Self> {
        let (sockets, late) = (Sockets::new(READY_MAX)?, Sockets::new(LATE_MAX)?);
        sockets.add_set(&late, LATE)?;
        Ok(Self {
            address,
            speech,
            sockets,
            late,
            clients: Vec::new(),
            stalled,
            firsts: 0,
            live: 0,
            buffer: vec![0; READ_BYTES],
            said: Said::default(),
            told: Told::default(),
        })
    }

    /// Lets clients in until there are so many. They are first ones; the last of them talks.
    pub(crate) fn grow(&mut self, to: usize) -> anyhow::Result<()> {
        self.firsts = to;
        while self.live < to {
            while self.has_room(to, AT_ONCE) {
                self.open()?;
            }
            self.turn().context("while clients came in")?;
        }
        Ok(())
    }

    /// Those who were to stall stop reading now.
    pub(crate) fn stall(&mut self) -> anyhow::Result<()> {
        for client in &self.clients[..self.stalled] {
            self.sockets.remove(&client.stream)?;
        }
        Ok(())
    }

    /// Reads what comes for so long, whatever it is.
    pub(crate) fn settle(&mut self, time: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.wait(Timespec { tv_sec: 0, tv_nsec: 50_000_000 })?;
        }
        Ok(())
    }

    /// Reads what comes first, if anything does in that time.
    pub(crate) fn look(&mut self, time: Duration) -> anyhow::Result<()> {
        self.wait(Timespec::try_from(time)?)?;
        Ok(())
    }

    /// Says one thing and waits until all have heard it; how long that took.
    pub(crate) fn tell_all(&mut self) -> anyhow::Result<Duration> {
        let start = Instant::now();
        self.say(1)?;
        self.catch_up()?;
        Ok(start.elapsed())
    }

    /// Talks for so long with at most so many messages that the talker has not heard itself.
    pub(crate) fn flood(&mut self, in_flight: u64, time: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.talk(in_flight)?;
        }
        Ok(())
    }

    /// Says so many messages in this way.
    pub(crate) fn flood_of(&mut self, in_flight: u64, messages: u64) -> anyhow::Result<()> {
        let end = self.said.count() + messages;
        while self.said.count() < end {
            self.talk(in_flight)?;
        }
        Ok(())
    }

    fn talk(&mut self, in_flight: u64) -> anyhow::Result<()> {
        let heard = self.clients[..self.firsts].last().context("a talker")?.heard;
        self.say(in_flight.saturating_sub(self.said.count() - heard))?;
        self.turn().context("while one talked")
    }

    /// Waits until everybody has heard everything.
    pub(crate) fn catch_up(&mut self) -> anyhow::Result<()> {
        let listeners = (self.clients.len() - self.stalled) as u64;
        let due = self.said.count() * listeners;
        while self.told.places < due {
            self.turn()
                .with_context(|| format!("{} of {due} deliveries came", self.told.places))?;
        }
        Ok(())
    }

    /// Events delivered so far, to all together.
    pub(crate) fn delivered(&self) -> u64 {
        self.told.delivered
    }

    /// Notices of presence so far, to the first client.
    pub(crate) fn presence(&self) -> u64 {
        self.told.presence
    }

    /// Messages said so far.
    pub(crate) fn said(&self) -> u64 {
        self.said.count()
    }

    /// Clients that are in.
    pub(crate) fn live(&self) -> usize {
        self.live
    }

    /// The times from word to ear since this was asked for the last time.
    pub(crate) fn take_latency(&mut self) -> Latency {
        std::mem::take(&mut self.told.latency)
    }

    /// Opens so many more at most, while fewer than `at_once` are on their way in; whether one was.
    pub(crate) fn open_some(
        &mut self,
        most: usize,
        to: usize,
        at_once: usize,
    ) -> anyhow::Result<bool> {
        let mut opened = 0;
        while opened < most && self.has_room(to, at_once) {
            self.open()?;
            opened += 1;
        }
        Ok(opened > 0)
    }

    /// Drops so many at most of those who came late, without a word; whether one was.
    pub(crate) fn drop_some(&mut self, most: usize) -> bool {
        let left = self.clients.len().saturating_sub(most).max(self.firsts);
        let leaving = self.clients.split_off(left);
        for client in &leaving {
            self.told.places -= client.heard;
            self.live -= usize::from(client.is_live());
        }
        !leaving.is_empty()
    }

    /// Whether one more can come in now.
    fn has_room(&self, to: usize, at_once: usize) -> bool {
        self.clients.len() < to && self.clients.len() - self.live < at_once
    }

    fn open(&mut self) -> anyhow::Result<()> {
        let number = self.clients.len();
        let mut stream = connect(self.address, number < self.stalled)?;
        stream.write_all(raw::upgrade_request(self.address).as_bytes())?;
        let sockets = if number < self.firsts { &self.sockets } else { &self.late };
        sockets.add(&stream, number as u64)?;
        self.clients.push(Client::new(stream, number));
        Ok(())
    }

    /// Says so many things at once.
    pub(crate) fn say(&mut self, count: u64) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        for _ in 0..count {
            let text = self.speech.say(self.said.count());
            bytes.extend(raw::masked(0x81, text.as_bytes())?);
            self.said.add(Instant::now());
        }
        let talker = self.clients[..self.firsts].last_mut().context("a talker")?;
        Ok(talker.stream.write_all(&bytes)?)
    }

    /// One wait, in which something has to come.
    fn turn(&mut self) -> anyhow::Result<()> {
        for _ in 0..PATIENCE {
            if self.wait(SECOND)? {
                return Ok(());
            }
        }
        Err(Silence.into())
    }

    /// Reads of all the first ones that are ready, then of a few of the others.
    fn wait(&mut self, patience: Timespec) -> anyhow::Result<bool> {
        let count = self.sockets.wait(patience)?;
        let mut is_late = false;
        for at in 0..count {
            match self.sockets.ready(at) {
                LATE => is_late = true,
                number => self.read(number as usize)?,
            }
        }
        if is_late {
            for at in 0..self.late.wait(Timespec::default())? {
                self.read(self.late.ready(at) as usize)?;
            }
        }
        Ok(count > 0)
    }

    fn read(&mut self, number: usize) -> anyhow::Result<()> {
        let client = &mut self.clients[number];
        let was_live = client.is_live();
        let hearing = Hearing {
            speech: self.speech,
            address: self.address,
            said: &self.said,
            firsts: self.firsts,
        };
        client.read(&mut self.buffer, &hearing, &mut self.told)?;
        self.live += usize::from(!was_live && client.is_live());
        Ok(())
    }
}
