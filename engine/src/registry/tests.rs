//! Registries as they behave and misbehave.

use super::{
    Reference, RegistryClient, RegistryError, Right,
    ecr::Ecr,
    fake::{Asked, Fake, client, missing, reply, stored},
    http::Http,
    manifest::digest_of,
    sign_in::Credentials,
};
use crate::{egress::Egress, testing::Authority};
use axum::{body::Body, http::Response};
use rstest::rstest;
use secrecy::ExposeSecret;
use std::sync::Arc;
use types::Digest;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn digest(body: &str) -> Digest {
    digest_of(body.as_bytes()).expect("a digest")
}

fn tag(name: &str) -> Reference {
    Reference::Tag(name.to_owned())
}

/// An index of two platforms and an attestation, of which `arm64` was never mirrored.
struct Multi {
    config: String,
    image: String,
    index: String,
}

impl Multi {
    fn new() -> Self {
        let config =
            r#"{"created":"2026-11-25T00:00:00Z","os":"linux","architecture":"amd64","config":{"Labels":{"a":"b"}}}"#
                .to_owned();
        let image = format!(
            r#"{{"config":{{"digest":"{}","size":10}},"layers":[{{"digest":"{}","size":90}}]}}"#,
            digest(&config),
            digest("layer")
        );
        let index = format!(
            r#"{{"manifests":[{{"digest":"{}","platform":{{"os":"unknown","architecture":"unknown"}}}},
            {{"digest":"{}","platform":{{"os":"linux","architecture":"amd64"}}}},
            {{"digest":"{}","platform":{{"os":"linux","architecture":"arm64"}}}}]}}"#,
            digest("attestation"),
            digest(&image),
            digest("arm64")
        );
        Self { config, image, index }
    }

    fn answer(&self, asked: &Asked) -> Response<Body> {
        let last = asked.path.rsplit('/').next().unwrap_or_default();
        match last {
            "1.0" => stored(INDEX, &self.index),
            "no-digest" => reply(200, &[("content-type", MANIFEST)], self.image.clone()),
            other if other == digest(&self.index).as_str() => stored(INDEX, &self.index),
            other if other == digest(&self.image).as_str() => stored(MANIFEST, &self.image),
            other if other == digest(&self.config).as_str() => reply(200, &[], self.config.clone()),
            _ => missing(),
        }
    }
}

#[tokio::test]
async fn resolves_an_index_as_a_node_does_and_knows_all_its_digests() {
    let multi = Arc::new(Multi::new());
    let serving = multi.clone();
    let fake = Fake::start(move |asked| serving.answer(asked)).await;
    let resolved = fake.client().resolve("shop/web", &tag("1.0")).await.expect("resolved");
    assert_eq!(resolved.digest, digest(&multi.index));
    assert_eq!(
        (resolved.media_type.as_str(), resolved.platforms.as_slice()),
        (INDEX, &["linux/amd64".to_owned(), "linux/arm64".to_owned()][..])
    );
    let expected = [&multi.index, &multi.image, &multi.config, "attestation", "arm64"].map(digest);
    assert_eq!(resolved.digest_set, expected.into());
    let asked = &fake.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("HEAD", "/v2/shop/web/manifests/1.0"));
    for wanted in ["oci.image.index.v1", "oci.image.manifest.v1", "manifest.list.v2", "distribution.manifest.v2"] {
        assert!(asked.accept.contains(wanted), "{}", asked.accept);
    }
}

#[tokio::test]
async fn facts_are_those_of_the_first_platform_and_are_asked_once() {
    let multi = Arc::new(Multi::new());
    let serving = multi.clone();
    let fake = Fake::start(move |asked| serving.answer(asked)).await;
    let client = fake.client();
    let facts = client.facts("shop/web", &digest(&multi.index)).await.expect("facts");
    assert_eq!((facts.size_bytes, facts.layers.len()), (100, 1));
    assert_eq!(facts.created_at.map(|at| at.to_string()).as_deref(), Some("2026-11-25T00:00:00.000Z"));
    assert_eq!((facts.platforms.len(), facts.labels["a"].as_str()), (2, "b"));
    let asked = fake.asked().len();
    assert_eq!(client.facts("shop/web", &digest(&multi.index)).await, Ok(facts));
    assert_eq!(fake.asked().len(), asked);
    assert!(matches!(client.facts("other", &digest("x")).await, Err(RegistryError::NotFound(_))));
}

#[tokio::test]
async fn a_registry_without_digests_in_heads_is_asked_for_the_whole() {
    let multi = Arc::new(Multi::new());
    let serving = multi.clone();
    let fake = Fake::start(move |asked| serving.answer(asked)).await;
    let resolved = fake.client().resolve("shop/web", &tag("no-digest")).await.expect("resolved");
    assert_eq!(resolved.digest, digest(&multi.image));
    assert_eq!(resolved.platforms, ["linux/amd64"]);
}

#[tokio::test]
async fn tag_facts_are_null_where_nothing_is_known() {
    let multi = Multi::new();
    let index = digest(&multi.index);
    let fake = Fake::start(move |asked| multi.answer(asked)).await;
    let facts = fake.client().tag_facts("shop/web", &["gone".to_owned(), "1.0".to_owned(), "../x".to_owned()]).await;
    assert_eq!(facts.iter().map(|facts| facts.tag.as_str()).collect::<Vec<_>>(), ["gone", "1.0", "../x"]);
    assert_eq!(facts.iter().map(|facts| facts.size_bytes).collect::<Vec<_>>(), [None, Some(100), None]);
    assert_eq!(facts[1].digest, Some(index));
}

#[rstest]
#[case::other_content(Some("sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))]
#[case::silent(None)]
#[tokio::test]
async fn a_content_that_is_not_its_digest_is_refused(#[case] header: Option<&'static str>) {
    let fake = Fake::start(move |_| match header {
        Some(digest) => reply(200, &[("docker-content-digest", digest)], Multi::new().image),
        None => reply(200, &[], Multi::new().image),
    })
    .await;
    let asked = Reference::Digest(digest("another"));
    let outcome = match header {
        Some(_) => fake.client().resolve("web", &asked).await.map(|_| ()),
        None => fake.client().facts("web", &digest("another")).await.map(|_| ()),
    };
    assert!(matches!(outcome, Err(RegistryError::Invalid(_))), "{outcome:?}");
}

#[tokio::test]
async fn reads_all_pages_of_five_thousand_tags() {
    let fake = Fake::start(|asked| {
        let after: usize = asked.path.split("last=").nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
        let tags: Vec<String> = (after..after + 1000).map(|n| format!("1.0.{n}")).collect();
        let body = serde_json::json!({ "name": "web", "tags": tags }).to_string();
        let next = format!("</v2/web/tags/list?n=1000&last={}>; rel=\"next\"", after + 1000);
        if after < 4000 { reply(200, &[("link", &next)], body) } else { reply(200, &[], body) }
    })
    .await;
    let tags = fake.client().tags("web").await.expect("tags");
    assert_eq!((tags.len(), tags[0].as_str(), tags[4999].as_str()), (5000, "1.0.4999", "1.0.0"));
    assert_eq!(fake.asked().len(), 5);
}

#[tokio::test]
async fn a_list_that_goes_round_in_a_circle_ends() {
    let fake =
        Fake::start(|_| reply(200, &[("link", "</v2/web/tags/list?n=1000>; rel=next")], r#"{"tags":["a"]}"#)).await;
    assert_eq!(fake.client().tags("web").await, Ok(vec!["a".to_owned()]));
    let elsewhere =
        Fake::start(|_| reply(200, &[("link", "<http://127.0.0.1:1/x>; rel=next")], r#"{"tags":null}"#)).await;
    assert!(matches!(elsewhere.client().tags("web").await, Err(RegistryError::Invalid(_))));
}

#[rstest]
#[case(404, RegistryError::NotFound("web:1".to_owned()))]
#[case(403, RegistryError::Unauthorized("it answers 403 Forbidden".to_owned()))]
#[case(429, RegistryError::Unreachable("it answers 429 Too Many Requests".to_owned()))]
#[case(503, RegistryError::Unreachable("it answers 503 Service Unavailable".to_owned()))]
#[tokio::test]
async fn statuses_have_meanings(#[case] status: u16, #[case] expected: RegistryError) {
    let fake = Fake::start(move |_| reply(status, &[], "")).await;
    assert_eq!(fake.client().resolve("web", &tag("1")).await, Err(expected));
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_unreachable() {
    let outcome = client("http://127.0.0.1:1", Egress::default()).check().await;
    assert!(matches!(outcome, Err(RegistryError::Unreachable(why)) if why.contains("refused")));
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let fake = Fake::start(|_| reply(200, &[], "x".repeat((8 << 20) + 1))).await;
    assert!(matches!(fake.client().tags("web").await, Err(RegistryError::Invalid(why)) if why.contains("larger")));
}

#[rstest]
#[case("")]
#[case("../../secret")]
#[case("web/../../x")]
#[case("web?x")]
#[case("web#")]
#[case("Web")]
#[tokio::test]
async fn a_repository_does_not_lead_out_of_itself(#[case] repository: &str) {
    let fake = Fake::start(|_| missing()).await;
    assert!(matches!(fake.client().tags(repository).await, Err(RegistryError::Invalid(_))));
    assert!(fake.asked().is_empty());
}

const BASIC: &str = "Basic Y2k6c2VjcmV0";

#[tokio::test]
async fn credentials_are_sent_only_after_they_are_asked_for() {
    let fake = Fake::start(|asked| match asked.authorization.as_deref() {
        Some(BASIC) => reply(200, &[], "{}"),
        _ => reply(401, &[("www-authenticate", "Basic realm=\"x\"")], ""),
    })
    .await;
    let client = fake.client();
    client.check().await.expect("signed in");
    client.check().await.expect("signed in");
    let sent: Vec<_> = fake.asked().into_iter().map(|asked| asked.authorization).collect();
    assert_eq!(sent, [None, Some(BASIC.to_owned()), Some(BASIC.to_owned())]);
}

#[tokio::test]
async fn wrong_credentials_are_unauthorized() {
    let refuse =
        || reply(401, &[("www-authenticate", "Basic realm=\"x\"")], r#"{"errors":[{"message":"wrong password"}]}"#);
    let fake = Fake::start(move |_| refuse()).await;
    assert_eq!(fake.client().check().await, Err(RegistryError::Unauthorized("wrong password (401)".to_owned())));
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test]
async fn a_token_is_asked_from_the_realm_for_the_repository_and_kept() {
    let realm = Fake::start(|_| reply(200, &[], r#"{"token":"t1","expires_in":300}"#)).await;
    let challenge = format!("Bearer realm=\"{}/token\",service=\"registry\"", realm.url);
    let fake = Fake::start(move |asked| match asked.authorization.as_deref() {
        Some("Bearer t1") => reply(200, &[], r#"{"tags":["1"]}"#),
        _ => reply(401, &[("www-authenticate", &challenge)], ""),
    })
    .await;
    let client = fake.client();
    client.tags("shop/web").await.expect("tags");
    client.tags("shop/web").await.expect("tags");
    assert_eq!(realm.asked().len(), 1);
    assert_eq!(realm.asked()[0].path, "/token?service=registry&scope=repository%3Ashop%2Fweb%3Apull");
    assert_eq!(realm.asked()[0].authorization.as_deref(), Some(BASIC));
    assert!(fake.asked().iter().all(|asked| asked.authorization.as_deref() != Some(BASIC)));
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect_elsewhere() {
    let elsewhere = Fake::start(|asked| match asked.authorization {
        // Elsewhere must not be able to ask for them either.
        None => reply(401, &[("www-authenticate", "Basic realm=\"give\"")], ""),
        Some(_) => reply(200, &[], "{}"),
    })
    .await;
    let target = format!("{}/v2/", elsewhere.url);
    let fake = Fake::start(move |asked| match asked.authorization.as_deref() {
        Some(BASIC) => reply(307, &[("location", &target)], ""),
        _ => reply(401, &[("www-authenticate", "Basic realm=\"x\"")], ""),
    })
    .await;
    assert!(matches!(fake.client().check().await, Err(RegistryError::Unauthorized(_))));
    assert!(elsewhere.asked().iter().all(|asked| asked.authorization.is_none()));
    assert_eq!(elsewhere.asked().len(), 1);
}

#[rstest]
#[case("http://169.254.169.254/latest/meta-data")]
#[case("http://registry.example/v2/")]
#[case("https://169.254.169.254/")]
#[case("file:///etc/passwd")]
#[case("ftp://127.0.0.1/")]
#[tokio::test]
async fn a_redirect_to_where_nothing_may_go_is_refused(#[case] location: &'static str) {
    let fake = Fake::start(move |_| reply(302, &[("location", location)], "")).await;
    assert!(matches!(fake.client().check().await, Err(RegistryError::Invalid(_))));
}

#[tokio::test]
async fn redirects_end_after_five() {
    let fake = Fake::start(|_| reply(302, &[("location", "/v2/")], "")).await;
    assert!(matches!(fake.client().check().await, Err(RegistryError::Invalid(why)) if why.contains("5 times")));
    assert_eq!(fake.asked().len(), 6);
}

#[rstest]
#[case("registry.example")]
#[case("ftp://registry.example")]
#[case("https://user:password@registry.example")]
#[case("https://")]
fn a_wrong_address_is_refused(#[case] url: &str) {
    let settings = super::RegistrySettings {
        url: url.to_owned(),
        kind: types::registry::RegistryType::Oci,
        username: None,
        password: None,
        ca_pem: None,
        egress: Arc::default(),
    };
    assert!(matches!(super::RegistryClient::new(settings), Err(RegistryError::Invalid(_))));
}

#[test]
fn a_wrong_authority_is_refused() {
    let ca_pem = Some("no pem".to_owned());
    let settings = super::RegistrySettings {
        url: "https://registry.example".to_owned(),
        kind: types::registry::RegistryType::Oci,
        username: None,
        password: None,
        ca_pem,
        egress: Arc::default(),
    };
    assert!(matches!(super::RegistryClient::new(settings), Err(RegistryError::Invalid(_))));
}

#[rstest]
#[case::its_own(true)]
#[case::another(false)]
#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_and_no_other(#[case] its_own: bool) {
    let (authority, other) = (Authority::fresh(), Authority::fresh());
    let fake = Fake::over_tls(&authority, |_| reply(200, &[], "{}")).await;
    let settings = super::RegistrySettings {
        url: fake.url.clone(),
        kind: types::registry::RegistryType::Oci,
        username: None,
        password: None,
        ca_pem: Some(if its_own { authority.pem() } else { other.pem() }),
        egress: Arc::default(),
    };
    let checked = super::RegistryClient::new(settings).expect("a client").check().await;
    match checked {
        Ok(()) => assert!(its_own),
        Err(RegistryError::Unreachable(why)) => assert!(!its_own && why.contains("UnknownIssuer"), "{why}"),
        Err(other) => panic!("{other}"),
    }
}

#[rstest]
#[case("", false)]
#[case("no pem", false)]
#[case("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", false)]
fn what_is_no_authority_is_told(#[case] pem: &str, #[case] good: bool) {
    assert_eq!(super::RegistryClient::check_ca(pem).is_ok(), good);
    assert_eq!(super::RegistryClient::check_ca(&Authority::fresh().pem()), Ok(()));
}

/// A registry that lets us do some things in `shop/web`, and has sessions of uploads.
async fn limited(pull: u16, push: u16) -> Fake {
    Fake::start(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/v2/shop/web/tags/list?n=1") => reply(pull, &[], r#"{"tags":[]}"#),
        ("POST", "/v2/shop/web/blobs/uploads/") => {
            reply(push, &[("location", "/v2/shop/web/blobs/uploads/1?state=a")], "")
        }
        ("DELETE", "/v2/shop/web/blobs/uploads/1?state=a") => reply(204, &[], ""),
        _ => missing(),
    })
    .await
}

#[rstest]
#[case::all(200, 202, &[])]
#[case::all_before_the_first_push(404, 202, &[])]
#[case::only_pull(200, 403, &[Right::Push])]
#[case::no_repository_by_a_push(404, 404, &[Right::Push])]
#[case::only_push(403, 202, &[Right::Pull])]
#[case::nothing(403, 403, &[Right::Pull, Right::Push])]
#[tokio::test]
async fn missing_rights_are_found_by_trying(#[case] pull: u16, #[case] push: u16, #[case] expected: &[Right]) {
    let fake = limited(pull, push).await;
    assert_eq!(fake.client().missing_rights("shop/web").await.as_deref(), Ok(expected));
    let cancelled = fake.asked().iter().filter(|asked| asked.method == "DELETE").count();
    assert_eq!(cancelled, usize::from(push == 202), "nothing stays");
}

#[tokio::test]
async fn a_registry_that_fails_says_nothing_of_rights() {
    let fake = limited(200, 503).await;
    assert!(matches!(fake.client().missing_rights("shop/web").await, Err(RegistryError::Unreachable(_))));
}

#[tokio::test]
async fn an_upload_elsewhere_is_not_cancelled_with_our_credentials() {
    let elsewhere = Fake::start(|_| reply(204, &[], "")).await;
    let location = format!("{}/v2/shop/web/blobs/uploads/1", elsewhere.url);
    let fake = Fake::start(move |asked| match asked.method.as_str() {
        "POST" => reply(202, &[("location", &location)], ""),
        _ => reply(200, &[], "{}"),
    })
    .await;
    assert_eq!(fake.client().missing_rights("shop/web").await, Ok(Vec::new()));
    assert!(elsewhere.asked().is_empty());
}

/// How hosts ask to be signed in to and whether their realm also gives tokens that are worth less than what was asked
/// for: then the registry refuses what the token does not hold.
#[rstest]
#[case::docker_hub("registry.docker.io", r#"{"token":"half","access_token":"half","expires_in":300}"#)]
#[case::github("ghcr.io", r#"{"token":"half"}"#)]
#[case::harbor("harbor-registry", r#"{"token":"half","access_token":"","expires_in":1800}"#)]
#[case::gitlab("container_registry", r#"{"token":"half","expires_in":900}"#)]
#[tokio::test]
async fn a_token_for_less_than_was_asked_for_names_the_missing_right(
    #[case] service: &'static str,
    #[case] token: &'static str,
) {
    let realm = Fake::start(move |_| reply(200, &[], token)).await;
    let realm_url = realm.url.clone();
    let fake = Fake::start(move |asked| {
        let (actions, status) = if asked.method == "GET" { ("pull", 200) } else { ("pull,push", 401) };
        let challenge = format!(
            "Bearer realm=\"{realm_url}/token\",service=\"{service}\",scope=\"repository:shop/web:{actions}\",error=\"insufficient_scope\""
        );
        let status = if asked.authorization.as_deref() == Some("Bearer half") { status } else { 401 };
        reply(status, &[("www-authenticate", &challenge)], r#"{"tags":[]}"#)
    })
    .await;
    assert_eq!(fake.client().missing_rights("shop/web").await, Ok(vec![Right::Push]));
    let scopes: Vec<String> = realm.asked().into_iter().map(|asked| asked.path).collect();
    let asked = |actions: &str| format!("/token?service={service}&scope=repository%3Ashop%2Fweb%3A{actions}");
    assert_eq!(scopes, [asked("pull"), asked("pull%2Cpush")]);
}

/// Amazon's registry, whose token call is answered by `realm`.
fn ecr(registry: &Fake, realm: &Fake) -> RegistryClient {
    let http = Http::new(&registry.url, None, Arc::default()).expect("a registry");
    RegistryClient::with(http, Credentials::Ecr(Ecr::at(&realm.url))).expect("a client")
}

/// `AWS:secret`.
const AMAZONS: &str = "QVdTOnNlY3JldA==";

async fn gives_passwords_until(expires_at: i64) -> Fake {
    let body = format!(r#"{{"authorizationData":[{{"authorizationToken":"{AMAZONS}","expiresAt":{expires_at}.5}}]}}"#);
    Fake::start(move |_| reply(200, &[], body.clone())).await
}

async fn amazons() -> Fake {
    Fake::start(|asked| match asked.authorization.as_deref() {
        Some("Basic QVdTOnNlY3JldA==") => reply(200, &[], r#"{"tags":[]}"#),
        _ => reply(401, &[("www-authenticate", "Basic realm=\"x\",service=\"ecr.amazonaws.com\"")], ""),
    })
    .await
}

#[rstest]
#[case::that_last(12, 1)]
#[case::that_end_soon(0, 3)]
#[tokio::test]
async fn amazon_gives_passwords(#[case] hours: i64, #[case] asked: usize) {
    let until = crate::now().as_millis() / 1000 + hours * 3600;
    let (realm, registry) = (gives_passwords_until(until).await, amazons().await);
    let client = ecr(&registry, &realm);
    client.check().await.expect("signed in");
    client.tags("shop/web").await.expect("signed in");
    let login = client.login().await.expect("an answer").expect("a login");
    assert_eq!((login.username.as_str(), login.password.expose_secret()), ("AWS", "secret"));
    assert_eq!(realm.asked().len(), asked);
    let call = &realm.asked()[0];
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/"));
    let authorization = call.authorization.as_deref().unwrap_or_default();
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
    assert!(
        authorization
            .contains("/eu-west-1/ecr/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, ")
    );
    assert!(registry.asked().iter().all(|asked| asked.authorization.as_deref() != Some(authorization)));
}

#[rstest]
#[case(
    400,
    r#"{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}"#,
    RegistryError::Unauthorized("UnrecognizedClientException: The security token included in the request is invalid.".to_owned())
)]
#[case(
    400,
    r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"not authorized to perform: ecr:GetAuthorizationToken"}"#,
    RegistryError::Unauthorized("AccessDeniedException: not authorized to perform: ecr:GetAuthorizationToken".to_owned())
)]
#[case(
    400,
    r#"{"__type":"ThrottlingException","message":"slow"}"#,
    RegistryError::Unreachable("ThrottlingException: slow".to_owned())
)]
#[case(503, "busy", RegistryError::Unreachable("its token call answers 503 Service Unavailable".to_owned()))]
#[case(200, "{}", RegistryError::Invalid("its token call answers without a token".to_owned()))]
#[tokio::test]
async fn amazon_refuses(#[case] status: u16, #[case] body: &'static str, #[case] expected: RegistryError) {
    let realm = Fake::start(move |_| reply(status, &[], body)).await;
    assert_eq!(ecr(&amazons().await, &realm).check().await, Err(expected));
}
