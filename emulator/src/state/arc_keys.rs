//! Key files of Azure Arc: what the agent lays down for members of its group to read.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use time::{Duration, OffsetDateTime};

use crate::base::random::Random;
use crate::base::sync::lock;

/// The key files there are; they go when this is dropped.
#[derive(Debug)]
pub(crate) struct ArcKeys {
    folder: Option<PathBuf>,
    /// Oldest first.
    live: Mutex<VecDeque<ArcKeyFile>>,
}

struct ArcKeyFile {
    name: String,
    content: String,
    until: OffsetDateTime,
}

impl ArcKeys {
    /// With the folder to write to; without one no file is written.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            live: Mutex::default(),
        }
    }

    /// The files of another agent in the same folder.
    pub(crate) fn beside(&self) -> Self {
        Self::new(self.folder.clone())
    }

    /// Writes a file with `size` random characters and gives its name.
    pub(crate) fn issue(
        &self,
        random: &Random,
        size: usize,
        now: OffsetDateTime,
    ) -> io::Result<String> {
        let Some(folder) = &self.folder else {
            return Err(io::Error::other(NO_FOLDER));
        };
        let key = ArcKeyFile {
            name: format!("{}.key", random.uuid()),
            content: characters(random, size),
            until: now + GOOD_FOR,
        };
        fs::write(folder.join(&key.name), &key.content)?;
        let name = key.name.clone();
        let mut live = self.live();
        live.push_back(key);
        while live.len() > MOST || live.front().is_some_and(|key| key.until <= now) {
            if let Some(key) = live.pop_front() {
                remove(folder, &key);
            }
        }
        Ok(name)
    }

    /// Whether this is what stands in a key file that is still good.
    pub(crate) fn knows(&self, content: &str, now: OffsetDateTime) -> bool {
        let is =
            |key: &ArcKeyFile| verify_slices_are_equal(key.content.as_bytes(), content.as_bytes());
        let live = self.live();
        live.iter().any(|key| key.until > now && is(key).is_ok())
    }

    /// How many there are, ended ones not yet dropped included.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.live().len()
    }

    fn live(&self) -> MutexGuard<'_, VecDeque<ArcKeyFile>> {
        lock(&self.live)
    }
}

impl Drop for ArcKeys {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            self.live().iter().for_each(|key| remove(folder, key));
        }
    }
}

impl std::fmt::Debug for ArcKeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// One that is gone already is as good.
fn remove(folder: &Path, key: &ArcKeyFile) {
    drop(fs::remove_file(folder.join(&key.name)));
}

/// No line break at the end: some clients send the content as it is.
fn characters(random: &Random, size: usize) -> String {
    let mut text = String::with_capacity(size + 43);
    while text.len() < size {
        text += &random.opaque::<32>();
    }
    text.truncate(size);
    text
}

/// How long a key can be used.
const GOOD_FOR: Duration = Duration::minutes(10);
/// How many files lie there at most.
const MOST: usize = 64;
const NO_FOLDER: &str = "it was told no folder for key files";

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_key_is_what_the_file_says_and_goes_with_the_emulator() {
        let folder = tempfile::tempdir().unwrap();
        let keys = ArcKeys::new(Some(folder.path().to_owned()));
        let (random, now) = (Random::new(Some(1)), OffsetDateTime::UNIX_EPOCH);
        let name = keys.issue(&random, 4097, now).unwrap();
        let content = fs::read_to_string(folder.path().join(&name)).unwrap();
        assert!(name.ends_with(".key") && content.len() == 4097);
        assert!(keys.knows(&content, now) && !keys.knows(&content[1..], now));
        assert!(!keys.knows(&content, now + GOOD_FOR));
        assert!(!format!("{keys:?}").contains(&content));
        drop(keys);
        assert_eq!(files(folder.path()), 0);
    }

    #[test]
    fn files_do_not_pile_up() {
        let folder = tempfile::tempdir().unwrap();
        let keys = ArcKeys::new(Some(folder.path().to_owned()));
        let (random, now) = (Random::new(Some(1)), OffsetDateTime::UNIX_EPOCH);
        for _ in 0..MOST + 5 {
            keys.issue(&random, 8, now).unwrap();
        }
        assert_eq!(files(folder.path()), MOST);
        keys.issue(&random, 8, now + GOOD_FOR).unwrap();
        assert_eq!(files(folder.path()), 1);
    }

    #[test]
    fn without_a_folder_nothing_is_written() {
        let keys = ArcKeys::new(None);
        let error = keys.issue(&Random::new(Some(1)), 8, OffsetDateTime::UNIX_EPOCH);
        assert!(error.unwrap_err().to_string().contains("folder"));
    }
}
