//! A home directory, and keyrings.

#![expect(
    clippy::disallowed_methods,
    reason = "what others see of the files is tested"
)]

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::{self, BoxFuture};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::*;
use crate::cache::msal::{Account, Environment};
use crate::context::{
    Clock, Encryption, FileLock, FileVersion, StaticEnv, SystemClock, SystemFiles, VirtualClock,
};
use crate::testing::START;

/// A home of its own, and a clock that stands still.
pub(super) struct Home {
    home: PathBuf,
    /// Removed with this.
    _own: Option<tempfile::TempDir>,
    files: Arc<CountingFiles>,
    pub(super) clock: VirtualClock,
}

impl Home {
    pub(super) fn new() -> Self {
        let own = tempfile::tempdir().unwrap();
        let home = own.path().to_owned();
        Self {
            _own: Some(own),
            ..Self::at(home)
        }
    }

    /// The home at a path that belongs to another test or process.
    pub(super) fn at(home: PathBuf) -> Self {
        Self {
            home,
            _own: None,
            files: Arc::default(),
            clock: VirtualClock::new(START),
        }
    }

    /// A cache in plain text.
    pub(super) fn plain(&self) -> Persistent {
        self.open(true, Safe::broken())
    }

    /// A cache in plain text on the machine's clock, for processes that wait for each other.
    pub(super) fn plain_in_real_time(&self) -> Persistent {
        self.opened(true, Safe::broken(), Arc::new(SystemClock))
    }

    pub(super) fn open(&self, allow_unencrypted: bool, safe: Arc<Safe>) -> Persistent {
        self.opened(allow_unencrypted, safe, Arc::new(self.clock.clone()))
    }

    fn opened(
        &self,
        allow_unencrypted: bool,
        safe: Arc<Safe>,
        clock: Arc<dyn Clock>,
    ) -> Persistent {
        let home = self.home.to_str().unwrap();
        let env = StaticEnv::from_iter([("HOME", home), ("LOCALAPPDATA", home)]);
        let context = Context {
            env: Arc::new(env),
            files: self.files.clone(),
            clock,
            encryption: safe,
            ..Context::system()
        };
        let options = TokenCachePersistenceOptions {
            allow_unencrypted_storage: allow_unencrypted,
            ..Default::default()
        };
        Persistent::new(&options, false, context).unwrap()
    }

    pub(super) async fn add(&self, cache: &Persistent, username: &str) {
        let account = account(username);
        cache.update(|cache| cache.insert(&account)).await.unwrap();
    }

    pub(super) async fn names(&self, cache: &Persistent) -> Vec<String> {
        let environment = Environment::named("localhost");
        let accounts = cache
            .read(|cache| cache.accounts(&environment))
            .await
            .unwrap();
        accounts
            .into_iter()
            .map(|account| account.username)
            .collect()
    }

    /// Runs `work` to its end, time passing whenever nothing else can happen.
    pub(super) async fn drive<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        loop {
            if let std::task::Poll::Ready(output) = poll!(&mut work) {
                return output;
            }
            match tokio::runtime::Handle::try_current() {
                Ok(_) => tokio::task::yield_now().await,
                Err(_) => std::thread::yield_now(),
            }
            self.clock.advance_to_next();
        }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.home
    }

    pub(super) fn reads(&self) -> usize {
        self.files.0.load(Ordering::SeqCst)
    }

    pub(super) fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.path(name)).unwrap()).into_owned()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path("")).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    /// Leaves word for the other processes, beside the caches.
    pub(super) fn note(&self, name: &str, text: &str) {
        fs::write(self.home.join(name), text).unwrap();
    }

    pub(super) fn noted(&self, name: &str) -> String {
        fs::read_to_string(self.home.join(name)).unwrap()
    }

    pub(super) fn version(&self, name: &str) -> Option<FileVersion> {
        now(SystemFiles.version(&self.path(name)))
    }

    pub(super) fn lock(&self, name: &str) -> Option<FileLock> {
        // Without a runtime: the caller may be in one.
        let path = self.path(name);
        std::thread::spawn(move || now(SystemFiles.try_lock(&path)).unwrap())
            .join()
            .unwrap()
    }

    pub(super) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.join(".IdentityService").join(name)
    }
}

/// The output of `work`, which has nothing to wait for.
pub(super) fn now<F: Future>(work: F) -> F::Output {
    work.now_or_never().expect("nothing to wait for")
}

fn account(username: &str) -> Account {
    Account {
        home_account_id: username.into(),
        environment: "localhost".into(),
        realm: "organizations".into(),
        local_account_id: "local".into(),
        username: username.into(),
        authority_type: "MSSTS".into(),
        account_source: None,
    }
}

#[derive(Debug, Default)]
struct CountingFiles(AtomicUsize);

impl Files for CountingFiles {
    fn read<'a>(&'a self, path: &'a Path, limit: u64) -> BoxFuture<'a, io::Result<Vec<u8>>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        SystemFiles.read(path, limit)
    }

    fn version<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Option<FileVersion>> {
        SystemFiles.version(path)
    }

    fn replace<'a>(&'a self, path: &'a Path, content: &'a [u8]) -> BoxFuture<'a, io::Result<()>> {
        SystemFiles.replace(path, content)
    }

    fn touch<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        SystemFiles.touch(path)
    }

    fn rename<'a>(&'a self, from: &'a Path, to: &'a Path) -> BoxFuture<'a, io::Result<()>> {
        SystemFiles.rename(from, to)
    }

    fn try_lock<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, io::Result<Option<FileLock>>> {
        SystemFiles.try_lock(path)
    }
}

/// A keyring, or a cipher that turns every bit of a file around.
pub(super) struct Safe {
    in_file: bool,
    kept: Mutex<HashMap<String, Vec<u8>>>,
    failing: AtomicBool,
    /// Has it, but does not say.
    silent: AtomicBool,
    gate: Arc<Semaphore>,
    reached: Semaphore,
}

/// A gate in front of the keyring; closed until opened.
pub(super) struct Gate(Arc<Semaphore>);

impl Safe {
    pub(super) fn elsewhere() -> Arc<Self> {
        Self::new(false, false)
    }

    pub(super) fn in_file() -> Arc<Self> {
        Self::new(true, false)
    }

    /// One that never works.
    pub(super) fn broken() -> Arc<Self> {
        Self::new(false, true)
    }

    fn new(in_file: bool, failing: bool) -> Arc<Self> {
        Arc::new(Self {
            in_file,
            kept: Mutex::default(),
            failing: failing.into(),
            silent: AtomicBool::default(),
            gate: Arc::new(Semaphore::new(1)),
            reached: Semaphore::new(0),
        })
    }

    pub(super) fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    /// Whether it gives no answers, though it takes what it is given.
    pub(super) fn keep_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::SeqCst);
    }

    pub(super) fn text(&self, name: &str) -> String {
        String::from_utf8(self.kept.lock().unwrap()[name].clone()).unwrap()
    }

    pub(super) fn put(&self, name: &str, text: &str) {
        self.kept.lock().unwrap().insert(name.into(), text.into());
    }

    pub(super) fn gate(&self) -> Gate {
        self.gate.try_acquire().unwrap().forget();
        Gate(Arc::clone(&self.gate))
    }

    /// Ends when something is to be saved.
    pub(super) async fn reached(&self) {
        self.reached.acquire().await.unwrap().forget();
    }

    fn answers(&self) -> io::Result<()> {
        match self.silent.load(Ordering::SeqCst) {
            true => Err(io::ErrorKind::TimedOut.into()),
            false => self.works(),
        }
    }

    fn works(&self) -> io::Result<()> {
        match self.failing.load(Ordering::SeqCst) {
            true => Err(io::Error::other("no keyring")),
            false => Ok(()),
        }
    }
}

impl Gate {
    pub(super) fn open(self) {
        self.0.add_permits(1);
    }
}

impl fmt::Debug for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Safe")
    }
}

fn turned(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| !byte).collect()
}

impl Encryption for Safe {
    fn check(&self) -> BoxFuture<'_, io::Result<()>> {
        future::ready(self.answers()).boxed()
    }

    fn is_in_file(&self) -> bool {
        self.in_file
    }

    fn load<'a>(
        &'a self,
        name: &'a str,
        file: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Zeroizing<Vec<u8>>>>> {
        let found = self.answers().and_then(|()| match self.in_file {
            true if file.first().is_some_and(u8::is_ascii) => {
                Err(io::ErrorKind::InvalidData.into())
            }
            true => Ok(Some(Zeroizing::new(turned(&file)))),
            false => Ok(self
                .kept
                .lock()
                .unwrap()
                .get(name)
                .cloned()
                .map(Zeroizing::new)),
        });
        future::ready(found).boxed()
    }

    fn save<'a>(
        &'a self,
        name: &'a str,
        content: Zeroizing<Vec<u8>>,
    ) -> BoxFuture<'a, io::Result<Option<Vec<u8>>>> {
        async move {
            self.works()?;
            self.reached.add_permits(1);
            let _through = self.gate.acquire().await.unwrap();
            if self.in_file {
                return Ok(Some(turned(&content)));
            }
            self.kept
                .lock()
                .unwrap()
                .insert(name.into(), content.to_vec());
            Ok(None)
        }
        .boxed()
    }
}
