//! The bridge of the engine, and the rules by which containers reach the world.
//! Neither dockerd nor the network plugin may touch the machine's firewall:
//! their chains have the same names in every engine, and a second one would
//! empty those of the first.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::Playground;
use super::place::Place;
use crate::{command, say};

/// Names of devices have at most 15 characters.
pub(crate) fn engine_bridge(place: &Place) -> String {
    format!("slw{}e", place.id())
}

pub(crate) fn pods_bridge(place: &Place) -> String {
    format!("slw{}p", place.id())
}

pub(crate) fn ensure(playground: &Playground) -> Result<()> {
    let bridge = engine_bridge(&playground.place);
    if Path::new("/sys/class/net").join(&bridge).exists() {
        return Ok(());
    }
    let address = format!("10.{}.0.1/24", playground.state.network);
    ip(&["link", "add", &bridge, "type", "bridge"])
        .context("this machine does not let the playground make a bridge")?;
    ip(&["address", "add", &address, "dev", &bridge])?;
    ip(&["link", "set", &bridge, "up"])?;
    for rule in rules(playground.state.network, playground.place.id()) {
        if iptables("-A", &rule).is_err() {
            say::line("containers reach nothing outside: this machine takes no firewall rules");
            break;
        }
    }
    Ok(())
}

/// Leaves no device and no rule, however often each was made.
pub(crate) fn remove(place: &Place, network: u8) -> Result<()> {
    for bridge in [engine_bridge(place), pods_bridge(place)] {
        if Path::new("/sys/class/net").join(&bridge).exists() {
            ip(&["link", "delete", &bridge])?;
        }
    }
    for rule in rules(network, place.id()) {
        while iptables("-D", &rule).is_ok() {}
    }
    Ok(())
}

/// Table, chain, and what a rule matches and does.
fn rules(network: u8, id: &str) -> [Vec<String>; 3] {
    let ours = format!("10.{network}.0.0/16");
    let rule = |table, chain, words: &str| {
        let comment = format!("slipway-{id}");
        let words = words.replace("OURS", &ours);
        ["-t", table, chain]
            .into_iter()
            .chain(words.split(' '))
            .chain(["-m", "comment", "--comment", &comment])
            .map(str::to_owned)
            .collect()
    };
    [
        rule("nat", "POSTROUTING", "-s OURS ! -d OURS -j MASQUERADE"),
        rule("filter", "FORWARD", "-s OURS -j ACCEPT"),
        rule("filter", "FORWARD", "-d OURS -j ACCEPT"),
    ]
}

/// The verb stands between the table and the chain.
fn iptables(verb: &str, rule: &[String]) -> Result<()> {
    let mut iptables = Command::new("iptables");
    iptables.arg("--wait").args(&rule[..2]).arg(verb).args(&rule[2..]);
    command::output(&mut iptables).map(drop)
}

fn ip(words: &[&str]) -> Result<()> {
    command::output(Command::new("ip").args(words)).map(drop)
}
