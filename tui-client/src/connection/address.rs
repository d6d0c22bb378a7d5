//! Where a hub is: what people type, read once.

use std::{fmt, net::IpAddr};

use protocol::{DEFAULT_PORT, PATH};

/// The name that means this machine, in both loopback families.
pub const LOCALHOST: &str = "localhost";

/// How an address begins at which TLS is spoken.
const SECURE: &str = "wss://";
/// The port of `ws` and `http` URLs that name none.
const PLAIN_PORT: u16 = 80;
/// The port of `wss` and `https` URLs that name none.
const SECURE_PORT: u16 = 443;

/// Where a hub is. Written as people say it: `192.168.1.20:8080`, `[::1]:8080`, and with TLS
/// `wss://ana.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    path: String,
    is_secure: bool,
}

/// Why something is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is none of the forms.
    #[error("{0:?} is no address; write HOST, HOST:PORT, [IPV6]:PORT or a ws:// or wss:// URL")]
    Invalid(String),
}

/// Whether TLS is spoken at an address that is written like this.
pub(crate) fn is_secure(address: &str) -> bool {
    address.starts_with(SECURE)
}

impl Address {
    /// This host and port.
    pub fn new(host: &str, port: u16) -> Result<Self, AddressError> {
        let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        if !is_host(host) {
            return Err(AddressError::Invalid(host.to_owned()));
        }
        let (host, path) = (host.to_lowercase(), PATH.to_owned());
        Ok(Self { host, port, path, is_secure: false })
    }

    /// Reads `HOST`, `HOST:PORT`, a bare or bracketed IPv6 address or a URL. `port` counts where
    /// the text names none; a URL then has the port of its scheme.
    pub fn parse(text: &str, port: Option<u16>) -> Result<Self, AddressError> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Self::parse_authority(text, port.unwrap_or(DEFAULT_PORT))
                .ok_or_else(|| AddressError::Invalid(text.to_owned()));
        };
        let (is_secure, usual) = match scheme.to_ascii_lowercase().as_str() {
            "ws" | "http" => (false, PLAIN_PORT),
            "wss" | "https" => (true, SECURE_PORT),
            _ => return Err(AddressError::Invalid(text.to_owned())),
        };
        let address = Self::parse_url(rest, port.unwrap_or(usual));
        let address = address.ok_or_else(|| AddressError::Invalid(text.to_owned()))?;
        Ok(Self { is_secure, ..address })
    }

    fn parse_url(rest: &str, port: u16) -> Option<Self> {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut address = Self::parse_authority(authority, port)?;
        if !path.is_empty() {
            address.path = format!("/{path}");
        }
        is_path(&address.path).then_some(address)
    }

    fn parse_authority(text: &str, port: u16) -> Option<Self> {
        if text.parse::<std::net::Ipv6Addr>().is_ok() {
            return Self::new(text, port).ok();
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, digits)) if !digits.ends_with(']') => (host, digits.parse().ok()?),
            _ => (text, port),
        };
        let is_bracketed = host.starts_with('[') && host.ends_with(']');
        (is_bracketed || !host.contains(':')).then(|| Self::new(host, port).ok())?
    }

    /// The name or number of the machine, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether TLS is spoken there.
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// The same machine and port, with TLS or without.
    pub(super) fn with_tls(&self, is_secure: bool) -> Self {
        Self { is_secure, ..self.clone() }
    }

    /// The host as certificates and headers name it: without the scope of a link-local address.
    pub(super) fn name(&self) -> &str {
        self.host.split_once('%').map_or(self.host.as_str(), |(bare, _scope)| bare)
    }

    /// The URL of the upgrade request.
    pub fn url(&self) -> String {
        let scheme = if self.is_secure { SECURE } else { "ws://" };
        format!("{scheme}{}:{}{}", bracketed(self.name()), self.port, self.path)
    }

    /// The page that the hub has there for browsers: `http://192.168.1.20:8080/`.
    pub fn page(&self) -> String {
        let (scheme, usual) =
            if self.is_secure { ("https", SECURE_PORT) } else { ("http", PLAIN_PORT) };
        let port = if self.port == usual { String::new() } else { format!(":{}", self.port) };
        // Where the hub is behind a path, its page is beside its socket.
        let path = self.path.strip_suffix(PATH).unwrap_or_default();
        format!("{scheme}://{}{port}{path}/", bracketed(self.name()))
    }

    /// Whether it can only be this machine.
    pub fn is_loopback(&self) -> bool {
        self.host == LOCALHOST || self.host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }

    /// How one joins there: `hubbub 192.168.1.20`, with the port unless it is the usual one.
    pub fn join_command(&self) -> String {
        if self.path != PATH {
            return format!("hubbub {}", self.url());
        }
        if self.is_secure {
            return format!("hubbub {self}");
        }
        match (self.is_loopback() && self.host == LOCALHOST, self.port) {
            (true, DEFAULT_PORT) => "hubbub".to_owned(),
            (true, port) => format!("hubbub -p {port}"),
            (false, DEFAULT_PORT) => format!("hubbub {}", bracketed(&self.host)),
            (false, _) => format!("hubbub {self}"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_secure, self.port) {
            (false, port) => write!(f, "{}:{port}", bracketed(&self.host)),
            (true, SECURE_PORT) => write!(f, "{SECURE}{}", bracketed(&self.host)),
            (true, port) => write!(f, "{SECURE}{}:{port}", bracketed(&self.host)),
        }
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

/// Letters that can be in a host name or an address; the resolver judges the rest.
fn is_host(host: &str) -> bool {
    let is_host_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:%".contains(&byte);
    (1..=255).contains(&host.len()) && !host.starts_with('-') && host.bytes().all(is_host_byte)
}

fn is_path(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Address::parse(text, None).map_or_else(|error| error.to_string(), |a| a.to_string())
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(read("ana.example"), "ana.example:8080");
        assert_eq!(read("192.168.1.20:9000"), "192.168.1.20:9000");
        assert_eq!(read("[::1]:9000"), "[::1]:9000");
        assert_eq!(read("[fe80::1%eth0]"), "[fe80::1%eth0]:8080");
        assert_eq!(read("2001:db8::1"), "[2001:db8::1]:8080");
        assert_eq!(read("ws://Ana.example:9000/chat/ws"), "ana.example:9000");
        assert_eq!(read("http://ana.example"), "ana.example:80");
        assert_eq!(read("wss://Ana.example:9000/chat/ws"), "wss://ana.example:9000");
        assert_eq!(read("https://ana.example"), "wss://ana.example");
        assert_eq!(read("wss://[::1]:443"), "wss://[::1]");
    }

    #[test]
    fn the_port_option_counts_where_the_address_has_none() {
        let read = |text| Address::parse(text, Some(9)).map(|address| address.to_string());
        assert_eq!(read("ana"), Ok("ana:9".to_owned()));
        assert_eq!(read("ana:7"), Ok("ana:7".to_owned()));
        assert_eq!(read("ws://ana"), Ok("ana:9".to_owned()));
        assert_eq!(read("wss://ana"), Ok("wss://ana:9".to_owned()));
    }

    #[test]
    fn the_url_keeps_its_path_and_has_ours_otherwise() {
        let url = |text| Address::parse(text, None).map(|address| address.url());
        assert_eq!(url("ana"), Ok("ws://ana:8080/ws".to_owned()));
        assert_eq!(url("ws://ana:1/"), Ok("ws://ana:1/ws".to_owned()));
        assert_eq!(url("ws://ana:1/a/b?c"), Ok("ws://ana:1/a/b?c".to_owned()));
        assert_eq!(url("[fe80::1%eth0]:1"), Ok("ws://[fe80::1]:1/ws".to_owned()));
        assert_eq!(url("https://ana/chat"), Ok("wss://ana:443/chat".to_owned()));
    }

    #[test]
    fn what_is_no_address_is_said_in_a_sentence() {
        for text in ["", "a b", "a:b", "ana:70000", "::1:9000x", "ftp://ana", "a/b", "\u{1b}[2J"] {
            assert!(read(text).contains("is no address; write HOST"), "{text:?}: {}", read(text));
        }
    }

    #[test]
    fn how_one_joins_is_as_short_as_it_can_be() {
        let command = |text| Address::parse(text, None).map(|address| address.join_command());
        assert_eq!(command("192.168.1.20"), Ok("hubbub 192.168.1.20".to_owned()));
        assert_eq!(command("192.168.1.20:9000"), Ok("hubbub 192.168.1.20:9000".to_owned()));
        assert_eq!(command("2001:db8::1"), Ok("hubbub [2001:db8::1]".to_owned()));
        assert_eq!(command("localhost"), Ok("hubbub".to_owned()));
        assert_eq!(command("localhost:9000"), Ok("hubbub -p 9000".to_owned()));
        assert_eq!(command("wss://localhost"), Ok("hubbub wss://localhost".to_owned()));
        assert_eq!(command("wss://ana:8443"), Ok("hubbub wss://ana:8443".to_owned()));
        assert_eq!(command("ws://ana:1/chat"), Ok("hubbub ws://ana:1/chat".to_owned()));
    }

    #[test]
    fn the_page_for_browsers_is_beside_the_socket() {
        let page = |text: &str| Address::parse(text, None).unwrap().page();
        assert_eq!(page("192.168.1.20"), "http://192.168.1.20:8080/");
        assert_eq!(page("[::1]:9000"), "http://[::1]:9000/");
        assert_eq!(page("wss://ana.example"), "https://ana.example/");
        assert_eq!(page("wss://ana.example:8443/chat/ws"), "https://ana.example:8443/chat/");
    }
}
