//! The playground's open registry, through its own API.

use crate::ground::setting;
use ureq::Agent;

/// All forms that a node asks for; with others the same tag has another digest.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// What a tag or digest stands for; none if the registry does not have it.
pub(crate) fn digest_of(repository: &str, reference: &str) -> Option<String> {
    let url = format!("http://{}/v2/{repository}/manifests/{reference}", setting("REGISTRY"));
    let agent = Agent::config_builder().http_status_as_error(false).proxy(None).build().new_agent();
    let answer = agent.head(url).header("accept", ACCEPT).call().expect("the registry answers");
    if answer.status() == 404 {
        return None;
    }
    assert_eq!(answer.status(), 200);
    let digest = answer.headers().get("docker-content-digest").expect("a digest");
    Some(digest.to_str().expect("a digest").to_owned())
}
