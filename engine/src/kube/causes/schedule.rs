//! A pod that no node takes. Nodes come and go, so it never ends an item before its deadline.

use super::{Finding, Rule, words};
use crate::kube::pod::PodView;
use types::run::Cause;

pub(super) fn finding(pod: &PodView) -> Option<Finding> {
    let why = pod.unschedulable.as_ref()?;
    Some(Finding {
        code: Cause::Unschedulable,
        message: format!("No node takes pod {}: {}", pod.name, words::sentence(why)),
        advice: "Make room or add a node, or lower what the workload asks for.".to_owned(),
        evidence: vec![words::pod(&pod.name, why)],
        pod: Some(pod.name.clone()),
        container: None,
        reason: "Unschedulable".to_owned(),
        count: 0,
        rule: Rule::Deadline,
        has_log: false,
        vague: false,
    })
}
