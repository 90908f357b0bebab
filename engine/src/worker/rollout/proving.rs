//! The controller is done: the pods must prove it.

use super::{
    Look, Seen,
    memory::{LAST_PODS, Memory},
};
use crate::{
    Error,
    image::ImageRef,
    kube::proof::{self, Lookup, Planned, Proving},
    registry::{Reference, RegistryError},
    worker::group::{Group, Working},
};
use sea_orm::ActiveValue::Set;
use std::time::Instant;
use types::run::Proof;

/// Ends the items that are proven, item by item.
pub(super) async fn complete(group: &mut Group, memory: &mut Memory, seen: Seen<'_>) -> Result<Look, Error> {
    let since = *memory.complete_since.get_or_insert_with(Instant::now);
    let engine = group.engine.clone();
    let mut ended = Look::GoesOn;
    for at in group.places(Working::rolls)? {
        let proving = prove(group, memory, at, seen).await?;
        let item = &mut group.items[at];
        if proving.waiting && since.elapsed() < LAST_PODS {
            continue;
        }
        let proof = match &seen.progress.proof_none {
            Some(when) => proof::none(when),
            None => proving.proof,
        };
        item.best_effort_say(&words_of(&proof, &item.to.image)).await;
        let mut step = item.rolled_out(proof);
        step.columns.ready = Set(i32::try_from(seen.progress.ready).ok());
        step.columns.replicas = Set(i32::try_from(seen.progress.replicas).ok());
        step.reason = step.reason.or_else(|| seen.progress.note.clone());
        item.step(&engine, step).await?;
        ended = Look::Ended;
    }
    Ok(ended)
}

/// Proves one item, asking the registry about digests that nodes report and nobody knows.
async fn prove(group: &Group, memory: &mut Memory, at: usize, seen: Seen<'_>) -> Result<Proving, Error> {
    let Seen { live, pods, progress, generation: _ } = seen;
    let item = &group.items[at];
    let planned = Planned {
        container: item.row.container.clone(),
        image: item.to.image.clone(),
        digest: item.to.digest.clone(),
        set: item.set.clone(),
    };
    let proving = proof::prove(&planned, live, pods, progress.replicas, &memory.known);
    if proving.ask.is_empty() {
        return Ok(proving);
    }
    let image = ImageRef::parse(&item.to.image).map_err(Error::Internal)?;
    let entry = group.engine.registry_of(&image.repository).await?;
    for digest in &proving.ask {
        let told = match &entry {
            Some(entry) => entry.resolve(image.repository.path(), &Reference::Digest(digest.clone())).await,
            None => Err(RegistryError::Unreachable("no registry of Slipway has this host".to_owned())),
        };
        let lookup = match told {
            Ok(resolved) => Lookup::Configs(resolved.digest_set),
            Err(why) => Lookup::Unknown(why.to_string()),
        };
        memory.known.insert(digest.clone(), lookup);
    }
    Ok(proof::prove(&planned, live, pods, progress.replicas, &memory.known))
}

fn words_of(proof: &Proof, image: &str) -> String {
    let why = proof.why.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
    format!("{}: {} of {} pods run {image}{why}", proof.state.as_str(), proof.pods_proven, proof.pods)
}
