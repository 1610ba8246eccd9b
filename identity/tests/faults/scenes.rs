//! The credentials that speak HTTP, at the emulator, each with the endpoint that fails.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use identity::{Options, TokenCredential};
use identity_emulator::{Reply, Rule};
use serde_json::json;

use crate::stage::{ARC_KEY, Place};
use crate::subjects::{APPLICATION, POD};
use crate::worlds::SECRET;
use crate::{make, users};

/// The kind of service, which decides the meaning of a missing answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// A service that has to be there.
    Required,
    /// The instance metadata service: no answer means that there is none.
    Imds,
    /// The token service while a user signs in on another device: it is polled until the code
    /// expires.
    Polled,
}

pub(crate) struct Scene {
    pub(crate) name: &'static str,
    /// The public type that is tested.
    pub(crate) credential: &'static str,
    /// The endpoint that fails.
    pub(crate) asks: &'static str,
    pub(crate) service: Service,
    pub(crate) place: Place,
    /// The rules for the requests before that one.
    pub(crate) before: fn() -> Vec<Rule>,
    /// Whether that endpoint gives tokens.
    pub(crate) gives_token: bool,
    /// Whether [`SECRET`] is sent there, so that no error may repeat it.
    pub(crate) secretive: bool,
    pub(crate) make: Make,
}

/// The way in which a credential is created.
#[derive(Clone, Copy)]
pub(crate) enum Make {
    At(fn(Options) -> Arc<dyn TokenCredential>),
    /// With a user who has signed in before the fault. The first options are for that sign-in.
    After(SignedIn),
}

type SignedIn = fn(Options, Options) -> BoxFuture<'static, Arc<dyn TokenCredential>>;

impl Scene {
    pub(crate) async fn make(
        &self,
        trusting: Options,
        options: Options,
    ) -> Arc<dyn TokenCredential> {
        match self.make {
            Make::At(make) => make(options),
            Make::After(make) => make(trusting, options).await,
        }
    }
}

pub(crate) const SCENES: &[Scene] = &[
    application(
        "a client secret",
        "ClientSecretCredential",
        make::client_secret,
    ),
    without_secret(application(
        "a certificate",
        "CertificateCredential",
        make::certificate,
    )),
    application(
        "a client assertion",
        "ClientAssertionCredential",
        make::client_assertion,
    ),
    application(
        "on behalf of, by secret",
        "OnBehalfOfCredential",
        make::by_secret,
    ),
    application(
        "on behalf of, by certificate",
        "OnBehalfOfCredential",
        make::by_certificate,
    ),
    application(
        "on behalf of, by assertion",
        "OnBehalfOfCredential",
        make::by_assertion,
    ),
    application("a chain", "ChainedTokenCredential", make::chained),
    Scene {
        place: Place::Variables(APPLICATION),
        ..application(
            "the environment",
            "EnvironmentCredential",
            make::environment,
        )
    },
    Scene {
        place: Place::Variables(APPLICATION),
        ..application("the default chain", "DefaultAzureCredential", make::default)
    },
    Scene {
        place: Place::Variables(POD),
        ..application(
            "a pod",
            "WorkloadIdentityCredential",
            make::workload_identity,
        )
    },
    Scene {
        place: Place::Variables(POD),
        ..application(
            "a managed pod",
            "ManagedIdentityCredential",
            make::managed_identity,
        )
    },
    Scene {
        asks: "aks.token_proxy",
        secretive: false,
        place: Place::Cluster,
        ..application(
            "a pod behind a proxy",
            "WorkloadIdentityCredential",
            make::proxied,
        )
    },
    Scene {
        asks: "pipelines.oidc_token",
        place: Place::Job,
        before: redeemed,
        ..application(
            "a job at Azure DevOps",
            "AzurePipelinesCredential",
            make::pipeline,
        )
    },
    Scene {
        place: Place::Job,
        before: connected,
        ..application("a job", "AzurePipelinesCredential", make::pipeline)
    },
    Scene {
        service: Service::Imds,
        ..without_secret(host("IMDS", "imds", "imds.token"))
    },
    host("App Service", "app-service", "app_service.token"),
    host(
        "App Service of 2017",
        "app-service-2017",
        "app_service.token",
    ),
    host("Functions", "functions", "functions.token"),
    host("Container Apps", "container-apps", "container_apps.token"),
    without_secret(host("Azure Arc", "arc", "arc.token")),
    Scene {
        before: challenged,
        ..host("Azure Arc after its challenge", "arc", "arc.token")
    },
    host("Service Fabric", "service-fabric", "service_fabric.token"),
    without_secret(host("Cloud Shell", "cloud-shell", "cloud_shell.token")),
    host("Azure ML", "azure-ml", "azure_ml.token"),
    Scene {
        asks: "entra.user_realm",
        secretive: false,
        ..sign_in(
            "a password's realm",
            "UsernamePasswordCredential",
            users::password,
        )
    },
    Scene {
        before: managed,
        ..sign_in("a password", "UsernamePasswordCredential", users::password)
    },
    sign_in(
        "a code",
        "AuthorizationCodeCredential",
        users::authorization_code,
    ),
    sign_in("a browser", "InteractiveBrowserCredential", users::browser),
    Scene {
        asks: "entra.device_code",
        secretive: false,
        ..sign_in("a device", "DeviceCodeCredential", users::device)
    },
    Scene {
        service: Service::Polled,
        before: begun,
        ..sign_in("a device that waits", "DeviceCodeCredential", users::device)
    },
    refresh(
        "a shared token cache",
        "SharedTokenCacheCredential",
        users::shared_token_cache,
    ),
    refresh(
        "Visual Studio Code",
        "VisualStudioCodeCredential",
        users::visual_studio_code,
    ),
];

/// Returns a scene at the token service.
const fn application(
    name: &'static str,
    credential: &'static str,
    make: fn(Options) -> Arc<dyn TokenCredential>,
) -> Scene {
    Scene {
        name,
        credential,
        asks: "entra.token",
        service: Service::Required,
        place: Place::Nowhere,
        before: Vec::new,
        gives_token: true,
        secretive: true,
        make: Make::At(make),
    }
}

const fn host(name: &'static str, host: &'static str, asks: &'static str) -> Scene {
    Scene {
        asks,
        place: Place::Host(host),
        ..application(name, "ManagedIdentityCredential", make::managed_identity)
    }
}

/// Returns a scene in which a user signs in. The tokens are bound to the user, the application and
/// the page, so no script can give them.
const fn sign_in(
    name: &'static str,
    credential: &'static str,
    make: fn(Options) -> Arc<dyn TokenCredential>,
) -> Scene {
    Scene {
        gives_token: false,
        ..application(name, credential, make)
    }
}

/// Returns a scene of a user who signed in to another program.
const fn refresh(name: &'static str, credential: &'static str, make: SignedIn) -> Scene {
    Scene {
        make: Make::After(make),
        secretive: false,
        ..application(name, credential, make::client_secret)
    }
}

/// Returns the scene as one that sends no secret, or not yet.
const fn without_secret(scene: Scene) -> Scene {
    Scene {
        secretive: false,
        ..scene
    }
}

/// Returns the rule by which the service connection gives its token.
fn connected() -> Vec<Rule> {
    vec![answer(
        "pipelines.oidc_token",
        json!({ "oidcToken": SECRET }),
    )]
}

/// Returns the rule by which the token service accepts the service connection's token.
fn redeemed() -> Vec<Rule> {
    vec![answer(
        "entra.token",
        json!({ "access_token": "t", "expires_in": 3600 }),
    )]
}

/// Returns the rule by which the agent asks for its key.
fn challenged() -> Vec<Rule> {
    let challenge = Reply {
        status: Some(401),
        headers: [(
            "www-authenticate".to_owned(),
            format!("Basic realm={ARC_KEY}"),
        )]
        .into(),
        ..Reply::default()
    };
    vec![Rule::new("arc.token", challenge)]
}

/// Returns the rule by which the user belongs to the tenant itself.
fn managed() -> Vec<Rule> {
    vec![answer(
        "entra.user_realm",
        json!({ "account_type": "Managed" }),
    )]
}

/// Returns the rule that gives a device code which is valid for a second.
fn begun() -> Vec<Rule> {
    let code = json!({
        "device_code": SECRET,
        "user_code": "U",
        "verification_uri": "https://p",
        "message": "m",
        "expires_in": 1,
        "interval": 1,
    });
    vec![answer("entra.device_code", code)]
}

fn answer(endpoint: &str, json: serde_json::Value) -> Rule {
    let reply = Reply {
        json: Some(json),
        ..Reply::default()
    };
    Rule {
        times: Rule::ALWAYS,
        ..Rule::new(endpoint, reply)
    }
}
