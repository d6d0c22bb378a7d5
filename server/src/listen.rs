//! Where a hub listens: from a host and a port to sockets, and to the addresses that people can
//! use.

use std::{
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use tokio::net::{TcpListener, TcpSocket, lookup_host};

/// Connections that wait in the kernel until they are accepted; it takes as many as the system
/// allows below this.
const BACKLOG: u32 = 4096;
/// How many free ports are tried before one is free in both loopback families.
const FREE_PORT_TRIES: usize = 10;

/// Why a hub can't listen there. `Display` says what is wrong; what to try depends on the
/// program that was started.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Something listens there already.
    #[error("port {port} is taken by another program")]
    Taken {
        /// Which port.
        port: u16,
    },
    /// Only the system's own programs may.
    #[error("port {port} is only for system services")]
    Forbidden {
        /// Which port.
        port: u16,
    },
    /// There is no such address here.
    #[error("{host} is not an address of this machine")]
    NotHere {
        /// What was asked for.
        host: String,
    },
    /// Nobody knows what address that is.
    #[error("the name {host} is not known here")]
    Unknown {
        /// What was asked for.
        host: String,
    },
    /// Anything else that the system has against it.
    #[error("can't listen at {host}:{port}: {why}")]
    System {
        /// What was asked for.
        host: String,
        /// What was asked for.
        port: u16,
        /// What the system said.
        why: io::Error,
    },
}

/// Listens at a host's addresses. `localhost` is both loopback addresses, on the same port;
/// port 0 takes a free one.
pub async fn bind(host: &str, port: u16) -> Result<Vec<TcpListener>, BindError> {
    if host.eq_ignore_ascii_case("localhost") {
        return bind_loopback(host, port);
    }
    let mut addresses = resolve(host).await?;
    addresses.dedup();
    let listen = |ip| listen(SocketAddr::new(ip, port)).map_err(|why| describe(host, port, why));
    addresses.into_iter().map(listen).collect()
}

/// The addresses under which the listeners can be reached, one for each network where they
/// listen on all.
pub fn addresses(listeners: &[TcpListener]) -> io::Result<Vec<SocketAddr>> {
    let mut addresses = Vec::new();
    for listener in listeners {
        let local = listener.local_addr()?;
        if local.ip().is_unspecified() {
            let here = if_addrs::get_if_addrs()?.into_iter().map(|interface| interface.ip());
            let reached = here.filter(|ip| is_reached_through(*ip, local.ip()));
            addresses.extend(reached.map(|ip| SocketAddr::new(ip, local.port())));
        } else {
            addresses.push(local);
        }
    }
    addresses.sort_by_key(|address| (!address.ip().is_loopback(), address.is_ipv6()));
    addresses.dedup();
    Ok(addresses)
}

fn bind_loopback(host: &str, port: u16) -> Result<Vec<TcpListener>, BindError> {
    let describe = |why| describe(host, port, why);
    for _ in 0..FREE_PORT_TRIES {
        let v4 = listen((Ipv4Addr::LOCALHOST, port).into()).map_err(describe)?;
        let bound = v4.local_addr().map_err(describe)?.port();
        match listen((Ipv6Addr::LOCALHOST, bound).into()) {
            Ok(v6) => return Ok(vec![v4, v6]),
            Err(why) if why.kind() == ErrorKind::AddrInUse && port == 0 => {}
            Err(why) if why.kind() == ErrorKind::AddrInUse => return Err(describe(why)),
            // A machine without IPv6.
            Err(_) => return Ok(vec![v4]),
        }
    }
    Err(describe(ErrorKind::AddrInUse.into()))
}

async fn resolve(host: &str) -> Result<Vec<IpAddr>, BindError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = bare.parse() {
        return Ok(vec![ip]);
    }
    let unknown = || BindError::Unknown { host: host.to_owned() };
    let found = lookup_host((host, 0)).await.map_err(|_| unknown())?;
    let found: Vec<_> = found.map(|address| address.ip()).collect();
    if found.is_empty() { Err(unknown()) } else { Ok(found) }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A hub that starts again must not wait for the old connections' TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn describe(host: &str, port: u16, why: io::Error) -> BindError {
    match why.kind() {
        ErrorKind::AddrInUse => BindError::Taken { port },
        ErrorKind::PermissionDenied => BindError::Forbidden { port },
        ErrorKind::AddrNotAvailable => BindError::NotHere { host: host.to_owned() },
        _ => BindError::System { host: host.to_owned(), port, why },
    }
}

fn is_reached_through(ip: IpAddr, unspecified: IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => true,
        // Link-local addresses mean nothing without the name of an interface.
        IpAddr::V6(ip) => unspecified.is_ipv6() && !ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn localhost_is_both_families_on_one_free_port() {
        let listeners = bind("localhost", 0).await.unwrap();
        let addresses = addresses(&listeners).unwrap();
        assert!(addresses.iter().all(|address| address.ip().is_loopback()));
        assert!(addresses.iter().all(|address| address.port() == addresses[0].port()));
        assert_ne!(addresses[0].port(), 0);
    }

    #[tokio::test]
    async fn a_taken_port_is_told_as_such() {
        let listeners = bind("127.0.0.1", 0).await.unwrap();
        let port = listeners[0].local_addr().unwrap().port();
        let error = bind("127.0.0.1", port).await.unwrap_err();
        assert_eq!(error.to_string(), format!("port {port} is taken by another program"));
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_told_as_such() {
        let error = bind("192.0.2.1", 0).await.unwrap_err();
        assert_eq!(error.to_string(), "192.0.2.1 is not an address of this machine");
    }

    #[tokio::test]
    async fn listening_everywhere_can_be_reached_at_loopback() {
        let listeners = bind("0.0.0.0", 0).await.unwrap();
        let addresses = addresses(&listeners).unwrap();
        assert_eq!(addresses[0].ip(), Ipv4Addr::LOCALHOST);
        assert!(addresses.iter().all(|address| !address.ip().is_unspecified()));
    }
}
