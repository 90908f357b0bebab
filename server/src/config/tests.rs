use super::{SettingFlags, Settings, Values};
use rstest::rstest;
use std::{collections::BTreeMap, io::Write, time::Duration};

fn flags(pairs: &[(&'static str, &str)]) -> SettingFlags {
    SettingFlags(pairs.iter().map(|(key, value)| (*key, (*value).to_owned())).collect())
}

fn gather(given: &[(&'static str, &str)], environment: &[(&str, &str)]) -> Result<Values, String> {
    let environment: BTreeMap<&str, &str> = environment.iter().copied().collect();
    let look_up = |name: &str| environment.get(name).map(|it| (*it).to_owned());
    Values::gather_from(&flags(given), look_up).map_err(|why| why.to_string())
}

fn read(environment: &[(&str, &str)]) -> Result<Settings, String> {
    let mut environment = environment.to_vec();
    environment.push(("SLIPWAY_DATA_DIR", "/data"));
    Settings::read(&gather(&[], &environment)?).map_err(|why| why.to_string())
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

#[test]
fn have_the_documented_defaults() {
    let settings = read(&[]).expect("settings");
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8420");
    assert_eq!(settings.public_url(settings.listen).expect("an address").to_string(), "http://127.0.0.1:8420");
    assert_eq!(settings.session_idle, Duration::from_secs(12 * 3600));
    assert_eq!(settings.session_max, Duration::from_secs(7 * 86_400));
    assert_eq!(settings.rollout_deadline, Duration::from_secs(600));
    assert_eq!(settings.log_retention, Duration::from_secs(90 * 86_400));
    assert_eq!((settings.log_max_bytes, settings.disk_reserve_bytes), (1 << 30, 1 << 30));
    assert_eq!(settings.parallel_builds, 2);
    assert!(settings.git_file_root.is_none() && settings.database_url.is_none());
}

#[test]
fn flags_go_before_environment_before_file() {
    let file =
        file("listen = \"127.0.0.1:1\"\nlog = \"debug\"\nparallel_builds = 3\negress_deny = [\"10.0.0.0/8\", \"x\"]\n");
    let path = file.path().to_str().expect("a path");
    let environment = [("SLIPWAY_CONFIG", path), ("SLIPWAY_LISTEN", "127.0.0.1:2"), ("SLIPWAY_LOG", "warn")];
    let values = gather(&[("listen", "127.0.0.1:3")], &environment).expect("values");
    let shown = values.print();
    for line in [
        "SLIPWAY_LISTEN = 127.0.0.1:3 (flag)",
        "SLIPWAY_LOG = warn (environment)",
        "SLIPWAY_PARALLEL_BUILDS = 3 (file)",
        "SLIPWAY_EGRESS_DENY = 10.0.0.0/8,x (file)",
        "SLIPWAY_LOG_FORMAT = text (default)",
        "SLIPWAY_URL is not set",
    ] {
        assert!(shown.lines().any(|it| it == line), "{line} is missing in\n{shown}");
    }
}

#[test]
fn secrets_come_from_files_too_and_are_not_shown() {
    let secret = file("postgres://slipway:hunter2@db/slipway\n");
    let path = secret.path().to_str().expect("a path");
    let values = gather(&[], &[("SLIPWAY_DATABASE_URL_FILE", path)]).expect("values");
    assert_eq!(values.get("database_url").expect("a value").text, "postgres://slipway:hunter2@db/slipway");
    assert!(values.print().contains("SLIPWAY_DATABASE_URL = *** (environment)"));
    let twice = [("SLIPWAY_DATABASE_URL_FILE", path), ("SLIPWAY_DATABASE_URL", "postgres://db")];
    assert_eq!(
        gather(&[], &twice).expect_err("given twice"),
        "SLIPWAY_DATABASE_URL: is given twice, also by SLIPWAY_DATABASE_URL_FILE"
    );
}

#[rstest]
#[case("listn = \"x\"", "listn is not a setting")]
#[case("config = \"x\"", "config is not a setting")]
#[case("[listen]\na = 1", "listen must be a text, a number, a boolean or a list of texts")]
#[case("listen =", "")]
fn a_wrong_file_is_refused(#[case] text: &str, #[case] words: &str) {
    let file = file(text);
    let path = file.path().to_str().expect("a path");
    let error = gather(&[], &[("SLIPWAY_CONFIG", path)]).expect_err("refused");
    assert!(error.starts_with("SLIPWAY_CONFIG: ") && error.contains(words), "{error}");
    assert_eq!(error.lines().count(), 1);
}

#[rstest]
#[case("SLIPWAY_LISTEN", "8420", true)]
#[case("SLIPWAY_URL", "slipway.example", true)]
#[case("SLIPWAY_DATABASE_URL", "mysql://user:hunter2@db", false)]
#[case("SLIPWAY_LOG", "engine=loud", true)]
#[case("SLIPWAY_LOG_FORMAT", "xml", true)]
#[case("SLIPWAY_TRUSTED_PROXIES", "10.0.0.0/33", true)]
#[case("SLIPWAY_METRICS_LISTEN", "x", true)]
#[case("SLIPWAY_SESSION_TTL", "7d/12h", true)]
#[case("SLIPWAY_EGRESS_ALLOW", "http://x/", true)]
#[case("SLIPWAY_GIT_FILE_ROOT", "repositories", true)]
#[case("SLIPWAY_PARALLEL_BUILDS", "0", true)]
#[case("SLIPWAY_ROLLOUT_DEADLINE", "10", true)]
#[case("SLIPWAY_LOG_RETENTION", "0s", true)]
#[case("SLIPWAY_LOG_MAX_BYTES", "big", true)]
#[case("SLIPWAY_DISK_RESERVE", "-1", true)]
fn a_wrong_setting_is_named_in_one_line(#[case] name: &str, #[case] value: &str, #[case] shown: bool) {
    let error = read(&[(name, value)]).expect_err("refused");
    assert!(error.starts_with(&format!("{name}: ")), "{error}");
    assert_eq!(error.lines().count(), 1);
    assert_eq!(error.contains(value), shown, "{error}");
}

#[rstest]
#[case("SLIPWAY_TRUSTED_PROXIES", "10.0.0.0/8, ::1")]
#[case("SLIPWAY_SESSION_TTL", "30m")]
#[case("SLIPWAY_SESSION_TTL", "30d")]
#[case("SLIPWAY_EGRESS_ALLOW", "127.0.0.0/8,*.example,git.example")]
#[case("SLIPWAY_URL", "https://example/slipway/")]
fn right_ones_are_taken(#[case] name: &str, #[case] value: &str) {
    assert!(read(&[(name, value)]).is_ok());
}
