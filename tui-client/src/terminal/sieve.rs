//! Takes out of what is typed what nobody typed: answers of the terminal that came when its keys
//! were read already. The reader of keys takes `ESC ] 11 ; …` for Alt+] and letters, which would
//! end in the draft. PURE.

use std::time::Duration;

use super::answers::told;
use crate::event::{Event, Key, KeyCode};

/// How long to look for what belongs to a key that may be the beginning of an answer, and for
/// keys that crossterm has read already but not given out. It looks at them only while this time
/// is not over: where the thread is kept from running for longer, they stay until it is asked
/// again.
const LEFTOVERS: Duration = Duration::from_millis(100);
/// How long to wait for the rest of what is certainly an answer.
const REST: Duration = Duration::from_secs(1);
/// No answer has more characters.
const WORDS_MAX: usize = 64;

/// Holds keys back while they may be an answer.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    /// Whether the terminal has not answered yet. Then also an Esc may begin an answer: over a
    /// slow line it can come alone.
    is_owed: bool,
    held: Vec<Event>,
    /// What an answer says so far: without its beginning and its end.
    words: String,
    /// Whether its end has begun.
    is_ending: bool,
}

impl Sieve {
    /// `is_owed`: the terminal was asked, and has not answered.
    pub(super) fn new(is_owed: bool) -> Self {
        Self { is_owed, ..Self::default() }
    }

    /// How long to wait for the next event before [`Self::release`].
    pub(super) fn patience(&self) -> Duration {
        if is_answer(&self.words) { REST } else { LEFTOVERS }
    }

    /// Something came. What is to be passed on, most often just that.
    pub(super) fn sift(&mut self, event: Event) -> Vec<Event> {
        let Event::Key(key) = event else {
            let mut events = self.release();
            events.push(event);
            return events;
        };
        match self.held.len() {
            0 if is_start(key) || (self.is_owed && key == plain(KeyCode::Esc)) => self.hold(key),
            0 => vec![event],
            1 if self.held[0] == Event::Key(plain(KeyCode::Esc)) => match key {
                key if key == plain(KeyCode::Char(']')) => self.hold(key),
                _ => self.release_with(key),
            },
            _ => self.go_on(key),
        }
    }

    /// Nothing more came in time: what was held is passed on. But the end of an answer is one
    /// also without its last byte, which some terminals leave out.
    pub(super) fn release(&mut self) -> Vec<Event> {
        if self.is_ending && is_answer(&self.words) {
            return self.swallow();
        }
        self.words.clear();
        self.is_ending = false;
        std::mem::take(&mut self.held)
    }

    fn go_on(&mut self, key: Key) -> Vec<Event> {
        let is_last = self.is_ending && key == plain(KeyCode::Char('\\'));
        let is_end = is_last || is_st(key) || is_bell(key);
        match key {
            _ if is_end && self.words.contains(';') => self.swallow(),
            _ if self.is_ending => self.release_with(key),
            Key { code: KeyCode::Esc, .. } => {
                self.is_ending = true;
                self.hold(key)
            }
            Key { code: KeyCode::Char(c), ctrl: false, alt: false, .. } if self.takes(c) => {
                self.words.push(c);
                self.hold(key)
            }
            _ => self.release_with(key),
        }
    }

    /// Whether an answer may go on like this: a number first.
    fn takes(&self, c: char) -> bool {
        let has_place = self.words.len() < WORDS_MAX;
        let is_number = c.is_ascii_digit() || (c == ';' && !self.words.is_empty());
        has_place && (is_number || (self.words.contains(';') && c.is_ascii_graphic()))
    }

    fn hold(&mut self, key: Key) -> Vec<Event> {
        self.held.push(Event::Key(key));
        Vec::new()
    }

    /// That was no answer.
    fn release_with(&mut self, key: Key) -> Vec<Event> {
        let mut events = self.release();
        events.extend(self.sift(Event::Key(key)));
        events
    }

    /// That was one, whether it says anything or not.
    fn swallow(&mut self) -> Vec<Event> {
        self.held.clear();
        (self.is_owed, self.is_ending) = (false, false);
        told(&std::mem::take(&mut self.words)).map(Event::Told).into_iter().collect()
    }
}

/// Whether this is certainly an answer about colours: nobody types that in a tenth of a second.
fn is_answer(words: &str) -> bool {
    words.starts_with("10;") || words.starts_with("11;")
}

/// `ESC ]`.
fn is_start(key: Key) -> bool {
    key == Key { alt: true, ..plain(KeyCode::Char(']')) }
}

/// `ESC \`.
fn is_st(key: Key) -> bool {
    key == Key { alt: true, ..plain(KeyCode::Char('\\')) }
}

fn is_bell(key: Key) -> bool {
    key == Key { ctrl: true, ..plain(KeyCode::Char('g')) }
}

fn plain(code: KeyCode) -> Key {
    Key { code, ctrl: false, alt: false, shift: false }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use proptest::prelude::*;

    use super::*;
    use crate::theme::{Rgb, Told};

    const START: Event = Event::Key(Key { alt: true, ..plain_char(']') });
    const ST: Event = Event::Key(Key { alt: true, ..plain_char('\\') });
    const BELL: Event = Event::Key(Key { ctrl: true, ..plain_char('g') });
    const ESC: Event =
        Event::Key(Key { code: KeyCode::Esc, ctrl: false, alt: false, shift: false });

    const fn plain_char(c: char) -> Key {
        Key { code: KeyCode::Char(c), ctrl: false, alt: false, shift: false }
    }

    fn letters(text: &str) -> Vec<Event> {
        text.chars().map(|c| Event::Key(plain_char(c))).collect()
    }

    fn sifted(sieve: &mut Sieve, events: &[Vec<Event>]) -> Vec<Event> {
        events.concat().into_iter().flat_map(|event| sieve.sift(event)).collect()
    }

    #[test]
    fn a_late_answer_is_an_answer_and_is_not_typed() {
        let black = Event::Told(Told::Background(Rgb::BLACK));
        let words = || letters("11;rgb:0000/0000/0000");
        let (before, after) = (letters("he"), letters("llo"));
        for end in [vec![ST], vec![BELL], vec![ESC, letters("\\")[0].clone()]] {
            let mut sieve = Sieve::new(false);
            let all = [before.clone(), vec![START], words(), end, after.clone()];
            let expected = [before.clone(), vec![black.clone()], after.clone()].concat();
            assert_eq!(sifted(&mut sieve, &all), expected);
        }
    }

    #[test]
    fn an_answer_that_says_nothing_is_not_typed_either() {
        for words in ["11;what?", "4;1;rgb:0/0/0", "10;"] {
            let mut sieve = Sieve::new(false);
            assert_eq!(sifted(&mut sieve, &[vec![START], letters(words), vec![ST]]), []);
        }
    }

    #[test]
    fn the_end_of_an_answer_may_lack_its_last_byte() {
        let mut sieve = Sieve::new(false);
        let all = [vec![START], letters("11;rgb:0/0/0"), vec![ESC]];
        assert_eq!(sifted(&mut sieve, &all), []);
        assert_eq!(sieve.patience(), REST);
        assert_eq!(sieve.release(), [Event::Told(Told::Background(Rgb::BLACK))]);
    }

    #[test]
    fn an_escape_that_came_alone_may_begin_an_answer_while_one_is_owed() {
        let all = [vec![ESC], letters("]11;rgb:0/0/0"), vec![ST]];
        let mut sieve = Sieve::new(true);
        let told = [Event::Told(Told::Background(Rgb::BLACK))];
        assert_eq!(sifted(&mut sieve, &all), told);
        assert_eq!(sieve.sift(ESC), [ESC], "nothing is owed now");
        let mut sieve = Sieve::new(true);
        assert_eq!(sieve.sift(ESC), []);
        assert_eq!(sieve.release(), [ESC], "it was a key");
        let keys = [vec![ESC], letters("a")];
        assert_eq!(sifted(&mut sieve, &keys), keys.concat());
    }

    #[test]
    fn keys_that_are_no_answer_come_at_once_or_a_moment_later() {
        for keys in [
            [vec![START], letters("x")].concat(),
            [vec![START], letters("1x")].concat(),
            [vec![START], letters(";")].concat(),
            [vec![START], vec![ST]].concat(),
            [vec![START], letters("12"), vec![BELL]].concat(),
        ] {
            let mut sieve = Sieve::new(false);
            assert_eq!(sifted(&mut sieve, slice::from_ref(&keys)), keys, "{keys:?}");
        }
        let mut sieve = Sieve::new(false);
        let keys = [vec![START], letters("1")];
        assert_eq!(sifted(&mut sieve, &keys), []);
        assert_eq!(sieve.patience(), LEFTOVERS);
        assert_eq!(sieve.release(), keys.concat());
    }

    #[test]
    fn a_paste_is_never_part_of_an_answer() {
        let mut sieve = Sieve::new(false);
        let paste = vec![Event::Paste("11;rgb:0/0/0".into())];
        let all = [vec![START], letters("11;"), paste];
        assert_eq!(sifted(&mut sieve, &all), all.concat());
    }

    proptest! {
        #[test]
        fn only_whole_answers_are_taken_out(
            parts in prop::collection::vec("[a1;]|11;rgb:0/0/0|S|E|B|T", 0..30), owed: bool,
        ) {
            let events: Vec<Event> = parts.iter().flat_map(|part| match part.as_str() {
                "S" => vec![START],
                "E" => vec![ESC],
                "B" => vec![BELL],
                "T" => vec![ST],
                text => letters(text),
            }).collect();
            let mut sieve = Sieve::new(owed);
            let mut passed = sifted(&mut sieve, slice::from_ref(&events));
            passed.extend(sieve.release());
            let has_end = events.iter().any(|event| [ESC, BELL, ST].contains(event));
            let has_start = events.contains(&START) || (owed && events.contains(&ESC));
            if !has_end || !has_start {
                prop_assert_eq!(passed, events);
            }
        }
    }
}
