//! A client of HTTP/1.1 made by hand: it sends exactly what a test says, and blocks until what it
//! reads has come. (A library would mend requests, try again, and keep connections.)

use std::{
    fmt::Write as _,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

use serde_json::Value;

use crate::PATIENCE;

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// An answer that is there in full.
#[derive(Clone, Debug)]
pub struct HttpAnswer {
    /// As 200.
    pub status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    /// All of it.
    pub body: String,
}

/// An answer of which the head has come and the body is coming.
#[derive(Debug)]
pub struct HttpStream {
    /// As 200.
    pub status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

impl HttpRequest {
    /// Asks for something.
    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// Posts JSON.
    pub fn post(target: &str, body: impl Into<Vec<u8>>) -> Self {
        let post = Self::new("POST", target).header("Content-Type", "application/json");
        Self { body: Some(body.into()), ..post }
    }

    /// A request without a body.
    pub fn new(method: &str, target: &str) -> Self {
        let (method, target) = (method.to_owned(), target.to_owned());
        Self { method, target, headers: Vec::new(), body: None }
    }

    /// With this header, in the place of one of the same name; an empty value takes it out.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// With this token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Sends it and reads the answer to its end.
    pub fn send(&self, address: SocketAddr) -> HttpAnswer {
        self.stream(address).rest()
    }

    /// Sends it and reads the head of the answer.
    pub fn stream(&self, address: SocketAddr) -> HttpStream {
        let mut socket = connect(address);
        // A hub may answer, and close, before it has read everything.
        let _ = socket.write_all(&self.bytes(address));
        HttpStream::read(socket)
    }

    /// The bytes that are sent.
    pub fn bytes(&self, address: SocketAddr) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if value(&self.headers, "host").is_none() {
            let _ = write!(head, "Host: {address}\r\n");
        }
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if let Some(body) = &self.body {
            let _ = write!(head, "Content-Length: {}\r\n", body.len());
        }
        head.push_str("\r\n");
        [head.as_bytes(), self.body.as_deref().unwrap_or_default()].concat()
    }
}

impl HttpAnswer {
    /// The value of this header.
    pub fn header(&self, name: &str) -> Option<&str> {
        value(&self.headers, name)
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|why| panic!("{why}: {:?}", self.body))
    }
}

impl HttpStream {
    /// Reads the head of an answer.
    pub fn read(socket: TcpStream) -> Self {
        let mut reader = BufReader::new(socket);
        let mut head = lines_until_empty(&mut reader).into_iter();
        let first = head.next().expect("an answer");
        let status: Option<u16> = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let headers: Vec<_> = head
            .filter_map(|line| {
                let (name, value) = line.split_once(':')?;
                Some((name.to_ascii_lowercase(), value.trim().to_owned()))
            })
            .collect();
        let is_chunked = value(&headers, "transfer-encoding") == Some("chunked");
        let told = value(&headers, "content-length").and_then(|length| length.parse().ok());
        // What has no body by its status (RFC 9110, section 6.4.1) says no length.
        let has_body = status.is_none_or(|status| status >= 200 && status != 204);
        let left = if has_body { told } else { Some(0) };
        let body = Body { reader, is_chunked, left: if is_chunked { Some(0) } else { left } };
        Self { status: status.unwrap_or_else(|| panic!("no answer: {first:?}")), headers, body }
    }

    /// The value of this header.
    pub fn header(&self, name: &str) -> Option<&str> {
        value(&self.headers, name)
    }

    /// The next line of the body without its end; none at the end of the body.
    pub fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let mut byte = [0];
        while self.body.read(&mut byte).expect("the next line") == 1 {
            match byte[0] {
                b'\n' => return Some(String::from_utf8(line).expect("UTF-8")),
                byte => line.push(byte),
            }
        }
        (!line.is_empty()).then(|| String::from_utf8(line).expect("UTF-8"))
    }

    /// Waits for the end of the body.
    pub fn rest(mut self) -> HttpAnswer {
        let mut body = String::new();
        self.body.read_to_string(&mut body).expect("the rest of the answer");
        HttpAnswer { status: self.status, headers: self.headers, body }
    }
}

/// The body of an answer, without what its chunks are wrapped in.
#[derive(Debug)]
struct Body {
    reader: BufReader<TcpStream>,
    is_chunked: bool,
    /// How much of the chunk or the body is to come; none is until the connection ends.
    left: Option<usize>,
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.is_chunked && self.left == Some(0) {
            self.left = Some(self.next_chunk()?);
        }
        let Some(left) = self.left else { return self.reader.read(into) };
        let wanted = left.min(into.len());
        if wanted == 0 {
            // To read nothing would wait for what comes after the body.
            return Ok(0);
        }
        let read = self.reader.read(&mut into[..wanted])?;
        self.left = Some(left - read);
        if self.is_chunked && left == read && read > 0 {
            lines_until_empty(&mut self.reader);
        }
        Ok(read)
    }
}

impl Body {
    /// How long the next chunk is. After the last one, which has none, the body has ended.
    fn next_chunk(&mut self) -> io::Result<usize> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let length = line.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(length, 16).map_err(io::Error::other)?;
        self.is_chunked = length > 0;
        Ok(length)
    }
}

/// A connection on which nothing is waited for without end.
pub fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).expect("connect");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket.set_write_timeout(Some(PATIENCE)).expect("a timeout");
    socket
}

fn lines_until_empty(reader: &mut BufReader<TcpStream>) -> Vec<String> {
    let lines = reader.by_ref().lines().map(|line| line.expect("the head of an answer"));
    lines.take_while(|line| !line.is_empty()).collect()
}

fn value<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let header = headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    header.map(|(_, value)| value.as_str())
}
