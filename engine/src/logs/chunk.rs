//! Chunks: neighbouring lines as they are stored.
//!
//! A chunk is one zstd frame over columns: times as differences, steps and streams as runs, then all texts. The texts
//! come last and unbroken, each ended by LF, so that a search is a search over memory. A version byte leads, so that
//! old logs stay readable. The checksum covers what was encoded together with log and number, not what the compressor
//! made of it: it also finds a chunk that was swapped with another.

use super::lines::{Lines, Mark};
use types::log::LogStream;
use uuid::Uuid;

/// zstd over [`VERSION`] 1, one frame.
pub(crate) const CODEC_ZSTD: i16 = 1;

const VERSION: u8 = 1;

/// Text of a chunk of a running log: one is decompressed within about a millisecond, and larger ones compress only a
/// little better.
pub(crate) const CHUNK_TEXT: usize = 256 * 1024;

/// Most lines of a chunk, so that empty lines do not make a chunk that is huge once it is read.
pub(crate) const CHUNK_LINES: usize = 8 * 1024;

/// Most bytes that a frame may unpack to: far above what is written, far below what hurts.
const PAYLOAD_MAX: usize = 16 * 1024 * 1024;

/// Compression while the log runs: the level at which a core still takes several hundred megabytes a second.
pub(crate) const LEVEL_LIVE: i32 = 3;

/// A chunk ready to be stored.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) first_at: i64,
    pub(crate) last_at: i64,
    pub(crate) checksum: i64,
    pub(crate) data: Vec<u8>,
}

/// Makes chunks; keeps the compressor's memory between them.
pub(crate) struct Encoder {
    compressor: zstd::bulk::Compressor<'static>,
    payload: Vec<u8>,
}

impl Encoder {
    /// An encoder of this zstd level.
    pub(crate) fn new(level: i32) -> std::io::Result<Self> {
        Ok(Self { compressor: zstd::bulk::Compressor::new(level)?, payload: Vec::new() })
    }

    /// Encodes lines, of which there is at least one.
    pub(crate) fn encode(&mut self, log: Uuid, lines: &Lines) -> std::io::Result<Encoded> {
        self.payload.clear();
        write_payload(lines, &mut self.payload);
        let times = || lines.marks().iter().map(|mark| mark.at);
        Ok(Encoded {
            first: lines.first(),
            last: lines.last(),
            first_at: times().min().unwrap_or_default(),
            last_at: times().max().unwrap_or_default(),
            checksum: checksum(log, lines.first(), &self.payload),
            data: self.compressor.compress(&self.payload)?,
        })
    }
}

/// Reads a stored chunk back; the error says what is wrong with it.
pub(crate) fn decode(log: Uuid, first: u64, stored: i64, codec: i16, data: &[u8]) -> Result<Lines, &'static str> {
    if codec != CODEC_ZSTD {
        return Err("its codec is unknown");
    }
    let size = zstd::zstd_safe::get_frame_content_size(data).ok().flatten().ok_or("it is no zstd frame")?;
    let size = usize::try_from(size).ok().filter(|&size| size <= PAYLOAD_MAX).ok_or("it is too large")?;
    let payload = zstd::bulk::decompress(data, size).map_err(|_| "it cannot be unpacked")?;
    if checksum(log, first, &payload) != stored {
        return Err("its checksum is wrong");
    }
    read_payload(first, payload).ok_or("its columns do not fit together")
}

fn checksum(log: Uuid, first: u64, payload: &[u8]) -> i64 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(log.as_bytes());
    hasher.update(&first.to_be_bytes());
    hasher.update(payload);
    i64::from(hasher.finalize())
}

fn write_payload(lines: &Lines, out: &mut Vec<u8>) {
    let marks = lines.marks();
    out.push(VERSION);
    write_varint(out, marks.len() as u64);
    for run in marks.chunk_by(|a, b| a.step == b.step && a.stream == b.stream) {
        write_varint(out, run.len() as u64);
        write_varint(out, u64::from(run[0].step) << 2 | stream_code(run[0].stream));
    }
    let mut before = 0;
    for mark in marks {
        write_varint(out, zigzag(mark.at.wrapping_sub(before)));
        before = mark.at;
    }
    write_varint(out, marks.iter().filter(|mark| mark.cont).count() as u64);
    let mut before = 0;
    for (index, _) in marks.iter().enumerate().filter(|(_, mark)| mark.cont) {
        write_varint(out, (index - before) as u64);
        before = index;
    }
    out.extend_from_slice(lines.text().as_bytes());
}

fn read_payload(first: u64, mut payload: Vec<u8>) -> Option<Lines> {
    let mut rest = payload.as_slice();
    if take_byte(&mut rest)? != VERSION {
        return None;
    }
    let count = usize::try_from(read_varint(&mut rest)?).ok().filter(|&count| count <= payload.len())?;
    let mut marks = Vec::with_capacity(count);
    while marks.len() < count {
        let run = usize::try_from(read_varint(&mut rest)?).ok()?;
        let code = read_varint(&mut rest)?;
        if run == 0 || run > count - marks.len() {
            return None;
        }
        let mark = Mark { at: 0, step: u32::try_from(code >> 2).ok()?, stream: stream_of(code & 3)?, cont: false };
        marks.extend(std::iter::repeat_n(mark, run));
    }
    let mut at = 0_i64;
    for mark in &mut marks {
        at = at.wrapping_add(unzigzag(read_varint(&mut rest)?));
        mark.at = at;
    }
    let mut index = 0;
    for _ in 0..read_varint(&mut rest)? {
        index += usize::try_from(read_varint(&mut rest)?).ok().filter(|&step| step <= count)?;
        marks.get_mut(index)?.cont = true;
    }
    let text = payload.split_off(payload.len() - rest.len());
    Lines::from_columns(first, marks, String::from_utf8(text).ok()?)
}

fn stream_code(stream: LogStream) -> u64 {
    match stream {
        LogStream::Stdout => 0,
        LogStream::Stderr => 1,
        LogStream::System => 2,
    }
}

fn stream_of(code: u64) -> Option<LogStream> {
    [LogStream::Stdout, LogStream::Stderr, LogStream::System].get(code as usize).copied()
}

fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn read_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = take_byte(rest)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn take_byte(rest: &mut &[u8]) -> Option<u8> {
    let (&byte, after) = rest.split_first()?;
    *rest = after;
    Some(byte)
}

/// Small numbers of either sign become small numbers without one.
fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::{CODEC_ZSTD, Encoder, LEVEL_LIVE, decode};
    use crate::logs::lines::{Lines, Mark};
    use proptest::prelude::*;
    use types::log::LogStream;
    use uuid::Uuid;

    fn lines() -> impl Strategy<Value = Lines> {
        let stream = prop_oneof![Just(LogStream::Stdout), Just(LogStream::Stderr), Just(LogStream::System)];
        let mark = (any::<i64>(), any::<u32>(), stream, any::<bool>()).prop_map(|(at, step, stream, cont)| Mark {
            at,
            step,
            stream,
            cont,
        });
        let line = (mark, "[^\n]{0,40}");
        (1..u64::MAX / 2, prop::collection::vec(line, 1..200)).prop_map(|(first, all)| {
            let mut lines = Lines::starting_at(first);
            all.iter().for_each(|(mark, text)| lines.push(*mark, text));
            lines
        })
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_read_back(lines in lines(), id in any::<u128>()) {
            let log = Uuid::from_u128(id);
            let chunk = Encoder::new(LEVEL_LIVE).expect("zstd").encode(log, &lines).expect("a chunk");
            let read = decode(log, chunk.first, chunk.checksum, CODEC_ZSTD, &chunk.data);
            prop_assert_eq!(read, Ok(lines));
        }

        #[test]
        fn damage_is_found(lines in lines(), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
            let log = Uuid::nil();
            let mut chunk = Encoder::new(LEVEL_LIVE).expect("zstd").encode(log, &lines).expect("a chunk");
            let at = at.index(chunk.data.len());
            chunk.data[at] ^= flip;
            // A bit of the frame that means nothing may be flipped, but never may other lines come out.
            if let Ok(read) = decode(log, chunk.first, chunk.checksum, CODEC_ZSTD, &chunk.data) {
                prop_assert_eq!(read, lines);
            }
        }

        #[test]
        fn anything_at_all_is_read_or_refused(data in prop::collection::vec(any::<u8>(), 0..300)) {
            let framed = zstd::bulk::compress(&data, 1).expect("a frame");
            let sum = super::checksum(Uuid::nil(), 1, &data);
            prop_assert!(decode(Uuid::nil(), 1, sum, CODEC_ZSTD, &data).is_err());
            drop(decode(Uuid::nil(), 1, sum, CODEC_ZSTD, &framed));
        }
    }

    #[test]
    fn a_chunk_of_another_place_is_refused() {
        let mut lines = Lines::starting_at(7);
        lines.push(Mark { at: 1, step: 0, stream: LogStream::Stdout, cont: false }, "x");
        let chunk = Encoder::new(LEVEL_LIVE).expect("zstd").encode(Uuid::nil(), &lines).expect("a chunk");
        assert!(decode(Uuid::nil(), 8, chunk.checksum, CODEC_ZSTD, &chunk.data).is_err());
        assert!(decode(Uuid::max(), 7, chunk.checksum, CODEC_ZSTD, &chunk.data).is_err());
    }
}
