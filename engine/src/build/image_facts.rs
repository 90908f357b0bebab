//! What is told of an image once it is in the registry.

use crate::{docker::LastStage, hub::RegistryEntry, registry};
use types::build_run::{ImageFacts, ImageFile};

/// What the names of annotations begin with in the OCI image specification.
pub(super) const ANNOTATION: &str = "org.opencontainers.image.";

/// The annotations that are told.
const TOLD: [&str; 4] = ["source", "revision", "created", "version"];

/// The facts of an image in a repository of a registry.
pub(super) async fn of(
    registry: &RegistryEntry,
    path: &str,
    found: &registry::ImageFacts,
    stage: Option<&LastStage>,
) -> ImageFacts {
    let annotations = TOLD.iter().filter_map(|name| {
        let value = found.labels.get(&format!("{ANNOTATION}{name}"))?;
        Some(((*name).to_owned(), value.clone()))
    });
    ImageFacts {
        layers: found.layers.clone(),
        base: stage.and_then(|stage| stage.base.clone()),
        annotations: annotations.collect(),
        largest_files: best_effort_largest_files(registry, path, found, stage).await,
    }
}

/// None where it is not known which layers are new, or they cannot be read within the limits.
async fn best_effort_largest_files(
    registry: &RegistryEntry,
    path: &str,
    found: &registry::ImageFacts,
    stage: Option<&LastStage>,
) -> Option<Vec<ImageFile>> {
    let new = found.newest_layers(stage?.instructions)?;
    match registry.client.largest_files(path, new).await {
        Ok(files) => Some(files),
        Err(why) => {
            tracing::debug!(%why, path, "the largest files of an image are not known");
            None
        }
    }
}
