//! What was chosen when the playground was made and stays as it is: ports, since
//! they are part of the names of images, and address ranges.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::place::Place;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) ports: Ports,
    /// The second number of 10.N.0.0/16, all of which is the playground's.
    pub(crate) network: u8,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ports {
    pub(crate) registry: u16,
    pub(crate) registry_auth: u16,
    pub(crate) etcd: u16,
    pub(crate) etcd_peers: u16,
    pub(crate) apiserver: u16,
    pub(crate) kubelet: u16,
}

impl Ports {
    /// Of the server of files: the block's next one after the kubelet's two.
    pub(crate) fn files(&self) -> u16 {
        self.kubelet + 2
    }
}

/// Blocks of ten ports from here up to where the kernel takes ports for
/// outgoing connections, which could otherwise be in our way.
const FIRST_PORT: u16 = 20_000;
const BLOCKS: u16 = 1_200;
const BLOCK: u16 = 10;

const FIRST_NETWORK: u8 = 130;
const NETWORKS: u8 = 100;

impl State {
    pub(crate) fn read(place: &Place) -> Result<Option<Self>> {
        let path = place.data("state.json");
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path)?;
        let state = serde_json::from_str(&text)
            .with_context(|| format!("{} is not readable: delete .playground to begin anew", path.display()))?;
        Ok(Some(state))
    }

    pub(crate) fn read_or_choose(place: &Place) -> Result<Self> {
        if let Some(state) = Self::read(place)? {
            return Ok(state);
        }
        let state = Self::choose(place.id())?;
        fs::write(place.data("state.json"), serde_json::to_vec_pretty(&state)?)?;
        Ok(state)
    }

    /// Each checkout begins its search elsewhere, so that two that are set up at
    /// the same time do not choose the same.
    fn choose(id: &str) -> Result<Self> {
        let start = u32::from_str_radix(id, 16)?;
        let routes = fs::read_to_string("/proc/net/route")?;
        let base = (0..BLOCKS)
            .map(|step| FIRST_PORT + rotate(start, step, BLOCKS) * BLOCK)
            .find(|base| (*base..base + BLOCK).all(is_free))
            .context("no ten ports in a row are free between 20000 and 32000")?;
        let network = (0..u16::from(NETWORKS))
            .filter_map(|step| u8::try_from(rotate(start, step, u16::from(NETWORKS))).ok())
            .map(|step| FIRST_NETWORK + step)
            .find(|network| !has_route(&routes, *network))
            .context("every network from 10.130.0.0/16 to 10.229.0.0/16 is in use")?;
        Ok(Self { ports: Ports::from(base), network })
    }

    pub(crate) fn registry(&self) -> String {
        format!("127.0.0.1:{}", self.ports.registry)
    }

    pub(crate) fn registry_auth(&self) -> String {
        format!("127.0.0.1:{}", self.ports.registry_auth)
    }
}

impl Ports {
    fn from(base: u16) -> Self {
        Self {
            registry: base,
            registry_auth: base + 1,
            etcd: base + 2,
            etcd_peers: base + 3,
            apiserver: base + 4,
            kubelet: base + 5,
        }
    }
}

pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// The `step`th of `count` numbers that are gone through from `start` on.
fn rotate(start: u32, step: u16, count: u16) -> u16 {
    let sum = u64::from(start) + u64::from(step);
    u16::try_from(sum % u64::from(count)).unwrap_or_default()
}

/// The kernel writes addresses as little-endian hexadecimal numbers.
fn has_route(routes: &str, network: u8) -> bool {
    let ending = format!("{network:02X}0A");
    routes
        .lines()
        .filter_map(|line| line.split_ascii_whitespace().nth(1))
        .any(|destination| destination.ends_with(&ending) || destination == "0000000A")
}

#[cfg(test)]
mod tests {
    use super::{State, has_route, rotate};

    #[test]
    fn a_network_with_a_route_is_taken() {
        let routes = "Iface\tDestination\tGateway\neth0\t00000000\t010000C0\nbr0\t0000960A\t0\n";
        assert!(has_route(routes, 150));
        assert!(!has_route(routes, 151));
        assert!(has_route("br0\t0000000A\t0", 151), "all of 10.0.0.0/8 is routed");
    }

    #[test]
    fn a_search_goes_once_round() {
        let found: Vec<u16> = (0..4).map(|step| rotate(6, step, 4)).collect();
        assert_eq!(found, [2, 3, 0, 1]);
    }

    #[test]
    fn ports_in_use_are_passed_over() {
        let state = State::choose("00000000").expect("something is free");
        let taken = std::net::TcpListener::bind(("127.0.0.1", state.ports.registry)).expect("free");
        let other = State::choose("00000000").expect("something is free");
        assert_ne!(state.ports.registry, other.ports.registry);
        drop(taken);
    }
}
