//! A program that fills the disk of its engine, which is a small one of the test's own.

use crate::{
    dockerd::Dockerd,
    ground::{output, shop, slipway},
    place::Place,
    slipway::text,
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// More than the reserve, below which no build starts, and less than a machine's memory.
const SIZE: &str = "size=1500m";

/// A file system in memory, as long as it is kept.
struct Disk(PathBuf);

impl Disk {
    fn on(folder: &Path) -> Self {
        output(Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(folder));
        Self(folder.to_owned())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(&self.0).status();
        unmounted.map(drop).unwrap_or_else(|why| eprintln!("{why}"));
    }
}

#[test]
#[ignore = "needs the playground"]
fn a_program_that_fills_the_disk_is_ended_before_it_is_full() {
    let place = Place::new(&slipway(), "full");
    let around = TempDir::new().expect("a folder");
    let _disk = Disk::on(around.path());
    let folder = TempDir::new_in(around.path()).expect("a folder");
    let address = format!("unix://{}", folder.path().join("docker.sock").display());
    let _dockerd = Dockerd::start(folder, &address, json!({}));
    place.make("engines", &json!({"name": place.named("small"), "type": "docker", "url": address}));
    let name = place.named("store");
    let script = json!({"type": "script", "name": "fill", "image": shop("store:1.0.0"),
        "script": "while dd if=/dev/zero bs=1M count=100 >> filled 2> /dev/null; do :; done; echo full; sleep 600"});
    let image = json!({"type": "image", "name": "image", "inline": "FROM scratch\nLABEL a=b\n"});
    place.make(
        "builds",
        &json!({"name": name, "registry": "local", "repository": place.repository("store"),
            "engine": place.named("small"), "tag_rule": {"type": "sequence", "prefix": "1.0-"},
            "steps": [script, image]}),
    );
    let runs = format!("/builds/{name}/runs");
    let ended = place.slipway.post(&format!("{runs}?wait=settled&timeout_ms=600000"), &json!({})).is(200);
    assert_eq!((&ended["status"], &ended["failure"]["code"]), (&json!("failed"), &json!("disk_full")), "{ended:#}");
    let expected =
        format!("the disk of the build engine {} is nearly full: less than 512 MiB are free", place.named("small"));
    assert_eq!(text(&ended["failure"]["message"]), expected);
    // What it wrote is gone, so the next one has room.
    let whole = json!({"steps": [image]});
    place.slipway.post(&format!("{runs}?expect=succeeded&timeout_ms=600000"), &whole).is(200);
}
