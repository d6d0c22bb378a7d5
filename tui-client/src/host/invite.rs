//! How others join a hub of this machine: the lines of the empty room and of `/invite`.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::connection::{address::Address, dial::host_command};

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

/// The lines, for a hub of this machine on this port.
pub fn invite(reach: &Reach, port: u16) -> Vec<String> {
    match reach {
        Reach::Machine => alone(port),
        Reach::Network => together(&own_addresses(), port),
        Reach::Address(ip) => together(&[*ip], port),
    }
}

fn alone(port: u16) -> Vec<String> {
    let host = host_command(port);
    vec![format!("Only this machine can join. For your network: /quit, then {host} --lan")]
}

fn together(addresses: &[IpAddr], port: u16) -> Vec<String> {
    let commands = addresses
        .iter()
        .filter_map(|ip| Some(Address::new(&ip.to_string(), port).ok()?.join_command()));
    let warning = "Anyone on this network can join and read along.".to_owned();
    commands.chain([warning]).collect()
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

    #[test]
    fn a_hub_of_this_machine_alone_says_how_to_open_it() {
        let line = "Only this machine can join. For your network: /quit, then hubbub host --lan";
        assert_eq!(invite(&Reach::Machine, 8080), [line]);
        assert!(invite(&Reach::Machine, 9000)[0].ends_with("hubbub host -p 9000 --lan"));
    }

    #[test]
    fn a_hub_for_the_network_says_what_to_type_elsewhere() {
        let addresses = ["192.168.1.20", "2001:db8::1"].map(|ip| ip.parse().unwrap());
        let warning = "Anyone on this network can join and read along.";
        assert_eq!(
            together(&addresses, 8080),
            ["hubbub 192.168.1.20", "hubbub [2001:db8::1]", warning]
        );
        assert_eq!(together(&addresses[..1], 9000), ["hubbub 192.168.1.20:9000", warning]);
    }
}
