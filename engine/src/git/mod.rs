//! Git, by the `git` command, without its user's configuration.
