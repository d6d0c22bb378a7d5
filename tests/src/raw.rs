//! A WebSocket client that costs next to nothing, to have thousands of them: it looks at the
//! bytes of a frame and parses no JSON.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// Largest read at once.
const READ_BYTES: usize = 64 * 1024;

/// Connects, upgrades, and returns both halves.
pub async fn connect(address: SocketAddr) -> io::Result<(RawReader, RawWriter)> {
    upgrade(TcpStream::connect(address).await?, address).await
}

/// Upgrades a connection and returns both halves.
pub async fn upgrade(stream: TcpStream, address: SocketAddr) -> io::Result<(RawReader, RawWriter)> {
    stream.set_nodelay(true)?;
    let (read, write) = stream.into_split();
    let mut reader = RawReader { read, buffer: Vec::new(), start: 0 };
    let mut writer = RawWriter { write };
    writer.write.write_all(upgrade_request(address).as_bytes()).await?;
    reader.skip_http_head().await?;
    Ok((reader, writer))
}

/// What a client asks for first. The key is that of RFC 6455's example.
pub fn upgrade_request(address: SocketAddr) -> String {
    format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

/// The reading half.
#[derive(Debug)]
pub struct RawReader {
    read: OwnedReadHalf,
    buffer: Vec<u8>,
    start: usize,
}

/// A frame of the hub, as bytes.
#[derive(Debug)]
pub enum RawFrame<'a> {
    /// A text.
    Text(&'a [u8]),
    /// A ping, to be answered.
    Ping(Vec<u8>),
    /// The close.
    Close,
}

impl RawReader {
    /// The next frame.
    pub async fn next(&mut self) -> io::Result<RawFrame<'_>> {
        let (opcode, body) = loop {
            if let Some(found) = header(&self.buffer[self.start..]) {
                break found;
            }
            self.fill().await?;
        };
        let bytes = self.start + body.start..self.start + body.end;
        self.start = bytes.end;
        match opcode {
            0x1 => Ok(RawFrame::Text(&self.buffer[bytes])),
            0x8 => Ok(RawFrame::Close),
            0x9 => Ok(RawFrame::Ping(self.buffer[bytes].to_vec())),
            other => Err(io::Error::other(format!("unexpected opcode {other}"))),
        }
    }

    /// Reads until a text that contains `part` has come.
    pub async fn until(&mut self, part: &str) -> io::Result<()> {
        loop {
            match self.next().await? {
                RawFrame::Text(text) if contains(text, part) => return Ok(()),
                RawFrame::Text(_) | RawFrame::Ping(_) => {}
                RawFrame::Close => return Err(io::Error::other("closed")),
            }
        }
    }

    /// Gives the buffer back to the system, for a client that waits for a long time.
    pub fn shrink(&mut self) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.shrink_to_fit();
    }

    async fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.reserve(READ_BYTES);
        match self.read.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    async fn skip_http_head(&mut self) -> io::Result<()> {
        loop {
            let end = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                if !self.buffer.starts_with(b"HTTP/1.1 101") {
                    let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
                    return Err(io::Error::other(head));
                }
                self.start = end + 4;
                return Ok(());
            }
            self.fill().await?;
        }
    }
}

/// The writing half.
#[derive(Debug)]
pub struct RawWriter {
    write: OwnedWriteHalf,
}

impl RawWriter {
    /// Sends a text.
    pub async fn text(&mut self, text: &str) -> io::Result<()> {
        self.frame(0x81, text.as_bytes()).await
    }

    /// Answers a ping.
    pub async fn pong(&mut self, payload: &[u8]) -> io::Result<()> {
        self.frame(0x8a, payload).await
    }

    async fn frame(&mut self, first: u8, payload: &[u8]) -> io::Result<()> {
        self.write.write_all(&masked(first, payload)?).await
    }
}

/// A frame of a client with `first` as its first byte. Masked with zeros: allowed, and it spares
/// both ends the work.
pub fn masked(first: u8, payload: &[u8]) -> io::Result<Vec<u8>> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(0x80 | short as u8),
        long => {
            bytes.push(0x80 | 0x7e);
            bytes.extend(u16::try_from(long).map_err(io::Error::other)?.to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    Ok(bytes)
}

/// Opcode and place of the body of the first frame, once it is there as a whole. A mask is
/// skipped, and taken for zeros.
pub fn header(bytes: &[u8]) -> Option<(u8, std::ops::Range<usize>)> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (start, length) = match second & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize),
        short => (2, usize::from(short)),
    };
    let start = if second & 0x80 == 0 { start } else { start + 4 };
    (bytes.len() >= start + length).then_some((first & 0x0f, start..start + length))
}

/// Whether a text contains a part.
pub fn contains(text: &[u8], part: &str) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.contains(part))
}

/// The word after `"field":"` in the JSON of a frame.
pub fn word_of<'a>(text: &'a str, field: &str) -> Option<&'a str> {
    let rest = &text[text.find(&format!("\"{field}\":\""))? + field.len() + 4..];
    Some(&rest[..rest.find('"')?])
}

/// The number after `"field":` in the JSON of a frame.
pub fn number_of(text: &str, field: &str) -> Option<u64> {
    let rest = &text[text.find(field)? + field.len()..];
    let rest = rest.strip_prefix("\":")?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}
