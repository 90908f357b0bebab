//! What it means when a TLS connection to an engine is refused, by whichever side, in words that name
//! the setting to look at.

use rustls::{AlertDescription, CertificateError, Error as TlsError};
use std::{error::Error, io};

/// The meaning of an error on a TLS connection; none: it has nothing to do with certificates. `certified`: we have
/// a client certificate.
pub(super) fn meaning(error: &(dyn Error + 'static), certified: bool) -> Option<String> {
    match found(error)? {
        Found::Tls(TlsError::InvalidCertificate(why)) => Some(of_its_certificate(why)),
        Found::Tls(TlsError::AlertReceived(alert)) => Some(of_ours(*alert, certified)),
        Found::Tls(TlsError::InvalidMessage(_)) => Some("it does not speak TLS at this port".to_owned()),
        Found::Tls(_) => None,
        // Its alert may be lost with the connection, if it ends that while we send.
        Found::Ended => Some(format!("it ended the TLS connection: {}", suspicion(certified))),
    }
}

enum Found<'a> {
    Tls(&'a TlsError),
    Ended,
}

/// The first cause that says something; an I/O error hides what it was made from.
fn found<'a>(error: &'a (dyn Error + 'static)) -> Option<Found<'a>> {
    if let Some(tls) = error.downcast_ref::<TlsError>() {
        return Some(Found::Tls(tls));
    }
    if let Some(io) = error.downcast_ref::<io::Error>() {
        let ended = matches!(
            io.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof
        );
        let inner = io.get_ref().and_then(|inner| found(inner));
        return inner.or(ended.then_some(Found::Ended));
    }
    error.source().and_then(found)
}

fn of_its_certificate(why: &CertificateError) -> String {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name than the one in `url`".to_owned()
        }
        // An authority of the same name that is another one.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is not from the authority in `ca`".to_owned()
        }
        other => format!("its certificate cannot be trusted: {other}"),
    }
}

/// Engines differ in the alert that they send.
fn of_ours(alert: AlertDescription, certified: bool) -> String {
    match alert {
        AlertDescription::CertificateExpired => "the client certificate in `cert` has expired".to_owned(),
        AlertDescription::UnknownCA => {
            "the client certificate in `cert` is not from an authority that it knows".to_owned()
        }
        AlertDescription::CertificateRequired
        | AlertDescription::BadCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::HandshakeFailure => format!("it refuses: {}", suspicion(certified)),
        other => format!("it refuses the TLS connection: {other:?}"),
    }
}

fn suspicion(certified: bool) -> &'static str {
    if certified {
        "it does not take the client certificate in `cert`"
    } else {
        "it wants a client certificate, `cert` and `key`"
    }
}
