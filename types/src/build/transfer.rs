//! The step that fetches or sends files.

use super::{Credentials, step_time_limit, yes};
use crate::plan::words;
use serde::{Deserialize, Serialize};

words! {
    /// How files travel.
    TransferProtocol {
        Sftp = "sftp",
        Ftps = "ftps",
        /// Only where the step says that it may be insecure.
        Ftp = "ftp",
    }
}

words! {
    /// Which way files go.
    TransferDirection {
        Fetch = "fetch",
        Send = "send",
    }
}

/// File transfer: fetches or sends files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TransferStep {
    pub name: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default = "step_time_limit")]
    pub time_limit_ms: u64,
    pub protocol: TransferProtocol,
    pub host: String,
    /// Null: the protocol's own.
    #[serde(default)]
    pub port: Option<u16>,
    /// Of an SFTP server; null: the one that was seen first.
    #[serde(default)]
    pub host_key: Option<String>,
    pub direction: TransferDirection,
    /// On the server; the last part may be a pattern.
    pub remote_path: String,
    /// Within the work space.
    pub local_path: String,
    /// Allows FTP, which hides neither files nor password.
    #[serde(default)]
    pub insecure: bool,
    #[serde(default)]
    pub credentials: Option<Credentials>,
}
