//! Resident memory of a server with 200 more workloads in its cluster, over one without them; both
//! started anew and at rest.

use anyhow::{Result, ensure};

use crate::bench::crowd::WORKLOADS;
use crate::bench::namespace;
use crate::bench::resident::Resident;
use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::Stage;

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    ensure!(!namespace::exists(stage, crate::bench::crowd::NAMESPACE)?, "the crowd is there already");
    stage.restart()?;
    let without = Resident::at_rest(&stage.server()?)?;
    stage.crowd()?;
    stage.restart()?;
    let with = Resident::at_rest(&stage.server()?)?;
    let remark = format!("{:.1} MB without the {WORKLOADS} workloads, {:.1} MB with them", without.all(), with.all());
    Ok(Reading::of(Samples::one(with.all() - without.all())).remark(remark).remark(with.parts()))
}
