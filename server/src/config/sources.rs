//! Where values come from: flags before environment before file before default.

use super::{SETTINGS, Setting, SettingError, SettingFlags};
use std::{collections::BTreeMap, fmt, fs, path::Path};

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Flag,
    Environment,
    File,
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Flag => "flag",
            Origin::Environment => "environment",
            Origin::File => "file",
            Origin::Default => "default",
        })
    }
}

/// A value in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub text: String,
    pub origin: Origin,
}

/// The values in force, by key.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<&'static str, Value>);

impl Values {
    /// Gathers from the process's flags and environment and the file that they name.
    pub fn gather(flags: &SettingFlags) -> Result<Self, SettingError> {
        Self::gather_from(flags, |name| std::env::var(name).ok())
    }

    /// The same with an environment of the caller's.
    pub fn gather_from(
        flags: &SettingFlags,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingError> {
        let mut values = Self::default();
        let environment = |name: &str| environment(name).filter(|text| !text.is_empty());
        let config = flags.0.get("config").cloned().or_else(|| environment("SLIPWAY_CONFIG"));
        let file = config.map(|path| read_file(Path::new(&path))).transpose()?.unwrap_or_default();
        for setting in &SETTINGS {
            let given = [
                (Origin::Flag, flags.0.get(setting.key).cloned()),
                (Origin::Environment, from_environment(setting, &environment)?),
                (Origin::File, from_file(setting, &file)?),
                (Origin::Default, setting.default.map(str::to_owned)),
            ];
            if let Some((origin, text)) = given.into_iter().find_map(|(origin, text)| Some((origin, text?))) {
                values.0.insert(setting.key, Value { text, origin });
            }
        }
        Ok(values)
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// What is in force where nothing was given and the table has no default.
    pub fn or_derived(mut self, key: &'static str, text: String) -> Self {
        self.0.entry(key).or_insert(Value { text, origin: Origin::Default });
        self
    }

    /// What `--print-settings` prints: name, value and origin of each; secrets as `***`.
    pub fn print(&self) -> String {
        let line = |setting: &Setting| match self.get(setting.key) {
            Some(value) if setting.secret => format!("{} = *** ({})\n", setting.variable(), value.origin),
            Some(value) => format!("{} = {} ({})\n", setting.variable(), value.text, value.origin),
            None => format!("{} is not set\n", setting.variable()),
        };
        SETTINGS.iter().map(line).collect()
    }
}

fn from_environment(
    setting: &Setting,
    environment: &impl Fn(&str) -> Option<String>,
) -> Result<Option<String>, SettingError> {
    let name = setting.variable();
    let direct = environment(&name);
    let file = setting.secret.then(|| environment(&format!("{name}_FILE"))).flatten();
    one_of(&name, direct, file)
}

fn from_file(setting: &Setting, file: &BTreeMap<String, String>) -> Result<Option<String>, SettingError> {
    let direct = file.get(setting.key).cloned();
    let path = setting.secret.then(|| file.get(&format!("{}_file", setting.key)).cloned()).flatten();
    one_of(&setting.variable(), direct, path)
}

/// A secret stands in the setting itself or in a file, never in both.
fn one_of(name: &str, direct: Option<String>, path: Option<String>) -> Result<Option<String>, SettingError> {
    match (direct, path) {
        (Some(_), Some(_)) => Err(SettingError::new(name, format!("is given twice, also by {name}_FILE"))),
        (None, Some(path)) => {
            let text = fs::read_to_string(&path)
                .map_err(|why| SettingError::new(format!("{name}_FILE"), format!("{path} cannot be read: {why}")))?;
            Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
        }
        (direct, None) => Ok(direct),
    }
}

fn read_file(path: &Path) -> Result<BTreeMap<String, String>, SettingError> {
    let wrong = |why: String| SettingError::new("SLIPWAY_CONFIG", format!("{}: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|why| wrong(why.to_string()))?;
    let table: toml::Table = text.parse().map_err(|why: toml::de::Error| wrong(one_line(why.message())))?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        if !is_known(&key) {
            return Err(wrong(format!("{key} is not a setting")));
        }
        let text = as_text(&value)
            .ok_or_else(|| wrong(format!("{key} must be a text, a number, a boolean or a list of texts")))?;
        values.insert(key, text);
    }
    Ok(values)
}

/// The file that names the file is known from outside alone.
fn is_known(key: &str) -> bool {
    SETTINGS
        .iter()
        .any(|it| it.key != "config" && (it.key == key || (it.secret && key.strip_suffix("_file") == Some(it.key))))
}

fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(items) => {
            items.iter().map(toml::Value::as_str).collect::<Option<Vec<_>>>().map(|it| it.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
