//! What an administrator entered: inline data only, everywhere in the text and not only in the context that is used.

use super::{ConnectError, KUBECONFIG_MAX, field, from_kubeconfig};
use ::kube::{
    Config,
    config::{AuthInfo, Cluster, Kubeconfig},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::Uri;
use secrecy::{ExposeSecret, SecretString};

const INLINE_ONLY: &str = "is not allowed here: only inline data is";

pub(super) async fn kubeconfig(text: &SecretString, context: Option<&str>) -> Result<Config, ConnectError> {
    let text = text.expose_secret();
    if text.len() > KUBECONFIG_MAX {
        return Err(field("kubeconfig", format!("has {} bytes; at most {KUBECONFIG_MAX} are read", text.len())));
    }
    let kubeconfig = Kubeconfig::from_yaml(text)
        .map_err(|error| field("kubeconfig", format!("must be a kubeconfig in YAML or JSON: {error}")))?;
    refuse_outside(&kubeconfig)?;
    if let Some(name) = context
        && !kubeconfig.contexts.iter().any(|context| context.name == name)
    {
        return Err(field("context", format!("the kubeconfig has no context {name}")));
    }
    let config = from_kubeconfig(kubeconfig, context).await;
    let mut config = config.map_err(|error| field("kubeconfig", error))?;
    // The environment's proxy is for what the server itself was set up with.
    config.proxy_url = None;
    refuse_plain(&config.cluster_url, "kubeconfig")?;
    Ok(config)
}

pub(super) fn token(server: &str, ca: Option<&str>, token: &SecretString) -> Result<Config, ConnectError> {
    let url: Uri = server.parse().map_err(|_| field("server", "must be a URL such as https://10.0.0.1:6443"))?;
    if url.host().is_none_or(str::is_empty) || !matches!(url.scheme_str(), Some("https" | "http")) {
        return Err(field("server", "must be a URL such as https://10.0.0.1:6443"));
    }
    refuse_plain(&url, "server")?;
    if token.expose_secret().trim().is_empty() {
        return Err(field("token", "must not be empty"));
    }
    let mut config = Config::new(url);
    config.auth_info.token = Some(token.expose_secret().trim().into());
    if let Some(ca) = ca {
        config.root_cert = Some(certificates(ca)?);
    }
    Ok(config)
}

/// The blocks of a PEM text, as DER.
fn certificates(pem: &str) -> Result<Vec<Vec<u8>>, ConnectError> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let wrong = || field("ca", format!("must be PEM: {BEGIN} … {END}"));
    let blocks = pem.split(BEGIN).skip(1).map(|rest| {
        let (body, _) = rest.split_once(END).ok_or_else(wrong)?;
        let body: String = body.split_whitespace().collect();
        BASE64_STANDARD.decode(body).map_err(|_| wrong())
    });
    let blocks = blocks.collect::<Result<Vec<_>, _>>()?;
    if blocks.is_empty() { Err(wrong()) } else { Ok(blocks) }
}

/// Credentials go over plain HTTP only within the machine.
fn refuse_plain(url: &Uri, name: &str) -> Result<(), ConnectError> {
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if url.scheme_str() == Some("https") || loopback {
        return Ok(());
    }
    Err(field(name, format!("the server {url} must be reached by https; plain http is only for the loopback")))
}

fn refuse_outside(kubeconfig: &Kubeconfig) -> Result<(), ConnectError> {
    for (n, named) in kubeconfig.clusters.iter().enumerate() {
        let fields = named.cluster.as_ref().map(outside_of_cluster).into_iter().flatten();
        refuse(fields, &format!("kubeconfig.clusters[{n}].cluster"))?;
    }
    for (n, named) in kubeconfig.auth_infos.iter().enumerate() {
        let fields = named.auth_info.as_ref().map(outside_of_user).into_iter().flatten();
        refuse(fields, &format!("kubeconfig.users[{n}].user"))?;
    }
    Ok(())
}

fn refuse(fields: impl IntoIterator<Item = (&'static str, bool)>, path: &str) -> Result<(), ConnectError> {
    match fields.into_iter().find(|(_, present)| *present) {
        Some((name, _)) => Err(field(format!("{path}.{name}"), INLINE_ONLY)),
        None => Ok(()),
    }
}

fn outside_of_cluster(cluster: &Cluster) -> [(&'static str, bool); 3] {
    [
        ("certificate-authority", cluster.certificate_authority.is_some()),
        ("proxy-url", cluster.proxy_url.is_some()),
        ("insecure-skip-tls-verify", cluster.insecure_skip_tls_verify == Some(true)),
    ]
}

fn outside_of_user(user: &AuthInfo) -> [(&'static str, bool); 5] {
    [
        ("exec", user.exec.is_some()),
        ("auth-provider", user.auth_provider.is_some()),
        ("tokenFile", user.token_file.is_some()),
        ("client-certificate", user.client_certificate.is_some()),
        ("client-key", user.client_key.is_some()),
    ]
}

#[cfg(test)]
mod tests {
    use super::{ConnectError, kubeconfig, token};
    use rstest::rstest;

    fn text(cluster: &str, user: &str) -> String {
        format!(
            "clusters:\n- {{name: c, cluster: {{server: 'https://10.0.0.1:6443', {cluster}}}}}\n\
             users:\n- {{name: u, user: {{{user}}}}}\n\
             contexts:\n- {{name: main, context: {{cluster: c, user: u}}}}\n\
             current-context: main\n"
        )
    }

    #[rstest]
    #[case("certificate-authority: /etc/ca.pem", "", "kubeconfig.clusters[0].cluster.certificate-authority")]
    #[case("proxy-url: 'http://proxy'", "", "kubeconfig.clusters[0].cluster.proxy-url")]
    #[case("insecure-skip-tls-verify: true", "", "kubeconfig.clusters[0].cluster.insecure-skip-tls-verify")]
    #[case("", "exec: {command: /bin/sh, apiVersion: v1}", "kubeconfig.users[0].user.exec")]
    #[case("", "auth-provider: {name: gcp}", "kubeconfig.users[0].user.auth-provider")]
    #[case("", "tokenFile: /etc/token", "kubeconfig.users[0].user.tokenFile")]
    #[case("", "client-certificate: /etc/c.pem", "kubeconfig.users[0].user.client-certificate")]
    #[case("", "client-key: /etc/k.pem", "kubeconfig.users[0].user.client-key")]
    #[tokio::test]
    async fn refuses_what_is_not_inline(#[case] cluster: &str, #[case] user: &str, #[case] path: &str) {
        let refused = kubeconfig(&text(cluster, user).into(), None).await;
        match refused {
            Err(ConnectError::Field { field, .. }) => assert_eq!(field, path),
            other => panic!("not refused: {:?}", other.err()),
        }
    }

    #[tokio::test]
    async fn refuses_it_in_a_context_that_is_not_used_too() {
        let other = text("", "token: abc").replace("users:\n", "users:\n- {name: x, user: {tokenFile: /etc/passwd}}\n");
        assert!(kubeconfig(&other.into(), Some("main")).await.is_err());
    }

    #[tokio::test]
    async fn takes_inline_data() {
        let config = kubeconfig(&text("", "token: abc").into(), None).await.expect("a configuration");
        assert_eq!(config.cluster_url.host(), Some("10.0.0.1"));
    }

    #[rstest]
    #[case("rubbish", "kubeconfig")]
    #[case("{}", "kubeconfig")]
    #[tokio::test]
    async fn refuses_rubbish(#[case] text: &str, #[case] path: &str) {
        match kubeconfig(&text.to_owned().into(), None).await {
            Err(ConnectError::Field { field, .. }) => assert_eq!(field, path),
            other => panic!("not refused: {:?}", other.err()),
        }
    }

    #[rstest]
    #[case("https://10.0.0.1:6443", None, "abc", None)]
    #[case("http://127.0.0.1:8001", None, "abc", None)]
    #[case("http://10.0.0.1:8001", None, "abc", Some("server"))]
    #[case("10.0.0.1:6443", None, "abc", Some("server"))]
    #[case("ftp://10.0.0.1", None, "abc", Some("server"))]
    #[case("https://10.0.0.1:6443", None, " ", Some("token"))]
    #[case("https://10.0.0.1:6443", Some("no PEM"), "abc", Some("ca"))]
    #[case(
        "https://10.0.0.1:6443",
        Some("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----"),
        "abc",
        Some("ca")
    )]
    fn checks_each_field(
        #[case] server: &str,
        #[case] ca: Option<&str>,
        #[case] secret: &str,
        #[case] wrong: Option<&str>,
    ) {
        let refused = match token(server, ca, &secret.to_owned().into()) {
            Ok(_) => None,
            Err(ConnectError::Field { field, .. }) => Some(field),
            Err(ConnectError::Context { .. }) => panic!("no context was named"),
        };
        assert_eq!(refused.as_deref(), wrong);
    }
}
