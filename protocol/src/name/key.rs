//! When two names are the same: the key under which a name is unique.

use std::{borrow::Cow, fmt};

use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation as _};
use unicode_normalization::UnicodeNormalization as _;
use unicode_security::skeleton;

/// Rounds after which every key has settled: folding can bring forth a letter that folds again.
const ROUNDS_MAX: usize = 8;

/// Small letters and small capitals that stand, once the case is mapped and the skeleton is
/// taken, for a capital that looks like an ASCII letter or digit: the `В` of a Cyrillic `Вob` has
/// become `в` by then, which UTS 39 finds like `ʙ` but not like `b`.
const CAPITALS: [(char, char); 38] = [
    ('ƨ', '2'),
    ('ɜ', '3'),
    ('ȝ', '3'),
    ('ʓ', '3'),
    ('ᴀ', 'a'),
    ('ʙ', 'b'),
    ('ƅ', 'b'),
    ('β', 'b'),
    ('ᴅ', 'd'),
    ('ꮷ', 'd'),
    ('ᴇ', 'e'),
    ('ꞓ', 'e'),
    ('ϝ', 'f'),
    ('ɢ', 'g'),
    ('ʜ', 'h'),
    ('η', 'h'),
    ('ⴙ', 'h'),
    ('ꮒ', 'h'),
    ('ᴊ', 'j'),
    ('ĸ', 'k'),
    ('ᴋ', 'k'),
    ('ʟ', 'l'),
    ('ʍ', 'm'),
    ('ᴍ', 'm'),
    ('μ', 'm'),
    ('ϻ', 'm'),
    ('ɴ', 'n'),
    ('ᴘ', 'p'),
    ('ʀ', 'r'),
    ('տ', 's'),
    ('ⴝ', 's'),
    ('ꮥ', 's'),
    ('ᴛ', 't'),
    ('χ', 'x'),
    ('ꭹ', 'y'),
    ('ꮍ', 'y'),
    ('ζ', 'z'),
    ('ς', 'o'), // As σ, of which it is the form at the end of a word.
];

/// What two names share when one could be taken for the other: a name is unique by it.
///
/// It is the name case-mapped by RFC 8265 (UsernameCaseMapped), then each of its letters that is
/// not ASCII by the ASCII one that it, or its capital, looks like (UTS 39 skeleton). So `Evan`,
/// `EVAN`, the fullwidth `Ｅｖａｎ` and the `evаn` with a Cyrillic `а` are one; but `Bill` and
/// `BiIl`, `rn` and `m`, `0` and `O` are not: UTS 39 would confuse these too, and half of all
/// plain English names with them. A key is for comparing, never for showing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameKey(Box<str>);

impl NameKey {
    /// The key of any text; the key of a key is itself.
    pub fn of(text: &str) -> Self {
        let mut key = fold(text);
        for _ in 0..ROUNDS_MAX {
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

/// Whether `name` would be read as one of these plain words, now with the ASCII rows of UTS 39:
/// `aII` in capital i's is read as `all`.
pub(super) fn reads_as_any(name: &str, words: &[&str]) -> bool {
    let key = NameKey::of(name);
    let seen = skeleton(name).collect::<String>().to_lowercase();
    words.iter().any(|word| key.as_str() == *word || seen.chars().eq(skeleton(word)))
}

/// Whether a Greek capital stands among ASCII letters that its small letter does not look like:
/// `Ν` is an N but `ν` a v, so that no key could keep the `Νora` in Greek from both.
pub(super) fn is_ambiguous(name: &str) -> bool {
    name.contains(['Ν', 'Υ']) && name.contains(|c: char| c.is_ascii_alphabetic())
}

/// One round of case mapping and skeleton.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mapped = UsernameCaseMapped::enforce(text)
        .map_or_else(|_| text.to_lowercase().nfc().collect(), Cow::into_owned);
    let mut folded = String::with_capacity(mapped.len());
    for c in mapped.nfd() {
        match capital(c) {
            _ if c.is_ascii() => folded.push(c),
            // An i has its dot already: one more is not seen.
            _ if c == '\u{307}' && folded.ends_with(['i', 'j']) => {}
            Some(ascii) => folded.push(ascii),
            None => folded.extend(skeleton(c.encode_utf8(&mut [0; 4])).map(as_capital)),
        }
    }
    folded.to_lowercase().nfc().collect()
}

fn capital(c: char) -> Option<char> {
    CAPITALS.iter().find(|(small, _)| *small == c).map(|(_, ascii)| *ascii)
}

fn as_capital(c: char) -> char {
    capital(c).unwrap_or(c)
}
