use super::Failure;
use crate::config::{LogFormat, PublicUrl, SettingFlags, Settings, Values};
use clap::Args;
use engine::Engine;
use std::io::Read;

/// Most bytes of a password on standard input.
const PASSWORD_MAX: u64 = 4096;

/// Settings of a command that works on the data itself.
#[derive(Args)]
pub(super) struct Host {
    #[command(flatten)]
    settings: SettingFlags,
}

impl Host {
    pub(super) fn settings(&self) -> Result<(Settings, PublicUrl), Failure> {
        let settings = Settings::read(&Values::gather(&self.settings)?)?;
        let url = settings.public_url(settings.listen)?;
        Ok((settings, url))
    }

    /// The engine without its workers; what it has to say below a warning is not for these commands.
    pub(super) async fn engine(&self) -> Result<(Engine, PublicUrl), Failure> {
        let (settings, url) = self.settings()?;
        crate::telemetry::start_log("warn", LogFormat::Text);
        Ok((Engine::open(settings.for_engine(&url)).await?, url))
    }
}

/// Reads a password, without the line end after it.
pub(super) fn read_password() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().take(PASSWORD_MAX).read_to_string(&mut text)?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::WrongUse("There is no password on standard input.".to_owned()));
    }
    Ok(password.to_owned())
}
