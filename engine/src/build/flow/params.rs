//! Parameters of a build, and the values that a run gives them.

use super::{TEXT_MAX, fields::Fields, steps::is_variable};
use crate::Error;
use std::collections::BTreeMap;
use types::build::{Build, LogRetention, Param};

/// Parameters of a build.
const PARAMS_MAX: usize = 100;
/// Bytes of the value of one.
const VALUE_MAX: usize = 32 * 1024;

pub(super) fn check(fields: &mut Fields, build: &Build) {
    fields.when(build.params.len() > PARAMS_MAX, "params", format!("must be at most {PARAMS_MAX}"));
    for (name, Param { default, description }) in &build.params {
        let path = format!("params.{name}");
        fields.when(!is_variable(name), &path, "must be letters, digits and underscores, and begin with no digit");
        let long = default.as_ref().is_some_and(|value| value.len() > VALUE_MAX);
        fields.when(long, &format!("{path}.default"), format!("must be at most {VALUE_MAX} bytes"));
        let long = description.as_ref().is_some_and(|text| text.chars().count() > TEXT_MAX);
        fields.when(long, &format!("{path}.description"), format!("must be at most {TEXT_MAX} characters"));
    }
    let Some(LogRetention { days, runs, bytes }) = &build.log_retention else { return };
    let words = "must be at least 1, or null";
    fields.when(*days == Some(0), "log_retention.days", words);
    fields.when(*runs == Some(0), "log_retention.runs", words);
    fields.when(*bytes == Some(0), "log_retention.bytes", words);
}

/// Refuses values of a run for parameters that the build does not have, and a run that leaves one open.
pub(crate) fn check_given(params: &BTreeMap<String, Param>, given: &BTreeMap<String, String>) -> Result<(), Error> {
    let mut fields = Fields::default();
    for (name, value) in given {
        let path = format!("params.{name}");
        fields.when(!params.contains_key(name), &path, "is not a parameter of this build");
        fields.when(value.len() > VALUE_MAX, &path, format!("must be at most {VALUE_MAX} bytes"));
    }
    for (name, param) in params {
        let open = param.default.is_none() && !given.contains_key(name);
        fields.when(open, &format!("params.{name}"), "is needed: it has no default");
    }
    fields.finish()
}

/// What the parameters are in a run: given, or by default.
pub(crate) fn in_run(params: &BTreeMap<String, Param>, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let value = |(name, param): (&String, &Param)| {
        let value = given.get(name).or(param.default.as_ref())?;
        Some((name.clone(), value.clone()))
    };
    params.iter().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::{check_given, in_run};
    use crate::Error;
    use rstest::rstest;
    use std::collections::BTreeMap;
    use types::build::Param;

    fn params() -> BTreeMap<String, Param> {
        let param = |default: Option<&str>| Param { default: default.map(str::to_owned), description: None };
        BTreeMap::from([("CHANNEL".to_owned(), param(Some("stable"))), ("TEAM".to_owned(), param(None))])
    }

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[rstest]
    #[case(&[("TEAM", "a")], None)]
    #[case(&[("TEAM", "a"), ("CHANNEL", "beta")], None)]
    #[case(&[], Some("params.TEAM"))]
    #[case(&[("TEAM", "a"), ("OTHER", "b")], Some("params.OTHER"))]
    fn names_the_wrong_one(#[case] pairs: &[(&str, &str)], #[case] field: Option<&str>) {
        let found = match check_given(&params(), &given(pairs)) {
            Ok(()) => None,
            Err(Error::Invalid(fields)) => fields.first().map(|field| field.path.clone()),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found.as_deref(), field);
    }

    #[test]
    fn what_is_given_goes_before_the_default() {
        assert_eq!(in_run(&params(), &given(&[("TEAM", "a")])), given(&[("CHANNEL", "stable"), ("TEAM", "a")]));
        assert_eq!(in_run(&params(), &given(&[("CHANNEL", "beta")])), given(&[("CHANNEL", "beta")]));
    }
}
