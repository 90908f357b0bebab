//! Resident memory of a server that was started anew, is connected to the playground, and whose
//! memory has come to rest.

use anyhow::Result;

use crate::bench::resident::Resident;
use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::Stage;

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    stage.restart()?;
    let resident = Resident::at_rest(&stage.server()?)?;
    Ok(Reading::of(Samples::one(resident.all())).remark(resident.parts()))
}
