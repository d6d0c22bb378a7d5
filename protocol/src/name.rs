//! Names of people and rooms: what they may look like, and when two are the same.

mod key;

use std::{fmt, hash::Hash};

use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::{
    ErrorCode, Identity, Refusal,
    id::{is_lower_hex, lower_hex, parse_string, parsed_string},
    text::has_too_many_marks,
};

pub use key::NameKey;

/// Longest user name in graphemes.
pub const NAME_GRAPHEMES_MAX: usize = 32;
/// Longest user name in bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 128;
/// Longest room name in characters.
pub const ROOM_CHARS_MAX: usize = 64;

/// Names that nobody can take, because clients and people would believe them.
const RESERVED: [&str; 7] = ["system", "server", "hubbub", "everyone", "here", "all", "admin"];

/// The rooms of the hub itself; a room that reads like one of them would be believed.
const OWN_ROOMS: [&str; 2] = [LOBBY, ANNOUNCEMENTS];
const LOBBY: &str = "lobby";
const ANNOUNCEMENTS: &str = "announcements";

/// The name of a person, shown as typed (NFC): 1 to 32 graphemes of letters, marks, digits and
/// `-_.`, first a letter or digit.
///
/// Equality is that of the text shown. Who is who is decided by [`UserName::key`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserName(Box<str>);
parsed_string!(UserName);

impl UserName {
    /// Refuses with `name_invalid` what is no name, and what is reserved or reads like that.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let invalid = |why: &str| Err(Refusal::new(ErrorCode::NameInvalid, why));
        let name = nfc(text, NAME_BYTES_MAX);
        if name.is_empty() {
            return invalid("the name is empty; choose one");
        }
        if name.len() > NAME_BYTES_MAX || name.graphemes(true).count() > NAME_GRAPHEMES_MAX {
            return invalid("a name has at most 32 characters (128 bytes); choose a shorter one");
        }
        if !name.chars().all(is_name_char) || has_too_many_marks(&name) {
            return invalid("a name has only letters, digits, - _ and . in it; choose another");
        }
        if !name.starts_with(char::is_alphanumeric) {
            return invalid("a name begins with a letter or a digit; choose another");
        }
        if UsernameCaseMapped::enforce(name.as_str()).is_err() || key::is_ambiguous(&name) {
            return invalid("the name has characters that can't be told apart; choose another");
        }
        if key::reads_as_any(&name, &RESERVED) {
            return invalid("that name is reserved; choose another");
        }
        Ok(Self(name.into()))
    }

    /// What two names have in common when one could be taken for the other.
    pub fn key(&self) -> NameKey {
        NameKey::of(&self.0)
    }

    /// A valid name as near as possible to `text` (a login name, say): without what no name can
    /// have, shortened, `admin1` for `admin`. `None` if nothing of it can be kept.
    pub fn nearest(text: &str) -> Option<Self> {
        let can_stand = |c: char| Self::parse(&format!("a{c}")).is_ok();
        let kept: String = text.nfkc().take(NAME_BYTES_MAX).filter(|c| can_stand(*c)).collect();
        let kept = kept.trim_start_matches(|c: char| !c.is_alphanumeric());
        let graphemes: Vec<&str> = kept.graphemes(true).take(NAME_GRAPHEMES_MAX).collect();
        (1..=graphemes.len()).rev().find_map(|count| {
            let name = graphemes[..count].concat();
            Self::parse(&name).or_else(|_| Self::parse(&format!("{name}1"))).ok()
        })
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
        let lower: String = nfc(bare, ROOM_CHARS_MAX).to_lowercase();
        let name = nfc(&lower, ROOM_CHARS_MAX);
        let is_valid = (1..=ROOM_CHARS_MAX).contains(&name.chars().count())
            && name.chars().all(is_name_char)
            && !name.starts_with(is_combining_mark)
            && !has_too_many_marks(&name)
            && (name.is_ascii() || UsernameCaseMapped::enforce(name.as_str()).is_ok())
            && (name.is_ascii() || !OWN_ROOMS.contains(&NameKey::of(&name).as_str()));
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
        Self(LOBBY.into())
    }

    /// The room that everyone is attached to and only operators write.
    pub fn announcements() -> Self {
        Self(ANNOUNCEMENTS.into())
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
        parse_string(deserializer, Self::parse)
    }
}

/// The normal form of `text`, or of a beginning of it that is over `chars_max` too: normalising
/// sorts the marks on a base, of which there could be thousands. (A character of the normal form
/// is made from four at the most, as ᾂ is.)
fn nfc(text: &str, chars_max: usize) -> String {
    text.chars().take(4 * chars_max + 4).nfc().collect()
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '-' | '_' | '.')
}
