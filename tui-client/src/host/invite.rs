//! How others join a hub of this machine: the lines of the empty room and of `/invite`.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Note;
use crate::connection::{
    address::{Address, LOCALHOST},
    dial::host_command,
};

/// Who can reach a hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// This machine alone.
    Machine,
    /// Everybody who can reach one of this machine's addresses.
    Network,
    /// Everybody who can reach this address.
    Address(IpAddr),
}

/// The lines, for a hub of this machine.
pub fn invite(note: &Note) -> Vec<String> {
    match note.reach {
        Reach::Machine => alone(note),
        Reach::Network => together(&own_addresses(), note),
        Reach::Address(ip) => together(&[ip], note),
    }
}

/// `Browser: http://192.168.1.20:8080/`: whoever has no client needs none.
pub fn browser_line(address: &Address) -> String {
    format!("Browser: {}", address.page())
}

fn alone(note: &Note) -> Vec<String> {
    let host = host_command(note.port);
    let alone = format!("Only this machine can join. For your network: /quit, then {host} --lan");
    let here = Address::new(LOCALHOST, note.port).ok().filter(|_| note.has_page);
    [alone].into_iter().chain(here.as_ref().map(browser_line)).collect()
}

fn together(addresses: &[IpAddr], note: &Note) -> Vec<String> {
    let addresses = addresses.iter().filter_map(|ip| Address::new(&ip.to_string(), note.port).ok());
    let lines = addresses.flat_map(|address| {
        let browser = note.has_page.then(|| browser_line(&address));
        [Some(address.join_command()), browser].into_iter().flatten()
    });
    let warning = "Anyone on this network can join and read along.".to_owned();
    lines.chain([warning]).collect()
}

/// Every address of this machine that others could use, IPv4 first: it is shorter to say.
fn own_addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut addresses: Vec<IpAddr> =
        interfaces.iter().map(if_addrs::Interface::ip).filter(is_shareable).collect();
    addresses.sort_by_key(IpAddr::is_ipv6);
    addresses.dedup();
    addresses
}

/// An address that means the same machine everywhere on the network; link-local ones do not.
fn is_shareable(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_link_local() && !ip.is_unspecified(),
        IpAddr::V6(ip) => !ip.is_loopback() && !ip.is_unicast_link_local() && !ip.is_unspecified(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(reach: Reach, port: u16, has_page: bool) -> Note {
        Note { hub: None, port, reach, name: None, has_page }
    }

    #[test]
    fn a_hub_of_this_machine_alone_says_how_to_open_it() {
        let line = "Only this machine can join. For your network: /quit, then hubbub host --lan";
        let browser = "Browser: http://localhost:8080/";
        assert_eq!(invite(&note(Reach::Machine, 8080, true)), [line, browser]);
        assert_eq!(invite(&note(Reach::Machine, 8080, false)), [line]);
        let line = invite(&note(Reach::Machine, 9000, true)).swap_remove(0);
        assert!(line.ends_with("hubbub host -p 9000 --lan"));
    }

    #[test]
    fn a_hub_for_the_network_says_what_to_type_elsewhere() {
        let addresses = ["192.168.1.20", "2001:db8::1"].map(|ip| ip.parse().unwrap());
        let warning = "Anyone on this network can join and read along.";
        assert_eq!(
            together(&addresses, &note(Reach::Network, 8080, true)),
            [
                "hubbub 192.168.1.20",
                "Browser: http://192.168.1.20:8080/",
                "hubbub [2001:db8::1]",
                "Browser: http://[2001:db8::1]:8080/",
                warning
            ]
        );
        assert_eq!(
            together(&addresses[..1], &note(Reach::Network, 9000, false)),
            ["hubbub 192.168.1.20:9000", warning]
        );
    }
}
