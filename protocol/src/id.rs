//! Names of things that are not for people: requests, sessions, identities, secrets, epochs, hubs.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};
use sha2::{Digest as _, Sha256};

use crate::{ErrorCode, Refusal};

/// Longest [`RequestId`] in bytes.
pub const REQUEST_ID_BYTES_MAX: usize = 64;

/// Makes a string newtype that can only be constructed through its `parse`.
macro_rules! parsed_string {
    ($type:ident) => {
        impl $type {
            /// The text as it stands on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::id::parse_string(deserializer, Self::parse)
            }
        }
    };
}
pub(crate) use parsed_string;

/// Reads a JSON string and parses it where it lies, without a copy between.
pub(crate) fn parse_string<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    parse: fn(&str) -> Result<T, Refusal>,
) -> Result<T, D::Error> {
    struct Parse<T>(fn(&str) -> Result<T, Refusal>);

    impl<T> Visitor<'_> for Parse<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            (self.0)(text).map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Parse(parse))
}

/// What a client calls one of its requests: 1 to 64 of `A-Za-z0-9_-`.
///
/// For what is stored (`say`, `direct`, …) it is half of the key under which a retry finds the
/// first outcome; the identity is the other half. Our clients make UUIDv7.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(Box<str>);
parsed_string!(RequestId);

impl RequestId {
    /// Refuses with `id_invalid` what is not 1 to 64 of `A-Za-z0-9_-`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let is_valid = (1..=REQUEST_ID_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if is_valid {
            Ok(Self(text.into()))
        } else {
            Err(Refusal::new(
                ErrorCode::IdInvalid,
                "an id is 1 to 64 letters (A to Z), digits, - or _; send another id",
            ))
        }
    }
}

/// Who somebody is, in public: `~` and 32 hex digits. No name can look like it.
///
/// It is derived from the [`Secret`], so that it is the same on all of one's devices, on every
/// connection, and cannot be turned back into the secret. A guest gets a random one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(Box<str>);
parsed_string!(Identity);

impl Identity {
    /// Refuses with `bad_frame` what is not `~` and 32 lower-case hex digits.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match text.strip_prefix('~') {
            Some(hex) if is_lower_hex(hex, 32) => Ok(Self(text.into())),
            _ => Err(Refusal::new(ErrorCode::BadFrame, "an identity is ~ and 32 hex digits")),
        }
    }

    /// The identity of whoever holds `secret`.
    pub fn of(secret: &Secret) -> Self {
        let hash = Sha256::new_with_prefix(b"hubbub identity v1\0").chain_update(secret.0);
        Self(format!("~{}", lower_hex(&hash.finalize()[..16])).into())
    }

    /// An identity from 16 random bytes, for a guest.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(format!("~{}", lower_hex(&bytes)).into())
    }
}

/// What proves who one is: 32 random bytes made by the client, 43 characters of base64url.
///
/// `Debug` does not show it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A secret of these bytes, which must come from a cryptographic random source.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Refuses with `bad_frame` what is not 43 characters of base64url without padding.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| {
            Refusal::new(ErrorCode::BadFrame, "a secret is 43 characters of base64url (32 bytes)")
        })
    }

    /// The secret as it stands on the wire and in the client's file. Never log it.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_string(deserializer, Self::parse)
    }
}

/// Which life of a hub's history a seq belongs to: 16 lower-case hex digits.
///
/// Made when a database is created, at every start with `--memory`, and at the first start from
/// a restored backup. Seqs of different epochs have nothing to do with each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Epoch(Box<str>);
parsed_string!(Epoch);

impl Epoch {
    /// Refuses with `bad_frame` what is not 16 lower-case hex digits.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if is_lower_hex(text, 16) {
            Ok(Self(text.into()))
        } else {
            Err(Refusal::new(ErrorCode::BadFrame, "an epoch is 16 hex digits"))
        }
    }

    /// An epoch from 8 random bytes.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(lower_hex(&bytes).into())
    }
}

/// Which hub this is, at whatever address: 32 lower-case hex digits, made with its data
/// directory, kept through backup and restore.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HubId(Box<str>);
parsed_string!(HubId);

impl HubId {
    /// Refuses with `bad_frame` what is not 32 lower-case hex digits.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if is_lower_hex(text, 32) {
            Ok(Self(text.into()))
        } else {
            Err(Refusal::new(ErrorCode::BadFrame, "a hub id is 32 hex digits"))
        }
    }

    /// A hub id from 16 random bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(lower_hex(&bytes).into())
    }
}

/// One connection of one client, for the life of the hub's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

pub(crate) fn lower_hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // Writing to a String cannot fail.
        text
    })
}

pub(crate) fn is_lower_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
