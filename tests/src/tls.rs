//! TLS for tests: a certificate that is made anew for each, and clients that trust nothing else.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
};
use tempfile::TempDir;
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use crate::{PATIENCE, TestClient};

/// A TLS connection of a client.
pub type TlsStream = tokio_rustls::client::TlsStream<TcpStream>;

/// Receive buffer of a client that takes little.
const NARROW_BYTES: u32 = 4096;

/// A certificate for 127.0.0.1 that nobody vouches for but itself, and its key, both as files.
#[derive(Debug)]
pub struct Certificate {
    directory: TempDir,
    der: CertificateDer<'static>,
}

impl Certificate {
    /// A new one.
    pub fn new() -> Self {
        Self::of(&Ipv4Addr::LOCALHOST.to_string(), |_| {})
    }

    /// One for another name.
    pub fn for_name(name: &str) -> Self {
        Self::of(name, |_| {})
    }

    /// One whose time is over.
    pub fn expired() -> Self {
        Self::of(&Ipv4Addr::LOCALHOST.to_string(), |params| {
            params.not_after = date_time_ymd(2001, 1, 1);
            params.not_before = date_time_ymd(2000, 1, 1);
        })
    }

    /// One that is an authority's, too, as `openssl req -x509` makes it.
    pub fn of_authority() -> Self {
        Self::of(&Ipv4Addr::LOCALHOST.to_string(), |params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        })
    }

    fn of(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let made = params.self_signed(&key).expect("a certificate");
        let directory = tempfile::tempdir().expect("a directory");
        let write = |name, pem| fs::write(directory.path().join(name), pem).expect("write");
        write("cert.pem", made.pem());
        write("key.pem", key.serialize_pem());
        let der = made.der().clone();
        Self { directory, der }
    }

    /// Where the two are.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The file with the certificate.
    pub fn cert(&self) -> PathBuf {
        self.directory().join("cert.pem")
    }

    /// The file with the key.
    pub fn key(&self) -> PathBuf {
        self.directory().join("key.pem")
    }

    /// Connects with TLS to a hub that shows this certificate.
    pub async fn connect(&self, address: SocketAddr) -> TlsStream {
        self.shake_hands(TcpStream::connect(address).await.expect("connect")).await
    }

    /// The same with a small receive buffer: what is not read soon fills those of the hub.
    pub async fn connect_narrow(&self, address: SocketAddr) -> TlsStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(NARROW_BYTES).expect("a small buffer");
        self.shake_hands(socket.connect(address).await.expect("connect")).await
    }

    /// A client that has said hello over TLS as whoever holds the secret of this number.
    pub async fn person(&self, address: SocketAddr, name: &str, number: u8) -> TestClient {
        let mut client = TestClient::over(self.connect(address).await, address).await;
        client.hello(name, Some(crate::secret(number))).await.expect("welcome");
        client
    }

    async fn shake_hands(&self, socket: TcpStream) -> TlsStream {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).expect("a certificate");
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::from(Ipv4Addr::LOCALHOST);
        let shaking = TlsConnector::from(Arc::new(config)).connect(name, socket);
        timeout(PATIENCE, shaking).await.expect("waited for TLS").expect("the TLS handshake")
    }
}

impl Default for Certificate {
    fn default() -> Self {
        Self::new()
    }
}
