//! Slipway through its router, as a user, a script and a browser see it.

mod app;
mod build_queue;
mod conventions;
mod deploy;
mod engines;
mod export;
mod freezes;
mod health;
mod openapi;
mod pages;
mod plans;
mod prefix;
mod registries;
mod repeat;
mod rules;
mod second;
mod secrets;
mod session;
mod shop;
mod sockets;
mod starting;
mod things;
mod tokens;
mod way_back;

use app::TestApp;
