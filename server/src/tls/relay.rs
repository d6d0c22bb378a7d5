//! What stands between a TLS connection and the hub: a task that carries bytes from one to the
//! other.
//!
//! The hub has one end of a local socket pair, and does with it all that it does with a socket of
//! its own: what the client does not take stays in the pair's buffer in the kernel, and when that
//! is full, the cursor waits. So neither shard nor reader knows of TLS, and who speaks without it
//! pays nothing for those who do.

use std::{
    io,
    net::TcpStream as StdTcpStream,
    os::{fd::OwnedFd, unix::net::UnixStream as StdUnixStream},
    time::Duration,
};

use tokio::{
    io::copy_bidirectional_with_sizes,
    net::{TcpStream, UnixStream},
    select,
    sync::oneshot,
    time::timeout,
};
use tokio_rustls::server::TlsStream;

/// What is carried at once from the client: mostly short requests.
const FROM_CLIENT_BYTES: usize = 2 * 1024;
/// What is carried at once to the client, and becomes one record of TLS.
const TO_CLIENT_BYTES: usize = 8 * 1024;
/// Most bytes that are encrypted and that the client's socket has not taken.
const ENCRYPTED_BYTES_MAX: usize = 16 * 1024;
/// How long a client may take what the hub has written when the hub has let go of it. Then it
/// sees the end, whether it has or not.
const LEAVE: Duration = Duration::from_secs(5);

/// A TLS connection, as it is after the handshake.
pub(crate) type Secure = Box<TlsStream<TcpStream>>;

/// What a connection keeps until it is over, a place among the others for instance.
#[derive(Debug)]
pub(crate) enum Stake<T> {
    /// Its own.
    Own(T),
    /// The relay has it, because it ends last. Dropped to tell it that the hub has let go.
    Relayed(#[expect(dead_code, reason = "it speaks by being dropped")] oneshot::Sender<()>),
}

/// Carries bytes for this connection until both ends are over, or 5 s after the stake was dropped.
/// The hub gets a socket and the stake.
pub(crate) fn start<T>(secure: Secure, stake: T) -> io::Result<(TcpStream, Stake<T>)>
where
    T: Send + 'static,
{
    let (near, far) = pair()?;
    let (tell, hub_left) = oneshot::channel();
    tokio::spawn(async move {
        carry(secure, far, hub_left).await;
        drop(stake);
    });
    Ok((near, Stake::Relayed(tell)))
}

/// The hub's end and the relay's. The hub's type says TCP, which is true of all its other sockets;
/// nothing of what it does with one (send, receive, shut down) depends on that. An own type for
/// both would be a look at which it is with each write to those who have no TLS.
fn pair() -> io::Result<(TcpStream, UnixStream)> {
    let (near, far) = StdUnixStream::pair()?;
    near.set_nonblocking(true)?;
    far.set_nonblocking(true)?;
    let near = StdTcpStream::from(OwnedFd::from(near));
    Ok((TcpStream::from_std(near)?, UnixStream::from_std(far)?))
}

async fn carry(mut secure: Secure, mut hub: UnixStream, mut hub_left: oneshot::Receiver<()>) {
    secure.get_mut().1.set_buffer_limit(Some(ENCRYPTED_BYTES_MAX));
    let sizes = (FROM_CLIENT_BYTES, TO_CLIENT_BYTES);
    let copy = copy_bidirectional_with_sizes(&mut *secure, &mut hub, sizes.0, sizes.1);
    let mut copy = Box::pin(copy);
    select! {
        // Broken or over: both sides see the end when both sockets are dropped. The hub takes a
        // moment to do so, and as long the connection counts as one.
        _ = &mut copy => {
            drop(copy);
            drop((secure, hub));
            let _ = hub_left.await;
        }
        _ = &mut hub_left => {
            let is_late = timeout(LEAVE, copy).await.is_err();
            if is_late && !is_all_out(&secure, &hub) {
                // Or the kernel would keep what waits for a silent client.
                let _ = secure.get_ref().0.set_zero_linger();
            }
        }
    }
}

/// Whether the kernel has everything that the hub wrote, and that nothing comes after it.
fn is_all_out(secure: &Secure, hub: &UnixStream) -> bool {
    matches!(hub.try_read(&mut [0]), Ok(0)) && !secure.get_ref().1.wants_write()
}

#[cfg(test)]
mod tests;
