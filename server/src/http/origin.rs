//! Which pages of the web may use the hub. PURE.
//!
//! A browser lets any page open a WebSocket to any address, and says in `Origin` where the page
//! is from (RFC 6454, section 7). It is for the hub to refuse: without that, a page one happens
//! to visit could read along on `localhost`. Who sends no `Origin` is no browser, and could say
//! whatever it likes; but for a browser that only reads, for a page of the same site.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
    sync::Arc,
};

use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{HOST, ORIGIN},
};

/// Where a page is from: `https://chat.example`, `http://192.168.1.20:8080`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Scheme,
    host: Host,
    port: u16,
}

/// How browsers get pages that may use the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A machine, as browsers name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Host {
    /// In lower case.
    Name(String),
    Address(IpAddr),
}

/// This is not how browsers write an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is a scheme, a host and perhaps a port, as in https://chat.example or \
     http://192.168.1.20:8080, without a path; names that are not ASCII are written xn--…"
)]
pub struct BadOrigin;

impl FromStr for Origin {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, BadOrigin> {
        let (scheme, authority) = text.split_once("://").ok_or(BadOrigin)?;
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(BadOrigin),
        };
        let (host, port) = parse_authority(authority).ok_or(BadOrigin)?;
        Ok(Self { scheme, host, port: port.unwrap_or(scheme.default_port()) })
    }
}

/// Reads `HOST` or `HOST:PORT`; nothing else may be there: no user, no path.
fn parse_authority(text: &str) -> Option<(Host, Option<u16>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        return Some((Host::Address(address.into()), parse_port(port)?));
    }
    let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
    let port = parse_port(port)?;
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return Some((Host::Address(address.into()), port));
    }
    let is_name = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_name.then(|| (Host::Name(name.to_ascii_lowercase()), port))
}

/// Reads nothing (no port), or a colon and digits.
#[expect(clippy::option_option, reason = "no port is not the same as a bad one")]
fn parse_port(text: &str) -> Option<Option<u16>> {
    let Some(digits) = text.strip_prefix(':') else {
        return text.is_empty().then_some(None);
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| is_number && *port != 0).map(Some)
}

impl Host {
    /// Whether no name server had a say in where this is: `localhost` and what is below it never
    /// leave the machine (RFC 6761, section 6.3).
    fn is_certain(&self) -> bool {
        match self {
            Self::Address(_) => true,
            Self::Name(name) => name == "localhost" || name.ends_with(".localhost"),
        }
    }
}

/// The origins that may use the hub besides its own. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(Arc<[Origin]>);

/// Why a page may not use the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stranger {
    /// It is from another site.
    #[error(
        "Pages of other sites can't use this hub; whoever runs it can allow one with: \
         --allow-origin ORIGIN"
    )]
    Elsewhere,
    /// It came over this machine, under a name that anybody can point at it. So does what a
    /// reverse proxy on this machine passes on.
    #[error(
        "This machine is not known to the hub by that name. Use its address or localhost; behind \
         a proxy on the same machine, start the hub with: --allow-origin ORIGIN"
    )]
    UnknownName,
}

impl Origins {
    /// These may use the hub besides its own page.
    pub(crate) fn new(allowed: Vec<Origin>) -> Self {
        Self(allowed.into())
    }

    /// Refuses a request that a browser made for a page of another site. `peer` is who is at
    /// the other end of the connection.
    pub(crate) fn check(&self, headers: &HeaderMap, peer: IpAddr) -> Result<(), Stranger> {
        if !headers.contains_key(ORIGIN) {
            return Ok(());
        }
        let origin = origin_of(headers).ok_or(Stranger::Elsewhere)?;
        if self.0.contains(&origin) {
            return Ok(());
        }
        let (host, port) = host_of(headers).ok_or(Stranger::Elsewhere)?;
        if host != origin.host || port.unwrap_or(origin.scheme.default_port()) != origin.port {
            return Err(Stranger::Elsewhere);
        }
        self.check_name(Some(&host), peer)
    }

    /// Refuses what a browser may have asked for a page that it takes for the hub's own: when it
    /// only reads from there it sends no `Origin`, but always a `Host`.
    pub(crate) fn check_host(&self, headers: &HeaderMap, peer: IpAddr) -> Result<(), Stranger> {
        if !headers.contains_key(HOST) {
            return Ok(());
        }
        self.check_name(host_of(headers).map(|(host, _)| host).as_ref(), peer)
    }

    /// A name server of a page's owner can have answered with this machine's own address ("DNS
    /// rebinding"): the page is then of the same origin as the hub.
    fn check_name(&self, host: Option<&Host>, peer: IpAddr) -> Result<(), Stranger> {
        let is_allowed = |host: &Host| self.0.iter().any(|allowed| allowed.host == *host);
        let is_known = host.is_some_and(|host| host.is_certain() || is_allowed(host));
        let is_local = peer.to_canonical().is_loopback();
        if is_local && !is_known { Err(Stranger::UnknownName) } else { Ok(()) }
    }

    /// The request's `Origin`, where it is one of those allowed: what an answer names so that
    /// the page may read it.
    pub(crate) fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = origin_of(headers)?;
        self.0.contains(&origin).then(|| headers.get(ORIGIN).cloned()).flatten()
    }
}

/// The request's only `Origin`. `null` (a file, a sandbox) is none, and neither is garbage.
fn origin_of(headers: &HeaderMap) -> Option<Origin> {
    only(headers, &ORIGIN)?.parse().ok()
}

/// What the request's only `Host` says.
fn host_of(headers: &HeaderMap) -> Option<(Host, Option<u16>)> {
    parse_authority(only(headers, &HOST)?)
}

/// The request's `Host` as it stands, where it is one that can be printed in an answer.
pub(super) fn printable_host(headers: &HeaderMap) -> Option<&str> {
    only(headers, &HOST).filter(|host| parse_authority(host).is_some())
}

fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}

#[cfg(test)]
mod tests;
