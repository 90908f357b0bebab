//! The command `slipway`.

use clap::{Parser, Subcommand};
use server::cli;
use std::process::ExitCode;

/// Builds container images and rolls them out to Kubernetes: one server, one page, one API.
#[derive(Parser)]
#[command(name = "slipway", version, disable_help_subcommand = true)]
struct Slipway {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the page and the API until SIGTERM or Ctrl-C
    Serve(cli::Serve),
    /// Bring the database to the form that this version needs, without serving
    Migrate(cli::Migrate),
    /// Print the OpenAPI document of the API
    Openapi,
    /// Make, list and revoke API tokens; works on the host, beside a running server or without one
    Token(cli::Token),
    /// Add and list users, change passwords, sign somebody in; works on the host like `token`
    User(cli::User),
    /// Run tasks on a server and tell how it goes; reads SLIPWAY_URL and SLIPWAY_TOKEN
    Deploy(cli::Deploy),
    /// Print builds of a server as YAML, without passwords; reads SLIPWAY_URL and SLIPWAY_TOKEN
    Export(cli::Export),
    /// Make the builds of a server what a YAML file says; reads SLIPWAY_URL and SLIPWAY_TOKEN
    Import(cli::Import),
    /// Say of each dependency whether it works, and why not
    Check(cli::Check),
    /// Print the version
    Version,
}

fn main() -> ExitCode {
    let done = match Slipway::parse().command {
        Command::Serve(serve) => cli::block_on(serve.run()),
        Command::Migrate(migrate) => cli::block_on(migrate.run()),
        Command::Openapi => cli::say(&server::document()),
        Command::Token(token) => cli::block_on(token.run()),
        Command::User(user) => cli::block_on(user.run()),
        Command::Deploy(deploy) => cli::block_on(deploy.run()),
        Command::Export(export) => cli::block_on(export.run()),
        Command::Import(import) => cli::block_on(import.run()),
        Command::Check(check) => cli::block_on(check.run()),
        Command::Version => cli::version(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
