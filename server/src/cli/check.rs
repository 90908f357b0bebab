use super::{Failure, host::Host, say};
use clap::Args;

/// See `slipway check --help`.
#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    host: Host,
}

impl Check {
    pub async fn run(self) -> Result<(), Failure> {
        let (engine, _) = self.host.engine().await?;
        let parts = engine.check_all().await;
        for part in &parts {
            match (part.ready, &part.why) {
                (true, _) => say(&format!("{} works", part.part))?,
                (false, why) => say(&format!("{}: {}", part.part, why.as_deref().unwrap_or("does not work")))?,
            }
        }
        match parts.iter().filter(|part| !part.ready).count() {
            0 => Ok(()),
            down => Err(Failure::Failed(format!("{down} of {} do not work", parts.len()))),
        }
    }
}
