//! Nodes without containers: kwok plays kubelet for them, so that many pods start at once on a
//! small machine and what is measured is who drives them.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use super::namespace;
use super::stage::Stage;
use crate::playground::process::Process;
use crate::{checkout, command, playground, say, setup};

const MODULE: &str = "sigs.k8s.io/kwok";
const VERSION: &str = "v0.8.0";
/// What nodes and pods do, as the module has it: at once, and with a heartbeat.
const STAGES: [&str; 3] = ["node/fast", "node/heartbeat-with-lease", "pod/fast"];
/// Marks the nodes that kwok plays, and no other.
const ANNOTATION: (&str, &str) = ("kwok.x-k8s.io/node", "fake");
/// The default of a node is 110 pods: a surge of all must find room.
const NODES: usize = 5;
const PATIENCE_WITH_END: Duration = Duration::from_secs(5);

/// Ended when it is dropped.
pub(super) struct Kwok {
    child: Child,
}

impl Kwok {
    pub(super) fn start(stage: &Stage) -> Result<Self> {
        let Program { file, stages } = program()?;
        let kubeconfig = playground::kubeconfig(&stage.playground);
        let log = File::create(stage.playground.place.log("kwok"))?;
        let mut kwok = Command::new(file);
        kwok.arg(format!("--kubeconfig={}", kubeconfig.display()));
        kwok.args(stages.iter().map(|stage| format!("--config={}", stage.display())));
        kwok.arg(format!("--manage-nodes-with-annotation-selector={}={}", ANNOTATION.0, ANNOTATION.1));
        // Who does not renew its lease is taken for dead after 40 s, and its pods with it.
        kwok.arg("--node-lease-duration-seconds=40");
        // Lists that come as a stream need a newer etcd than that of the playground.
        kwok.env("KUBE_FEATURE_WatchListClient", "false");
        // Nobody asks for logs of what does not run.
        kwok.args(["--node-port=0", "--enable-crds="]).process_group(0);
        kwok.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let kwok = Self { child: kwok.spawn().context("cannot start kwok")? };
        let nodes: Vec<Value> = (1..=NODES).map(node).collect();
        namespace::create_all(stage, &nodes)?;
        let ready = ["wait", "--for=condition=Ready", "nodes", "--selector=type=kwok", "--timeout=60s"];
        command::output(&mut stage.kubectl(&ready)).context("the nodes of kwok do not become ready")?;
        Ok(kwok)
    }
}

impl Drop for Kwok {
    fn drop(&mut self) {
        let ended = Process::of_child(&self.child).and_then(|process| process.end(PATIENCE_WITH_END));
        if let Err(why) = ended.and_then(|()| Ok(self.child.wait().map(drop)?)) {
            say::line(format_args!("kwok was not ended: {why:#}"));
        }
    }
}

fn node(number: usize) -> Value {
    let name = format!("kwok-{number}");
    let mut labels = namespace::labels();
    labels["type"] = json!("kwok");
    labels["kubernetes.io/hostname"] = json!(name);
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {ANNOTATION.0: ANNOTATION.1}},
        "spec": {"taints": [{"key": "kwok", "value": "true", "effect": "NoSchedule"}]},
    })
}

/// Where pods go that are to run on these nodes.
pub(super) fn placement() -> Value {
    json!({
        "nodeSelector": {"type": "kwok"},
        "tolerations": [{"key": "kwok", "operator": "Exists", "effect": "NoSchedule"}],
    })
}

struct Program {
    file: PathBuf,
    stages: Vec<PathBuf>,
}

/// Built once per machine, like the components of Kubernetes.
fn program() -> Result<Program> {
    let folder = checkout::cache()?.join(format!("kwok-{VERSION}"));
    let (file, stages) = (folder.join("kwok"), folder.join("stages"));
    if !stages.exists() {
        build(&folder, &stages)?;
    }
    let stages = STAGES.iter().map(|stage| stages.join(stage_file(stage))).collect();
    Ok(Program { file, stages })
}

fn build(folder: &Path, stages: &Path) -> Result<()> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Module {
        dir: PathBuf,
    }
    let phase = say::phase(format_args!("building kwok {VERSION}"), "2 min, once per machine");
    let go = setup::go()?;
    let mut install = Command::new(&go);
    install.args(["install", &format!("{MODULE}/cmd/kwok@{VERSION}")]).env("GOBIN", folder).env("CGO_ENABLED", "0");
    command::output(&mut install).context("kwok cannot be built")?;
    let mut download = Command::new(&go);
    let module = command::output(download.args(["mod", "download", "-json", &format!("{MODULE}@{VERSION}")]))?;
    let Module { dir } = serde_json::from_str(&module)?;
    // Last of all and at once, since it says that everything is there.
    let unfinished = stages.with_extension("new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    fs::create_dir_all(&unfinished)?;
    for stage in STAGES {
        let text = stage_text(&dir.join("kustomize/stage").join(stage))?;
        fs::write(unfinished.join(stage_file(stage)), text)?;
    }
    fs::rename(unfinished, stages)?;
    phase.done();
    Ok(())
}

fn stage_file(stage: &str) -> String {
    format!("{}.yaml", stage.replace('/', "-"))
}

/// All stages of a folder, without the list of them and what the module needs for itself.
fn stage_text(folder: &Path) -> Result<String> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} is missing", folder.display()))? {
        let path = entry?.path();
        let is_stage = path.extension().is_some_and(|extension| extension == "yaml");
        if is_stage && !path.ends_with("kustomization.yaml") {
            files.push(path);
        }
    }
    files.sort();
    let texts = files.iter().map(fs::read_to_string).collect::<std::io::Result<Vec<String>>>()?;
    Ok(texts.join("\n---\n"))
}
