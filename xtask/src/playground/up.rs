//! Bringing the playground up, which is the same as mending it: every step
//! looks first at what is there.

use anyhow::Result;

use super::enclosure::Enclosure;
use super::{Playground, env, images, kubernetes, network, registry, repositories};
use crate::say;
use crate::setup::{self, Purpose};

pub(crate) fn up() -> Result<Playground> {
    setup::setup(Purpose::Playground)?;
    let playground = Playground::make(setup::components()?)?;
    let _lock = playground.place.lock()?;
    if !works(&playground) {
        let phase = say::phase("starting the playground", "5 s; the first time 40 s");
        start(&playground)?;
        phase.done();
    }
    repositories::ensure(&playground)?;
    env::write(&playground)?;
    Ok(playground)
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
    kubernetes::prepare(playground)?;

    let [engine, registry, closed_registry, etcd, containerd, apiserver, controllers, scheduler, kubelet] =
        playground.parts();
    let place = &playground.place;
    // What stands on its own starts together; waiting comes after.
    for part in [&etcd, &engine, &registry, &closed_registry, &containerd] {
        part.start(place, &enclosure)?;
    }
    etcd.ready(place)?;
    apiserver.start(place, &enclosure)?;
    for part in [&engine, &registry, &closed_registry, &containerd] {
        part.ready(place)?;
    }
    images::ensure(playground)?;
    apiserver.ready(place)?;
    for part in [&controllers, &scheduler, &kubelet] {
        part.start(place, &enclosure)?;
    }
    kubelet.ready(place)
}
