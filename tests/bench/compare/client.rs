//! One client of a server: its way in, and what it makes of the bytes that come.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Instant,
};

use anyhow::{bail, ensure};
use tests::raw;

use super::{
    speech::Speech,
    told::{Said, Told},
};

/// A client.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    phase: Phase,
    /// The beginning of a frame.
    rest: Vec<u8>,
    /// How many messages it has heard, or came too late for.
    pub(crate) heard: u64,
    number: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Upgrade,
    /// The answer to this part of the greeting is due.
    Greeting(usize),
    Live,
}

/// What a client needs to know to make sense of what it reads.
pub(crate) struct Hearing<'a> {
    pub(crate) speech: Speech,
    pub(crate) address: SocketAddr,
    pub(crate) said: &'a Said,
    /// Clients whose times count.
    pub(crate) firsts: usize,
}

impl Client {
    pub(crate) fn new(stream: TcpStream, number: usize) -> Self {
        Self { stream, phase: Phase::Upgrade, rest: Vec::new(), heard: 0, number }
    }

    pub(crate) fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }

    /// Reads once.
    pub(crate) fn read(
        &mut self,
        buffer: &mut [u8],
        hearing: &Hearing<'_>,
        told: &mut Told,
    ) -> anyhow::Result<()> {
        let count = self.stream.read(buffer)?;
        ensure!(count > 0, "the server closed a connection");
        let now = Instant::now();
        let mut pending = std::mem::take(&mut self.rest);
        let bytes = if pending.is_empty() {
            &buffer[..count]
        } else {
            pending.extend_from_slice(&buffer[..count]);
            &pending
        };
        let used = self.take(bytes, hearing, now, told)?;
        if used < bytes.len() {
            self.rest = bytes[used..].to_vec();
        }
        Ok(())
    }

    /// Takes every whole frame; returns how many bytes they were.
    fn take(
        &mut self,
        bytes: &[u8],
        hearing: &Hearing<'_>,
        now: Instant,
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
                0x1 if self.phase == Phase::Live => self.hear(payload, hearing, now, told)?,
                0x1 => self.answer(payload, hearing.speech, told)?,
                0x9 => self.stream.write_all(&raw::masked(0x8a, payload)?)?,
                0x8 => bail!("the server closes: {}", closing(payload)),
                other => bail!("the server sends a frame of type {other}"),
            }
        }
        Ok(used)
    }

    fn hear(
        &mut self,
        payload: &[u8],
        hearing: &Hearing<'_>,
        now: Instant,
        told: &mut Told,
    ) -> anyhow::Result<()> {
        if Speech::is_event(payload)? {
            told.hear(self.heard, payload, hearing.speech)?;
            if self.number < hearing.firsts {
                told.note(self.heard, hearing.said, now);
            }
            self.heard += 1;
        } else if self.number == 0 && Speech::is_presence(payload) {
            told.presence += 1;
        }
        Ok(())
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

    fn answer(&mut self, payload: &[u8], speech: Speech, told: &mut Told) -> anyhow::Result<()> {
        let Phase::Greeting(part) = self.phase else { return Ok(()) };
        let text = String::from_utf8_lossy(payload);
        ensure!(!text.starts_with(r#"{"type":"error""#), "the greeting was answered with {text}");
        match speech.greeting(part, self.number) {
            Some((_, answer)) if text.contains(answer) => self.greet(part + 1, speech)?,
            Some(_) | None => {}
        }
        if self.phase == Phase::Live {
            self.heard = Speech::said_before(&text);
            told.places += self.heard;
        }
        Ok(())
    }
}

/// Code and reason of a close.
fn closing(payload: &[u8]) -> String {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else { return "no reason".into() };
    format!("{} {}", u16::from_be_bytes(*code), String::from_utf8_lossy(reason))
}
