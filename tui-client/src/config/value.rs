//! Values as the settings take them.

use toml::{Spanned, de::DeValue};

/// A value, and where it stands.
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// Why a setting does not take a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is nothing of what the setting takes.
    Other,
    /// It looks right, but for this.
    Because(String),
}

pub(super) fn text<'a>(value: &'a Value<'_>) -> Result<&'a str, Refused> {
    value.get_ref().as_str().ok_or(Refused::Other)
}

pub(super) fn yes_or_no(value: &Value<'_>) -> Result<bool, Refused> {
    value.get_ref().as_bool().ok_or(Refused::Other)
}

pub(super) fn port(value: &Value<'_>) -> Result<u16, Refused> {
    let number = value.get_ref().as_integer().ok_or(Refused::Other)?;
    let port = u16::from_str_radix(number.as_str(), number.radix()).ok();
    port.filter(|port| *port > 0).ok_or(Refused::Other)
}

/// One of a few words.
pub(super) fn one_of<T: Copy>(value: &Value<'_>, words: &[(&str, T)]) -> Result<T, Refused> {
    let written = text(value)?;
    let found = words.iter().find(|(word, _)| *word == written);
    found.map(|(_, meant)| *meant).ok_or(Refused::Other)
}

/// A list of texts: those that `take` accepts, and why it does not accept the first other one.
pub(super) fn list<T>(
    value: &Value<'_>,
    take: impl Fn(&str) -> Result<T, Refused>,
) -> (Vec<T>, Result<(), Refused>) {
    let Some(values) = value.get_ref().as_array() else {
        return (Vec::new(), Err(Refused::Other));
    };
    let mut taken = Vec::new();
    let mut outcome = Ok(());
    for value in values {
        match text(value).and_then(&take) {
            Ok(good) => taken.push(good),
            Err(refused) => outcome = outcome.and(Err(refused)),
        }
    }
    (taken, outcome)
}
