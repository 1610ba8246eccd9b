//! `serve`: runs the emulator until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process;

use clap::Args;
use identity_emulator::{Builder, Pki, Ready};
use tokio::runtime::{self, Runtime};
use tokio::signal;

use crate::cli::others::OtherHosts;
use crate::cli::play::Play;
use crate::cli::{Failure, print, say};

/// Run the emulator; one line of JSON on stdout says when and where it is ready
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address of an HTTPS listener (Microsoft Entra ID), port 0 for any free one; may be repeated
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8443")]
    https: Vec<SocketAddr>,
    /// Address of a plain HTTP listener (managed identity), port 0 for any free one; may be
    /// repeated
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    http: Vec<SocketAddr>,
    /// How the HTTP listener, which is a proxy as well, treats requests for hosts it does not play
    #[arg(long, value_enum, default_value_t = OtherHosts::Refuse)]
    others: OtherHosts,
    #[command(flatten)]
    play: Play,
    /// Folder for the certificate authority's `ca.pem` [default: a private one in the temp folder]
    #[arg(long, value_name = "DIR")]
    ca_dir: Option<PathBuf>,
    /// Further address, or host name, for the certificate of clients that ask for none; may be
    /// repeated
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        runtime()?.block_on(self.serve())
    }

    async fn serve(self) -> Result<(), Failure> {
        let (builder, name) = self.play.builder()?;
        let (folder, temporary) = self.folder();
        let mut builder = builder
            .pki(Pki::for_names(&self.names).map_err(Failure::new)?)
            .unknown_hosts(self.others.into())
            .ca_dir(&folder);
        builder = self.https.iter().copied().fold(builder, Builder::https);
        builder = self.http.iter().copied().fold(builder, Builder::http);
        // Before the ready line, so that a signal right after it is not missed.
        let stop = stop_signal()?;
        let emulator = builder.start().await.map_err(Failure::new)?;
        let ready = emulator.ready();
        say(&banner(&name, &ready));
        print(&serde_json::to_string(&ready).map_err(Failure::new)?)?;
        stop.await;
        emulator.stop().await;
        if temporary {
            drop(std::fs::remove_dir_all(&folder));
        }
        Ok(())
    }

    /// A folder of one's own per port, so that two emulators do not overwrite each other's file;
    /// without a fixed port nobody can know it beforehand, and it goes again at the end.
    fn folder(&self) -> (PathBuf, bool) {
        if let Some(folder) = &self.ca_dir {
            return (folder.clone(), false);
        }
        let user = ["USER", "USERNAME"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok());
        let user = user.unwrap_or_default();
        let user = user.chars().filter(char::is_ascii_alphanumeric);
        let base = ["identity-emulator-", &user.collect::<String>()].concat();
        let base = std::env::temp_dir().join(base.trim_end_matches('-'));
        match self.https.first().map_or(0, SocketAddr::port) {
            0 => (base.join(format!("process-{}", process::id())), true),
            port => (base.join(port.to_string()), false),
        }
    }
}

/// Few threads: an emulator spends its time signing, and each thread costs memory.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut builder = runtime::Builder::new_multi_thread();
    builder
        .worker_threads(cores.min(4))
        .max_blocking_threads(4)
        .enable_all();
    builder
        .build()
        .map_err(|error| Failure::new(format!("cannot start threads: {error}")))
}

/// Ends with Ctrl-C or, where there is one, SIGTERM.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    use signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|error| Failure::new(format!("no signals: {error}")));
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        drop(signal::ctrl_c().await);
    })
}

fn banner(world: &str, ready: &Ready) -> String {
    let also = ready
        .also
        .iter()
        .map(|url| format!("\n  and also             {url}"));
    let also = also.collect::<String>();
    let ca = ready
        .ca_file
        .as_ref()
        .map(|path| path.display().to_string())
        .unwrap_or_default();
    let secret = ready
        .client_secret
        .as_ref()
        .map_or("", |secret| secret.expose());
    let (https, http, tenant, client) = (
        &ready.https,
        &ready.http,
        &ready.tenant_id,
        &ready.client_id,
    );
    format!(
        "\
identity-emulator {version}, world `{world}`. FOR TESTS ONLY: its tokens are worth nothing elsewhere.

  Microsoft Entra ID   {https}   (certificate authority: {ca})
  managed identity     {http}{also}
  OpenID discovery     {https}/{tenant}/v2.0/.well-known/openid-configuration

To point SDKs at it: eval \"$(identity-emulator env --http {http})\", or

  export AZURE_AUTHORITY_HOST={https}
  export AZURE_TENANT_ID={tenant} AZURE_CLIENT_ID={client} AZURE_CLIENT_SECRET={secret}
  export AZURE_POD_IDENTITY_AUTHORITY_HOST={http}
  export SSL_CERT_FILE={ca} REQUESTS_CA_BUNDLE={ca} NODE_EXTRA_CA_CERTS={ca}

Switch instance discovery off in the code of Azure SDK credentials. Ctrl-C stops.",
        version = env!("CARGO_PKG_VERSION"),
    )
}
