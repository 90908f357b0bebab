//! Registries, by the OCI distribution protocol: tags, digests, facts of images.
