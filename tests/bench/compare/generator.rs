//! All clients of a server under test, in one thread: one epoll set, one read buffer.
//!
//! It is meant to cost less than any server that it loads. It checks what it counts: the n-th
//! event of each client is byte for byte the n-th event of whoever heard it first, and that one
//! is what was said. So an event lost, doubled, swapped or changed ends the run.

use std::{
    collections::VecDeque,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use rustix::{
    event::{Timespec, epoll},
    io::Errno,
};
use socket2::{Domain, Socket, Type};
use tests::raw;

use super::{latency::Latency, speech::Speech};

/// Largest read at once.
const READ_BYTES: usize = 256 * 1024;
/// Sockets looked at after one wait.
const READY_MAX: usize = 1024;
/// Clients on their way in at the same time: less than any server's backlog.
const AT_ONCE: usize = 64;
/// How long nothing may happen while something is due: so many waits of a second, so that a
/// machine that stood still for a minute has waited for one second only.
const PATIENCE: usize = 10;
const SECOND: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
/// Events that are remembered for those who have not heard them yet.
const REMEMBERED: usize = 65_536;
/// Receive buffer and segment of a client that will stall, so that it soon does.
const NARROW_BUFFER: usize = 4096;
const NARROW_SEGMENT: u32 = 536;

/// The clients of one server.
pub(crate) struct Crowd {
    address: SocketAddr,
    speech: Speech,
    epoll: OwnedFd,
    clients: Vec<Client>,
    /// Clients opened first, which stop to read once they are in.
    stalled: usize,
    live: usize,
    buffer: Vec<u8>,
    ready: Vec<epoll::Event>,
    said: u64,
    said_at: VecDeque<Instant>,
    told: Told,
}

/// What has come.
#[derive(Default)]
struct Told {
    delivered: u64,
    /// The newest events, as heard first, and the number of the first of them.
    events: VecDeque<Vec<u8>>,
    start: u64,
    latency: Latency,
}

struct Client {
    stream: TcpStream,
    phase: Phase,
    /// The beginning of a frame.
    rest: Vec<u8>,
    heard: u64,
    number: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Upgrade,
    /// The answer to this part of the greeting is due.
    Greeting(usize),
    Live,
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
        Ok(Self {
            address,
            speech,
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            clients: Vec::new(),
            stalled,
            live: 0,
            buffer: vec![0; READ_BYTES],
            ready: Vec::with_capacity(READY_MAX),
            said: 0,
            said_at: VecDeque::new(),
            told: Told::default(),
        })
    }

    /// Lets clients in until there are so many.
    pub(crate) fn grow(&mut self, to: usize) -> anyhow::Result<()> {
        while self.live < to {
            while self.clients.len() < to && self.clients.len() - self.live < AT_ONCE {
                self.open()?;
            }
            self.turn().context("while clients came in")?;
        }
        Ok(())
    }

    /// Those who were to stall stop reading now.
    pub(crate) fn stall(&mut self) -> anyhow::Result<()> {
        for client in &self.clients[..self.stalled] {
            epoll::delete(&self.epoll, &client.stream)?;
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
            let heard = self.clients.last().context("a talker")?.heard;
            self.say(in_flight.saturating_sub(self.said - heard))?;
            self.turn().context("while one talked")?;
        }
        Ok(())
    }

    /// Waits until everybody has heard everything.
    pub(crate) fn catch_up(&mut self) -> anyhow::Result<()> {
        let listeners = (self.clients.len() - self.stalled) as u64;
        while self.told.delivered < self.said * listeners {
            self.turn().with_context(|| {
                let (have, due) = (self.told.delivered, self.said * listeners);
                format!("{have} of {due} deliveries came")
            })?;
        }
        Ok(())
    }

    /// Events delivered so far, to all together.
    pub(crate) fn delivered(&self) -> u64 {
        self.told.delivered
    }

    /// The times from word to ear since this was asked for the last time.
    pub(crate) fn take_latency(&mut self) -> Latency {
        std::mem::take(&mut self.told.latency)
    }

    fn open(&mut self) -> anyhow::Result<()> {
        let number = self.clients.len();
        let mut stream = connect(self.address, number < self.stalled)?;
        stream.write_all(raw::upgrade_request(self.address).as_bytes())?;
        let data = epoll::EventData::new_u64(number as u64);
        epoll::add(&self.epoll, &stream, data, epoll::EventFlags::IN)?;
        self.clients.push(Client::new(stream, number));
        Ok(())
    }

    fn say(&mut self, count: u64) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        for number in self.said..self.said + count {
            bytes.extend(raw::masked(0x81, self.speech.say(number).as_bytes())?);
            self.said_at.push_back(Instant::now());
        }
        self.said += count;
        let forgotten = self.said_at.len().saturating_sub(REMEMBERED);
        self.said_at.drain(..forgotten);
        let talker = self.clients.last_mut().context("a talker")?;
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

    fn wait(&mut self, patience: Timespec) -> anyhow::Result<bool> {
        self.ready.clear();
        let space = rustix::buffer::spare_capacity(&mut self.ready);
        match epoll::wait(&self.epoll, space, Some(&patience)) {
            Err(Errno::INTR) => {} // This process was stopped and goes on.
            waited => drop(waited?),
        }
        for at in 0..self.ready.len() {
            let data = self.ready[at].data;
            self.read(data.u64() as usize)?;
        }
        Ok(!self.ready.is_empty())
    }

    fn read(&mut self, number: usize) -> anyhow::Result<()> {
        let client = &mut self.clients[number];
        let count = client.stream.read(&mut self.buffer)?;
        ensure!(count > 0, "the server closed a connection");
        let mut pending = std::mem::take(&mut client.rest);
        let bytes = if pending.is_empty() {
            &self.buffer[..count]
        } else {
            pending.extend_from_slice(&self.buffer[..count]);
            &pending
        };
        let was_live = client.phase == Phase::Live;
        let hearing = Hearing { speech: self.speech, address: self.address, at: Instant::now() };
        let used = client.take(bytes, &hearing, &self.said_at, self.said, &mut self.told)?;
        if used < bytes.len() {
            client.rest = bytes[used..].to_vec();
        }
        self.live += usize::from(!was_live && client.phase == Phase::Live);
        Ok(())
    }
}

/// What a client needs to know to make sense of what it reads.
struct Hearing {
    speech: Speech,
    address: SocketAddr,
    at: Instant,
}

impl Client {
    fn new(stream: TcpStream, number: usize) -> Self {
        Self { stream, phase: Phase::Upgrade, rest: Vec::new(), heard: 0, number }
    }

    /// Takes every whole frame; returns how many bytes they were.
    fn take(
        &mut self,
        bytes: &[u8],
        hearing: &Hearing,
        said_at: &VecDeque<Instant>,
        said: u64,
        told: &mut Told,
    ) -> anyhow::Result<usize> {
        let mut used = 0;
        if self.phase == Phase::Upgrade {
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
                return Ok(0);
            };
            let head = String::from_utf8_lossy(&bytes[..end]);
            ensure!(head.starts_with("HTTP/1.1 101"), "{} says {head}", hearing.address);
            used = end + 4;
            self.greet(0, hearing.speech)?;
        }
        while let Some((opcode, body)) = raw::header(&bytes[used..]) {
            let payload = &bytes[used + body.start..used + body.end];
            used += body.end;
            match opcode {
                0x1 if self.phase == Phase::Live => {
                    if Speech::is_event(payload)? {
                        told.hear(self.heard, payload, hearing.speech)?;
                        told.note(hearing.at, said_at, said - self.heard);
                        self.heard += 1;
                    }
                }
                0x1 => self.answer(payload, hearing.speech)?,
                0x9 => self.stream.write_all(&raw::masked(0x8a, payload)?)?,
                0x8 => bail!("the server closes: {}", closing(payload)),
                other => bail!("the server sends a frame of type {other}"),
            }
        }
        Ok(used)
    }

    /// Sends the greeting's part with this number; after the last one it is in.
    fn greet(&mut self, part: usize, speech: Speech) -> anyhow::Result<()> {
        let Some((text, _)) = speech.greeting(part, self.number) else {
            self.phase = Phase::Live;
            return Ok(());
        };
        self.phase = Phase::Greeting(part);
        Ok(self.stream.write_all(&raw::masked(0x81, text.as_bytes())?)?)
    }

    fn answer(&mut self, payload: &[u8], speech: Speech) -> anyhow::Result<()> {
        let Phase::Greeting(part) = self.phase else { return Ok(()) };
        let text = String::from_utf8_lossy(payload);
        ensure!(!text.starts_with(r#"{"type":"error""#), "the greeting was answered with {text}");
        match speech.greeting(part, self.number) {
            Some((_, answer)) if text.contains(answer) => self.greet(part + 1, speech),
            Some(_) | None => Ok(()),
        }
    }
}

impl Told {
    fn hear(&mut self, number: u64, event: &[u8], speech: Speech) -> anyhow::Result<()> {
        self.delivered += 1;
        if number == self.start + self.events.len() as u64 {
            speech.check(number, event)?;
            self.events.push_back(event.to_vec());
            if self.events.len() > REMEMBERED {
                self.events.pop_front();
                self.start += 1;
            }
            return Ok(());
        }
        let known = number.checked_sub(self.start).and_then(|at| self.events.get(at as usize));
        let known = known.context("a client is far behind")?;
        ensure!(known == event, "event {number} is not the same for all");
        Ok(())
    }

    /// `back`: how many messages ago, from the newest (1), this one was said.
    fn note(&mut self, now: Instant, said_at: &VecDeque<Instant>, back: u64) {
        if let Some(at) = said_at.len().checked_sub(back as usize) {
            self.latency.add(now - said_at[at]);
        }
    }
}

/// Code and reason of a close.
fn closing(payload: &[u8]) -> String {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else { return "no reason".into() };
    format!("{} {}", u16::from_be_bytes(*code), String::from_utf8_lossy(reason))
}

fn connect(address: SocketAddr, is_narrow: bool) -> anyhow::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if is_narrow {
        socket.set_recv_buffer_size(NARROW_BUFFER)?;
        socket.set_tcp_mss(NARROW_SEGMENT)?;
    }
    socket.connect(&address.into())?;
    socket.set_tcp_nodelay(true)?;
    Ok(socket.into())
}
