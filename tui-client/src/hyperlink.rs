//! Addresses in what people write, and what of them a terminal may be told. PURE.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};

/// Longest address that is a link: VTE takes no longer one, and nobody can look through it.
const TARGET_MAX: usize = 2_083;
const SCHEMES: [&str; 2] = ["http://", "https://"];

/// A link, as a terminal is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hyperlink {
    target: String,
    id: u64,
}

impl Hyperlink {
    /// A link to this address. `salt` tells it from other links to the same one: parts with the
    /// same salt are one link, in however many rows.
    fn new(address: &str, salt: u64) -> Option<Self> {
        let target = encoded(address);
        let id = target.bytes().fold(salt, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(7)
        });
        (target.len() <= TARGET_MAX).then_some(Self { target, id })
    }

    /// Where it leads: printable ASCII, nothing else.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The same for all parts of one link.
    pub fn id(&self) -> u64 {
        self.id
    }
}

/// The links of a text, in order, and which of its bytes they are.
pub fn hyperlinks(text: &str, salt: u64) -> Vec<(Range<usize>, Hyperlink)> {
    // Most texts have none, and this is asked for each row that is drawn.
    if !text.contains("://") {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    let found = finder.kinds(&[LinkKind::Url]).links(text);
    let links = found.filter(|link| is_web(link.as_str())).filter_map(|link| {
        let salt = salt.wrapping_mul(31).wrapping_add(link.start() as u64);
        Some((link.start()..link.end(), Hyperlink::new(link.as_str(), salt)?))
    });
    links.collect()
}

/// Whether an address is one of the web; nothing else is ever opened.
pub(crate) fn is_web(address: &str) -> bool {
    let begins = |scheme: &str| {
        let start = address.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    SCHEMES.into_iter().any(begins)
}

/// Whatever is not printable ASCII percent-encoded: nothing in an address can end the sequence
/// that it stands in.
fn encoded(address: &str) -> String {
    let mut target = String::with_capacity(address.len());
    for byte in address.bytes() {
        match byte {
            b'!'..=b'~' => target.push(char::from(byte)),
            _ => target.push_str(&percent(byte)),
        }
    }
    target
}

fn percent(byte: u8) -> String {
    format!("%{byte:02X}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<(&str, String)> {
        let links = hyperlinks(text, 0);
        links.into_iter().map(|(range, link)| (&text[range], link.target)).collect()
    }

    #[test]
    fn addresses_of_the_web_are_links_and_others_are_not() {
        let text = "see https://a.example/b?c=d#e, (HTTP://f.example/g_(h)) or file:///etc/passwd \
                    javascript://x ssh://y mailto:z@example.org www.example.org";
        assert_eq!(
            found(text),
            [
                ("https://a.example/b?c=d#e", "https://a.example/b?c=d#e".to_owned()),
                ("HTTP://f.example/g_(h)", "HTTP://f.example/g_(h)".to_owned()),
            ]
        );
    }

    #[test]
    fn what_is_not_printable_ascii_is_percent_encoded() {
        let (_, target) = found("https://bücher.example/日本").remove(0);
        assert_eq!(target, "https://b%C3%BCcher.example/%E6%97%A5%E6%9C%AC");
    }

    #[test]
    fn an_endless_address_is_no_link() {
        assert_eq!(found(&format!("https://a.example/{}", "x".repeat(TARGET_MAX))), []);
    }

    #[test]
    fn two_links_to_the_same_address_are_told_apart() {
        let links = hyperlinks("https://a.example https://a.example", 7);
        assert_ne!(links[0].1.id(), links[1].1.id());
        assert_eq!(links, hyperlinks("https://a.example https://a.example", 7));
    }

    proptest! {
        #[test]
        fn nothing_but_printable_ascii_is_in_a_target(text in "(https?://.{0,20} ?){0,3}") {
            for (range, link) in hyperlinks(&text, 1) {
                prop_assert!(text.get(range).is_some());
                prop_assert!(link.target().bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }
    }
}
