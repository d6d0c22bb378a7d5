//! The hub's end and the client's end of a relay, with TLS between them.

use std::{net::Ipv4Addr, sync::Arc};

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket},
};
use tokio_rustls::{TlsConnector, client};

use super::*;
use crate::tls::Tls;

/// After so long without a sign nothing is moving.
const STILL: Duration = Duration::from_millis(300);

/// The two ends of a connection.
struct Ends {
    hub: TcpStream,
    stake: Stake<oneshot::Sender<()>>,
    /// Ends when the stake is dropped by whoever really has it.
    is_over: oneshot::Receiver<()>,
    client: client::TlsStream<TcpStream>,
}

fn certificate() -> (Tls, ClientConfig) {
    let made = rcgen::generate_simple_self_signed([Ipv4Addr::LOCALHOST.to_string()]).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (cert, key) = (directory.path().join("cert"), directory.path().join("key"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Tls::load(&cert, &key).unwrap(), client)
}

async fn ends() -> Ends {
    let (tls, config) = certificate();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let client = TcpSocket::new_v4().unwrap();
    client.set_recv_buffer_size(4096).unwrap();
    let client = client.connect(listener.local_addr().unwrap()).await.unwrap();
    let socket = listener.accept().await.unwrap().0;
    let name = ServerName::from(Ipv4Addr::LOCALHOST);
    let connector = TlsConnector::from(Arc::new(config));
    let shaken = tokio::join!(tls.accept(socket), connector.connect(name, client));
    let (secure, client) = (shaken.0.unwrap(), shaken.1.unwrap());
    let (stake, is_over) = oneshot::channel();
    let (hub, stake) = start(secure, stake).unwrap();
    Ends { hub, stake, is_over, client }
}

/// Writes until the socket takes no more, and stays so.
async fn fill(hub: &TcpStream) -> usize {
    let mut written = 0;
    while timeout(STILL, hub.writable()).await.is_ok() {
        written += hub.try_write(&[7; 4096]).unwrap_or(0);
    }
    written
}

#[tokio::test]
async fn bytes_go_both_ways_and_either_may_end_first() {
    let Ends { mut hub, stake, is_over, mut client } = ends().await;
    client.write_all(b"from the client").await.unwrap();
    let mut bytes = [0; 15];
    hub.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"from the client");
    hub.write_all(b"from the hub").await.unwrap();
    hub.shutdown().await.unwrap();
    let mut all = Vec::new();
    client.read_to_end(&mut all).await.unwrap();
    assert_eq!(all, b"from the hub");
    client.write_all(b"and more").await.unwrap();
    client.shutdown().await.unwrap();
    let mut all = Vec::new();
    hub.read_to_end(&mut all).await.unwrap();
    assert_eq!(all, b"and more");
    drop((hub, stake));
    assert!(is_over.await.is_err());
}

#[tokio::test]
async fn what_a_client_does_not_take_stops_the_hub_and_comes_later() {
    let Ends { hub, stake, is_over, mut client } = ends().await;
    let written = fill(&hub).await;
    assert!(written < 32 * 1024 * 1024, "{written} bytes are somewhere");
    drop((hub, stake));
    let mut all = Vec::new();
    client.read_to_end(&mut all).await.unwrap();
    assert_eq!(all.len(), written);
    drop(client);
    assert!(is_over.await.is_err());
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off_soon_after_the_hub_has_let_go() {
    let Ends { hub, stake, is_over, mut client } = ends().await;
    let written = fill(&hub).await;
    drop((hub, stake));
    tokio::time::pause(); // Nothing moves, so the time of leaving is over at once.
    assert!(is_over.await.is_err());
    let mut all = Vec::new();
    assert!(client.read_to_end(&mut all).await.is_err(), "that was no clean end");
    assert!(all.len() < written);
}

#[tokio::test]
async fn a_client_that_vanishes_is_seen_and_counts_until_the_hub_lets_go() {
    let Ends { mut hub, stake, mut is_over, client } = ends().await;
    drop(client);
    assert_eq!(hub.read(&mut [0]).await.unwrap_or(0), 0);
    assert!(is_over.try_recv().is_err_and(|why| why == oneshot::error::TryRecvError::Empty));
    drop((hub, stake));
    assert!(is_over.await.is_err());
}
