//! `slipway import`: makes the builds of a server what a file says. What the file does not name stays as it is.

use super::{
    Failure,
    client::{Client, Deadline},
    say,
};
use clap::Args;
use std::{
    io::{self, Read},
    path::PathBuf,
    time::Duration,
};
use types::build::Build;

/// For how long to try while the server does not answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// See `slipway import --help`.
#[derive(Args)]
pub struct Import {
    /// YAML documents as `slipway export` prints them; - for standard input
    file: PathBuf,
    /// Where Slipway is
    #[arg(long, env = "SLIPWAY_URL")]
    url: String,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub async fn run(self) -> Result<(), Failure> {
        let builds = read(&self.file)?;
        let client = Client::of_environment(&self.url)?;
        for build in builds {
            let done = self.take(&client, &build).await;
            say(&format!("build {}: {}", build.name, done?))?;
        }
        Ok(())
    }

    async fn take(&self, client: &Client, build: &Build) -> Result<&'static str, Failure> {
        let path = format!("builds/{}", build.name);
        match client.find::<Build>(&path, Deadline::after(PATIENCE)).await? {
            Some(found) if found.value == *build => Ok("unchanged"),
            Some(_) if self.dry_run => Ok("would be changed"),
            Some(found) => client.replace(&path, &found, build).await.map(|_| "changed"),
            None if self.dry_run => Ok("would be made"),
            None => client.create("builds", build).await.map(|_| "made"),
        }
    }
}

/// All builds of a file: none is touched if one of them cannot be read.
fn read(file: &PathBuf) -> Result<Vec<Build>, Failure> {
    let unreadable = |why: io::Error| Failure::WrongUse(format!("{}: {why}", file.display()));
    let mut text = String::new();
    if file.as_os_str() == "-" {
        io::stdin().read_to_string(&mut text).map_err(unreadable)?;
    } else {
        text = std::fs::read_to_string(file).map_err(unreadable)?;
    }
    let wrong = |why: engine::Error| Failure::WrongUse(format!("{}: {why}", file.display()));
    let builds = documents(&text).into_iter().map(|document| engine::build_from_yaml(&document).map_err(wrong));
    let builds = builds.collect::<Result<Vec<_>, _>>()?;
    if builds.is_empty() {
        return Err(Failure::WrongUse(format!("{}: there is no build in it", file.display())));
    }
    Ok(builds)
}

/// The documents of a text, without those that hold nothing.
fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.split_inclusive('\n') {
        match documents.last_mut() {
            Some(document) if line.trim_end() != "---" => document.push_str(line),
            Some(_) | None => documents.push(String::new()),
        }
    }
    documents.retain(|document| !document.trim().is_empty());
    documents
}

#[cfg(test)]
mod tests {
    use super::documents;
    use rstest::rstest;

    #[rstest]
    #[case("", &[])]
    #[case("---\n", &[])]
    #[case("a: 1\n", &["a: 1\n"])]
    #[case("---\na: 1\n---\nb: |\n  ---\n  c\n", &["a: 1\n", "b: |\n  ---\n  c\n"])]
    #[case("a: 1\n---\n\n--- \nb: 2", &["a: 1\n", "b: 2"])]
    fn finds_documents(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(documents(text), expected);
    }
}
