//! What a transfer must be, field by field.

use super::{Direction, PlainTransfer, Protocol, fetch};
use crate::transfer::path::{FilePath, is_file_name, prefixes};
use proptest::prelude::*;
use rstest::rstest;

#[rstest]
#[case(|it: &mut PlainTransfer| it.host = "-oProxyCommand=x".to_owned(), "host")]
#[case(|it: &mut PlainTransfer| it.host = "a b".to_owned(), "host")]
#[case(|it: &mut PlainTransfer| it.host = String::new(), "host")]
#[case(|it: &mut PlainTransfer| it.host = "fd00::1".to_owned(), "")]
#[case(|it: &mut PlainTransfer| it.port = Some(0), "port")]
#[case(|it: &mut PlainTransfer| it.protocol = Protocol::Ftp, "insecure")]
#[case(|it: &mut PlainTransfer| it.host_key = Some("AAAA".to_owned()), "host_key")]
#[case(|it: &mut PlainTransfer| it.host_key = Some("SHA256:short".to_owned()), "host_key")]
#[case(|it: &mut PlainTransfer| { it.protocol = Protocol::Ftps; it.host_key = Some("SHA256:x".to_owned()) }, "host_key")]
#[case(|it: &mut PlainTransfer| it.credentials = None, "credentials")]
#[case(|it: &mut PlainTransfer| { it.protocol = Protocol::Ftps; it.credentials = None }, "")]
#[case(|it: &mut PlainTransfer| it.credentials.as_mut().expect("some").username = "a\r\nDELE b".to_owned(), "credentials.username")]
#[case(|it: &mut PlainTransfer| it.credentials.as_mut().expect("some").password = "a\r\nDELE b".to_owned().into(), "credentials.password")]
#[case(|it: &mut PlainTransfer| it.remote_path = "a\r\nDELE b".to_owned(), "remote_path")]
#[case(|it: &mut PlainTransfer| it.remote_path = "*/a.csv".to_owned(), "remote_path")]
#[case(|it: &mut PlainTransfer| it.remote_path = "rates/".to_owned(), "remote_path")]
#[case(|it: &mut PlainTransfer| it.remote_path = "rates/..".to_owned(), "remote_path")]
#[case(|it: &mut PlainTransfer| it.remote_path = "rates/[".to_owned(), "remote_path")]
#[case(|it: &mut PlainTransfer| it.local_path = "../data".to_owned(), "local_path")]
#[case(|it: &mut PlainTransfer| it.local_path = "/data".to_owned(), "local_path")]
#[case(|it: &mut PlainTransfer| it.local_path = "data\0".to_owned(), "local_path")]
#[case(|it: &mut PlainTransfer| { it.direction = Direction::Send; it.local_path = "out/../../*".to_owned() }, "local_path")]
#[case(|it: &mut PlainTransfer| { it.direction = Direction::Send; it.remote_path = "in\n".to_owned() }, "remote_path")]
fn names_the_wrong_field(#[case] change: fn(&mut PlainTransfer), #[case] field: &str) {
    let mut plain = fetch(Protocol::Sftp, 22);
    change(&mut plain);
    let found = plain.parse().err().map(|fields| fields[0].path.clone()).unwrap_or_default();
    assert_eq!(found, field);
}

#[rstest]
#[case("rates/*.csv", "a.csv", true)]
#[case("rates/*.csv", ".a.csv", false)]
#[case("rates/.*.csv", ".a.csv", true)]
#[case("rates/*", "a/b", false)]
#[case("rates/a?.{csv,txt}", "ab.txt", true)]
#[case("rates/a\\*.csv", "a*.csv", true)]
#[case("rates/a\\*.csv", "ab.csv", false)]
#[case("/a.csv", "a.csv", true)]
#[case("a.csv", "A.csv", false)]
fn patterns(#[case] path: &str, #[case] name: &str, #[case] matches: bool) {
    assert_eq!(FilePath::parse(path).expect("a path").last.matches(name), matches);
}

#[rstest]
#[case("in/deep", &["in", "in/deep"])]
#[case("/in/deep/", &["/in", "/in/deep"])]
#[case("in", &["in"])]
#[case("/", &[])]
#[case("", &[])]
fn folders_on_the_way(#[case] folder: &str, #[case] expected: &[&str]) {
    assert_eq!(prefixes(folder), expected);
}

proptest! {
    /// What passes stays in its folder, whatever it is.
    #[test]
    fn a_file_name_leads_nowhere_else(name in "[a./\\\\ \u{0}-\u{1f}é]{0,6}") {
        let components: Vec<_> = std::path::Path::new(&name).components().collect();
        let plain = matches!(components[..], [std::path::Component::Normal(only)] if only == name.as_str());
        prop_assert!(!is_file_name(&name) || plain);
    }
}
