use super::{
    Failure,
    host::{Host, read_password},
    say,
};
use clap::{Args, Subcommand};
use engine::{NewUser, RoleGrant};

const ROLES: [&str; 5] = ["viewer", "deployer", "builder", "maintainer", "admin"];

/// See `slipway user --help`.
#[derive(Args)]
pub struct User {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Add a user; the password is read from standard input
    Add(Add),
    /// Change a password, read from standard input; the user's sessions end
    Password(Password),
    /// List all users: name, roles, e-mail, and whether they are disabled
    List(Host),
    /// Print an address that signs a user in, once and within an hour
    SignInLink(SignInLink),
}

#[derive(Args)]
struct Add {
    /// The name to sign in with
    name: String,
    /// viewer, deployer, builder, maintainer or admin, on maps/NAME, builds/NAME or everywhere; may be repeated
    #[arg(long = "role", value_name = "ROLE[=ON]", value_parser = parse_role, default_value = "viewer")]
    roles: Vec<RoleGrant>,
    /// Where notifications go
    #[arg(long)]
    email: Option<String>,
    /// Required, so that nobody waits for a prompt
    #[arg(long, required = true)]
    password_stdin: bool,
    #[command(flatten)]
    host: Host,
}

#[derive(Args)]
struct Password {
    /// The name to sign in with
    name: String,
    /// Required, so that nobody waits for a prompt
    #[arg(long, required = true)]
    password_stdin: bool,
    #[command(flatten)]
    host: Host,
}

#[derive(Args)]
struct SignInLink {
    /// The name to sign in with
    name: String,
    #[command(flatten)]
    host: Host,
}

impl User {
    pub async fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Add(add) => add.run().await,
            Command::Password(password) => password.run().await,
            Command::List(host) => list(host).await,
            Command::SignInLink(link) => link.run().await,
        }
    }
}

impl Add {
    async fn run(self) -> Result<(), Failure> {
        let Self { name: username, roles, email, password_stdin: _, host } = self;
        let password = read_password()?;
        let (engine, _) = host.engine().await?;
        Ok(engine.user_add(NewUser { username, password, email, roles }).await?)
    }
}

impl Password {
    async fn run(self) -> Result<(), Failure> {
        let password = read_password()?;
        Ok(self.host.engine().await?.0.user_password(&self.name, &password).await?)
    }
}

impl SignInLink {
    async fn run(self) -> Result<(), Failure> {
        let (engine, url) = self.host.engine().await?;
        let secret = engine.sign_in_link(&self.name).await?;
        say(&format!("{url}/sign-in?link={secret}"))
    }
}

async fn list(host: Host) -> Result<(), Failure> {
    let (engine, _) = host.engine().await?;
    for user in engine.users().await? {
        let roles: Vec<String> = user.roles.iter().map(|it| format!("{}={}", it.role, it.on)).collect();
        let state = if user.disabled { "disabled" } else { "active" };
        let email = user.email.as_deref().unwrap_or("-");
        say(&format!("{}\t{}\t{email}\t{state}", user.username, roles.join(",")))?;
    }
    Ok(())
}

/// `ROLE` is everywhere, `ROLE=maps/shop` on that map alone.
fn parse_role(text: &str) -> Result<RoleGrant, String> {
    let (role, on) = text.split_once('=').unwrap_or((text, "*"));
    if !ROLES.contains(&role) {
        return Err(format!("the role must be one of {}", ROLES.join(", ")));
    }
    let named = ["maps/", "builds/"].iter().find_map(|it| on.strip_prefix(it));
    if on == "*" || named.is_some_and(|name| types::Name::parse(name).is_ok()) {
        return Ok(RoleGrant { role: role.to_owned(), on: on.to_owned() });
    }
    Err("the place must be maps/NAME, builds/NAME or *".to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse_role;
    use rstest::rstest;

    #[rstest]
    #[case("admin", Some(("admin", "*")))]
    #[case("deployer=maps/shop", Some(("deployer", "maps/shop")))]
    #[case("builder=builds/web", Some(("builder", "builds/web")))]
    #[case("viewer=*", Some(("viewer", "*")))]
    #[case("owner", None)]
    #[case("viewer=", None)]
    #[case("viewer=maps/", None)]
    #[case("viewer=clusters/a", None)]
    fn roles(#[case] text: &str, #[case] role: Option<(&str, &str)>) {
        let parsed = parse_role(text).ok();
        assert_eq!(parsed.as_ref().map(|it| (it.role.as_str(), it.on.as_str())), role);
    }
}
