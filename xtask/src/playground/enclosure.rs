//! What keeps the playground apart from the machine: a control group and a
//! mount namespace of its own. Mounts made inside are not seen outside and go
//! with the last process, and the folders whose names the components have built
//! in are covered, so that another cluster of the machine keeps its own.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::cgroups::Cgroups;
use super::place::Place;
use super::process::Process;
use super::{records, wait};

const HOLDER: &str = "holder";

/// Built-in folders, and what stands for each of them inside.
const COVERED: [(&str, &str); 4] = [
    ("/run/containerd", "covered/run-containerd"),
    ("/var/lib/cni", "covered/cni"),
    ("/var/lib/kubelet", "covered/kubelet"),
    ("/var/log/containers", "covered/containers"),
];

/// The holder keeps the namespace while daemons come and go. Mounts of the
/// machine come in, ours do not get out, and inside they reach each other.
const HOLD: &str = r#"
set -e
mount --make-rslave / && mount --make-rshared /
while [ $# -gt 0 ]; do mkdir -p "$1" "$2"; mount --bind "$2" "$1"; shift 2; done
exec sleep infinity
"#;

/// Joins the control groups, then the namespace, then becomes the daemon.
const ENTER: &str = r#"
holder=$1; shift
while [ "$1" != -- ]; do echo $$ >"$1" || exit; shift; done; shift
[ "$holder" = none ] && exec "$@"
exec nsenter --mount="/proc/$holder/ns/mnt" -- "$@"
"#;

pub(crate) struct Enclosure<'a> {
    place: &'a Place,
    cgroups: Cgroups,
}

impl<'a> Enclosure<'a> {
    pub(crate) fn of(place: &'a Place) -> Result<Self> {
        Ok(Self { place, cgroups: Cgroups::of(place)? })
    }

    pub(crate) fn cgroups(&self) -> &Cgroups {
        &self.cgroups
    }

    pub(crate) fn holder(&self) -> Option<Process> {
        records::read(self.place, HOLDER).map(|record| record.process).filter(Process::is_alive)
    }

    /// Makes it where it is not, and says whether it did. What ran in an earlier one is ended first: it
    /// would not see the mounts of what is started now.
    pub(crate) fn ensure(&self) -> Result<bool> {
        if self.holder().is_some() {
            return Ok(false);
        }
        self.cgroups.end_all()?;
        self.cgroups.make()?;
        let mut child = self.hold().spawn().context("cannot start `unshare`")?;
        let holder = Process::of_child(&child);
        thread::spawn(move || child.wait());
        let holder = holder.context("the playground's enclosure ended at once")?;
        wait::until(Duration::from_secs(5), || holder.program().as_deref() == Some("sleep"))
            .context("this machine does not let the playground have mounts of its own")?;
        records::write(self.place, HOLDER, &records::Record { process: holder, fingerprint: String::new() })?;
        Ok(true)
    }

    fn hold(&self) -> Command {
        let mut hold = self.entering("none");
        hold.args(["unshare", "--mount", "sh", "-c", HOLD, "hold"]);
        for (built_in, ours) in COVERED {
            hold.arg(built_in).arg(self.place.data(ours));
        }
        hold.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        hold
    }

    /// A command line that runs what is added to it inside, in a session of its own.
    pub(crate) fn command(&self) -> Result<Command> {
        let holder = self.holder().context("the playground's enclosure is gone")?;
        Ok(self.entering(&holder.pid().to_string()))
    }

    fn entering(&self, holder: &str) -> Command {
        let mut command = Command::new("setsid");
        command.args(["sh", "-c", ENTER, "enter", holder]);
        command.args(self.cgroups.doors().iter().map(PathBuf::as_path)).arg("--");
        command
    }
}
