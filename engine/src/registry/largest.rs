//! The largest files of layers: their tars are read as they come, nothing is unpacked or kept.
//!
//! This is for people who wonder why an image grew; so it is tried within limits, and nothing else
//! depends on it.

use super::{RegistryClient, RegistryError};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use futures::{Stream, StreamExt, stream};
use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read},
    pin::Pin,
    time::{Duration, Instant},
};
use tokio::runtime::Handle;
use types::build_run::{ImageFile, ImageLayer};

/// Files that are told.
const LARGEST: usize = 10;
/// Compressed bytes that are read: more than most builds add, little enough to be read again.
const LAYERS_BYTES: u64 = 512 << 20;
/// The run is not over before this is.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// Files that are kept in mind, some hundred bytes each.
const MOST_FILES: usize = 300_000;

/// A layer's file of this name hides another one; this one all of its folder.
const HIDES: &str = ".wh.";
const HIDES_ALL: &str = ".wh..wh..opq";

/// A file's size by its path.
#[derive(Default)]
struct Files(BTreeMap<String, u64>);

impl RegistryClient {
    /// The largest files of layers, from the lowest to the highest; an error if there is more than can be read.
    pub async fn largest_files(
        &self,
        repository: &str,
        layers: &[ImageLayer],
    ) -> Result<Vec<ImageFile>, RegistryError> {
        let size = layers.iter().map(|layer| layer.size_bytes).fold(0, u64::saturating_add);
        if size > LAYERS_BYTES {
            return Err(RegistryError::Invalid(format!("its layers have more than {LAYERS_BYTES} bytes")));
        }
        let until = Instant::now() + TIME_LIMIT;
        let mut files = Files::default();
        for layer in layers {
            let opening = tokio::time::timeout_at(until.into(), self.open_blob(repository, &layer.digest));
            let response = opening.await.map_err(|_| unreadable(&late()))??;
            let pieces = stream::unfold(response, |mut response| async {
                let piece = response.chunk().await.map_err(io::Error::other).transpose()?;
                Some((piece, response))
            });
            let pieces = Pieces { stream: Box::pin(pieces), runtime: Handle::current(), piece: Bytes::new(), until };
            let reading = tokio::task::spawn_blocking(move || files.read(pieces, until).map(|()| files));
            let read = reading.await.map_err(|why| RegistryError::Invalid(why.to_string()))?;
            files = read.map_err(|why| unreadable(&why))?;
        }
        Ok(files.largest())
    }
}

fn unreadable(why: &io::Error) -> RegistryError {
    RegistryError::Invalid(format!("its layers cannot be read: {why}"))
}

impl Files {
    /// Puts a layer on those before.
    fn read(&mut self, layer: impl Read, until: Instant) -> io::Result<()> {
        let mut layer = BufReader::new(layer);
        let begins = layer.fill_buf()?;
        let tar: Box<dyn Read> = match begins {
            [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(layer)),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(zstd::stream::read::Decoder::with_buffer(layer)?),
            _ => Box::new(layer),
        };
        // A small layer may unpack to a huge one.
        let mut archive = tar::Archive::new(Until { reader: tar, until });
        let mut new = BTreeMap::new();
        for entry in archive.entries()? {
            let entry = entry?;
            let path = clean(&entry.path_bytes());
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            if name == HIDES_ALL {
                self.forget(folder);
            } else if let Some(hidden) = name.strip_prefix(HIDES) {
                self.forget(&if folder.is_empty() { hidden.to_owned() } else { format!("{folder}/{hidden}") });
            } else if !entry.header().entry_type().is_dir() {
                // It replaces a file, or a folder with all in it.
                self.forget(&path);
                if entry.header().entry_type().is_file() {
                    new.insert(path, entry.size());
                }
            }
            if self.0.len() + new.len() > MOST_FILES {
                return Err(io::Error::other(format!("there are more than {MOST_FILES} files")));
            }
        }
        self.0.extend(new);
        Ok(())
    }

    /// Forgets what a higher layer hides: a file, or all below a folder.
    fn forget(&mut self, path: &str) {
        self.0.remove(path);
        let below = if path.is_empty() { String::new() } else { format!("{path}/") };
        let hidden: Vec<String> = self
            .0
            .range(below.clone()..)
            .map(|(path, _)| path)
            .take_while(|path| path.starts_with(&below))
            .cloned()
            .collect();
        for path in hidden {
            self.0.remove(&path);
        }
    }

    fn largest(self) -> Vec<ImageFile> {
        let mut files: Vec<ImageFile> =
            self.0.into_iter().map(|(path, size_bytes)| ImageFile { path: format!("/{path}"), size_bytes }).collect();
        files.sort_by(|one, other| other.size_bytes.cmp(&one.size_bytes).then_with(|| one.path.cmp(&other.path)));
        files.truncate(LARGEST);
        files
    }
}

/// A path below the root, fit to be shown.
fn clean(path: &[u8]) -> String {
    let text = String::from_utf8_lossy(path);
    let text = text.trim_start_matches("./").trim_matches('/');
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn late() -> io::Error {
    io::Error::other(format!("it takes longer than {} s", TIME_LIMIT.as_secs()))
}

/// A reader that gives up at a time.
struct Until<R> {
    reader: R,
    until: Instant,
}

impl<R: Read> Read for Until<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if Instant::now() > self.until { Err(late()) } else { self.reader.read(buffer) }
    }
}

/// A stream that is read by a thread which may wait.
struct Pieces {
    stream: Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>,
    runtime: Handle,
    piece: Bytes,
    until: Instant,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            let next = tokio::time::timeout_at(self.until.into(), self.stream.next());
            match self.runtime.block_on(next).map_err(|_| late())? {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let taken = buffer.len().min(self.piece.len());
        buffer[..taken].copy_from_slice(&self.piece.split_to(taken));
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        RegistryError,
        fake::{Fake, missing, reply},
        manifest::digest_of,
    };
    use flate2::{Compression, write::GzEncoder};
    use rstest::rstest;
    use std::io::Write;
    use types::build_run::{ImageFile, ImageLayer};

    fn tar(files: &[(&str, usize)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for &(path, size) in files {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(size as u64);
            if path.ends_with('@') {
                header.set_entry_type(tar::EntryType::Symlink);
                builder.append_link(&mut header, path.trim_end_matches('@'), "elsewhere").expect("a link");
            } else {
                builder.append_data(&mut header, path, vec![b'x'; size].as_slice()).expect("a file");
            }
        }
        builder.into_inner().expect("a tar")
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("written");
        encoder.finish().expect("packed")
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 1).expect("packed")
    }

    async fn largest(layers: Vec<Vec<u8>>) -> Result<Vec<(String, u64)>, RegistryError> {
        let digests: Vec<_> = layers.iter().map(|layer| digest_of(layer).expect("a digest")).collect();
        let blobs: Vec<_> = digests.iter().map(ToString::to_string).zip(layers.clone()).collect();
        let fake = Fake::start(move |asked| {
            let found = blobs.iter().find(|(digest, _)| asked.path == format!("/v2/web/blobs/{digest}"));
            found.map_or_else(missing, |(_, layer)| reply(200, &[], layer.clone()))
        })
        .await;
        let layer = |(digest, bytes): (types::Digest, &Vec<u8>)| ImageLayer { digest, size_bytes: bytes.len() as u64 };
        let layers: Vec<_> = digests.into_iter().zip(&layers).map(layer).collect();
        let files = fake.client().largest_files("web", &layers).await?;
        Ok(files.into_iter().map(|ImageFile { path, size_bytes }| (path, size_bytes)).collect())
    }

    #[rstest]
    #[case::plain(<[u8]>::to_vec)]
    #[case::gzip(gzip)]
    #[case::zstd(zstd)]
    #[tokio::test]
    async fn the_ten_largest_come_first(#[case] pack: fn(&[u8]) -> Vec<u8>) {
        let files: Vec<(String, usize)> = (1..=12).map(|n| (format!("./srv/{n}"), n * 100)).collect();
        let files: Vec<(&str, usize)> = files.iter().map(|(path, size)| (path.as_str(), *size)).collect();
        let found = largest(vec![pack(&tar(&files))]).await.expect("files");
        let expected: Vec<(String, u64)> = (3..=12).rev().map(|n| (format!("/srv/{n}"), n * 100)).collect();
        assert_eq!(found, expected);
    }

    #[tokio::test]
    async fn a_higher_layer_hides_what_it_replaces_and_removes() {
        let lower = tar(&[
            ("a", 9),
            ("b", 8),
            ("c/d", 7),
            ("c/e", 6),
            ("cc", 5),
            ("l", 4),
            ("o/x", 3),
            ("same", 2),
            ("f/g", 1),
        ]);
        let higher =
            tar(&[("b", 1), (".wh.a", 0), (".wh.c", 0), ("l@", 0), ("o/y", 1), ("o/.wh..wh..opq", 0), ("f", 0)]);
        let found = largest(vec![gzip(&lower), gzip(&higher)]).await.expect("files");
        let expected =
            [("/cc", 5), ("/same", 2), ("/b", 1), ("/o/y", 1), ("/f", 0)].map(|(path, size)| (path.to_owned(), size));
        assert_eq!(found, expected);
    }

    #[tokio::test]
    async fn what_is_no_tar_or_cut_is_told() {
        for layer in [b"no tar at all".repeat(100), gzip(&tar(&[("a", 5000)]))[..40].to_vec()] {
            assert!(matches!(largest(vec![layer]).await, Err(RegistryError::Invalid(_))));
        }
    }

    #[tokio::test]
    async fn more_than_can_be_read_is_not_begun() {
        let fake = Fake::start(|_| missing()).await;
        let layer = ImageLayer { digest: digest_of(b"").expect("a digest"), size_bytes: super::LAYERS_BYTES + 1 };
        let refused = fake.client().largest_files("web", &[layer]).await;
        assert!(matches!(refused, Err(RegistryError::Invalid(why)) if why.contains("more than")));
        assert!(fake.asked().is_empty());
    }
}
