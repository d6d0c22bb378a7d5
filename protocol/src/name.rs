//! Names of people and rooms: what they may look like, and when two are the same.

use std::{fmt, hash::Hash};

use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use unicode_security::skeleton;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::{
    ErrorCode, Identity, Refusal,
    id::{is_lower_hex, lower_hex, parsed_string},
    text::has_too_many_marks,
};

/// Longest user name in graphemes.
pub const NAME_GRAPHEMES_MAX: usize = 32;
/// Longest user name in bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 128;
/// Longest room name in characters.
pub const ROOM_CHARS_MAX: usize = 64;

/// Names that nobody can take, because clients and people would believe them.
const RESERVED: [&str; 7] = ["system", "server", "hubbub", "everyone", "here", "all", "admin"];
/// Rounds after which a name key has always settled; reached only by hostile input.
const KEY_ROUNDS_MAX: usize = 8;

/// The name of a person, shown as typed (NFC): 1 to 32 graphemes of letters, marks, digits and
/// `-_.`, first a letter or digit.
///
/// Equality is that of the text shown. Who is who is decided by [`UserName::key`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserName(Box<str>);
parsed_string!(UserName);

impl UserName {
    /// Refuses with `name_invalid` what is no name, and what is reserved.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let name: String = text.nfc().collect();
        let invalid = |why: &str| Err(Refusal::new(ErrorCode::NameInvalid, why));
        if name.is_empty() {
            return invalid("the name is empty; choose one");
        }
        if name.len() > NAME_BYTES_MAX || name.graphemes(true).count() > NAME_GRAPHEMES_MAX {
            return invalid("a name has at most 32 characters; choose a shorter one");
        }
        if !name.chars().all(is_name_char) || has_too_many_marks(&name) {
            return invalid("a name has only letters, digits, - _ and . in it; choose another");
        }
        if !name.starts_with(char::is_alphanumeric) {
            return invalid("a name begins with a letter or a digit; choose another");
        }
        if UsernameCaseMapped::enforce(name.as_str()).is_err() {
            return invalid("the name has characters that can't be told apart; choose another");
        }
        if RESERVED.contains(&NameKey::of(&name).as_str()) {
            return invalid("that name is reserved; choose another");
        }
        Ok(Self(name.into()))
    }

    /// What two names have in common when one could be taken for the other.
    pub fn key(&self) -> NameKey {
        NameKey::of(&self.0)
    }

    /// A valid name as near as possible to `text` (a login name, say), or `None` if nothing of
    /// it can be kept.
    pub fn nearest(text: &str) -> Option<Self> {
        let kept: String = text.nfc().filter(|c| is_name_char(*c)).collect();
        let kept = kept.trim_start_matches(|c: char| !c.is_alphanumeric());
        let short: String = kept.graphemes(true).take(NAME_GRAPHEMES_MAX).collect();
        Self::parse(&short).ok()
    }

    /// `Ana` for 1, `Ana2` for 2 and so on, shortened where it must be; for suggestions.
    pub fn numbered(&self, number: u32) -> Option<Self> {
        if number < 2 {
            return Some(self.clone());
        }
        let digits = number.to_string();
        let stem: Vec<&str> = self.0.graphemes(true).collect();
        (1..=stem.len().min(NAME_GRAPHEMES_MAX - digits.len()))
            .rev()
            .find_map(|kept| Self::parse(&format!("{}{digits}", stem[..kept].concat())).ok())
    }
}

/// Under which a name is unique: RFC 8265 UsernameCaseMapped, then the UTS 39 skeleton without
/// its ASCII-to-ASCII rows (with them, `Bill` and `BiIl` but also `0` and `O` would be one;
/// Ergo had to switch those off).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameKey(Box<str>);

impl NameKey {
    /// The key of any text; the key of a key is itself.
    pub fn of(text: &str) -> Self {
        let mut key = fold(text);
        for _ in 0..KEY_ROUNDS_MAX {
            let next = fold(&key);
            if next == key {
                break;
            }
            key = next;
        }
        Self(key.into())
    }

    /// The key as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One round of case mapping and skeleton.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mapped = UsernameCaseMapped::enforce(text)
        .map_or_else(|_| text.to_lowercase().nfc().collect(), std::borrow::Cow::into_owned);
    let mut folded = String::with_capacity(mapped.len());
    for c in mapped.nfd() {
        if c.is_ascii() {
            folded.push(c);
        } else {
            folded.extend(skeleton(c.encode_utf8(&mut [0; 4])));
        }
    }
    folded.to_lowercase().nfc().collect()
}

/// The name of a room, as used: lower case (NFC), 1 to 64 letters, digits and `-_.`; or the
/// name of a private room, `dm:` and 32 hex digits.
///
/// A leading `#` is dropped, and `Games` is `games`: two rooms that differ only in case would
/// split a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomName(Box<str>);
parsed_string!(RoomName);

impl RoomName {
    /// Refuses with `room_invalid`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.strip_prefix("dm:").is_some_and(|hex| is_lower_hex(hex, 32)) {
            return Ok(Self(text.into()));
        }
        let bare = text.strip_prefix('#').unwrap_or(text);
        let name: String = bare.nfc().flat_map(char::to_lowercase).nfc().collect();
        let is_valid = (1..=ROOM_CHARS_MAX).contains(&name.chars().count())
            && name.chars().all(is_name_char)
            && !has_too_many_marks(&name)
            && (name.is_ascii() || UsernameCaseMapped::enforce(name.as_str()).is_ok());
        if is_valid {
            Ok(Self(name.into()))
        } else {
            Err(Refusal::new(
                ErrorCode::RoomInvalid,
                "a room name is 1 to 64 letters, digits, - _ or .; choose another",
            ))
        }
    }

    /// The room that always is.
    pub fn lobby() -> Self {
        Self("lobby".into())
    }

    /// The room that everyone is attached to and only operators write.
    pub fn announcements() -> Self {
        Self("announcements".into())
    }

    /// The private room of two identities, whoever writes first.
    pub fn private(one: &Identity, other: &Identity) -> Self {
        let (first, second) = if one <= other { (one, other) } else { (other, one) };
        let hash = Sha256::new_with_prefix(b"hubbub private room v1\0")
            .chain_update(first.as_str())
            .chain_update(second.as_str());
        Self(format!("dm:{}", lower_hex(&hash.finalize()[..16])).into())
    }

    /// Whether this is a private room, which cannot be joined by name.
    pub fn is_private(&self) -> bool {
        self.0.starts_with("dm:")
    }
}

/// Whom a `direct` is for: a name, or the identity once it is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Addressee {
    /// Whoever has this name when the message is stored.
    Name(UserName),
    /// This person under whatever name.
    Identity(Identity),
}

impl Addressee {
    /// Refuses with `name_invalid`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if let Ok(identity) = Identity::parse(text) {
            return Ok(Self::Identity(identity));
        }
        UserName::parse(text).map(Self::Name)
    }
}

impl fmt::Display for Addressee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Identity(identity) => identity.fmt(f),
        }
    }
}

impl Serialize for Addressee {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Addressee {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '-' | '_' | '.')
}
