//! Who is on the way from a TCP connection to a WebSocket, so that nobody keeps the others out.
//!
//! There is room for so many at once. When it runs out, the address with most of them (IPv6: a
//! /64) loses its oldest one, unless that is too young: whoever means it is done in milliseconds
//! and makes room, however many come at once, and who only holds connections open loses them to
//! whoever comes next. Without that, one address could keep everyone out.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    select,
    sync::{Notify, oneshot},
    time::{Instant, sleep_until},
};

use crate::http::counted_as;

/// How long a handshake may take when others wait for its room: a great many that come at once
/// are done within that, and others wait no longer than their clients do.
const PATIENCE: Duration = Duration::from_secs(2);

/// Those that are on their way. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Handshakes {
    max: usize,
    under_way: Arc<Mutex<UnderWay>>,
    /// There is room.
    left: Arc<Notify>,
}

#[derive(Debug, Default)]
struct UnderWay {
    all: usize,
    last: u64,
    /// Of each address the oldest first.
    by_address: HashMap<IpAddr, BTreeMap<u64, OnTheWay>>,
}

#[derive(Debug)]
struct OnTheWay {
    since: Instant,
    /// Dropped to end it.
    _end: oneshot::Sender<()>,
}

/// The room of one handshake, given back when dropped.
#[derive(Debug)]
pub(crate) struct Handshake {
    of: Handshakes,
    address: IpAddr,
    number: u64,
    ended: oneshot::Receiver<()>,
}

impl Handshakes {
    /// Nobody yet, and room for so many.
    pub(crate) fn new(max: usize) -> Self {
        Self { max, under_way: Arc::default(), left: Arc::default() }
    }

    /// Room for a connection from this address, as soon as there is any.
    pub(crate) async fn begin(&self, from: IpAddr) -> Handshake {
        let address = counted_as(from);
        loop {
            let again = match self.try_begin(address) {
                Ok(handshake) => return handshake,
                Err(again) => again,
            };
            select! {
                () = self.left.notified() => {}
                () = sleep_until(again) => {}
            }
        }
    }

    /// Has one that takes too long ended, though there is room here: there is none elsewhere.
    pub(crate) fn make_room(&self) {
        let _ = self.lock().make_room(Instant::now(), None);
    }

    /// Room, or when there will be some at the latest.
    fn try_begin(&self, address: IpAddr) -> Result<Handshake, Instant> {
        let mut under_way = self.lock();
        if under_way.all >= self.max {
            under_way.make_room(Instant::now(), Some(address))?;
        }
        let (end, ended) = oneshot::channel();
        under_way.all += 1;
        under_way.last += 1;
        let number = under_way.last;
        let new = OnTheWay { since: Instant::now(), _end: end };
        under_way.by_address.entry(address).or_default().insert(number, new);
        Ok(Handshake { of: self.clone(), address, number, ended })
    }

    fn lock(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay {
    /// Ends the oldest one of the address that has most, of those that have one that is old
    /// enough and no fewer than who comes; or says when there will be one.
    fn make_room(&mut self, now: Instant, comes: Option<IpAddr>) -> Result<(), Instant> {
        let of_who_comes = comes.and_then(|address| self.by_address.get(&address));
        let fewest = of_who_comes.map_or(0, BTreeMap::len);
        let oldest = self.by_address.iter().filter_map(|(address, of_it)| {
            let (number, OnTheWay { since, .. }) = of_it.first_key_value()?;
            Some((*since + PATIENCE, of_it.len(), *number, *address))
        });
        let oldest = oldest.filter(|(_, many, ..)| *many >= fewest);
        let old = oldest.clone().filter(|(until, ..)| *until <= now);
        let most = old.max_by_key(|(_, many, number, _)| (*many, Reverse(*number)));
        if let Some((_, _, number, address)) = most {
            self.end(address, number);
            return Ok(());
        }
        oldest.map(|(until, ..)| until).min().map_or(Ok(()), Err)
    }

    fn end(&mut self, address: IpAddr, number: u64) {
        let Some(of_it) = self.by_address.get_mut(&address) else { return };
        if of_it.remove(&number).is_some() {
            self.all -= 1;
        }
        if of_it.is_empty() {
            self.by_address.remove(&address);
        }
    }
}

impl Handshake {
    /// Waits until somebody else needs the room.
    pub(crate) async fn ended(&mut self) {
        // Nothing is ever sent: it ends with its sender.
        let _ = (&mut self.ended).await;
    }
}

impl Drop for Handshake {
    fn drop(&mut self) {
        self.of.lock().end(self.address, self.number);
        self.of.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const MAX: usize = 8;

    async fn begin(handshakes: &Handshakes, from: &str) -> Option<Handshake> {
        timeout(PATIENCE * 2, handshakes.begin(from.parse().unwrap())).await.ok()
    }

    async fn fill(handshakes: &Handshakes, from: &str, number: usize) -> Vec<Handshake> {
        let mut begun = Vec::new();
        for _ in 0..number {
            begun.push(begin(handshakes, from).await.unwrap());
        }
        begun
    }

    fn is_ended(handshake: &mut Handshake) -> bool {
        handshake.ended.try_recv() == Err(oneshot::error::TryRecvError::Closed)
    }

    #[tokio::test(start_paused = true)]
    async fn who_holds_all_the_room_loses_it_to_whoever_comes() {
        let handshakes = Handshakes::new(MAX);
        let mut silent = fill(&handshakes, "10.0.0.1", MAX).await;
        let mut others = fill(&handshakes, "10.0.0.2", 3).await;
        assert_eq!(silent.iter_mut().filter_map(|one| is_ended(one).then_some(())).count(), 3);
        assert!(silent[..3].iter_mut().all(is_ended), "the oldest first");
        silent.extend(fill(&handshakes, "10.0.0.1", 20).await);
        assert!(!others.iter_mut().any(is_ended), "it only takes from itself");
    }

    #[tokio::test(start_paused = true)]
    async fn many_that_mean_it_wait_for_each_other() {
        let handshakes = Handshakes::new(MAX);
        let mut begun = fill(&handshakes, "10.0.0.1", MAX).await;
        let next = tokio::spawn({
            let handshakes = handshakes.clone();
            async move { (begin(&handshakes, "10.0.0.1").await.is_some(), Instant::now()) }
        });
        tokio::time::advance(PATIENCE / 2).await;
        let done = Instant::now();
        drop(begun.pop());
        assert_eq!(next.await.unwrap(), (true, done));
        assert!(!begun.iter_mut().any(is_ended), "nobody is ended for it");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slash_64_is_one_address() {
        let handshakes = Handshakes::new(MAX);
        let mut silent = fill(&handshakes, "2001:db8::1", MAX / 2).await;
        let mut other = fill(&handshakes, "10.0.0.2", MAX / 4).await;
        silent.extend(fill(&handshakes, "2001:db8::2", MAX / 4).await);
        other.extend(fill(&handshakes, "10.0.0.2", 1).await);
        assert!(is_ended(&mut silent[0]) && !other.iter_mut().any(is_ended));
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_most_but_none_that_is_old_keeps_nobody_waiting() {
        let handshakes = Handshakes::new(MAX);
        let mut old = fill(&handshakes, "10.0.0.1", MAX / 2 - 1).await;
        tokio::time::advance(PATIENCE).await;
        let mut young = fill(&handshakes, "10.0.0.2", MAX / 2 + 1).await;
        let now = Instant::now();
        fill(&handshakes, "10.0.0.3", 1).await;
        assert_eq!(Instant::now(), now);
        assert!(is_ended(&mut old[0]) && !young.iter_mut().any(is_ended));
    }

    #[tokio::test(start_paused = true)]
    async fn room_can_be_made_though_there_is_some() {
        let handshakes = Handshakes::new(MAX);
        let mut begun = fill(&handshakes, "10.0.0.1", 2).await;
        handshakes.make_room();
        assert!(!begun.iter_mut().any(is_ended), "it is too young");
        tokio::time::advance(PATIENCE).await;
        handshakes.make_room();
        assert!(is_ended(&mut begun[0]) && !is_ended(&mut begun[1]));
    }

    #[tokio::test(start_paused = true)]
    async fn all_room_is_given_back() {
        let handshakes = Handshakes::new(MAX);
        for _ in 0..3 {
            drop(fill(&handshakes, "10.0.0.1", 2 * MAX).await);
        }
        let under_way = handshakes.lock();
        assert_eq!((under_way.all, under_way.by_address.len()), (0, 0));
    }
}
