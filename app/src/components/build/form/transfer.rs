//! The fields of a file transfer.

use super::{
    Text,
    common::{Base, CredentialsForm},
    line,
    reader::{Reader, some, trimmed},
};
use leptos::prelude::*;
use types::build::{TransferDirection, TransferProtocol, TransferStep};

/// See the module.
#[derive(Clone, Copy)]
pub(crate) struct TransferForm {
    pub(crate) protocol: Text,
    pub(crate) host: Text,
    pub(crate) port: Text,
    pub(crate) host_key: Text,
    pub(crate) direction: Text,
    pub(crate) remote_path: Text,
    pub(crate) local_path: Text,
    pub(crate) insecure: RwSignal<bool>,
    pub(crate) credentials: CredentialsForm,
}

impl TransferForm {
    pub(crate) const PROTOCOLS: [TransferProtocol; 3] =
        [TransferProtocol::Sftp, TransferProtocol::Ftps, TransferProtocol::Ftp];
    pub(crate) const DIRECTIONS: [TransferDirection; 2] = [TransferDirection::Fetch, TransferDirection::Send];

    pub(super) fn of(step: &TransferStep) -> Self {
        Self {
            protocol: line(step.protocol.as_str()),
            host: line(&step.host),
            port: line(&step.port.map(|port| port.to_string()).unwrap_or_default()),
            host_key: line(step.host_key.as_deref().unwrap_or_default()),
            direction: line(step.direction.as_str()),
            remote_path: line(&step.remote_path),
            local_path: line(&step.local_path),
            insecure: RwSignal::new(step.insecure),
            credentials: CredentialsForm::of(step.credentials.as_ref()),
        }
    }

    pub(super) fn read(self, Base { name, enabled, time_limit_ms }: Base, reader: &mut Reader) -> TransferStep {
        let protocol = self.protocol.get();
        let direction = self.direction.get();
        TransferStep {
            name,
            enabled,
            time_limit_ms,
            protocol: Self::PROTOCOLS
                .into_iter()
                .find(|known| known.as_str() == protocol)
                .unwrap_or(TransferProtocol::Sftp),
            host: trimmed(self.host),
            port: reader.optional_number("port", self.port),
            host_key: some(self.host_key),
            direction: Self::DIRECTIONS
                .into_iter()
                .find(|known| known.as_str() == direction)
                .unwrap_or(TransferDirection::Fetch),
            remote_path: trimmed(self.remote_path),
            local_path: trimmed(self.local_path),
            insecure: self.insecure.get(),
            credentials: self.credentials.read(),
        }
    }
}
