//! Scopes and roles: what may be done, and on what.

use std::{fmt, str::FromStr};
use types::Name;

/// What a scope lets one do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    Read,
    Build,
    Deploy,
    Rollback,
    Manage,
    Admin,
}

impl Verb {
    const ALL: [Verb; 6] = [Verb::Read, Verb::Build, Verb::Deploy, Verb::Rollback, Verb::Manage, Verb::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Read => "read",
            Verb::Build => "build",
            Verb::Deploy => "deploy",
            Verb::Rollback => "rollback",
            Verb::Manage => "manage",
            Verb::Admin => "admin",
        }
    }
}

/// The thing a scope is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum On {
    Everywhere,
    Map(Name),
    Build(Name),
}

/// A verb and what it is allowed on, as in `deploy:maps/shop`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    pub verb: Verb,
    pub on: On,
}

impl Scope {
    /// Whether this scope lets one do `verb` on `on`.
    pub fn allows(&self, verb: Verb, on: &On) -> bool {
        let verb_fits = self.verb == Verb::Admin || self.verb == verb;
        verb_fits && (self.on == On::Everywhere || self.on == *on)
    }
}

impl FromStr for On {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('/') {
            None if text == "*" => Ok(On::Everywhere),
            Some(("maps", name)) => Name::parse(name).map(On::Map),
            Some(("builds", name)) => Name::parse(name).map(On::Build),
            _ => Err("must be *, maps/NAME or builds/NAME".to_owned()),
        }
    }
}

impl FromStr for Scope {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (verb, on) = match text.split_once(':') {
            Some((verb, on)) => (verb, on.parse()?),
            None => (text, On::Everywhere),
        };
        let verb = Verb::ALL.into_iter().find(|known| known.as_str() == verb).ok_or(
            "must be read, build, deploy, rollback, manage or admin, and may go on with :maps/NAME or :builds/NAME",
        )?;
        if verb == Verb::Admin && on != On::Everywhere {
            return Err("admin cannot be narrowed".to_owned());
        }
        Ok(Self { verb, on })
    }
}

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            On::Everywhere => f.write_str("*"),
            On::Map(name) => write!(f, "maps/{name}"),
            On::Build(name) => write!(f, "builds/{name}"),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.on {
            On::Everywhere => f.write_str(self.verb.as_str()),
            On::Map(_) | On::Build(_) => write!(f, "{}:{}", self.verb.as_str(), self.on),
        }
    }
}

/// A named set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Viewer,
    Deployer,
    Builder,
    Maintainer,
    Admin,
}

impl Role {
    pub fn verbs(self) -> &'static [Verb] {
        match self {
            Role::Viewer => &[Verb::Read],
            Role::Deployer => &[Verb::Read, Verb::Deploy, Verb::Rollback],
            Role::Builder => &[Verb::Read, Verb::Build],
            Role::Maintainer => &[Verb::Read, Verb::Build, Verb::Deploy, Verb::Rollback, Verb::Manage],
            Role::Admin => &[Verb::Admin],
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Deployer => "deployer",
            Role::Builder => "builder",
            Role::Maintainer => "maintainer",
            Role::Admin => "admin",
        }
    }

    /// The scopes of this role on `on`.
    pub fn scopes(self, on: &On) -> Vec<Scope> {
        self.verbs().iter().map(|&verb| Scope { verb, on: on.clone() }).collect()
    }
}

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Role::Viewer, Role::Deployer, Role::Builder, Role::Maintainer, Role::Admin]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| "must be viewer, deployer, builder, maintainer or admin".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{On, Scope, Verb};
    use rstest::rstest;
    use types::Name;

    #[rstest]
    #[case("read", "read", "*", true)]
    #[case("read", "read", "maps/shop", true)]
    #[case("read:maps/shop", "read", "maps/shop", true)]
    #[case("read:maps/shop", "read", "maps/other", false)]
    #[case("read:maps/shop", "read", "*", false)]
    #[case("read:maps/shop", "read", "builds/shop", false)]
    #[case("deploy:maps/shop", "read", "maps/shop", false)]
    #[case("admin", "manage", "builds/web", true)]
    #[case("admin", "admin", "*", true)]
    #[case("manage", "admin", "*", false)]
    fn allows(#[case] scope: &str, #[case] verb: &str, #[case] on: &str, #[case] expected: bool) {
        let scope: Scope = scope.parse().expect("a scope");
        let verb = Verb::ALL.into_iter().find(|v| v.as_str() == verb).expect("a verb");
        assert_eq!(scope.allows(verb, &on.parse().expect("a thing")), expected);
    }

    #[rstest]
    #[case("admin:maps/shop")]
    #[case("write")]
    #[case("read:clusters/local")]
    #[case("")]
    fn refuses(#[case] text: &str) {
        assert!(text.parse::<Scope>().is_err());
    }

    #[test]
    fn is_written_as_it_is_read() {
        let scope = Scope { verb: Verb::Deploy, on: On::Map(Name::parse("shop").expect("a name")) };
        assert_eq!(scope.to_string(), "deploy:maps/shop");
    }
}
