//! What REST calls extracted: kept with their step, so that a run that is taken up again has it.

use super::execute::Work;
use crate::{
    Engine, Error,
    secrets::Secrets,
    store::{self, build_run, build_step},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sea_orm::{EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A value as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// Sealed where it is masked.
    value: String,
    masked: bool,
}

/// A value of a step, opened.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) value: SecretString,
    pub(crate) masked: bool,
}

/// The values of all steps of a run, by step and name.
pub(super) type Outputs = BTreeMap<(String, String), Output>;

/// What the steps of a run have given so far.
pub(super) async fn of_run(engine: &Engine, row: &build_run::Model) -> Result<Outputs, Error> {
    let steps = build_step::Entity::find().filter(build_step::COLUMN.build_run_id.eq(row.id)).all(&engine.db).await?;
    let mut outputs = Outputs::new();
    for step in steps {
        let Some(kept) = &step.outputs else { continue };
        for (name, kept) in store::read::<BTreeMap<String, Kept>>(kept)? {
            let output = open(&engine.secrets, &identity(row.id, &step.name, &name), kept)?;
            outputs.insert((step.name.clone(), name), output);
        }
    }
    Ok(outputs)
}

impl Work {
    /// Keeps what a step extracted. From here on what is masked is in no line of the log.
    pub(crate) async fn keep_outputs(
        &mut self,
        index: usize,
        step: &str,
        outputs: BTreeMap<String, Output>,
    ) -> Result<(), Error> {
        let mut kept = BTreeMap::new();
        for (name, output) in &outputs {
            let identity = identity(self.row.id, step, name);
            kept.insert(name.clone(), seal(&self.engine.secrets, &identity, output)?);
        }
        self.recorder().step_gave(index, store::write(&kept)?).await?;
        let masked = outputs.values().filter(|output| output.masked).map(|output| output.value.clone());
        self.hide(masked.collect()).await?;
        let named = outputs.into_iter().map(|(name, output)| ((step.to_owned(), name), output.value));
        self.values.outputs.extend(named);
        Ok(())
    }
}

fn seal(secrets: &Secrets, identity: &str, output: &Output) -> Result<Kept, Error> {
    let Output { value, masked } = output;
    let plain = value.expose_secret();
    let value = if *masked { BASE64.encode(secrets.seal(identity, plain)?) } else { plain.to_owned() };
    Ok(Kept { value, masked: *masked })
}

fn open(secrets: &Secrets, identity: &str, kept: Kept) -> Result<Output, Error> {
    let Kept { value, masked } = kept;
    if !masked {
        return Ok(Output { value: value.into(), masked });
    }
    let cipher = BASE64.decode(&value).map_err(|why| Error::Internal(format!("{identity}: {why}")))?;
    Ok(Output { value: secrets.open(identity, &cipher)?, masked })
}

fn identity(run: Uuid, step: &str, name: &str) -> String {
    format!("build_run/{run}/{step}/{name}")
}

#[cfg(test)]
mod tests {
    use super::{Output, identity, open, seal};
    use crate::secrets::Secrets;
    use rstest::rstest;
    use secrecy::ExposeSecret;
    use uuid::Uuid;

    #[rstest]
    #[case(true)]
    #[case(false)]
    fn a_masked_value_is_kept_sealed(#[case] masked: bool) {
        let folder = tempfile::tempdir().expect("a folder");
        let secrets = Secrets::load(&folder.path().join("key")).expect("a key");
        let identity = identity(Uuid::nil(), "login", "TOKEN");
        let kept = seal(&secrets, &identity, &Output { value: "hush-hush".into(), masked }).expect("sealed");
        assert_eq!(kept.value.contains("hush-hush"), !masked);
        let opened = open(&secrets, &identity, kept).expect("opened");
        assert_eq!((opened.value.expose_secret(), opened.masked), ("hush-hush", masked));
    }
}
