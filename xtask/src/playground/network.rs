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
    if let Err(error) = add_rules(playground) {
        say::line(format_args!("containers reach nothing outside: {error:#}"));
    }
    Ok(())
}

/// Leaves no device and no rule, whichever addresses they were made for.
pub(crate) fn remove(place: &Place) -> Result<()> {
    for bridge in [engine_bridge(place), pods_bridge(place)] {
        if Path::new("/sys/class/net").join(&bridge).exists() {
            ip(&["link", "delete", &bridge])?;
        }
    }
    for (table, chain) in [("nat", "POSTROUTING"), ("filter", "FORWARD")] {
        let mut list = Command::new("iptables");
        list.args(["--wait", "-t", table, "-S", chain]);
        // A machine that takes no rules has none of ours.
        for rule in command::output(&mut list).unwrap_or_default().lines() {
            let words: Vec<&str> = rule.split(' ').collect();
            if words.contains(&mark(place).as_str()) {
                let mut delete = Command::new("iptables");
                delete.args(["--wait", "-t", table, "-D"]).args(&words[1..]);
                command::output(&mut delete)?;
            }
        }
    }
    Ok(())
}

/// By which a rule is known to be ours.
fn mark(place: &Place) -> String {
    format!("slipway-{}", place.id())
}

/// Table, chain, and what a rule matches and does.
const RULES: [(&str, &str, &str); 3] = [
    ("nat", "POSTROUTING", "-s OURS ! -d OURS -j MASQUERADE"),
    ("filter", "FORWARD", "-s OURS -j ACCEPT"),
    ("filter", "FORWARD", "-d OURS -j ACCEPT"),
];

fn add_rules(playground: &Playground) -> Result<()> {
    let ours = format!("10.{}.0.0/16", playground.state.network);
    for (table, chain, rule) in RULES {
        let rule = rule.replace("OURS", &ours);
        let mut iptables = Command::new("iptables");
        iptables.args(["--wait", "-t", table, "-A", chain]).args(rule.split(' '));
        iptables.args(["-m", "comment", "--comment", &mark(&playground.place)]);
        command::output(&mut iptables)?;
    }
    Ok(())
}

fn ip(words: &[&str]) -> Result<()> {
    command::output(Command::new("ip").args(words)).map(drop)
}
