//! How many connections there are, in all and from one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts connections. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Census {
    /// 0 is no limit.
    all_max: usize,
    /// 0 is no limit.
    per_address_max: usize,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The place of one connection, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    address: IpAddr,
    counts: Arc<Mutex<Counts>>,
}

/// There is no place for another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// For nobody.
    Hub,
    /// For nobody from this address.
    Address,
}

impl Full {
    /// What is wrong, and what to do.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Hub => "the hub is full; try again later",
            Self::Address => "there are too many connections from your address; close one first",
        }
    }
}

impl Census {
    /// Nobody yet.
    pub(crate) fn new(all_max: usize, per_address_max: usize) -> Self {
        Self { all_max, per_address_max, counts: Arc::default() }
    }

    /// Takes a place for a connection from this address.
    pub(crate) fn enter(&self, address: IpAddr) -> Result<Place, Full> {
        let address = counted_as(address);
        let mut counts = lock(&self.counts);
        if self.all_max > 0 && counts.all >= self.all_max {
            return Err(Full::Hub);
        }
        let from_there = counts.by_address.get(&address).copied().unwrap_or(0);
        if self.per_address_max > 0 && from_there >= self.per_address_max {
            return Err(Full::Address);
        }
        counts.all += 1;
        counts.by_address.insert(address, from_there + 1);
        Ok(Place { address, counts: Arc::clone(&self.counts) })
    }

    /// Whether nobody is here.
    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.counts).all == 0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = lock(&self.counts);
        counts.all -= 1;
        if let Some(from_there) = counts.by_address.get_mut(&self.address) {
            *from_there -= 1;
            if *from_there == 0 {
                counts.by_address.remove(&self.address);
            }
        }
    }
}

fn lock(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// IPv6 hosts have a whole /64 to themselves; IPv4 in an IPv6 socket is still IPv4.
pub(crate) fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & (!0 << 64)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_place_given_back_can_be_taken_again() {
        let census = Census::new(1, 0);
        let place = census.enter(address("10.0.0.1")).unwrap();
        assert_eq!(census.enter(address("10.0.0.2")).unwrap_err(), Full::Hub);
        drop(place);
        assert!(census.is_empty());
        assert!(census.enter(address("10.0.0.2")).is_ok());
    }

    #[test]
    fn one_address_does_not_use_up_the_places_of_others() {
        let census = Census::new(0, 1);
        let _place = census.enter(address("10.0.0.1")).unwrap();
        assert_eq!(census.enter(address("::ffff:10.0.0.1")).unwrap_err(), Full::Address);
        assert!(census.enter(address("10.0.0.2")).is_ok());
    }

    #[test]
    fn a_slash_64_is_one_address() {
        let census = Census::new(0, 1);
        let _place = census.enter(address("2001:db8::1")).unwrap();
        assert_eq!(census.enter(address("2001:db8::2")).unwrap_err(), Full::Address);
        assert!(census.enter(address("2001:db8:0:1::1")).is_ok());
    }
}
