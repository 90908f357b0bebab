//! Build engines with a Docker-compatible API.
