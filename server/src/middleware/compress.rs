use http::{HeaderMap, StatusCode, Version, header::CONTENT_TYPE, header::ETAG};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
};

/// Below this many bytes the frame of a packet is filled by headers anyway.
const WORTH_IT: u64 = 1024;

/// Brotli at this level takes about as long as gzip and gives less.
const LEVEL: CompressionLevel = CompressionLevel::Precise(4);

/// Layer: compresses pages and data. Streams are left alone, since a compressor holds back what it
/// has, and so are answers with an `ETag`, which names the very bytes.
pub(crate) fn compress() -> CompressionLayer<impl Predicate> {
    let pages_and_data = |_: StatusCode, _: Version, headers: &HeaderMap, _: &http::Extensions| {
        let media_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let whole = media_type.starts_with("text/html") || media_type.starts_with("application/json");
        whole && !headers.contains_key(ETAG)
    };
    CompressionLayer::new().quality(LEVEL).compress_when(SizeAbove::new(WORTH_IT).and(pages_and_data))
}
