//! The user's web browser.

use std::fmt;
use std::io;
use std::process::{ExitStatus, Stdio};

use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::oneshot;
use url::Url;

/// Opens web pages for the user.
pub trait Browser: fmt::Debug + Send + Sync {
    /// Shows `url`; does not wait for the user. It may end when the page is shown or later; once it
    /// has been polled, the page stays open when it is dropped.
    ///
    /// # Errors
    /// What the system says when there is no browser to start, or it cannot show pages.
    fn open<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, io::Result<()>>;
}

/// The browser this desktop opens links with.
///
/// On Linux and other systems with X11 or Wayland there has to be a display (`DISPLAY` or
/// `WAYLAND_DISPLAY`), unless the variable `BROWSER` names a program, or the system is a guest of
/// Windows (WSL), whose browser is then used.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    fn open<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, io::Result<()>> {
        async move {
            if is_headless() {
                return Err(io::Error::other("this machine has no display"));
            }
            // An error is a waiting thread that is gone; nothing is known against the browser then.
            match start(url)?.await {
                Ok(Err(error)) => Err(error),
                Ok(Ok(status)) if !status.success() => Err(io::Error::other(format!(
                    "{} ended with {status}",
                    opener().0
                ))),
                Ok(Ok(_)) | Err(_) => Ok(()),
            }
        }
        .boxed()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the port")]
fn start(url: &Url) -> io::Result<oneshot::Receiver<io::Result<ExitStatus>>> {
    let (program, args) = opener();
    let mut child = std::process::Command::new(program)
        .args(args)
        .arg(url.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), format!("{program}: {error}")))?;
    let (ended, end) = oneshot::channel();
    // Somebody has to wait for it, or it stays behind as a zombie; and it may be the browser
    // itself, which lives for days.
    std::thread::spawn(move || ended.send(child.wait()));
    Ok(end)
}

fn opener() -> (&'static str, &'static [&'static str]) {
    if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        // Not `cmd /c start`: a shell would give meaning to the `&` of a query.
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the port")]
fn is_headless() -> bool {
    const SEEING: [&str; 4] = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"];
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(any(target_os = "macos", windows)) && !SEEING.iter().any(|name| is_set(name))
}
