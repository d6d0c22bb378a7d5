//! A question that has the composer until it is answered. PURE.

use protocol::UserName;

use crate::composer::Draft;

/// A question and the answer so far.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What is asked.
    pub ask: Ask,
    /// The answer so far.
    pub draft: Draft,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Another name, for this one is taken.
    Name {
        /// The name that was not to be had.
        taken: UserName,
    },
    /// The hub's password.
    Password,
    /// Whether to be known at this address as one is known at another.
    ConfirmHub {
        /// The other address.
        known_as: String,
        /// Whether TLS is spoken there, and not here.
        loses_tls: bool,
        /// Who one is there.
        name: UserName,
    },
}

impl Prompt {
    /// What stands before the answer.
    pub fn label(&self) -> String {
        match &self.ask {
            Ask::Name { taken } => format!("{taken} is taken. Your name: "),
            Ask::Password => "Password of this hub: ".into(),
            Ask::ConfirmHub { known_as, loses_tls: true, name } => {
                format!("You knew this hub as {known_as}; here is no TLS. Be {name} here? [y/N] ")
            }
            Ask::ConfirmHub { known_as, loses_tls: false, name } => {
                format!("This says it is the hub you knew as {known_as}. Be {name} there? [y/N] ")
            }
        }
    }

    /// Whether the answer must not be seen.
    pub fn is_masked(&self) -> bool {
        self.ask == Ask::Password
    }
}
