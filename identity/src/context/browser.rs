//! The user's web browser.

use std::fmt;
use std::io;
use std::process::Stdio;

use url::Url;

/// Opens web pages for the user.
pub trait Browser: fmt::Debug + Send + Sync {
    /// Shows `url`; does not wait for the user.
    ///
    /// # Errors
    /// What the system says when there is no browser to start.
    fn open(&self, url: &Url) -> io::Result<()>;
}

/// The browser this desktop opens links with.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    #[expect(clippy::disallowed_methods, reason = "this is the port")]
    fn open(&self, url: &Url) -> io::Result<()> {
        let (program, args) = opener();
        let mut child = std::process::Command::new(program)
            .args(args)
            .arg(url.as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // Somebody has to wait for it, or it stays behind as a zombie.
        std::thread::spawn(move || child.wait());
        Ok(())
    }
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
