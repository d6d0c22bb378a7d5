//! From the text of a settings file to a [`Reading`].

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{
    Config, Fault, Reading, keys,
    table::{SETTINGS, Setting},
    value::{Refused, Value},
};
use crate::{fuzzy, keymap::Chord};

/// The name of the table of keys.
const KEYS: &str = "keys";
/// So much of a wrong value is shown.
const SHOWN_CHARS: usize = 40;

/// What is wrong with bytes that are none; whatever else is said about them is wrong, too.
const NO_TEXT: &str = "this is no UTF-8 text";

/// A key of a table, with its place.
type Name<'a> = Spanned<DeString<'a>>;

pub(super) fn read(bytes: &[u8]) -> Reading {
    let text = String::from_utf8_lossy(bytes);
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut reader = Reader::new(&text);
    reader.find_bytes_that_are_no_text(bytes);
    for error in errors {
        reader.break_line(error.span().map_or(0, |span| span.start), words_of(error.message()));
    }
    let is_toml = reader.broken.is_empty();
    for (name, value) in in_order(table.get_ref()) {
        reader.entry(name, value);
    }
    reader.finish(is_toml)
}

struct Reader<'a> {
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
    /// What the lines have that are no TOML. Nothing on them counts: it may not mean what it seems
    /// to.
    broken: BTreeMap<usize, String>,
    config: Config,
    faults: BTreeSet<Fault>,
    /// Where each key was bound.
    bound: Vec<(Chord, usize)>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        Self {
            text,
            lines: lines.collect(),
            broken: BTreeMap::new(),
            config: Config::default(),
            faults: BTreeSet::new(),
            bound: Vec::new(),
        }
    }

    fn line_of(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }

    fn break_line(&mut self, at: usize, why: String) {
        let line = self.line_of(at);
        self.broken.entry(line).or_insert(why);
    }

    fn find_bytes_that_are_no_text(&mut self, bytes: &[u8]) {
        let mut line = 1;
        for chunk in bytes.utf8_chunks() {
            line += chunk.valid().matches('\n').count();
            if !chunk.invalid().is_empty() {
                self.broken.entry(line).or_insert(NO_TEXT.into());
            }
        }
    }

    fn entry(&mut self, name: &Name<'_>, value: &Value<'_>) {
        let key = name.get_ref().as_ref();
        let setting = SETTINGS.iter().find(|setting| setting.name == key);
        match (setting, value.get_ref()) {
            (Some(setting), _) => self.setting(setting, name, value),
            (None, DeValue::Table(table)) if key == KEYS => self.keys(table),
            (None, _) if key == KEYS => {
                self.fault(name, KEYS, &format!("takes {}", keys::TAKES));
            }
            (None, _) => self.unknown(name),
        }
    }

    fn setting(&mut self, setting: &Setting, name: &Name<'_>, value: &Value<'_>) {
        let mut config = self.config.clone();
        let outcome = (setting.read)(&mut config, value);
        if !self.is_broken(name.span().start..value.span().end) {
            self.config = config;
        }
        let takes = setting.takes;
        match outcome {
            Ok(()) => {}
            Err(Refused::Because(why)) => self.fault(name, setting.name, &why),
            Err(Refused::Other) => {
                let what = format!("takes {takes}, not {}", self.shown(value.span()));
                self.fault(name, setting.name, &what);
            }
        }
    }

    fn keys(&mut self, table: &DeTable<'_>) {
        for (name, value) in in_order(table) {
            if let Err(why) = self.key(name, value) {
                let key = format!("{KEYS}.\"{}\"", name.get_ref());
                self.fault(name, &key, &why);
            }
        }
    }

    fn key(&mut self, name: &Name<'_>, value: &Value<'_>) -> Result<(), String> {
        let (chord, action) = keys::binding(name.get_ref(), value.get_ref().as_str())?;
        if self.is_broken(name.span().start..value.span().end) {
            return Ok(());
        }
        if let Some((_, line)) = self.bound.iter().find(|(bound, _)| *bound == chord) {
            return Err(format!("this is the key of line {line} again"));
        }
        self.bound.push((chord, self.line_of(name.span().start)));
        self.config.preferences.keys.bind(chord, action);
        Ok(())
    }

    fn unknown(&mut self, name: &Name<'_>) {
        let key = name.get_ref().as_ref();
        let known = SETTINGS.iter().map(|setting| setting.name).chain([KEYS]);
        let what = match fuzzy::nearest(key, known) {
            Some(near) => format!("no such setting; did you mean {near}?"),
            None if Chord::parse(key).is_ok() => {
                "no such setting; keys go under the line [keys]".to_owned()
            }
            None => "no such setting; hubbub --print-config lists them".to_owned(),
        };
        self.fault(name, key, &what);
    }

    fn fault(&mut self, name: &Name<'_>, key: &str, what: &str) {
        let line = self.line_of(name.span().start);
        if self.broken.get(&line).is_some_and(|why| why == NO_TEXT) {
            return;
        }
        self.faults.insert(Fault { line, key: on_a_line(key), what: on_a_line(what) });
    }

    fn is_broken(&self, span: Range<usize>) -> bool {
        let lines = self.line_of(span.start)..=self.line_of(span.end);
        self.broken.range(lines).next().is_some()
    }

    /// As it was written, as far as there is place on a line.
    fn shown(&self, span: Range<usize>) -> String {
        let written = self.text.get(span).unwrap_or_default();
        let line = written.lines().next().unwrap_or_default();
        let shown: String = line.chars().take(SHOWN_CHARS).collect();
        if shown.len() < written.len() { format!("{shown}…") } else { shown }
    }

    /// A line that is no TOML is told as such only where nothing better can be said about it.
    fn finish(self, is_toml: bool) -> Reading {
        let Self { config, mut faults, broken, .. } = self;
        let told: BTreeSet<usize> = faults.iter().map(|fault| fault.line).collect();
        let untold = broken.into_iter().filter(|(line, _)| !told.contains(line));
        let fault = |(line, what)| Fault { line, key: String::new(), what };
        faults.extend(untold.map(fault));
        Reading { config, faults: faults.into_iter().collect(), is_toml }
    }
}

/// With its line breaks as they are written in TOML.
fn on_a_line(text: &str) -> String {
    text.replace('\n', "\\n").replace('\r', "\\r")
}

/// A table as it was written, not by the alphabet.
fn in_order<'t, 'a>(table: &'t DeTable<'a>) -> Vec<(&'t Name<'a>, &'t Value<'a>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// What the parser says, for people who do not know TOML.
fn words_of(message: &str) -> String {
    match message.split(", expected").next().unwrap_or_default() {
        "string values must be quoted" => "texts are written in quotes: \"text\"".into(),
        "invalid unquoted key" => "keys are written in quotes: \"Ctrl+T\" = \"next-room\"".into(),
        "duplicate key" => "this is set for the second time".into(),
        _ => message.to_owned(),
    }
}
