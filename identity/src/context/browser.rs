//! The user's web browser.

use std::fmt;
use std::io;
use std::process::{ExitStatus, Stdio};

use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::oneshot;
use url::Url;

/// Opens web pages for the user.
pub trait Browser: fmt::Debug + Send + Sync {
    /// Shows `url` and does not wait for the user. The future may end when the page is shown or
    /// later. Once it has been polled, dropping it leaves the page open.
    ///
    /// # Errors
    /// The error of the system when there is no browser to start, or it cannot show pages.
    fn open<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, io::Result<()>>;
}

/// The browser with which this desktop opens links.
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
            // The channel fails when the waiting thread is gone. That says nothing against the
            // browser, so it counts as opened.
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
    let (sender, receiver) = oneshot::channel();
    // A thread waits for the child, which would otherwise stay behind as a zombie. It is a thread
    // and not a task because the child may be the browser itself, which runs for days.
    std::thread::spawn(move || sender.send(child.wait()));
    Ok(receiver)
}

fn opener() -> (&'static str, &'static [&'static str]) {
    if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        // Not `cmd /c start`: a shell would take the `&` of a query for the end of a command.
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the port")]
fn is_headless() -> bool {
    const DISPLAY_VARIABLES: [&str; 4] =
        ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"];
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(any(target_os = "macos", windows)) && !DISPLAY_VARIABLES.iter().any(|name| is_set(name))
}
