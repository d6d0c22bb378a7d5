//! What a hub never sends, told from a connection that broke. PURE.

use protocol::ErrorCode;
use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

/// What came that is not of the protocol. `Display` is the sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// A text that is no frame, or one with a value that none can have.
    #[error("a frame that cannot be read came ({0}); /reconnect tries again")]
    Frame(ErrorCode),
    /// There are only texts.
    #[error("a frame came that is no text; /reconnect tries again")]
    Binary,
    /// Not even text.
    #[error("a text came that is not UTF-8; /reconnect tries again")]
    Utf8,
    /// More than a frame can have.
    #[error("a frame came that is larger than 64 KiB; /reconnect tries again")]
    TooBig,
    /// Something else than WebSocket.
    #[error("bytes came that are no frames; /reconnect tries again")]
    Garbage,
}

impl Fault {
    /// What is wrong with what came; `None` if nothing came, because the connection is gone.
    pub(super) fn of_socket(error: &tungstenite::Error) -> Option<Self> {
        match error {
            tungstenite::Error::Utf8(_) => Some(Self::Utf8),
            tungstenite::Error::Capacity(_) => Some(Self::TooBig),
            tungstenite::Error::Protocol(
                ProtocolError::ResetWithoutClosingHandshake
                | ProtocolError::SendAfterClosing
                | ProtocolError::ReceivedAfterClosing,
            ) => None,
            tungstenite::Error::Protocol(_) | tungstenite::Error::AttackAttempt => {
                Some(Self::Garbage)
            }
            _ => None,
        }
    }
}
