//! What a shell script would do badly: setting up a machine, the playground,
//! running and testing everything. This file is the table of contents.
#![expect(clippy::print_stdout, reason = "a command line tool talks on standard output")]

mod bench;
mod checkout;
mod client;
mod command;
mod playground;
mod run;
mod say;
mod serving;
mod setup;
mod slipway;
mod test;
mod web;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own tasks")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing on this machine
    Setup {
        #[arg(long, value_enum, default_value = "test")]
        purpose: setup::Purpose,
    },
    /// A real engine, registry and cluster on the loopback
    #[command(subcommand)]
    Playground(playground::Task),
    /// Build Slipway and start it on the playground, in the foreground
    Run,
    /// Build the web part into server/site
    Web {
        /// Quickly and large, for work on it
        #[arg(long)]
        dev: bool,
    },
    /// Set up what is missing and run every test
    Test(test::Options),
    /// Measure what is promised about speed and size, and print the table
    Bench(bench::Options),
}

fn main() -> std::process::ExitCode {
    let done = match Cli::parse().task {
        Task::Setup { purpose } => setup::setup(purpose),
        Task::Playground(task) => playground::run(&task),
        Task::Run => run::run(),
        Task::Web { dev } => web::build(!dev),
        Task::Bench(options) => bench::run(&options),
        Task::Test(options) => match test::run(&options) {
            Ok(false) => return std::process::ExitCode::FAILURE,
            ran => ran.map(drop),
        },
    };
    say::ending(done)
}
