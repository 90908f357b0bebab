//! How passwords of steps are kept: sealed, unless they only name a secret.

use super::super::values::secrets_in;
use crate::{Error, secrets::Secrets};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use secrecy::{ExposeSecret, SecretString};
use types::{
    ErrorCode, FieldError,
    build::{Credentials, GitStep, Step, TransferStep},
};

/// Shown instead of a stored password; sent back, it keeps the stored one.
const HIDDEN: &str = "***";

/// The steps as they are kept: passwords sealed, those sent back as `***` taken from `before`.
pub(crate) fn seal(secrets: &Secrets, build: &str, steps: &[Step], before: &[Step]) -> Result<Vec<Step>, Error> {
    let seal = |(at, step)| seal_one(secrets, build, step, before, &format!("steps[{at}]"));
    steps.iter().enumerate().map(seal).collect()
}

/// A step as it is kept; `path` is where it stands in what was sent.
pub(crate) fn seal_one(
    secrets: &Secrets,
    build: &str,
    step: &Step,
    before: &[Step],
    path: &str,
) -> Result<Step, Error> {
    let (name, host, mut sealed) = (step.name(), host_of(step), step.clone());
    let Some(credentials) = credentials_mut(&mut sealed) else { return Ok(sealed) };
    if credentials.password == HIDDEN {
        credentials.password = kept_password(before, name, host, path)?;
    } else if !names_a_secret(&credentials.password) {
        let cipher = secrets.seal(&identity(build, name), &credentials.password)?;
        credentials.password = BASE64.encode(cipher);
    }
    Ok(sealed)
}

/// The stored password of a step; another host needs it again, or it would be sent there.
fn kept_password(before: &[Step], name: &str, host: Option<String>, path: &str) -> Result<String, Error> {
    let known = before.iter().find(|step| step.name() == name && host.is_some() && host_of(step) == host);
    match known.and_then(credentials) {
        Some(known) => Ok(known.password.clone()),
        None => Err(Error::Refused {
            code: ErrorCode::SecretRequired,
            detail: "Another host needs the password again.".to_owned(),
            fields: vec![FieldError {
                path: format!("{path}.credentials.password"),
                message: "is needed again".to_owned(),
            }],
        }),
    }
}

/// The steps as they are shown: no password.
pub(crate) fn shown(steps: &[Step]) -> Vec<Step> {
    let mut shown = steps.to_vec();
    for credentials in shown.iter_mut().filter_map(credentials_mut) {
        if !names_a_secret(&credentials.password) {
            HIDDEN.clone_into(&mut credentials.password);
        }
    }
    shown
}

/// The passwords of the steps, opened for a run, by the name of the step. Those that name a secret
/// are left out: the run's values know them.
pub(crate) fn open_secrets(
    secrets: &Secrets,
    build: &str,
    steps: &[Step],
) -> Result<Vec<(String, SecretString)>, Error> {
    let mut opened = Vec::new();
    for step in steps {
        let name = step.name();
        let Some(credentials) = credentials(step).filter(|known| !names_a_secret(&known.password)) else { continue };
        let cipher =
            BASE64.decode(&credentials.password).map_err(|why| Error::Internal(format!("step {name}: {why}")))?;
        let secret = secrets.open(&identity(build, name), &cipher)?;
        opened.push((name.to_owned(), SecretString::from(secret.expose_secret().to_owned())));
    }
    Ok(opened)
}

/// A sealed password is base64 and never looks like this.
fn names_a_secret(password: &str) -> bool {
    !secrets_in(password).is_empty()
}

pub(super) fn credentials(step: &Step) -> Option<&Credentials> {
    match step {
        Step::Git(GitStep { credentials, .. }) | Step::Transfer(TransferStep { credentials, .. }) => {
            credentials.as_ref()
        }
        Step::Http(_) | Step::Script(_) | Step::Container(_) | Step::Image(_) => None,
    }
}

fn credentials_mut(step: &mut Step) -> Option<&mut Credentials> {
    match step {
        Step::Git(GitStep { credentials, .. }) | Step::Transfer(TransferStep { credentials, .. }) => {
            credentials.as_mut()
        }
        Step::Http(_) | Step::Script(_) | Step::Container(_) | Step::Image(_) => None,
    }
}

/// Scheme, host and port that a password is sent to.
fn host_of(step: &Step) -> Option<String> {
    match step {
        Step::Git(step) => Some(origin(&step.url).to_owned()),
        Step::Transfer(TransferStep { protocol, host, port, .. }) => {
            Some(format!("{}://{host}:{}", protocol.as_str(), port.unwrap_or_default()))
        }
        Step::Http(_) | Step::Script(_) | Step::Container(_) | Step::Image(_) => None,
    }
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    let end = url[after..].find('/').map_or(url.len(), |at| after + at);
    &url[..end]
}

fn identity(build: &str, step: &str) -> String {
    format!("build/{build}/{step}/password")
}

#[cfg(test)]
mod tests {
    use super::{open_secrets, seal, shown};
    use crate::secrets::Secrets;
    use rstest::rstest;
    use serde_json::{Value, json};
    use types::{ErrorCode, build::Step};

    fn secrets(folder: &tempfile::TempDir) -> Secrets {
        Secrets::load(&folder.path().join("key")).expect("a key")
    }

    fn git(host: &str, password: &str) -> Value {
        json!({"type": "git", "name": "source", "url": format!("https://{host}/a.git"),
            "credentials": {"username": "ci", "password": password}})
    }

    fn transfer(host: &str, password: &str) -> Value {
        json!({"type": "transfer", "name": "source", "protocol": "sftp", "host": host, "direction": "fetch",
            "remote_path": "a", "local_path": "b", "credentials": {"username": "ci", "password": password}})
    }

    #[rstest]
    #[case(git)]
    #[case(transfer)]
    fn a_password_is_sealed_hidden_and_stays_with_its_host(#[case] wire: fn(&str, &str) -> Value) {
        let folder = tempfile::tempdir().expect("a folder");
        let secrets = secrets(&folder);
        let step = |host: &str, password: &str| -> Vec<Step> {
            vec![serde_json::from_value(wire(host, password)).expect("a step")]
        };
        let kept = seal(&secrets, "web", &step("files.example", "hush-hush"), &[]).expect("sealed");
        assert!(!format!("{kept:?}").contains("hush-hush"));
        assert!(format!("{:?}", shown(&kept)).contains("***"));
        assert_eq!(open_secrets(&secrets, "web", &kept).expect("opened").len(), 1);
        let again = seal(&secrets, "web", &step("files.example", "***"), &kept).expect("the same host");
        assert!(!format!("{again:?}").contains("***"));
        let moved = seal(&secrets, "web", &step("evil.example", "***"), &kept).expect_err("another host");
        assert_eq!(moved.code(), ErrorCode::SecretRequired);
    }

    #[test]
    fn a_name_of_a_secret_is_kept_and_shown_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let secrets = secrets(&folder);
        let steps: Vec<Step> = vec![serde_json::from_value(git("git.example", "${secret:GIT}")).expect("a step")];
        let kept = seal(&secrets, "web", &steps, &[]).expect("sealed");
        assert_eq!((&kept, shown(&kept)), (&steps, steps.clone()));
        assert!(open_secrets(&secrets, "web", &kept).expect("opened").is_empty());
    }
}
