//! Slipway on the playground: the real engine, registry and cluster, asked as users ask, and
//! checked from outside by `kubectl`, the registry's API and the list of processes.
//!
//! `cargo xtask test playground` brings all of it up and hands its addresses over in the
//! environment; without that these tests are ignored. Each makes a namespace, a service map and
//! builds of its own, so that they run beside each other and again on a playground that is up.
#![expect(clippy::print_stderr, reason = "a test that fails says where to look")]

mod again;
mod cancelling;
mod causes;
mod dockerd;
mod engine_restart;
mod engine_tls;
mod failures;
mod full_disk;
mod ground;
mod hostile;
mod image;
mod killed_build;
mod killed_rollout;
mod kinds;
mod kubectl;
mod left_over;
mod logs;
mod main_call;
mod moments;
mod order;
mod patience;
mod place;
mod podman;
mod processes;
mod registry;
mod repositories;
mod repository;
mod served;
mod slipway;
mod steps;
mod streams;
mod truth;
mod waiting;
mod way_back;
