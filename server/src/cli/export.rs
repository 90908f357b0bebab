//! `slipway export`: builds as YAML documents, for a repository, another server, or `slipway import`.

use super::{
    Failure,
    client::{Client, Deadline},
    say,
};
use clap::Args;
use std::time::Duration;
use types::{Name, Page, build::Build};

/// For how long to try while the server does not answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// See `slipway export --help`.
#[derive(Args)]
pub struct Export {
    /// The builds [default: all]
    #[arg(value_parser = Name::parse)]
    builds: Vec<Name>,
    /// Where Slipway is
    #[arg(long, env = "SLIPWAY_URL")]
    url: String,
}

/// A build of a list, of which only the name is read here.
#[derive(serde::Deserialize)]
struct Listed {
    name: Name,
}

impl Export {
    pub async fn run(self) -> Result<(), Failure> {
        let client = Client::of_environment(&self.url)?;
        let builds = if self.builds.is_empty() { all(&client).await? } else { self.builds };
        for name in builds {
            let build: Build = client.get(&format!("builds/{name}"), Deadline::after(PATIENCE)).await?;
            say(&format!("---\n{}", engine::build_to_yaml(&build)?.trim_end()))?;
        }
        Ok(())
    }
}

async fn all(client: &Client) -> Result<Vec<Name>, Failure> {
    let mut names = Vec::new();
    let mut path = "builds".to_owned();
    loop {
        let page: Page<Listed> = client.get(&path, Deadline::after(PATIENCE)).await?;
        names.extend(page.items.into_iter().map(|build| build.name));
        let Some(next) = page.next_cursor else { return Ok(names) };
        path = format!("builds?cursor={next}");
    }
}
