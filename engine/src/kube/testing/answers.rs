//! What the scripted API server answers.

use super::api::{Fault, Feed, Inner};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use serde_json::{Value, json};
use std::{io, sync::Arc};
use tokio_stream::wrappers::BroadcastStream;

pub(super) async fn answer(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (method, path) = (parts.method, parts.uri.path().to_owned());
    let query = parts.uri.query().unwrap_or_default().to_owned();
    inner.requests.lock().expect("requests").push(format!("{method} {path}?{query}"));
    let fault = inner.fault(&method, &path, &query);
    match &fault {
        Some(Fault::Silence) => return std::future::pending().await,
        Some(Fault::Status(code, message, cause)) => return status(*code, message, *cause),
        Some(Fault::TooMany(seconds)) => return too_many(*seconds),
        Some(Fault::LostAnswer | Fault::HalfAnswer) | None => {}
    }
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let response = carry_out(&inner, &method, &path, &query, &body);
    match fault {
        Some(Fault::LostAnswer) => broken(Bytes::new()),
        Some(Fault::HalfAnswer) => broken(Bytes::from_static(b"{\"metadata\": {")),
        Some(Fault::Silence | Fault::Status(..) | Fault::TooMany(_)) | None => response,
    }
}

fn carry_out(inner: &Arc<Inner>, method: &Method, path: &str, query: &str, body: &Bytes) -> Response {
    if path == "/version" {
        return ok(&json!({
            "major": "1", "minor": "34", "gitVersion": "v1.34.4", "gitCommit": "", "gitTreeState": "",
            "buildDate": "", "goVersion": "", "compiler": "", "platform": ""
        }));
    }
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let rest = if parts[0] == "api" { &parts[2..] } else { &parts[3..] };
    match rest {
        ["namespaces", name] => ok(&json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "uid": "uid-of-cluster"}
        })),
        ["selfsubjectaccessreviews"] => review(inner, body),
        [plural] if query.contains("watch=true") => watch(inner, plural, query),
        [plural] => list(inner, plural),
        ["namespaces", _, plural] if query.contains("watch=true") => watch(inner, plural, query),
        ["namespaces", _, plural] => list(inner, plural),
        ["namespaces", namespace, plural, name] => object(inner, method, (plural, namespace, name), query, body),
        ["namespaces", _, "pods", _, "log"] => "first line\nlast line\n".into_response(),
        _ => status(404, "no such path", false),
    }
}

fn object(inner: &Inner, method: &Method, key: (&str, &str, &str), query: &str, body: &Bytes) -> Response {
    let (plural, namespace, name) = key;
    let key = (plural.to_owned(), namespace.to_owned(), name.to_owned());
    let Some(mut object) = inner.objects.lock().expect("objects").get(&key).cloned() else {
        return status(404, "not found", false);
    };
    if method == Method::GET {
        return ok(&object);
    }
    if method == Method::DELETE {
        inner.objects.lock().expect("objects").remove(&key);
        object["metadata"]["resourceVersion"] = json!(inner.next_version().to_string());
        inner.tell(plural, "DELETED", &object);
        return ok(&object);
    }
    let patch: Value = serde_json::from_slice(body).expect("a patch");
    inner.bodies.lock().expect("bodies").push(patch.clone());
    let before = object.clone();
    if patch.is_array() {
        let patch: json_patch::Patch = serde_json::from_value(patch).expect("a JSON patch");
        if json_patch::patch(&mut object, &patch).is_err() {
            return status(422, "the server rejected our request due to an error in our request", false);
        }
    } else {
        json_patch::merge(&mut object, &patch);
    }
    rewrite(inner, &mut object);
    if before == object {
        return ok(&object);
    }
    let generation = object["metadata"]["generation"].as_i64().unwrap_or(0);
    object["metadata"]["generation"] = json!(generation + 1);
    sign(&mut object, &before);
    if query.contains("dryRun=All") { ok(&object) } else { ok(&inner.put(plural, object)) }
}

/// What a mutating webhook makes of the images.
fn rewrite(inner: &Inner, object: &mut Value) {
    let rewritten = inner.rewritten.lock().expect("images");
    let containers = object.pointer_mut("/spec/template/spec/containers").and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten() {
        if let Some(by) = container["image"].as_str().and_then(|image| rewritten.get(image)) {
            container["image"] = json!(by);
        }
    }
}

/// Notes the field manager of the images that a patch has changed, as the API server does.
fn sign(object: &mut Value, before: &Value) {
    const CONTAINERS: &str = "/spec/template/spec/containers";
    let containers = |of: &Value| of.pointer(CONTAINERS).and_then(Value::as_array).cloned().unwrap_or_default();
    let old = containers(before);
    let changed = containers(object).into_iter().filter(|container| !old.contains(container));
    let fields: serde_json::Map<String, Value> = changed
        .map(|container| (format!("k:{}", json!({"name": container["name"]})), json!({"f:image": {}})))
        .collect();
    let entry = json!({
        "manager": "slipway", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
        "time": jiff::Timestamp::now().to_string(),
        "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": fields}}}},
    });
    let entries = object["metadata"].as_object_mut().expect("metadata").entry("managedFields").or_insert(json!([]));
    entries.as_array_mut().expect("entries").push(entry);
}

fn review(inner: &Inner, body: &Bytes) -> Response {
    let mut review: Value = serde_json::from_slice(body).expect("a review");
    let asked = |field: &str| review["spec"]["resourceAttributes"][field].as_str().unwrap_or_default();
    let right = format!("{} {}", asked("verb"), asked("resource"));
    let allowed = !inner.forbidden.lock().expect("rights").contains(&right);
    review["status"] = json!({"allowed": allowed});
    ok(&review)
}

fn list(inner: &Inner, plural: &str) -> Response {
    let objects = inner.objects.lock().expect("objects");
    let items: Vec<&Value> = objects.iter().filter(|((of, _, _), _)| of == plural).map(|(_, object)| object).collect();
    let version = inner.version.lock().expect("version").to_string();
    ok(&json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": version}, "items": items}))
}

fn watch(inner: &Arc<Inner>, plural: &str, query: &str) -> Response {
    let plural = plural.to_owned();
    let from = query.split('&').find_map(|pair| pair.strip_prefix("resourceVersion="));
    let from: u64 = from.and_then(|text| text.parse().ok()).unwrap_or(0);
    let told = inner.told.lock().expect("told");
    let missed = told.iter().filter(|(version, of, _)| *version > from && *of == plural);
    let missed: Vec<_> = missed.map(|(_, _, event)| Ok(Bytes::from(format!("{event}\n")))).collect();
    let feed = BroadcastStream::new(inner.feed.subscribe());
    drop(told);
    let (inner, begun) = (inner.clone(), *inner.stalls.lock().expect("stalls"));
    let lines = feed.filter_map(move |feed| {
        let line = match feed.expect("a feed that is read in time") {
            _ if *inner.stalls.lock().expect("stalls") != begun => None,
            Feed::Event(of, event) if of == plural => Some(vec![Ok(Bytes::from(format!("{event}\n")))]),
            Feed::Event(..) => None,
            Feed::Break => Some(vec![Ok(Bytes::from_static(b"{\"type\": \"MOD")), Err(io::Error::other("broken"))]),
            Feed::Expire => {
                let gone = json!({"type": "ERROR", "object": {
                    "kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"
                }});
                Some(vec![Ok(Bytes::from(format!("{gone}\n")))])
            }
        };
        std::future::ready(line.map(futures::stream::iter))
    });
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, "application/json")],
        Body::from_stream(futures::stream::iter(missed).chain(lines.flatten())),
    )
        .into_response()
}

fn ok(value: &Value) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn status(code: u16, message: &str, cause: bool) -> Response {
    let causes = if cause { json!([{"reason": "FieldValueInvalid", "message": message}]) } else { json!([]) };
    let reason = match code {
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        422 => "Invalid",
        429 => "TooManyRequests",
        _ => "InternalError",
    };
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason,
        "code": code, "details": {"causes": causes}
    });
    let code = StatusCode::from_u16(code).expect("a status");
    (code, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn too_many(seconds: u32) -> Response {
    let mut response = status(429, "too many requests", false);
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

fn broken(start: Bytes) -> Response {
    let chunks = [Ok(start), Err(io::Error::other("broken"))];
    (StatusCode::OK, Body::from_stream(futures::stream::iter(chunks))).into_response()
}
