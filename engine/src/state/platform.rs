//! Whether an image can run on the nodes that there are.

use crate::kube::workload::Platform;
use std::collections::BTreeSet;

/// Whether one of the image's platforms is one of a node that the template's selector allows. What is not known
/// is no reason to say no; a variant of an architecture is the node's business.
pub fn fits(image: &[String], nodes: &BTreeSet<Platform>, selector: &Platform) -> bool {
    let allows = |wanted: &Option<String>, has: &Option<String>| wanted.is_none() || has.is_none() || wanted == has;
    let candidates = nodes
        .iter()
        .filter(|node| allows(&selector.os, &node.os) && allows(&selector.architecture, &node.architecture));
    let candidates: Vec<&Platform> = candidates.collect();
    let runs = |platform: &String, node: &Platform| {
        let mut parts = platform.split('/');
        let (os, architecture) = (parts.next(), parts.next());
        let same = |of_image: Option<&str>, of_node: &Option<String>| {
            of_node.as_deref().is_none_or(|of_node| of_image == Some(of_node))
        };
        same(os, &node.os) && same(architecture, &node.architecture)
    };
    image.is_empty()
        || candidates.is_empty()
        || image.iter().any(|platform| candidates.iter().any(|node| runs(platform, node)))
}

/// As in `linux/amd64, linux/arm64`.
pub fn names(nodes: &BTreeSet<Platform>) -> String {
    let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "unknown".to_owned());
    let name = |node: &Platform| format!("{}/{}", part(&node.os), part(&node.architecture));
    nodes.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{fits, names};
    use crate::kube::workload::Platform;
    use rstest::rstest;
    use std::collections::BTreeSet;

    fn platform(text: &str) -> Platform {
        let (os, architecture) = text.split_once('/').expect("a platform");
        let known = |part: &str| (!part.is_empty()).then(|| part.to_owned());
        Platform { os: known(os), architecture: known(architecture) }
    }

    #[rstest]
    #[case::the_same(&["linux/amd64"], &["linux/amd64"], "/", true)]
    #[case::another(&["linux/arm64"], &["linux/amd64"], "/", false)]
    #[case::one_of_several(&["linux/arm64", "linux/amd64"], &["linux/amd64"], "/", true)]
    #[case::a_variant(&["linux/arm/v7"], &["linux/arm"], "/", true)]
    #[case::one_of_the_nodes(&["linux/arm64"], &["linux/amd64", "linux/arm64"], "/", true)]
    #[case::the_selected_nodes_alone(&["linux/amd64"], &["linux/amd64", "linux/arm64"], "linux/arm64", false)]
    #[case::another_system(&["windows/amd64"], &["linux/amd64"], "/", false)]
    #[case::an_image_that_does_not_say(&[], &["linux/amd64"], "/", true)]
    #[case::nodes_that_are_not_known(&["linux/arm64"], &[], "/", true)]
    #[case::nodes_that_do_not_say(&["linux/arm64"], &["linux/"], "/", true)]
    #[case::no_node_is_selected(&["linux/arm64"], &["linux/amd64"], "linux/s390x", true)]
    fn an_image_fits(#[case] image: &[&str], #[case] nodes: &[&str], #[case] selector: &str, #[case] expected: bool) {
        let image: Vec<String> = image.iter().map(|platform| (*platform).to_owned()).collect();
        let nodes: BTreeSet<Platform> = nodes.iter().map(|node| platform(node)).collect();
        assert_eq!(fits(&image, &nodes, &platform(selector)), expected);
    }

    #[test]
    fn are_named_as_images_name_them() {
        assert_eq!(names(&["linux/arm64", "linux/"].map(platform).into()), "linux/unknown, linux/arm64");
    }
}
