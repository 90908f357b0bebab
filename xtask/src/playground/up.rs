//! Bringing the playground up, which is the same as mending it: every step
//! looks first at what is there.

use anyhow::{Result, bail};

use super::enclosure::Enclosure;
use super::place::Place;
use super::{Playground, env, files, images, kubernetes, network, registry, repositories};
use crate::say;
use crate::setup::{self, Purpose};

pub(crate) fn up() -> Result<Playground> {
    if !rustix::process::geteuid().is_root() {
        bail!("only root can start the playground, which has containers: become root; {}", setup::INSTEAD);
    }
    setup::setup(Purpose::Playground)?;
    let playground = Playground::make(setup::components()?)?;
    let _lock = playground.place.lock()?;
    if !works(&playground) {
        let phase = say::phase("starting the playground", "5 s; the first time 15 s");
        start(&playground)?;
        phase.done();
    }
    repositories::ensure(&playground)?;
    env::write(&playground)?;
    Ok(playground)
}

/// Whether one of this checkout runs, however well.
pub(crate) fn is_up() -> Result<bool> {
    Ok(Enclosure::of(&Place::of_this_checkout()?)?.holder().is_some())
}

fn works(playground: &Playground) -> bool {
    playground.parts().iter().all(|part| part.works(&playground.place)) && images::are_there(playground)
}

fn start(playground: &Playground) -> Result<()> {
    let enclosure = Enclosure::of(&playground.place)?;
    if enclosure.ensure()? {
        // What one that was killed has left.
        network::remove(&playground.place)?;
    }
    network::ensure(playground)?;
    registry::prepare(playground)?;
    files::prepare(playground)?;
    kubernetes::prepare(playground)?;

    let [engine, registry, closed_registry, files, etcd, containerd, apiserver, controllers, scheduler, kubelet] =
        playground.parts();
    let place = &playground.place;
    // What stands on its own starts together; waiting comes after.
    for part in [&etcd, &engine, &registry, &closed_registry, &files, &containerd] {
        part.start(place, &enclosure)?;
    }
    etcd.ready(place)?;
    apiserver.start(place, &enclosure)?;
    for part in [&engine, &registry, &closed_registry, &files, &containerd] {
        part.ready(place)?;
    }
    images::ensure(playground)?;
    apiserver.ready(place)?;
    for part in [&controllers, &scheduler, &kubelet] {
        part.start(place, &enclosure)?;
    }
    kubelet.ready(place)
}
