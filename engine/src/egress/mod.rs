//! Where connections may go that a user, a repository or a redirect asked for.
//!
//! The address is checked after the name is resolved, and the checked address is the one that is
//! connected to: a name that resolves differently a second time (rebinding) gains nothing. What an
//! administrator entered (registries, clusters, engines) is not asked here.

pub(crate) mod client;

use std::net::{IpAddr, SocketAddr};

/// The policy of `SLIPWAY_EGRESS_ALLOW` and `SLIPWAY_EGRESS_DENY`; the default refuses loopback,
/// link-local, multicast and unspecified addresses and allows the rest, private ranges included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Egress {
    allow: Vec<Rule>,
    deny: Vec<Rule>,
}

/// A host name, an address, or a range.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Host(String),
    Range(IpAddr, u8),
}

/// Why a connection is not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    #[error("{host} is at {address}, which may not be connected to from here (SLIPWAY_EGRESS_ALLOW)")]
    Refused { host: String, address: IpAddr },
    #[error("{host} cannot be resolved: {reason}")]
    Unresolved { host: String, reason: String },
}

impl Egress {
    /// Reads the entries of the two settings: CIDRs, addresses, and host names (`.example.com`: all
    /// below it). The error names the entry that is wrong.
    pub fn parse<S: AsRef<str>>(allow: &[S], deny: &[S]) -> Result<Self, String> {
        let rules = |entries: &[S]| -> Result<Vec<Rule>, String> {
            entries.iter().map(|entry| Rule::parse(entry.as_ref().trim())).collect()
        };
        Ok(Self { allow: rules(allow)?, deny: rules(deny)? })
    }

    /// Refuses an address that may not be connected to under this host name.
    pub fn check(&self, host: &str, address: IpAddr) -> Result<(), EgressError> {
        let address = address.to_canonical();
        let matches = |rule: &Rule| rule.matches(host, address);
        let refused = self.deny.iter().any(matches) || (is_inward(address) && !self.allow.iter().any(matches));
        if refused {
            return Err(EgressError::Refused { host: host.to_owned(), address });
        }
        Ok(())
    }

    /// Resolves a host and checks every address; only these may then be connected to.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, EgressError> {
        let unresolved = |reason: String| EgressError::Unresolved { host: host.to_owned(), reason };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((bare, port)).await.map_err(|error| unresolved(error.to_string()))?;
        let addresses: Vec<SocketAddr> = found.collect();
        if addresses.is_empty() {
            return Err(unresolved("no address".to_owned()));
        }
        for address in &addresses {
            self.check(host, address.ip())?;
        }
        Ok(addresses)
    }
}

impl Rule {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} must be an address, a range such as 10.0.0.0/8, or a host name");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        match address.parse::<IpAddr>() {
            Ok(ip) => {
                let most = if ip.is_ipv4() { 32 } else { 128 };
                let bits = bits.unwrap_or(most);
                if bits > most { Err(wrong()) } else { Ok(Self::Range(ip, bits)) }
            }
            Err(_) if bits.is_none() && is_host_name(address) => Ok(Self::Host(address.to_ascii_lowercase())),
            Err(_) => Err(wrong()),
        }
    }

    fn matches(&self, host: &str, address: IpAddr) -> bool {
        match (self, address) {
            (Self::Host(name), _) => {
                let host = host.to_ascii_lowercase();
                host == *name || (name.starts_with('.') && host.ends_with(name.as_str()))
            }
            (Self::Range(IpAddr::V4(net), bits), IpAddr::V4(ip)) => {
                let shift = 32 - u32::from(*bits);
                u64::from(net.to_bits()) >> shift == u64::from(ip.to_bits()) >> shift
            }
            (Self::Range(IpAddr::V6(net), bits), IpAddr::V6(ip)) => {
                let shift = 128 - u32::from(*bits);
                net.to_bits().checked_shr(shift) == ip.to_bits().checked_shr(shift)
            }
            (Self::Range(IpAddr::V4(_), _), IpAddr::V6(_)) | (Self::Range(IpAddr::V6(_), _), IpAddr::V4(_)) => false,
        }
    }
}

fn is_host_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_'))
}

/// Loopback, link-local (cloud metadata lives there), multicast, and "this host".
fn is_inward(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => {
            ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || ip.is_broadcast() || ip.octets()[0] == 0
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unicast_link_local() || ip.is_multicast() || ip.is_unspecified(),
    }
}

#[cfg(test)]
mod tests {
    use super::Egress;
    use rstest::rstest;

    #[rstest]
    #[case("127.0.0.1", false)]
    #[case("127.8.8.8", false)]
    #[case("0.0.0.0", false)]
    #[case("0.1.2.3", false)]
    #[case("169.254.169.254", false)]
    #[case("224.0.0.1", false)]
    #[case("255.255.255.255", false)]
    #[case("::1", false)]
    #[case("::", false)]
    #[case("::ffff:127.0.0.1", false)]
    #[case("::ffff:169.254.169.254", false)]
    #[case("fe80::1", false)]
    #[case("ff02::1", false)]
    #[case("10.0.0.1", true)]
    #[case("192.168.1.1", true)]
    #[case("fd00::1", true)]
    #[case("93.184.216.34", true)]
    fn refuses_inward_addresses_by_default(#[case] address: &str, #[case] allowed: bool) {
        let address = address.parse().expect("an address");
        assert_eq!(Egress::default().check("host.example", address).is_ok(), allowed);
    }

    #[rstest]
    #[case("127.0.0.0/8", "", "x", "127.0.0.1", true)]
    #[case("127.0.0.2/32", "", "x", "127.0.0.1", false)]
    #[case("git.local", "", "git.local", "127.0.0.1", true)]
    #[case("git.local", "", "GIT.local", "127.0.0.1", true)]
    #[case("git.local", "", "evil-git.local", "127.0.0.1", false)]
    #[case(".corp.example", "", "a.corp.example", "127.0.0.1", true)]
    #[case(".corp.example", "", "acorp.example", "127.0.0.1", false)]
    #[case("", "10.0.0.0/8, 192.168.0.0/16", "x", "192.168.3.4", false)]
    #[case("", "10.0.0.0/8", "x", "11.0.0.1", true)]
    #[case("10.0.0.0/8", "10.0.0.0/8", "x", "10.0.0.1", false)]
    #[case("", "0.0.0.0/0", "x", "93.184.216.34", false)]
    #[case("", "fd00::/8", "x", "fd12::1", false)]
    #[case("::1", "", "x", "::1", true)]
    fn follows_the_settings(
        #[case] allow: &'static str,
        #[case] deny: &'static str,
        #[case] host: &str,
        #[case] address: &str,
        #[case] allowed: bool,
    ) {
        let entries = |text: &'static str| text.split(',').filter(|entry| !entry.is_empty()).collect::<Vec<_>>();
        let egress = Egress::parse(&entries(allow), &entries(deny)).expect("a policy");
        assert_eq!(egress.check(host, address.parse().expect("an address")).is_ok(), allowed);
    }

    #[rstest]
    #[case("10.0.0.0/33")]
    #[case("10.0.0.0/x")]
    #[case("host/8")]
    #[case("https://x")]
    fn names_the_wrong_entry(#[case] text: &str) {
        assert!(Egress::parse(&[text], &[]).expect_err("refused").contains(text));
    }
}
