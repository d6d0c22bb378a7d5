//! Sockets that are waited for together: an epoll set, and those of it that are ready.

use std::{
    net::{SocketAddr, TcpStream},
    os::fd::{AsFd, OwnedFd},
};

use rustix::{
    event::{Timespec, epoll},
    io::Errno,
};
use socket2::{Domain, Socket, Type};

/// Receive buffer and segment of a client that will stall, so that it soon does.
const NARROW_BUFFER: usize = 4096;
const NARROW_SEGMENT: u32 = 536;

/// The set.
pub(crate) struct Sockets {
    epoll: OwnedFd,
    ready: Vec<epoll::Event>,
}

impl Sockets {
    /// A set of which so many are looked at after one wait.
    pub(crate) fn new(ready_max: usize) -> anyhow::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        Ok(Self { epoll, ready: Vec::with_capacity(ready_max) })
    }

    pub(crate) fn add(&self, socket: impl AsFd, number: u64) -> anyhow::Result<()> {
        let data = epoll::EventData::new_u64(number);
        Ok(epoll::add(&self.epoll, socket, data, epoll::EventFlags::IN)?)
    }

    /// Adds a whole set, which is ready when one of it is.
    pub(crate) fn add_set(&self, set: &Self, number: u64) -> anyhow::Result<()> {
        self.add(&set.epoll, number)
    }

    pub(crate) fn remove(&self, socket: impl AsFd) -> anyhow::Result<()> {
        Ok(epoll::delete(&self.epoll, socket)?)
    }

    /// Waits for so long at most; how many are ready.
    pub(crate) fn wait(&mut self, patience: Timespec) -> anyhow::Result<usize> {
        self.ready.clear();
        let space = rustix::buffer::spare_capacity(&mut self.ready);
        match epoll::wait(&self.epoll, space, Some(&patience)) {
            Err(Errno::INTR) => {} // This process was stopped and goes on.
            waited => drop(waited?),
        }
        Ok(self.ready.len())
    }

    /// The number of one that is ready.
    pub(crate) fn ready(&self, at: usize) -> u64 {
        self.ready[at].data.u64()
    }
}

/// A connection to a server; a narrow one is full soon.
pub(crate) fn connect(address: SocketAddr, is_narrow: bool) -> anyhow::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if is_narrow {
        socket.set_recv_buffer_size(NARROW_BUFFER)?;
        socket.set_tcp_mss(NARROW_SEGMENT)?;
    }
    socket.connect(&address.into())?;
    socket.set_tcp_nodelay(true)?;
    Ok(socket.into())
}
