//! Git, by the `git` command, without its user's configuration.
//!
//! What comes from people is parsed into [`GitUrl`] and [`GitReference`] before git sees it: git takes
//! options, programs and files in places where a name is expected, and these types hold none of them.
//! The command runs with an environment of its own, in a process group that ends with the call.

mod address;
mod clone;
mod command;
mod error;
mod pinned;
mod reference;
mod refs;
mod resolve;
mod settings;
mod similar;
mod stderr;
mod submodules;
mod url;

pub use error::GitError;
pub use reference::GitReference;
pub use refs::Refs;
pub use settings::{Checkout, Git, GitCredentials, GitSettings, GitSource};
pub use url::GitUrl;

#[cfg(test)]
mod tests;
