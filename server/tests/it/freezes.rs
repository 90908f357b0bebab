//! Freezes: who may set them, and what they keep out.

use crate::shop::{Shop, item};
use serde_json::json;

const FREEZES: &str = "/api/v1/freezes";
const RUNS: &str = "/api/v1/maps/shop/runs?wait=settled";

#[tokio::test]
async fn are_set_listed_and_lifted_and_keep_runs_out() {
    let shop = Shop::open().await;
    let made = shop.app.post(FREEZES, &json!({"maps": ["shop"], "reason": "the fair"})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let freeze = made.json();
    let path = format!("{FREEZES}/{}", freeze["id"].as_str().expect("an id"));
    assert_eq!(made.header("location"), path);
    assert_eq!((&freeze["active"], &freeze["until"], &freeze["by"]), (&json!(true), &json!(null), &json!("test")));
    assert_eq!(shop.app.get(FREEZES).await.json()["items"], json!([freeze]));

    let body = json!({"items": [item("web", "b")]});
    let problem = shop.app.post(RUNS, &body).await.is_problem(422, "blocked");
    assert_eq!(problem["items"][0]["blocked_by"][0]["code"], "frozen");
    assert_eq!(shop.app.ask("DELETE", &path).send().await.status, 204);
    shop.app.ask("DELETE", &path).send().await.is_problem(404, "not_found");
    let run = shop.app.post(RUNS, &body).await.json();
    assert_eq!(run["status"], "succeeded", "{run}");
}

#[tokio::test]
async fn are_for_administrators_and_shown_to_those_whom_they_stop() {
    let shop = Shop::open().await;
    shop.app.post(FREEZES, &json!({"maps": ["shop"], "reason": "the fair"})).await;
    for (scope, seen) in [("deploy:maps/shop,read:maps/shop", 1), ("read:maps/other", 0)] {
        let scopes: Vec<&str> = scope.split(',').collect();
        let made = shop.app.post("/api/v1/tokens", &json!({"name": scope, "scopes": scopes})).await.json();
        let bearer = format!("Bearer {}", made["token"].as_str().expect("a secret"));
        let ask = |method: &str| shop.app.ask(method, FREEZES).without_token().header("authorization", &bearer);
        ask("POST").json(&json!({"reason": "mine"})).send().await.is_problem(403, "forbidden");
        let list = ask("GET").send().await.json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(seen), "{scope}: {list}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let shop = Shop::open().await;
    for (body, path) in [
        (json!({"reason": ""}), "reason"),
        (json!({"maps": [], "reason": "x"}), "maps"),
        (json!({"maps": ["other"], "reason": "x"}), "maps[0]"),
        (json!({"until": "2020-01-01T00:00:00Z", "reason": "x"}), "until"),
    ] {
        let problem = shop.app.post(FREEZES, &body).await.is_problem(422, "invalid");
        assert_eq!(problem["fields"][0]["path"], path, "{problem}");
    }
    shop.app.post(FREEZES, &json!({"reason": "x", "map": "shop"})).await.is_problem(422, "invalid");
}
