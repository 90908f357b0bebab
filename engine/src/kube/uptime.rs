//! Whether the pods of a complete rollout have stayed up.
//!
//! A container without a probe is ready the moment it starts, so that one which crashes at once is ready, and counted
//! as available, for as long as it takes its node to notice: the controller calls the rollout complete, and a second
//! later it is a crash loop. What has no probe must therefore have been seen up for a moment.

use super::{
    pod::{ContainerState, PodContainer, PodView},
    workload::WorkloadView,
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use types::task::Role;

/// A node looks at its containers once a second, and a busy one tells later.
const UNPROBED: Duration = Duration::from_secs(2);

/// What has exited already may start again for as long as it lasted before.
const AFTER_EXIT: Duration = Duration::from_secs(10);

/// Since when each container without a probe has been up: by the pod's UID, its name and how often it had exited.
#[derive(Debug, Default)]
pub struct Uptime {
    since: HashMap<(String, String, u32), Duration>,
}

impl Uptime {
    /// How long the new pods must still stay up; `now` is of a monotonic clock. Has to see every change of the pods.
    pub fn missing(&mut self, now: Duration, workload: &WorkloadView, pods: &[Arc<PodView>]) -> Option<Duration> {
        let mut since = HashMap::new();
        let mut longest = Duration::ZERO;
        for pod in pods.iter().filter(|pod| pod.is_new(workload)) {
            for container in pod.containers.iter().filter(|container| is_unprobed(container)) {
                let key = (pod.uid.clone(), container.name.clone(), container.restarts);
                let begun = self.since.get(&key).copied().unwrap_or(now);
                since.insert(key, begun);
                let asked = if container.restarts > 0 { AFTER_EXIT } else { UNPROBED };
                longest = longest.max(asked.saturating_sub(now.saturating_sub(begun)));
            }
        }
        self.since = since;
        (longest > Duration::ZERO).then_some(longest)
    }
}

fn is_unprobed(container: &PodContainer) -> bool {
    container.role != Role::Init && !container.probed && container.state == ContainerState::Running
}

#[cfg(test)]
mod tests {
    use super::{AFTER_EXIT, UNPROBED, Uptime};
    use crate::kube::{
        pod::{ContainerState, PodContainer, PodView},
        testing::{pod, workload},
    };
    use rstest::rstest;
    use std::{sync::Arc, time::Duration};
    use types::{WorkloadKind::Deployment, task::Role};

    fn with(change: impl Fn(&mut PodContainer)) -> Vec<Arc<PodView>> {
        let mut pod = pod("web-1");
        pod.containers.iter_mut().for_each(|container| {
            container.probed = false;
            container.state = ContainerState::Running;
            change(container);
        });
        vec![Arc::new(pod)]
    }

    #[rstest]
    #[case::without_a_probe(&|_: &mut PodContainer| {}, Some(UNPROBED))]
    #[case::with_a_probe(&|container: &mut PodContainer| container.probed = true, None)]
    #[case::it_has_exited(&|container: &mut PodContainer| container.restarts = 1, Some(AFTER_EXIT))]
    #[case::with_a_probe_after_an_exit(&|container: &mut PodContainer| {
        container.probed = true;
        container.restarts = 1;
    }, None)]
    #[case::an_init_container(&|container: &mut PodContainer| container.role = Role::Init, None)]
    fn asks_for_a_moment(#[case] change: &dyn Fn(&mut PodContainer), #[case] missing: Option<Duration>) {
        let now = Duration::from_secs(5);
        assert_eq!(Uptime::default().missing(now, &workload(Deployment, 1), &with(change)), missing);
    }

    #[test]
    fn a_container_that_starts_again_begins_anew() {
        let workload = workload(Deployment, 1);
        let mut uptime = Uptime::default();
        let first = with(|_| {});
        assert_eq!(uptime.missing(Duration::ZERO, &workload, &first), Some(UNPROBED));
        assert_eq!(uptime.missing(UNPROBED / 2, &workload, &first), Some(UNPROBED / 2));
        assert_eq!(uptime.missing(UNPROBED, &workload, &first), None);
        let again = with(|container| container.restarts = 1);
        assert_eq!(uptime.missing(UNPROBED, &workload, &again), Some(AFTER_EXIT));
    }
}
