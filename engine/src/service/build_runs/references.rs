//! What the code repository of a build offers: branches and tags, for who starts a run.

use super::super::Result;
use crate::{
    Engine, Principal,
    auth::Verb,
    build::{self as flow, Values},
    git::{GitError, GitUrl, Refs},
    store::{self, build},
};
use types::{
    Name,
    build::{GitStep, References, Step},
};

/// Most branches, and most tags: nobody reads on.
const MOST: usize = 500;

impl Engine {
    /// Branches and tags of the first code repository of a build; a host that does not answer is said, not an error.
    pub async fn references(&self, who: &Principal, name: &Name) -> Result<References> {
        let row = self.build_row(who, Verb::Build, name).await?;
        let steps: Vec<Step> = store::read(&row.steps)?;
        let source = steps.iter().find_map(|step| match step {
            Step::Git(step) if step.enabled => Some(step),
            Step::Git(_)
            | Step::Transfer(_)
            | Step::Http(_)
            | Step::Script(_)
            | Step::Container(_)
            | Step::Image(_) => None,
        });
        let Some(source) = source else { return Ok(References::default()) };
        let mut references = match self.offered(&row, source).await? {
            Ok(Refs { branches, tags, default_branch }) => {
                References { branches, tags, default_branch, ..References::default() }
            }
            Err(why) => References { error: Some(why.to_string()), ..References::default() },
        };
        references.reference = Some(source.reference.clone());
        references.branches.truncate(MOST);
        references.tags.truncate(MOST);
        Ok(references)
    }

    async fn offered(&self, row: &build::Model, source: &GitStep) -> Result<std::result::Result<Refs, GitError>> {
        let passwords = flow::open_secrets(&self.secrets, &row.name, &[Step::Git(source.clone())])?;
        let values = Values { secrets: self.secret_values(row.id).await?, ..Values::default() };
        let (url, credentials) = match (GitUrl::parse(&source.url), flow::git_credentials(source, &passwords, &values))
        {
            (Ok(url), Ok(credentials)) => (url, credentials),
            (Err(why), _) | (_, Err(why)) => return Ok(Err(GitError::Refused(why))),
        };
        Ok(self.git.ls_refs(&url, credentials.as_ref()).await)
    }
}
