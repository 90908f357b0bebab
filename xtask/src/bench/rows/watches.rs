//! Watches of one kind that Slipway has open on a cluster, the largest number of all kinds: what
//! the API server counts with Slipway running, less what it counts without.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::bench::interrupt;
use crate::bench::row::Reading;
use crate::bench::samples::Samples;
use crate::bench::stage::Stage;
use crate::command;

/// The API server counts a watch down when it notices that its client is gone.
const PATIENCE: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(1);
/// Equal looks in a row that are taken for the truth: others begin their watches anew at times.
const LOOKS: usize = 4;

/// Open watches by kind.
type Watches = BTreeMap<String, i64>;

pub(super) fn measure(stage: &mut Stage) -> Result<Reading> {
    stage.crowd()?;
    stage.ground()?;
    stage.end_server()?;
    let without = at_rest(stage);
    stage.restart()?;
    let (with, without) = (at_rest(stage)?, without?);
    let ours: Watches = with
        .into_iter()
        .map(|(kind, count)| (kind.clone(), count - without.get(&kind).copied().unwrap_or_default()))
        .filter(|(_, count)| *count != 0)
        .collect();
    let kinds: Vec<String> = ours.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    let most = ours.values().copied().max().unwrap_or_default();
    let remark = format!("with 3 maps of one cluster: {}", kinds.join(", "));
    Ok(Reading::of(Samples::one(f64::from(i32::try_from(most)?))).remark(remark))
}

fn at_rest(stage: &Stage) -> Result<Watches> {
    let end = Instant::now() + PATIENCE;
    let mut looks = vec![look(stage)?];
    while Instant::now() < end {
        interrupt::pause(EVERY)?;
        looks.push(look(stage)?);
        let last = &looks[looks.len().saturating_sub(LOOKS)..];
        if last.len() == LOOKS && last.iter().all(|look| *look == last[0]) {
            return Ok(last[0].clone());
        }
    }
    bail!("the number of watches did not come to rest within {} s", PATIENCE.as_secs())
}

fn look(stage: &Stage) -> Result<Watches> {
    Ok(parse(&command::output(&mut stage.kubectl(&["get", "--raw", "/metrics"]))?))
}

fn parse(metrics: &str) -> Watches {
    let mut watches = Watches::new();
    for line in metrics.lines().filter(|line| line.starts_with("apiserver_longrunning_requests{")) {
        let Some((labels, count)) = line.rsplit_once(' ') else { continue };
        let label = |name: &str| labels.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
        let (Some(("WATCH", _)), Some((kind, _))) = (label(",verb"), label(",resource")) else { continue };
        *watches.entry(kind.to_owned()).or_default() += count.parse::<i64>().unwrap_or_default();
    }
    watches
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_watches_count() {
        let metrics = "\
# TYPE apiserver_longrunning_requests gauge
apiserver_longrunning_requests{component=\"apiserver\",group=\"\",resource=\"pods\",scope=\"cluster\",subresource=\"\",verb=\"WATCH\",version=\"v1\"} 4
apiserver_longrunning_requests{component=\"apiserver\",group=\"\",resource=\"pods\",scope=\"namespace\",subresource=\"\",verb=\"WATCH\",version=\"v1\"} 1
apiserver_longrunning_requests{component=\"apiserver\",group=\"\",resource=\"pods\",scope=\"resource\",subresource=\"log\",verb=\"CONNECT\",version=\"v1\"} 9
";
        assert_eq!(parse(metrics).into_iter().collect::<Vec<_>>(), [("pods".to_owned(), 5)]);
    }
}
