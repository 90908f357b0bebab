use super::{Failure, host::Host, say};
use crate::config::parse_duration;
use clap::{Args, Subcommand};
use std::time::Duration;
use types::{Time, token::NewToken};
use uuid::Uuid;

/// See `slipway token --help`.
#[derive(Args)]
pub struct Token {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a token and print its secret, which is shown this once
    Create(Create),
    /// List all tokens: id, name, owner, scopes, expiry, last use
    List(Host),
    /// Revoke a token, at once
    Revoke(Revoke),
}

#[derive(Args)]
struct Create {
    /// What it is for, as it is listed
    name: String,
    /// What it may, as read, deploy:maps/shop or admin; may be repeated [default: all that its owner may]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// How long it is valid
    #[arg(long, default_value = "90d", value_parser = parse_duration)]
    expires: Duration,
    /// Whose token it is [default: the first administrator]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    #[command(flatten)]
    host: Host,
}

#[derive(Args)]
struct Revoke {
    /// As `slipway token list` shows it
    id: Uuid,
    #[command(flatten)]
    host: Host,
}

impl Token {
    pub async fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Create(create) => create.run().await,
            Command::List(host) => list(host).await,
            Command::Revoke(Revoke { id, host }) => Ok(host.engine().await?.0.token_revoke_any(id).await?),
        }
    }
}

impl Create {
    async fn run(self) -> Result<(), Failure> {
        let Self { name, scopes, expires, user, host } = self;
        let (engine, _) = host.engine().await?;
        let valid_ms = i64::try_from(expires.as_millis()).unwrap_or(i64::MAX / 2);
        let expires_at = Some(Time::from(jiff::Timestamp::now()).plus_ms(valid_ms));
        let made = engine.token_create_for(user.as_deref(), NewToken { name, scopes, expires_at }).await?;
        say(&made.token)
    }
}

async fn list(host: Host) -> Result<(), Failure> {
    let (engine, _) = host.engine().await?;
    for token in engine.token_list_all().await? {
        let moment = |at: Option<Time>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let scopes = token.scopes.join(",");
        let (expires, used) = (moment(token.expires_at), moment(token.last_used_at));
        say(&format!("{}\t{}\t{}\t{scopes}\t{expires}\t{used}", token.id, token.name, token.made_by))?;
    }
    Ok(())
}
