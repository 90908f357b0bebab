//! Sends the one patch of a group, and writes down how it went.

use super::{Group, Way, Working, turn::image_of};
use crate::{
    Error,
    kube::{Applied, ImageChange, PatchError, PatchOutcome, WorkloadTarget, rollout},
    now,
    state::item::Event,
    store,
    worker::item::Move,
};
use sea_orm::ActiveValue::Set;
use std::time::Duration;
use types::Image;

/// A change that the cluster did not take is tried again with pauses from this…
const PAUSE_FIRST: Duration = Duration::from_millis(200);
/// …up to this.
const PAUSE_MAX: Duration = Duration::from_secs(10);

impl Group {
    /// Sends the patch for all items that go; what is temporary is tried again.
    pub(super) async fn apply(&mut self) -> Result<(), Error> {
        let mut pause = PAUSE_FIRST;
        loop {
            let going = self.places(Working::applies)?;
            let Some(&first) = going.first() else { return Ok(()) };
            match self.send(&going, first).await? {
                Ok(PatchOutcome::Applied(applied)) => return self.applied(&going, &applied, true).await,
                Ok(PatchOutcome::AlreadyThere(applied)) => return self.applied(&going, &applied, false).await,
                Err(why) if why.is_retryable() => {
                    for &at in &going {
                        let words = format!("The cluster did not take the change ({why}). Trying again.");
                        self.items[at].best_effort_say(&words).await;
                    }
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = self.engine.stop.cancelled() => return Ok(()),
                    }
                    pause = (pause * 2).min(PAUSE_MAX);
                }
                Err(why) => return self.refused(&going, &why).await,
            }
        }
    }

    async fn send(&self, going: &[usize], first: usize) -> Result<Result<PatchOutcome, PatchError>, Error> {
        let uid = self.items[first].row.uid.clone().unwrap_or_default();
        let target = WorkloadTarget { key: self.key.clone(), uid };
        if going.iter().all(|&at| self.items[at].row.restart) {
            return Ok(self.cluster.restart(&target, false).await);
        }
        let changes: Vec<ImageChange> =
            going.iter().map(|&at| self.items[at].change()).collect::<Result<_, Error>>()?;
        Ok(self.cluster.apply_images(&target, &changes, false).await)
    }

    async fn applied(&mut self, going: &[usize], applied: &Applied, changed: bool) -> Result<(), Error> {
        let live = self.live();
        let no_pods = live.as_ref().and_then(|live| rollout::progress(live, applied.generation).proof_none);
        for &at in going {
            let engine = self.engine.clone();
            let item = &mut self.items[at];
            let ours = changed || item.may_be_ours || item.way == Way::Back;
            let mut step = item.taken(applied.generation, now().as_millis(), no_pods.as_deref());
            step.columns.uid = Set(Some(applied.uid.clone()));
            if item.way == Way::Forward {
                step.columns.changed = Set(ours);
            }
            if !item.row.restart {
                let stands = standing(&item.to, applied, &item.row.container);
                if stands.image != item.to.image {
                    item.best_effort_say(&format!("The cluster wrote {} instead", stands.image)).await;
                }
                if item.way == Way::Forward {
                    step.columns.to_image = Set(Some(store::write(&stands)?));
                }
                step.ran = ours.then(|| (stands.clone(), item.set.clone()));
                item.to = stands;
            }
            let how = if changed { "Set" } else { "Already set:" };
            item.best_effort_say(&format!("{how} {} of {} to {}", item.row.container, self.key, item.to.image)).await;
            item.step(&engine, step).await?;
        }
        Ok(())
    }

    async fn refused(&mut self, going: &[usize], why: &PatchError) -> Result<(), Error> {
        let failure = why.failure();
        let event = match why {
            PatchError::Conflict(_) => Event::TestFailed { target_there: false },
            PatchError::WorkloadGone | PatchError::ContainerGone(_) => Event::WorkloadGone,
            PatchError::AdmissionDenied(_)
            | PatchError::AdmissionChanged { .. }
            | PatchError::Forbidden(_)
            | PatchError::Unavailable(_) => Event::Refused(failure.code),
        };
        for &at in going {
            let engine = self.engine.clone();
            let item = &mut self.items[at];
            let mut step = item.refused(event, failure.clone());
            if let PatchError::AdmissionChanged { applied, .. } = why {
                rewritten(&mut step, item, applied)?;
            }
            item.step(&engine, step).await?;
        }
        Ok(())
    }
}

/// The cluster was changed, but not to what was sent: it has to go back from there.
fn rewritten(step: &mut Move, item: &Working, applied: &Applied) -> Result<(), Error> {
    let Some((_, image)) = applied.images.iter().find(|(name, _)| *name == item.row.container) else { return Ok(()) };
    let stands = image_of(image);
    let digests = stands.digest.iter().cloned().collect();
    step.columns.to_image = Set(Some(store::write(&stands)?));
    step.columns.changed = Set(true);
    step.columns.generation = Set(Some(applied.generation));
    step.ran = Some((stands, digests));
    Ok(())
}

/// The target as the template has it: webhooks may write the same content under another name.
fn standing(to: &Image, applied: &Applied, container: &str) -> Image {
    let written = applied.images.iter().find(|(name, _)| name == container).map(|(_, image)| image);
    match written.filter(|written| !written.is_empty() && **written != to.image) {
        Some(written) => Image { digest: to.digest.clone().or(image_of(written).digest), ..image_of(written) },
        None => to.clone(),
    }
}
