//! The steps of `smoke`, each with the usual fix where a driver fails it.

/// A step.
#[derive(Debug)]
pub(super) struct Question {
    /// The claim about the driver.
    pub(super) what: &'static str,
    /// The advice for a driver that fails it.
    fix: &'static str,
}

impl Question {
    /// The lines for a driver that failed the step, and how.
    pub(super) fn failed(&self, text: &str) -> String {
        format!("FAILED  {}: {text}\n        {}\n", self.what, self.fix)
    }
}

pub(super) const HELLO: Question = Question {
    what: "says hello",
    fix: "Answer the first line with its `id`, `driver` and `can`, as one line of JSON, and flush \
          stdout after it. Nothing else may go to stdout.",
};
pub(super) const CAPABILITIES: Question = Question {
    what: "declares capabilities the protocol knows",
    fix: "PROTOCOL.md has the whole list under `hello`.",
};
pub(super) const CLIENT_SECRET: Question = Question {
    what: "gets a token with a client secret",
    fix: "Use `authority` as the library's authority host, let it trust `ca_file`, and switch \
          instance discovery off where `disable_instance_discovery` is true.",
};
pub(super) const SAME_CREDENTIAL: Question = Question {
    what: "uses the credential built last again",
    fix: "A `token` request without `credential` is for the object built last: keep it.",
};
pub(super) const WRONG_SECRET: Question = Question {
    what: "tells an error for a wrong secret",
    fix: "Reply with `error`: a kind, the message as `text`, and the AADSTS numbers in it as \
          `aadsts`. If the library's own message has the secret, that is the library's error.",
};
pub(super) const MANAGED_IDENTITY: Question = Question {
    what: "gets a token for a managed identity",
    fix: "The library has to read AZURE_POD_IDENTITY_AUTHORITY_HOST; if it does not, leave \
          `imds.endpoint_override` out of `can`.",
};
pub(super) const END: Question = Question {
    what: "ends when stdin does",
    fix: "Leave the loop at the end of stdin and exit with 0; threads of the library must not keep \
          the process alive.",
};
