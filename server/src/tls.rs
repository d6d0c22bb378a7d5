//! TLS: the certificate that a hub shows, and the handshake.
//!
//! What comes after it is the same as without: a connection behind TLS is, to its reader and its
//! shard, a local socket on whose other end a [`relay`] encrypts.

pub(crate) mod relay;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    InconsistentKeys, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject as _},
    },
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// What is spoken inside: a WebSocket begins with HTTP/1.1, and with nothing newer.
const PROTOCOL: &[u8] = b"http/1.1";

/// Why a certificate and its key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// One of the files can't be read.
    #[error("the {what} file {} can't be read: {why}", file.display())]
    Unreadable {
        /// Which of the two.
        what: &'static str,
        /// Where it should be.
        file: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// One of the files has not in it what it is for.
    #[error("there is no {what} in {}; it is to have one as PEM", file.display())]
    Nothing {
        /// Which of the two.
        what: &'static str,
        /// Which file.
        file: PathBuf,
    },
    /// One of the files begins like PEM, and does not go on like it.
    #[error("the {what} in {} is damaged", file.display())]
    Damaged {
        /// Which of the two.
        what: &'static str,
        /// Which file.
        file: PathBuf,
    },
    /// The two do not belong together.
    #[error(
        "the key in {} does not belong to the certificate in {}",
        key.display(),
        cert.display()
    )]
    Strangers {
        /// The file of the certificate.
        cert: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// Anything else that is wrong with them.
    #[error("the certificate in {} can't be used: {why}", cert.display())]
    Unusable {
        /// The file of the certificate.
        cert: PathBuf,
        /// What the library said.
        why: rustls::Error,
    },
}

/// A certificate with its key, ready to be shown.
#[derive(Clone, Debug)]
pub struct Tls(Arc<ServerConfig>);

impl Tls {
    /// Reads a certificate (with those that vouch for it behind it) and its key, both as PEM.
    pub fn load(cert: &Path, key: &Path) -> Result<Self, TlsError> {
        let chain = certificates(cert)?;
        let secret = private_key(key)?;
        let unusable = |why| match why {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                TlsError::Strangers { cert: cert.to_owned(), key: key.to_owned() }
            }
            why => TlsError::Unusable { cert: cert.to_owned(), why },
        };
        // Named here, so that it does not matter which one a program has installed.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
            .map_err(unusable)?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// Shakes hands with a client. Who does not speak TLS gets an alert, and the socket closes.
    pub(crate) async fn accept(&self, socket: TcpStream) -> io::Result<Box<TlsStream<TcpStream>>> {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.0));
        acceptor.accept(socket).await.map(Box::new)
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let what = "certificate";
    let bytes = read(what, file)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|why| not_pem(what, file, &why))?;
    if chain.is_empty() { Err(not_pem(what, file, &pem::Error::NoItemsFound)) } else { Ok(chain) }
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let what = "key";
    let bytes = read(what, file)?;
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|why| not_pem(what, file, &why))
}

fn read(what: &'static str, file: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(file).map_err(|why| TlsError::Unreadable { what, file: file.to_owned(), why })
}

fn not_pem(what: &'static str, file: &Path, why: &pem::Error) -> TlsError {
    let file = file.to_owned();
    match why {
        pem::Error::NoItemsFound => TlsError::Nothing { what, file },
        _ => TlsError::Damaged { what, file },
    }
}
