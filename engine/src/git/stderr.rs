//! What git's words mean. It runs with `LC_ALL=C`, so they are in English.

use super::GitError;

/// What the words mean; the first that is found counts. More telling words stand first.
const MEANINGS: &[(&str, Meaning)] = &[
    ("host key verification failed", Meaning::HostKey),
    ("remote host identification has changed", Meaning::HostKey),
    ("not allowed", Meaning::Refused),
    ("unable to update url base from redirection", Meaning::Moved),
    ("url returned error: 30", Meaning::Moved),
    ("authentication failed", Meaning::Unauthorized),
    ("could not read username", Meaning::Unauthorized),
    ("could not read password", Meaning::Unauthorized),
    ("invalid username or password", Meaning::Unauthorized),
    ("permission denied (", Meaning::Unauthorized),
    ("access denied", Meaning::Unauthorized),
    ("url returned error: 401", Meaning::Unauthorized),
    ("url returned error: 403", Meaning::Unauthorized),
    ("repository not found", Meaning::NotFound),
    ("does not appear to be a git repository", Meaning::NotFound),
    ("url returned error: 404", Meaning::NotFound),
    ("' not found", Meaning::NotFound),
    ("does not exist", Meaning::NotFound),
    ("could not resolve host", Meaning::Unreachable),
    ("failed to connect", Meaning::Unreachable),
    ("couldn't connect", Meaning::Unreachable),
    ("connection refused", Meaning::Unreachable),
    ("connection timed out", Meaning::Unreachable),
    ("connection reset", Meaning::Unreachable),
    ("connection closed", Meaning::Unreachable),
    ("no route to host", Meaning::Unreachable),
    ("network is unreachable", Meaning::Unreachable),
    ("operation timed out", Meaning::Unreachable),
    ("operation too slow", Meaning::Unreachable),
    ("ssl certificate problem", Meaning::Unreachable),
    ("url returned error: 5", Meaning::Unreachable),
    ("unexpected disconnect", Meaning::Unreachable),
    ("the remote end hung up", Meaning::Unreachable),
];

/// Lines of a failure that are worth keeping.
const LAST_LINES: usize = 10;

#[derive(Clone, Copy)]
enum Meaning {
    HostKey,
    Moved,
    Refused,
    Unauthorized,
    NotFound,
    Unreachable,
}

/// The error that git's last lines are about.
pub(super) fn meaning(lines: &[String]) -> GitError {
    let telling = |words: &str| lines.iter().rev().find(|line| line.to_lowercase().contains(words));
    let found = MEANINGS.iter().find_map(|(words, meaning)| telling(words).map(|line| (*meaning, line)));
    let said = |line: &String| line.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned();
    match found {
        Some((Meaning::HostKey, _)) => {
            GitError::Refused("the host's key is not the one that was pinned at its first use".to_owned())
        }
        Some((Meaning::Moved, _)) => {
            GitError::Refused("the address redirects elsewhere: enter the one it redirects to".to_owned())
        }
        Some((Meaning::Refused, line)) => GitError::Refused(said(line)),
        Some((Meaning::Unauthorized, _)) => GitError::Unauthorized,
        Some((Meaning::NotFound, _)) => GitError::RepositoryNotFound,
        Some((Meaning::Unreachable, line)) => GitError::Unreachable(said(line)),
        None => GitError::Failed(lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::{GitError, meaning};
    use rstest::rstest;

    #[rstest]
    #[case("fatal: Authentication failed for 'https://x/y/'", GitError::Unauthorized)]
    #[case("fatal: could not read Username for 'https://x': terminal prompts disabled", GitError::Unauthorized)]
    #[case("git@x: Permission denied (publickey).", GitError::Unauthorized)]
    #[case("remote: Repository not found.", GitError::RepositoryNotFound)]
    #[case("fatal: repository 'https://x/y/' not found", GitError::RepositoryNotFound)]
    #[case("fatal: '/x' does not appear to be a git repository", GitError::RepositoryNotFound)]
    #[case("fatal: unable to access 'https://x/': Could not resolve host: x", GitError::Unreachable("unable to access 'https://x/': Could not resolve host: x".to_owned()))]
    #[case("ssh: connect to host x port 22: Connection refused", GitError::Unreachable("ssh: connect to host x port 22: Connection refused".to_owned()))]
    #[case("fatal: transport 'ext' not allowed", GitError::Refused("transport 'ext' not allowed".to_owned()))]
    #[case("fatal: something new", GitError::Failed("fatal: something new".to_owned()))]
    fn means(#[case] line: &str, #[case] expected: GitError) {
        assert_eq!(
            meaning(&["remote: hello".to_owned(), line.to_owned()][usize::from(line.contains("new"))..]),
            expected
        );
    }

    #[test]
    fn a_changed_host_key_is_more_than_a_lost_connection() {
        let lines =
            ["Host key verification failed.", "fatal: Could not read from remote repository. The remote end hung up"];
        assert!(matches!(meaning(&lines.map(str::to_owned)), GitError::Refused(_)));
    }
}
