//! Stored plans: what was asked for, what it would have done then, and what it would do now.

use crate::shop::{Shop, item};
use engine::testing::cluster::set_image;
use serde_json::json;

const PLANS: &str = "/api/v1/maps/shop/plans";

#[tokio::test]
async fn a_plan_is_stored_for_a_link_and_goes_stale() {
    let shop = Shop::open().await;
    let body = json!({"items": [item("web", "b")], "note": "release 42"});
    let made = shop.app.post(PLANS, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let stored = made.json();
    let path = format!("{PLANS}/{}", stored["id"].as_str().expect("an id"));
    assert_eq!(made.header("location"), path);
    assert!(stored["url"].as_str().is_some_and(|url| url.ends_with(path.trim_start_matches("/api/v1"))), "{stored}");
    assert_eq!((&stored["stale"], &stored["request"]["note"]), (&json!(false), &json!("release 42")));
    assert_eq!(stored["plan"]["items"][0]["runnable"], true);

    let read = shop.app.get(&path).await.json();
    assert_eq!((&read["stale"], &read["now"]["plan_hash"]), (&json!(false), &stored["plan"]["plan_hash"]));

    set_image(&shop.api, "web", &crate::shop::image("c"), "kubectl-edit");
    let deployed = |tasks: &serde_json::Value| {
        tasks["workloads"]
            .as_array()
            .expect("workloads")
            .iter()
            .any(|it| it["tasks"][0]["deployed"]["image"] == crate::shop::image("c"))
    };
    shop.until(deployed).await;
    let read = shop.app.get(&path).await.json();
    assert_eq!((&read["stale"], &read["plan"]), (&json!(true), &stored["plan"]));
    assert_eq!(read["now"]["items"][0]["from"]["image"], crate::shop::image("c"));

    let list = shop.app.get(PLANS).await.json();
    let brief = &list["items"][0];
    assert_eq!((&brief["id"], &brief["note"], &brief["items"]), (&stored["id"], &json!("release 42"), &json!(1)));
}

#[tokio::test]
async fn a_plan_that_fits_the_map_no_more_says_so() {
    let shop = Shop::open().await;
    let body = json!({"items": [{"repository": "r.io/web", "version": {"tag": "2"}}]});
    let stored = shop.app.post(PLANS, &body).await.json();
    assert_eq!(stored["plan"]["items"].as_array().map(Vec::len), Some(2), "{stored}");
    for name in ["web", "api"] {
        shop.api.delete("deployments", "shop", name);
    }
    shop.until(|tasks| tasks["workloads"].as_array().is_some_and(Vec::is_empty)).await;
    let read = shop.app.get(&format!("{PLANS}/{}", stored["id"].as_str().expect("an id"))).await.json();
    assert_eq!((&read["now"], &read["stale"]), (&json!(null), &json!(true)));
    assert!(read["refused"].as_str().is_some_and(|why| why.contains("items[0].repository")), "{read}");
}

#[tokio::test]
async fn what_is_not_there_or_not_allowed_is_refused() {
    let shop = Shop::open().await;
    let nothing = "01990000-0000-7000-8000-000000000000";
    shop.app.get(&format!("{PLANS}/{nothing}")).await.is_problem(404, "not_found");
    shop.app.get("/api/v1/maps/other/plans").await.is_problem(404, "not_found");
    shop.app.post(PLANS, &json!({"items": []})).await.is_problem(422, "invalid");
    shop.app.post(PLANS, &json!({"item": []})).await.is_problem(422, "invalid");
    let made = shop.app.post("/api/v1/tokens", &json!({"name": "reader", "scopes": ["read:maps/shop"]})).await.json();
    let bearer = format!("Bearer {}", made["token"].as_str().expect("a secret"));
    let ask = shop.app.ask("POST", PLANS).without_token().header("authorization", &bearer);
    ask.json(&json!({"items": [item("web", "b")]})).send().await.is_problem(403, "forbidden");
    let stored = shop.app.post(PLANS, &json!({"items": [item("web", "b")]})).await.json();
    let path = format!("{PLANS}/{}", stored["id"].as_str().expect("an id"));
    let read = shop.app.ask("GET", &path).without_token().header("authorization", &bearer).send().await.json();
    assert_eq!(read["now"]["items"][0]["blocked_by"][0]["code"], "forbidden", "a reader sees that they may not");
}

#[tokio::test]
async fn a_deleted_map_takes_its_plans_with_it() {
    let shop = Shop::open().await;
    shop.app.post(PLANS, &json!({"items": [item("web", "b")]})).await;
    assert_eq!(shop.app.ask("DELETE", "/api/v1/maps/shop").send().await.status, 204);
    let again = json!({"name": "shop", "cluster": "local", "namespace": "shop"});
    assert_eq!(shop.app.post("/api/v1/maps", &again).await.status, 201);
    assert_eq!(shop.app.get(PLANS).await.json(), json!({"items": [], "next_cursor": null}));
}

#[tokio::test]
async fn a_run_by_a_stale_plan_answers_with_the_new_one() {
    let shop = Shop::open().await;
    let mut body = json!({"items": [item("web", "b")]});
    let plan = shop.app.post("/api/v1/maps/shop/plan", &body).await.json();
    set_image(&shop.api, "web", &crate::shop::image("c"), "kubectl-edit");
    let image = |tasks: &serde_json::Value, n: usize| tasks["workloads"][n]["tasks"][0]["deployed"]["image"].clone();
    let changed = crate::shop::image("c");
    shop.until(|tasks| (0..2).any(|n| image(tasks, n) == changed.as_str())).await;
    body["plan_hash"] = plan["plan_hash"].clone();
    let problem = shop.app.post("/api/v1/maps/shop/runs", &body).await.is_problem(409, "plan_stale");
    let new = &problem["plan"];
    assert_ne!(new["plan_hash"], plan["plan_hash"]);
    assert_eq!(new["items"][0]["from"]["image"], changed.as_str());
    body["plan_hash"] = new["plan_hash"].clone();
    let run = shop.app.post("/api/v1/maps/shop/runs?wait=settled", &body).await.json();
    assert_eq!(run["status"], "succeeded", "{run}");
}
