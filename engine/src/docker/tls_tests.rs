//! Engines over TCP with TLS: a server that wants a certificate of its clients, as `dockerd --tlsverify` does.

use super::{
    DockerEngine, DockerError, EngineAddress, EngineTls,
    fake::{Script, Shared, serve},
};
use crate::testing::{Authority, Identity, tls::TlsListener};
use rstest::rstest;
use std::sync::Arc;
use tokio::net::TcpListener;
use types::engine::PruneRule;

/// What is wrong on one of the sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    OtherAuthority,
    ExpiredServer,
    OtherName,
    NoClientCertificate,
    ExpiredClient,
    ForeignClient,
    PlainServer,
}

/// An engine with this fault, and how it is reached.
async fn engine(fault: Option<Fault>) -> (Arc<Shared>, EngineAddress) {
    let (ours, other) = (Authority::fresh(), Authority::fresh());
    let name = if fault == Some(Fault::OtherName) { "elsewhere.example" } else { "127.0.0.1" };
    let identity = if fault == Some(Fault::ExpiredServer) { ours.expired(name) } else { ours.identity(name) };
    let scripts = vec![("/images/prune", Script::items(&[r#"{"SpaceReclaimed":5}"#]))];
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("tcp://{}", tcp.local_addr().expect("an address"));
    let fake = if fault == Some(Fault::PlainServer) {
        serve(tcp, false, scripts)
    } else {
        serve(TlsListener::new(tcp, &identity, Some(&ours.pem())), false, scripts)
    };
    let client = match fault {
        Some(Fault::ForeignClient) => other.identity("client"),
        Some(Fault::ExpiredClient) => ours.expired("client"),
        Some(_) | None => ours.identity("client"),
    };
    let given = fault != Some(Fault::NoClientCertificate);
    let authority = if fault == Some(Fault::OtherAuthority) { &other } else { &ours };
    let tls = EngineTls {
        ca: Some(authority.pem()),
        cert: given.then_some(client.cert),
        key: given.then(|| client.key.into()),
    };
    let address = EngineAddress { url, tls: Some(tls) };
    (fake, address)
}

#[tokio::test]
async fn an_engine_over_tls_takes_calls_of_both_kinds() {
    let (fake, address) = engine(None).await;
    let engine = DockerEngine::connect(&address).await.expect("an engine");
    assert_eq!(engine.check().await.expect("an answer").version, "1");
    assert_eq!(engine.prune_dangling_images(&PruneRule::default()).await, Ok(5));
    assert_eq!(fake.seen("/images/prune").len(), 1);
}

#[rstest]
#[case(Fault::OtherAuthority, "its certificate is not from the authority in `ca`")]
#[case(Fault::ExpiredServer, "its certificate has expired")]
#[case(Fault::OtherName, "its certificate is for another name than the one in `url`")]
#[case(Fault::NoClientCertificate, "it refuses: it wants a client certificate, `cert` and `key`")]
#[case(Fault::ExpiredClient, "the client certificate in `cert` has expired")]
#[case(Fault::ForeignClient, "the client certificate in `cert` is not from an authority that it knows")]
#[case(Fault::PlainServer, "it does not speak TLS at this port")]
#[tokio::test]
async fn what_is_wrong_is_said_with_the_setting_to_look_at(#[case] fault: Fault, #[case] expected: &str) {
    let (_fake, address) = engine(Some(fault)).await;
    let refused = DockerEngine::connect(&address).await.expect_err("refused");
    assert_eq!(refused, DockerError::EngineUnreachable(expected.to_owned()));
}

#[rstest]
#[case::nothing(false, false, false, "ca")]
#[case::no_key(true, true, false, "key")]
#[case::no_certificate(true, false, true, "cert")]
#[case::complete(true, true, true, "")]
#[case::authority_alone(true, false, false, "")]
fn what_is_missing_is_said_at_its_field(#[case] ca: bool, #[case] cert: bool, #[case] key: bool, #[case] field: &str) {
    let ours = Authority::fresh();
    let Identity { cert: certificate, key: secret } = ours.identity("client");
    let tls =
        EngineTls { ca: ca.then(|| ours.pem()), cert: cert.then_some(certificate), key: key.then(|| secret.into()) };
    let address = EngineAddress { url: "tcp://127.0.0.1:2376".to_owned(), tls: Some(tls) };
    assert_eq!(address.check().err().map_or("", |wrong| wrong.field), field);
}

#[test]
fn a_key_of_another_certificate_is_refused_at_its_field() {
    let ours = Authority::fresh();
    let (one, two) = (ours.identity("client"), ours.identity("client"));
    let tls = EngineTls { ca: Some(ours.pem()), cert: Some(one.cert), key: Some(two.key.into()) };
    let address = EngineAddress { url: "tcp://127.0.0.1:2376".to_owned(), tls: Some(tls) };
    assert_eq!(address.check().expect_err("refused").field, "key");
}
