//! One attempt to reach a hub: every address of the name, the upgrade, and who answered.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use futures::{StreamExt as _, stream::FuturesUnordered};
use protocol::{FRAME_BYTES_MAX, HUB_ID_HEADER, HubId, SUBPROTOCOL};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, ClientRequestBuilder,
        handshake::client::Response,
        http::{StatusCode, Uri},
        protocol::WebSocketConfig,
    },
};

use super::{
    address::{Address, LOCALHOST},
    tls::{CertificateFault, TlsFault, Trust},
};

/// How much later the attempt at the next address of a name begins (RFC 8305 has 250 ms).
const STAGGER: Duration = Duration::from_millis(250);
/// A chat's messages are small; the default would be 128 KiB each way.
const BUFFER_BYTES: usize = 8 * 1024;

/// How long it may take to find out that what answers speaks TLS.
const PROBE_DEADLINE: Duration = Duration::from_millis(500);

/// What a connection is made of: TCP, or TLS over it.
pub trait Stream: AsyncRead + AsyncWrite + fmt::Debug + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + fmt::Debug + Send + Sync + Unpin> Stream for T {}

/// A connection to a hub.
pub type Socket = WebSocketStream<Box<dyn Stream>>;

/// A hub at the other end, before hello.
#[derive(Debug)]
pub struct Dialled {
    /// The connection.
    pub socket: Socket,
    /// Who it says it is.
    pub hub: HubId,
    /// Who really answered.
    pub peer: SocketAddr,
}

/// Why there is no hub at the other end. `Display` is the sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// The name means no address.
    #[error("no machine called {} is known here; check the spelling", .0.host())]
    Unresolved(Address),
    /// The machine says that nothing is there.
    #[error("nothing listens at {address}{hint}", address = .0, hint = there_it_may_need(.0))]
    NothingListens(Address),
    /// Nobody says anything.
    #[error(
        "no answer from {address}: wrong address, or a firewall there (TCP {port})",
        address = .0,
        port = .0.port()
    )]
    NoAnswer(Address),
    /// It hung up on the upgrade, as a hub does that is just stopping.
    #[error("{0} answers, but is not a hubbub")]
    HungUp(Address),
    /// Something else is there.
    #[error("{0} answers, but is not a hubbub")]
    NotAHubbub(Address),
    /// Its certificate is not one to believe.
    #[error("the certificate of {0} {1}")]
    Certificate(Address, CertificateFault),
    /// This machine believes no certificate at all.
    #[error(
        "this machine has no list of whom to trust, which {0} needs; install ca-certificates, or \
         for a hub with its own certificate: --tls-ca FILE"
    )]
    NobodyTrusted(Address),
    /// It was addressed with TLS, and speaks none.
    #[error(
        "{} speaks no TLS; try: {}", .0.with_tls(false), .0.with_tls(false).join_command()
    )]
    SpeaksNoTls(Address),
    /// It was addressed without TLS, and speaks nothing else.
    #[error("{} speaks TLS; try: {}", .0, .0.with_tls(true).join_command())]
    SpeaksTls(Address),
    /// It speaks a TLS that this program does not.
    #[error("{0} and this hubbub know no TLS in common; a newer version of one may help")]
    NoCommonTls(Address),
    /// It is full, or just starting or stopping.
    #[error("{0} takes nobody in just now; try again in a minute")]
    Busy(Address),
}

impl DialError {
    /// Whether somebody answers who is not to be believed, which no waiting mends.
    pub fn is_about_trust(&self) -> bool {
        matches!(self, Self::Certificate(..) | Self::NobodyTrusted(_))
    }
}

fn there_it_may_need(address: &Address) -> String {
    if address.is_secure() {
        return "; is that the address of a hub with TLS?".to_owned();
    }
    if address.is_loopback() {
        return format!("; to start one: {}", host_command(address.port()));
    }
    "; there it may need: hubbub host --lan".to_owned()
}

/// The command that starts a hub on this port.
pub fn host_command(port: u16) -> String {
    match port {
        protocol::DEFAULT_PORT => "hubbub host".to_owned(),
        port => format!("hubbub host -p {port}"),
    }
}

/// Tries every address of the name, a little after one another; the first hub wins.
pub async fn dial(
    address: &Address,
    trust: &Trust,
    deadline: Duration,
) -> Result<Dialled, DialError> {
    let mut best_guess = None;
    match time::timeout(deadline, dial_all(address, trust, &mut best_guess)).await {
        Ok(outcome) => outcome,
        // One address is still silent: that another one refused does not say that nobody is there.
        Err(_) => match best_guess {
            None | Some(DialError::NothingListens(_)) => Err(DialError::NoAnswer(address.clone())),
            Some(error) => Err(error),
        },
    }
}

/// `worst` gets the failure that says most so far, for a deadline that comes in between.
async fn dial_all(
    address: &Address,
    trust: &Trust,
    worst: &mut Option<DialError>,
) -> Result<Dialled, DialError> {
    let peers = resolve(address).await?;
    let mut attempts: FuturesUnordered<_> = (0..)
        .zip(peers)
        .map(|(place, peer)| async move {
            time::sleep(STAGGER * place).await;
            dial_one(address, trust, peer).await
        })
        .collect();
    while let Some(outcome) = attempts.next().await {
        match outcome {
            Ok(dialled) => return Ok(dialled),
            Err(error) => keep_the_more_telling(worst, error),
        }
    }
    Err(worst.take().unwrap_or_else(|| DialError::Unresolved(address.clone())))
}

/// The addresses of a name. `localhost` does not need the resolver, which may know only one.
async fn resolve(address: &Address) -> Result<Vec<SocketAddr>, DialError> {
    let port = address.port();
    if address.host() == LOCALHOST {
        let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        return Ok(loopback.map(|ip| SocketAddr::new(ip, port)).to_vec());
    }
    let unresolved = || DialError::Unresolved(address.clone());
    let found = tokio::net::lookup_host((address.host(), port)).await.map_err(|_| unresolved())?;
    let peers: Vec<SocketAddr> = found.collect();
    if peers.is_empty() { Err(unresolved()) } else { Ok(peers) }
}

async fn dial_one(
    address: &Address,
    trust: &Trust,
    peer: SocketAddr,
) -> Result<Dialled, DialError> {
    let stream = connect(address, trust, peer).await?;
    let not_a_hubbub = || DialError::NotAHubbub(address.clone());
    let url: Uri = address.url().parse().map_err(|_| not_a_hubbub())?;
    let request = ClientRequestBuilder::new(url).with_sub_protocol(SUBPROTOCOL);
    let (socket, response) = match client_async_with_config(request, stream, Some(limits())).await {
        Ok(upgraded) => upgraded,
        Err(error) => return Err(no_upgrade(address, trust, peer, &error).await),
    };
    let hub = hub_id(&response).ok_or_else(not_a_hubbub)?;
    Ok(Dialled { socket, hub, peer })
}

async fn connect(
    address: &Address,
    trust: &Trust,
    peer: SocketAddr,
) -> Result<Box<dyn Stream>, DialError> {
    let stream = TcpStream::connect(peer).await.map_err(|error| no_tcp(address, &error))?;
    let _ = stream.set_nodelay(true); // Only costs latency where it fails.
    if !address.is_secure() {
        return Ok(Box::new(stream));
    }
    let shaken = trust.shake_hands(address.name(), stream).await;
    Ok(Box::new(shaken.map_err(|fault| no_tls(address, fault))?))
}

/// Whether what answered without TLS in no way of ours speaks TLS.
async fn speaks_tls(address: &Address, trust: &Trust, peer: SocketAddr) -> bool {
    let probe = async {
        let stream = TcpStream::connect(peer).await.ok()?;
        Some(trust.shake_hands(address.name(), stream).await)
    };
    match time::timeout(PROBE_DEADLINE, probe).await {
        Ok(Some(Ok(_))) => true,
        Ok(Some(Err(fault))) => fault.is_of_tls(),
        Ok(None) | Err(_) => false,
    }
}

fn limits() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * FRAME_BYTES_MAX)
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX))
}

fn hub_id(response: &Response) -> Option<HubId> {
    HubId::parse(response.headers().get(HUB_ID_HEADER)?.to_str().ok()?).ok()
}

fn no_tcp(address: &Address, error: &io::Error) -> DialError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => DialError::NothingListens(address.clone()),
        _ => DialError::NoAnswer(address.clone()),
    }
}

fn no_tls(address: &Address, fault: TlsFault) -> DialError {
    let address = address.clone();
    match fault {
        TlsFault::Certificate(fault) => DialError::Certificate(address, fault),
        TlsFault::NoTls => DialError::SpeaksNoTls(address),
        TlsFault::HungUp => DialError::HungUp(address),
        TlsFault::NobodyTrusted => DialError::NobodyTrusted(address),
        TlsFault::Disagreement => DialError::NoCommonTls(address),
    }
}

async fn no_upgrade(
    address: &Address,
    trust: &Trust,
    peer: SocketAddr,
    error: &tungstenite::Error,
) -> DialError {
    let is_busy =
        |status: StatusCode| status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    match error {
        tungstenite::Error::Http(response) if is_busy(response.status()) => {
            DialError::Busy(address.clone())
        }
        tungstenite::Error::Io(_)
        | tungstenite::Error::ConnectionClosed
        | tungstenite::Error::Protocol(tungstenite::error::ProtocolError::HandshakeIncomplete) => {
            DialError::HungUp(address.clone())
        }
        _ if !address.is_secure() && speaks_tls(address, trust, peer).await => {
            DialError::SpeaksTls(address.clone())
        }
        _ => DialError::NotAHubbub(address.clone()),
    }
}

/// Of several addresses the one that came furthest tells most.
fn keep_the_more_telling(kept: &mut Option<DialError>, error: DialError) {
    let progress = |error: &DialError| match error {
        DialError::Unresolved(_) => 0,
        DialError::NoAnswer(_) => 1,
        DialError::NothingListens(_) => 2,
        DialError::HungUp(_) => 3,
        DialError::NotAHubbub(_) => 4,
        DialError::SpeaksNoTls(_) | DialError::SpeaksTls(_) | DialError::NoCommonTls(_) => 5,
        DialError::NobodyTrusted(_) | DialError::Certificate(..) => 6,
        DialError::Busy(_) => 7,
    };
    if kept.as_ref().is_none_or(|kept| progress(kept) < progress(&error)) {
        *kept = Some(error);
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncWriteExt as _, net::TcpListener};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(4);

    fn sentence(address: &str, kind: fn(Address) -> DialError) -> String {
        kind(Address::parse(address, None).unwrap()).to_string()
    }

    #[test]
    fn the_sentences_are_those_of_the_contract() {
        assert_eq!(
            sentence("10.0.0.9", DialError::NothingListens),
            "nothing listens at 10.0.0.9:8080; there it may need: hubbub host --lan"
        );
        assert_eq!(
            sentence("wss://ana.example", DialError::NothingListens),
            "nothing listens at wss://ana.example; is that the address of a hub with TLS?"
        );
        assert_eq!(
            sentence("10.0.0.9", DialError::NoAnswer),
            "no answer from 10.0.0.9:8080: wrong address, or a firewall there (TCP 8080)"
        );
        assert_eq!(
            sentence("10.0.0.9", DialError::NotAHubbub),
            "10.0.0.9:8080 answers, but is not a hubbub"
        );
        assert_eq!(
            sentence("localhost:9000", DialError::NothingListens),
            "nothing listens at localhost:9000; to start one: hubbub host -p 9000"
        );
    }

    async fn dial_a_server_that_says(answer: &'static str) -> DialError {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address::parse(&listener.local_addr().unwrap().to_string(), None).unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream
        });
        let error = dial(&address, &Trust::default(), PATIENCE).await.unwrap_err();
        server.abort();
        error
    }

    #[tokio::test]
    async fn another_web_server_is_not_a_hubbub() {
        let error = dial_a_server_that_says("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        assert!(matches!(error, DialError::NotAHubbub(_)), "{error:?}");
    }

    #[tokio::test]
    async fn another_protocol_is_not_a_hubbub() {
        let error = dial_a_server_that_says("SSH-2.0-OpenSSH_9.2p1\r\n").await;
        assert!(matches!(error, DialError::NotAHubbub(_)), "{error:?}");
    }

    #[tokio::test]
    async fn a_hub_that_is_full_is_one() {
        let busy = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
        let error = dial_a_server_that_says(busy).await;
        assert!(matches!(error, DialError::Busy(_)), "{error:?}");
    }

    #[tokio::test]
    async fn silence_in_one_family_is_not_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address::new(LOCALHOST, listener.local_addr().unwrap().port()).unwrap();
        // Longer than the stagger: the other family has refused by then.
        let error = dial(&address, &Trust::default(), 4 * STAGGER).await.unwrap_err();
        assert_eq!(error, DialError::NoAnswer(address));
    }

    #[tokio::test]
    async fn a_closed_port_is_told_from_silence() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address::parse(&listener.local_addr().unwrap().to_string(), None).unwrap();
        let silence =
            dial(&address, &Trust::default(), Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(silence, DialError::NoAnswer(address.clone()));
        drop(listener);
        assert_eq!(
            dial(&address, &Trust::default(), PATIENCE).await.unwrap_err(),
            DialError::NothingListens(address)
        );
    }
}
