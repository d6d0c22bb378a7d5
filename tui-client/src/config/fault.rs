//! One thing that is wrong with a settings file.

/// One thing that is wrong, where it is, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// Which setting it is about; empty where that cannot be said.
    pub key: String,
    /// The sentence.
    pub what: String,
}

impl Fault {
    /// `client.toml:7: keys."Ctrl+Q": no action quit-all; did you mean quit?`
    pub fn at(&self, file: &str) -> String {
        format!("{file}:{}: {}", self.line, self.words())
    }

    /// `keys."Ctrl+Q": no action quit-all; did you mean quit?`
    pub fn words(&self) -> String {
        if self.key.is_empty() {
            return self.what.clone();
        }
        format!("{}: {}", self.key, self.what)
    }
}
