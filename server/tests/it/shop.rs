//! Slipway with the map `shop` on a scripted cluster: Deployments `web` and `api`, whose controllers are played.

use crate::TestApp;
use engine::{
    Principal,
    testing::cluster::{Controller, FakeApi, put},
};
use serde_json::{Value, json};
use std::time::Duration;
use types::Name;

/// Far more than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An image by a letter.
pub(crate) fn image(letter: &str) -> String {
    format!("r.io/web@{}", digest(letter))
}

pub(crate) fn digest(letter: &str) -> String {
    format!("sha256:{}", letter.repeat(64))
}

/// An item that takes a Deployment to the image of a letter.
pub(crate) fn item(name: &str, letter: &str) -> Value {
    json!({"task": format!("deployment/{name}/app"), "version": {"digest": digest(letter)}})
}

/// See the module.
pub(crate) struct Shop {
    pub(crate) app: TestApp,
    pub(crate) api: FakeApi,
    _controller: Controller,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(TestApp::new().await).await
    }

    pub(crate) async fn with(app: TestApp) -> Self {
        let api = FakeApi::start().await;
        let controller = Controller::start(&api);
        put(&api, "web", &image("a"));
        put(&api, "api", &image("a"));
        let cluster = json!({"name": "local", "server": api.address(), "token": "x"});
        let made = app.post("/api/v1/clusters", &cluster).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let map = json!({"name": "shop", "cluster": "local", "namespace": "shop"});
        let made = app.post("/api/v1/maps", &map).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let shop = Self { app, api, _controller: controller };
        shop.until(|tasks| {
            let workloads = tasks["workloads"].as_array().expect("workloads");
            workloads.len() == 2 && workloads.iter().all(|workload| workload["ready"] == 1)
        })
        .await;
        shop
    }

    /// Waits until the page is like this, woken by what changes.
    pub(crate) async fn until(&self, is: impl Fn(&Value) -> bool) {
        let map = Name::parse("shop").expect("a name");
        let mut feed = self.app.app.engine.follow_map(&Principal::host(), &map, None).await.expect("a feed");
        let waiting = async {
            while !is(&self.app.get("/api/v1/maps/shop/tasks").await.json()) {
                feed.next().await.expect("a frame");
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it became true in time");
    }
}
