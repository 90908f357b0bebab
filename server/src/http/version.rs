use super::{Answer, extract::Format};
use crate::{auth::Who, state::AppState};
use types::user::ProductVersion;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The version of this binary.
pub fn product_version() -> ProductVersion {
    ProductVersion {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("SLIPWAY_COMMIT").map(str::to_owned),
    }
}

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(version))
}

/// The version of Slipway.
#[utoipa::path(get, path = "/version", tag = "about", responses((status = 200, body = ProductVersion)))]
async fn version(_: Who, format: Format) -> Answer {
    Ok(format.one(&product_version()))
}
