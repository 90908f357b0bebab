//! The OpenAPI document, made from the code and then completed with what is true of every route,
//! so that no handler has to repeat it: parameters of paths, problems, the text form of answers.

use crate::{http, state::AppState};
use types::{ApiError, ErrorCode, FieldError};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, OpenApi as Document, Ref, RefOr, Required,
        path::{Operation, ParameterBuilder, ParameterIn, PathItem},
        response::{Response, ResponseBuilder},
        schema::{ObjectBuilder, Schema, Type},
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

/// Statuses of problems, with the codes that go with them.
const PROBLEMS: [(u16, &str); 12] = [
    (400, "`malformed`: the body cannot be read"),
    (401, "`unauthenticated`"),
    (403, "`forbidden`, `cross_site`"),
    (404, "`not_found`, also where existence is secret"),
    (406, "`not_acceptable`"),
    (412, "`changed_meanwhile`"),
    (413, "`too_large`"),
    (415, "`unsupported_media_type`"),
    (422, "`invalid`: `fields` says what is wrong; and what a route adds, as `blocked`: `items` says why"),
    (428, "`precondition_required`: `If-Match` is missing"),
    (500, "`internal`"),
    (503, "`stopping`, `cluster_unreachable`, `registry_unreachable`, `engine_unreachable`; see `Retry-After`"),
];

/// The answer that opens a WebSocket; its body stands for the frames.
const SWITCHING_PROTOCOLS: &str = "101";

#[derive(OpenApi)]
#[openapi(
    info(title = "Slipway", description = "Builds container images and rolls them out to Kubernetes. \
        Every answer carries `X-Request-Id`; every error is `application/problem+json`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")),
    components(schemas(ApiError, ErrorCode, FieldError)),
    security(("token" = []), ("session" = [])),
    modifiers(&SecuritySchemes),
    tags(
        (name = "session", description = "Signing in and out"),
        (name = "clusters", description = "Clusters"),
        (name = "registries", description = "Registries and their tags"),
        (name = "engines", description = "Build engines"),
        (name = "maps", description = "Service maps"),
        (name = "tasks", description = "Pipeline tasks and their selections"),
        (name = "history", description = "What ran, and the way back"),
        (name = "runs", description = "Plans and runs"),
        (name = "builds", description = "Builds and their runs"),
        (name = "logs", description = "Logs"),
        (name = "secrets", description = "Values that steps of builds use; write-only"),
        (name = "tokens", description = "API tokens"),
        (name = "about", description = "Version, health, figures"),
    )
)]
struct Frame;

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let cookie = "The browser's session; its name is `__Host-slipway` with https";
        let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description("slipway", cookie)));
        components.add_security_scheme("token", token);
        components.add_security_scheme("session", session);
        for (status, codes) in PROBLEMS {
            components.responses.insert(format!("problem_{status}"), RefOr::T(problem(codes)));
        }
    }
}

/// All routes of the API with their document.
pub(crate) fn api() -> OpenApiRouter<AppState> {
    let mut router =
        OpenApiRouter::with_openapi(Frame::openapi()).nest("/api/v1", http::routes()).merge(http::root_routes());
    let document = router.get_openapi_mut();
    for (path, item) in &mut document.paths.paths {
        complete(path, item);
    }
    router
}

/// The document as it is served and printed.
pub fn document() -> String {
    api().into_openapi().to_pretty_json().unwrap_or_default()
}

fn complete(path: &str, item: &mut PathItem) {
    let operations = [
        (false, &mut item.get),
        (true, &mut item.put),
        (true, &mut item.post),
        (true, &mut item.delete),
        (true, &mut item.patch),
    ];
    for (changes, operation) in operations {
        if let Some(operation) = operation {
            add_path_parameters(path, operation);
            add_text_form(operation);
            fill_problems(operation);
            for status in problems_of(changes, operation) {
                let reference = RefOr::Ref(Ref::from_response_name(format!("problem_{status}")));
                operation.responses.responses.entry(status.to_string()).or_insert(reference);
            }
        }
    }
}

fn add_path_parameters(path: &str, operation: &mut Operation) {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    for name in names {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(path_schema(path, name)))
            .build();
        operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
    }
}

fn path_schema(path: &str, name: &str) -> RefOr<Schema> {
    match name {
        "number" | "n" => ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).into(),
        "run" | "token" => RefOr::T(uuid_schema()),
        "kind" => RefOr::Ref(Ref::from_schema_name("WorkloadKind")),
        "workload" | "container" => ObjectBuilder::new().schema_type(Type::String).into(),
        "cluster" | "registry" | "engine" | "map" | "build" => RefOr::Ref(Ref::from_schema_name("Name")),
        "name" => RefOr::Ref(Ref::from_schema_name("SecretName")),
        _ => undescribed(path, name),
    }
}

fn uuid_schema() -> Schema {
    use utoipa::openapi::schema::{KnownFormat, SchemaFormat};
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).into()
}

/// A parameter that nobody described is text; the snapshot of the document shows it to its reviewer.
fn undescribed(path: &str, name: &str) -> RefOr<Schema> {
    let description = format!("{name} of {path}");
    ObjectBuilder::new().schema_type(Type::String).description(Some(description)).into()
}

/// `Accept: text/plain` gives one line per item of every answer in JSON.
fn add_text_form(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status != SWITCHING_PROTOCOLS
            && response.content.contains_key("application/json")
        {
            let text = Content::new(Some(RefOr::T(Schema::from(ObjectBuilder::new().schema_type(Type::String)))));
            response.content.insert("text/plain".to_owned(), RefOr::T(text));
        }
    }
}

/// A problem that a handler names has the body that all have.
fn fill_problems(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let is_problem = status.starts_with('4');
        if let RefOr::T(response) = response
            && is_problem
            && response.content.is_empty()
        {
            *response = problem(&response.description);
        }
    }
}

/// The problems that follow from what an operation takes.
fn problems_of(changes: bool, operation: &Operation) -> Vec<u16> {
    let mut statuses = vec![500, 503];
    let parameters = || {
        operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
    };
    let takes = |place: &ParameterIn| parameters().any(|parameter| parameter.parameter_in == *place);
    let needs = |name: &str| parameters().any(|parameter| parameter.name == name);
    let negotiated = |response: &RefOr<Response>| match response {
        RefOr::T(response) => response.content.contains_key("text/plain"),
        RefOr::Ref(_) => false,
    };
    let open = |all: &Vec<SecurityRequirement>| all.contains(&SecurityRequirement::default());
    if !operation.security.as_ref().is_some_and(open) {
        statuses.extend([401, 403]);
    }
    if changes {
        statuses.push(403);
    }
    if operation.request_body.is_some() {
        statuses.extend([400, 413, 415, 422]);
    }
    if takes(&ParameterIn::Query) {
        statuses.push(422);
    }
    if takes(&ParameterIn::Path) {
        statuses.push(404);
    }
    if needs("If-Match") {
        statuses.extend([412, 428]);
    }
    if operation.responses.responses.values().any(negotiated) {
        statuses.push(406);
    }
    statuses
}

fn problem(description: &str) -> Response {
    let body = Content::new(Some(RefOr::Ref(Ref::from_schema_name("ApiError"))));
    ResponseBuilder::new().description(description).content("application/problem+json", body).build()
}
