use super::{Failure, host::Host, say};
use clap::Args;
use engine::Engine;

/// See `slipway migrate --help`.
#[derive(Args)]
pub struct Migrate {
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    host: Host,
}

impl Migrate {
    pub async fn run(self) -> Result<(), Failure> {
        let (settings, url) = self.host.settings()?;
        let config = settings.for_engine(&url);
        let (names, done) = if self.dry_run {
            (Engine::pending_migrations(&config).await?, "would be run")
        } else {
            (Engine::migrate(&config).await?, "was run")
        };
        if names.is_empty() {
            return say("The database is up to date.");
        }
        names.iter().try_for_each(|name| say(&format!("{name} {done}")))
    }
}
