//! Where the settings are, and reading them. What is in them is for [`config`](crate::config).

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use etcetera::{BaseStrategy as _, base_strategy::Xdg};

use crate::{
    config::{Config, Fault, Reading, Reread},
    event::Event,
    safe_text::SafeText,
};

mod watch;

pub(crate) use watch::Watch;

/// A settings file is a page or two; who names something else is to be told, not to wait.
const BYTES_MAX: u64 = 256 * 1024;

/// Where the settings are.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
    /// Whether the user named it: then it has to be there.
    is_named: bool,
}

/// Why there are no settings to be had.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The user named a file.
    #[error("there is no settings file {0}")]
    Missing(String),
    /// It is there.
    #[error("can't read the settings in {path}: {error}")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// It is no settings file.
    #[error("{0} is too long for a settings file")]
    TooLong(String),
}

/// What a look at the settings file came to, in lines.
#[derive(Debug)]
pub enum Checked {
    /// There is nothing to mend.
    Sound(String),
    /// There is.
    Faults(String),
}

/// The settings at the start.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What they say.
    pub config: Config,
    /// What is to be said about them on the screen, in one line.
    pub complaint: Option<String>,
    /// The file, as it was read.
    pub watched: Option<Watched>,
}

/// A file, and what was in it when it was read last.
#[derive(Clone, Debug)]
pub struct Watched {
    file: SettingsFile,
    /// With what the client started.
    at_start: Config,
    read: Option<Vec<u8>>,
}

impl SettingsFile {
    /// The one that the user named, else that of this user; `None` without a home.
    pub fn find(named: Option<&Path>) -> Option<Self> {
        if let Some(path) = named {
            return Some(Self { path: path.to_owned(), is_named: true });
        }
        let directory = Xdg::new().ok()?.config_dir();
        Some(Self { path: directory.join("hubbub").join("client.toml"), is_named: false })
    }

    /// Its path, as the user knows it.
    pub fn path(&self) -> String {
        self.path.display().to_string()
    }

    /// Its name, for sentences on the screen.
    fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// What is in it; `None` where nobody has written one.
    pub fn read(&self) -> Result<Option<Vec<u8>>, SettingsError> {
        match self.bytes() {
            Ok(bytes) if bytes.len() as u64 > BYTES_MAX => Err(SettingsError::TooLong(self.path())),
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.is_named => {
                Err(SettingsError::Missing(self.path()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SettingsError::Unreadable { path: self.path(), error }),
        }
    }

    /// What comes through a pipe is read once.
    fn can_change(&self) -> bool {
        self.path.metadata().is_ok_and(|file| file.is_file()) || !self.path.exists()
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(&self.path)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// What `--check-config` says.
    pub fn check(&self) -> Result<Checked, SettingsError> {
        let path = self.path();
        let Some(bytes) = self.read()? else {
            let sentence = format!("there is no {path}: everything is as by default\n");
            return Ok(Checked::Sound(sentence));
        };
        let faults = Reading::of(&bytes).faults;
        if faults.is_empty() {
            return Ok(Checked::Sound(format!("{path} is sound\n")));
        }
        let line = |fault: &Fault| format!("{}\n", SafeText::line(&fault.at(&path)).as_str());
        Ok(Checked::Faults(faults.iter().map(line).collect()))
    }

    /// The settings to start with. What is wrong in the file is said on the screen; that a file
    /// cannot be read is so, too, unless the user named it.
    pub fn load(self) -> Result<Loaded, SettingsError> {
        let (read, unreadable) = match self.read() {
            Ok(read) => (read, None),
            Err(error) if self.is_named => return Err(error),
            Err(error) => (None, Some(error.to_string())),
        };
        let reading = Reading::of(read.as_deref().unwrap_or_default());
        let complaint = unreadable.or_else(|| reading.complaint(&self.name()));
        let at_start = reading.config.clone();
        let can_change = self.can_change();
        let watched = can_change.then_some(Watched { file: self, at_start, read });
        Ok(Loaded { config: reading.config, complaint, watched })
    }
}

impl Watched {
    /// What to tell `update`, if the file is not as it was read last.
    fn read_again(&mut self) -> Option<Event> {
        let file = self.file.name();
        let outcome = match self.file.read() {
            Ok(Some(read)) if self.read.as_ref() == Some(&read) => return None,
            Ok(Some(read)) => {
                let reading = Reading::of(&read);
                self.read = Some(read);
                Ok(reading)
            }
            // Said once; what comes then is news, whatever it is.
            Ok(None) | Err(SettingsError::Missing(_)) => {
                self.read.take()?;
                Err(format!("{file} is gone"))
            }
            Err(error) => {
                self.read.take()?;
                Err(error.to_string())
            }
        };
        let waits = |reading: &Reading| self.at_start.starts_otherwise(&reading.config);
        let waits = outcome.as_ref().is_ok_and(waits);
        Some(Event::Preferences(Box::new(Reread { file, outcome, waits })))
    }
}

#[cfg(test)]
mod tests;
