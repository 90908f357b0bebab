//! The document is kept as a reviewed snapshot: a change of the contract shows in review.
//! `UPDATE=1 cargo test -p server openapi` writes it anew.

use serde_json::Value;
use std::{fs, path::Path};

fn document() -> Value {
    serde_json::from_str(&server::document()).expect("JSON")
}

#[test]
fn is_the_reviewed_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/openapi.json");
    let now = format!("{}\n", server::document());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &now).expect("written");
    }
    let reviewed = fs::read_to_string(&path).unwrap_or_default();
    let differs = now.lines().zip(reviewed.lines()).position(|(now, reviewed)| now != reviewed);
    assert!(now == reviewed, "openapi.json differs, first in line {differs:?}; UPDATE=1 writes it anew");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

#[test]
fn every_route_says_what_it_takes_and_answers() {
    let document = document();
    let paths = document["paths"].as_object().expect("paths");
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("operations") {
            let here = format!("{method} {path}");
            let responses = operation["responses"].as_object().expect("answers");
            assert!(responses.keys().any(|it| it.starts_with(['1', '2'])), "{here} has no good answer");
            assert!(responses.contains_key("500"), "{here} never fails");
            assert!(operation["summary"].is_string() || operation["description"].is_string(), "{here} says nothing");
            let takes_body = ["put", "patch"].contains(&method.as_str());
            assert!(!takes_body || operation["requestBody"].is_object(), "{here} takes no body");
            let with_body = operation["requestBody"].is_object();
            assert!(!with_body || responses.contains_key("422"), "{here} takes any body");
        }
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|it| collect(it, references));
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
