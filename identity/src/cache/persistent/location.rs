//! The location of a cache.

use std::path::PathBuf;

use crate::context::{Env, UnixTime};
use crate::error::{Error, Result};

/// The name and the files of one cache: those of the other Microsoft SDKs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CacheLocation {
    pub(super) name: String,
    pub(super) file: PathBuf,
    pub(super) lock: PathBuf,
}

impl CacheLocation {
    /// The location of the cache `name` for requests with or without CAE.
    ///
    /// # Errors
    /// `CredentialUnavailable` when there is no home directory.
    pub(super) fn new(name: &str, enable_cae: bool, env: &dyn Env) -> Result<Self> {
        let ending = if enable_cae { "cae" } else { "nocae" };
        Ok(Self::in_directory(
            directory(env)?,
            format!("{name}.{ending}"),
        ))
    }

    /// The location for a copy of what cannot be read, made at `now`.
    pub(super) fn aside(&self, now: UnixTime) -> Self {
        let name = format!("{}.unreadable-{}", self.name, now.as_millis());
        let directory = self.file.parent().map(PathBuf::from);
        Self::in_directory(directory.unwrap_or_default(), name)
    }

    fn in_directory(directory: PathBuf, name: String) -> Self {
        Self {
            file: directory.join(&name),
            lock: directory.join(format!("{name}.lockfile")),
            name,
        }
    }
}

/// Makes sure that `name` is a file name.
///
/// # Errors
/// `InvalidArgument` when it is not.
pub(super) fn check_name(name: &str) -> Result<()> {
    let forbidden = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
    if name.is_empty() || name.starts_with('.') || name.chars().any(forbidden) {
        return Err(Error::invalid(
            "the name of a token cache must be a file name, such as msal.cache",
        ));
    }
    Ok(())
}

fn directory(env: &dyn Env) -> Result<PathBuf> {
    let variable = if cfg!(windows) {
        "LOCALAPPDATA"
    } else {
        "HOME"
    };
    let base = env.non_empty(variable).map(PathBuf::from);
    let base = base.filter(|base| base.is_absolute()).ok_or_else(|| {
        Error::unavailable(format!(
            "a persistent token cache is kept below {variable}; set that environment variable to a \
             directory"
        ))
    })?;
    Ok(base.join(".IdentityService"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::StaticEnv;
    use crate::error::ErrorKind;

    fn location(name: &str, enable_cae: bool) -> CacheLocation {
        let home = if cfg!(windows) { "C:\\home" } else { "/home" };
        let variables = [("HOME", home), ("LOCALAPPDATA", home)];
        CacheLocation::new(name, enable_cae, &StaticEnv::from_iter(variables)).unwrap()
    }

    #[test]
    fn a_cache_is_where_the_other_sdks_have_it() {
        let location = location("msal.cache", false);
        assert_eq!(location.name, "msal.cache.nocae");
        assert!(location.file.ends_with(".IdentityService/msal.cache.nocae"));
        assert!(
            location
                .lock
                .ends_with(".IdentityService/msal.cache.nocae.lockfile")
        );
        let aside = location.aside(UnixTime::from_millis(12));
        assert!(
            aside
                .file
                .ends_with(".IdentityService/msal.cache.nocae.unreadable-12")
        );
    }

    #[test]
    fn with_and_without_cae_are_two_caches() {
        assert_eq!(location("mine", true).name, "mine.cae");
        assert_eq!(location("mine", false).name, "mine.nocae");
    }

    #[test]
    fn a_name_cannot_leave_its_directory() {
        for name in [
            "", ".", "..", "../a", "a/b", "a\\b", "C:a", "a\0", ".hidden",
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        check_name("my-cache 2").unwrap();
    }

    #[test]
    fn without_a_home_directory_there_is_no_location() {
        for variables in [&[][..], &[("HOME", "")], &[("HOME", "relative")]] {
            let env = StaticEnv::from_iter(variables.iter().copied());
            let error = CacheLocation::new("a", false, &env).expect_err("no home directory");
            assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
        }
    }
}
