//! TLS, as a client speaks it: whose certificates are believed, the handshake, and what a failed
//! one says about the other end.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    server::ParsedCertificate,
};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// What is spoken inside: a WebSocket begins with HTTP/1.1, and with nothing newer.
const PROTOCOL: &[u8] = b"http/1.1";

/// Whose certificates are believed: those of whom this machine trusts, and those of a file.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    own: Vec<CertificateDer<'static>>,
    /// Made when it is needed first: to read what this machine trusts takes milliseconds.
    config: Arc<OnceLock<Arc<ClientConfig>>>,
}

/// Why the file of `--tls-ca` can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It can't be read.
    #[error("can't read the certificate file {}: {why}", file.display())]
    Unreadable {
        /// Where it should be.
        file: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// It has nothing in it that could be believed.
    #[error("there is no certificate in {}; it is to have one as PEM", .0.display())]
    NoCertificate(PathBuf),
}

/// Why there is no TLS with the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TlsFault {
    /// Its certificate is not one to believe.
    Certificate(CertificateFault),
    /// It says something that is not TLS.
    NoTls,
    /// It hung up.
    HungUp,
    /// This machine believes nobody.
    NobodyTrusted,
    /// The two have no version or cipher in common, or it broke the rules.
    Disagreement,
}

/// What is wrong with a certificate. `Display` goes on after "the certificate of ADDRESS".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Its time is over.
    #[error("has expired; whoever runs that hub has to renew it (or is the clock here wrong?)")]
    Expired,
    /// Its time has not begun.
    #[error("is not valid yet; is the clock of this machine right?")]
    NotYet,
    /// It is for other names.
    #[error("is for another name; use the one that it is for")]
    OtherName,
    /// Nobody vouches for it whom this machine trusts.
    #[error(
        "is from nobody whom this machine trusts; for a hub with its own certificate: --tls-ca FILE"
    )]
    UnknownIssuer,
    /// Anything else.
    #[error("is not one for a hub; whoever runs that hub has to replace it")]
    Unusable,
}

impl Trust {
    /// What this machine trusts, and the certificates of this file, as PEM: those of authorities
    /// or of hubs themselves.
    pub fn with(file: Option<&Path>) -> Result<Self, TrustError> {
        let Some(file) = file else { return Ok(Self::default()) };
        let unreadable = |why| TrustError::Unreadable { file: file.to_owned(), why };
        let pem = fs::read(file).map_err(unreadable)?;
        let own: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let can_be_root =
            |cert: &CertificateDer<'static>| RootCertStore::empty().add(cert.clone()).is_ok();
        match own {
            Ok(own) if !own.is_empty() && own.iter().all(can_be_root) => {
                Ok(Self { own, ..Self::default() })
            }
            Ok(_) | Err(_) => Err(TrustError::NoCertificate(file.to_owned())),
        }
    }

    /// Shakes hands with whoever is at the other end, who has to be `name`.
    pub(super) async fn shake_hands(
        &self,
        name: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, TlsFault> {
        let other_name = TlsFault::Certificate(CertificateFault::OtherName);
        let name = ServerName::try_from(name.to_owned()).map_err(|_| other_name)?;
        let connector = TlsConnector::from(self.config()?);
        connector.connect(name, stream).await.map_err(|error| TlsFault::of(&error))
    }

    fn config(&self) -> Result<Arc<ClientConfig>, TlsFault> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        // Named here, so that it does not matter which one a program has installed.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let system = Verifier::new_with_extra_roots(self.own.clone(), Arc::clone(&provider));
        let system = system.map_err(|_| TlsFault::NobodyTrusted)?;
        let verifier = Arc::new(Believer { system, own: self.own.clone() });
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| TlsFault::Disagreement)?;
        let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Arc::clone(self.config.get_or_init(|| Arc::new(config))))
    }
}

impl TlsFault {
    fn of(error: &io::Error) -> Self {
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
        match cause {
            Some(Error::InvalidCertificate(why)) => Self::Certificate(CertificateFault::of(why)),
            Some(Error::NoCertificatesPresented) => Self::Certificate(CertificateFault::Unusable),
            Some(Error::InvalidMessage(_)) => Self::NoTls,
            Some(_) => Self::Disagreement,
            None => Self::HungUp,
        }
    }

    /// Whether the other end speaks TLS at all.
    pub(super) fn is_of_tls(self) -> bool {
        matches!(self, Self::Certificate(_) | Self::Disagreement)
    }
}

impl CertificateFault {
    fn of(why: &CertificateError) -> Self {
        match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::NotYet
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::OtherName
            }
            // Another issuer of the same name, such as the hub's own certificate of before.
            CertificateError::BadSignature => Self::UnknownIssuer,
            why if is_unvouched(why) => Self::UnknownIssuer,
            _ => Self::Unusable,
        }
    }
}

/// Whether nothing but its issuer is wrong with a certificate. `Other` is what a certificate gets
/// that is an authority's and a hub's at once, as `openssl req -x509` makes them: time is
/// looked at before that.
fn is_unvouched(why: &CertificateError) -> bool {
    matches!(why, CertificateError::UnknownIssuer | CertificateError::Other(_))
}

/// Believes what this machine does, and a certificate that the user has in a file.
#[derive(Debug)]
struct Believer {
    system: Verifier,
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Believer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let outcome =
            self.system.verify_server_cert(end_entity, intermediates, name, ocsp_response, now);
        match outcome {
            // It vouches for itself, and the user for it: what is left to look at is the name.
            Err(Error::InvalidCertificate(why))
                if is_unvouched(&why) && self.own.contains(end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls12_signature(message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.system.verify_tls13_signature(message, cert, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.system.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        let error = Trust::with(Some(file.path())).unwrap_err().to_string();
        error.replace(&file.path().display().to_string(), "FILE")
    }

    #[test]
    fn a_file_without_a_certificate_is_no_reason_to_trust() {
        let none = "there is no certificate in FILE; it is to have one as PEM";
        let begun = b"-----BEGIN CERTIFICATE-----\nAAAA\n";
        let junk = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for bytes in [&b""[..], b"hello", begun, junk] {
            assert_eq!(refusal(bytes), none, "{bytes:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Trust::with(Some(Path::new("/nowhere/ca.pem"))).unwrap_err().to_string();
        assert!(error.starts_with("can't read the certificate file /nowhere/ca.pem: "), "{error}");
    }
}
