//! The floor: one thread, epoll, and for each message a `send()` of the same bytes to each
//! socket. It has no rooms, takes its clients' word for everything, and waits for slow ones.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::fd::{AsFd, OwnedFd},
};

use anyhow::Context as _;
use rustix::{event::epoll, io::Errno};
use tests::raw;

/// What the one key that the generator sends is answered with (RFC 6455's example).
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
/// Stands for the listener among the clients' numbers.
const LISTENER: u64 = u64::MAX;

struct Client {
    stream: TcpStream,
    rest: Vec<u8>,
    is_in: bool,
}

/// Serves for ever.
pub(crate) fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(std::io::stdout(), "listening on ws://{}/ws", listener.local_addr()?)?;
    let set = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    watch(&set, &listener, LISTENER)?;
    let mut clients: Vec<Client> = Vec::new();
    let mut ready = Vec::with_capacity(1024);
    loop {
        ready.clear();
        match epoll::wait(&set, rustix::buffer::spare_capacity(&mut ready), None) {
            Err(Errno::INTR) => {} // This process was stopped and goes on.
            waited => drop(waited?),
        }
        for epoll::Event { data, .. } in ready.iter().copied() {
            if data.u64() == LISTENER {
                let (stream, _) = listener.accept()?;
                stream.set_nodelay(true)?;
                watch(&set, &stream, clients.len() as u64)?;
                clients.push(Client { stream, rest: Vec::new(), is_in: false });
            } else {
                let frames = clients[data.u64() as usize].read()?;
                tell(&frames, &mut clients)?;
            }
        }
    }
}

fn watch(set: &OwnedFd, socket: impl AsFd, number: u64) -> rustix::io::Result<()> {
    epoll::add(set, socket, epoll::EventData::new_u64(number), epoll::EventFlags::IN)
}

impl Client {
    /// The texts that have come.
    fn read(&mut self) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut bytes = [0; 16 * 1024];
        let count = self.stream.read(&mut bytes)?;
        self.rest.extend(&bytes[..count]);
        if !self.is_in {
            self.is_in = self.rest.ends_with(b"\r\n\r\n");
            if self.is_in {
                self.rest.clear();
                self.stream.write_all(ANSWER)?;
            }
            return Ok(Vec::new());
        }
        let mut frames = Vec::new();
        while let Some((_, body)) = raw::header(&self.rest) {
            frames.push(self.rest[body.clone()].to_vec());
            self.rest.drain(..body.end);
        }
        Ok(frames)
    }
}

fn tell(texts: &[Vec<u8>], clients: &mut [Client]) -> anyhow::Result<()> {
    for text in texts {
        let length = u16::try_from(text.len()).context("a longer text than the generator's")?;
        let mut frame = vec![0x81];
        match length {
            short @ 0..126 => frame.push(short as u8),
            long => frame.extend([&[0x7e][..], &long.to_be_bytes()].concat()),
        }
        frame.extend(text);
        for client in &mut *clients {
            client.stream.write_all(&frame)?;
        }
    }
    Ok(())
}
