//! An administrator's consent for everybody in a tenant.

use axum::response::Response;

use crate::entra::pages::PermissionLine;
use crate::entra::sign_in::consent::{self, client_name};
use crate::entra::sign_in::recipient::{application, redirect_uri};
use crate::entra::sign_in::request::{AuthorizeRefusal, Prompt};
use crate::entra::sign_in::wanted::{self, RequestedPermissions, Wish};
use crate::entra::sign_in::who::Expected;
use crate::entra::sign_in::{Fields, ResponseMode, ReturnTo, Visit};
use crate::entra::stores::codes::Asked;
use crate::entra::stores::flows::Parameters;
use crate::exchange::error::Aadsts;
use crate::world::authority::Authority;
use crate::world::config::{App, Consent, Tenant};
use crate::world::directory::Directory;
use crate::world::endpoint_version::EndpointVersion;

impl Visit<'_> {
    pub(super) fn admin_consent(self, parameters: &Parameters) -> Response {
        let snapshot = self.state.snapshot(self.call.at);
        let directory = &*snapshot.directory;
        let request = match AdminRequest::read(parameters, directory) {
            Ok(request) => request,
            Err(error) => return self.refuse(AuthorizeRefusal::Page(error)),
        };
        let expected = request.expected();
        let session = self.session();
        let visitor = match expected.visitor(&self.flow, session.as_ref(), directory, self.call.at)
        {
            Ok(visitor) => visitor,
            Err(pending) => return self.ask_who(pending, &expected, directory),
        };
        if !consent::is_administrator(&visitor) {
            let error = Aadsts::new(90094).with("name", &request.app.name);
            return self.refuse(AuthorizeRefusal::Page(error));
        }
        let tenant = visitor.member.tenant;
        if let Err(error) = request.check_services(tenant, directory) {
            return self.refuse(AuthorizeRefusal::Page(error));
        }
        let wish = Wish {
            app: request.app,
            asked: &request.asked,
            at_once: false,
        };
        let wanted = match wanted::wanted(wish, tenant, directory) {
            Ok(wanted) => wanted,
            Err(error) => return self.refuse(AuthorizeRefusal::Page(error)),
        };
        if !self.flow.agreed {
            let lines: Vec<_> = wanted
                .iter()
                .flat_map(RequestedPermissions::lines)
                .collect();
            return self.ask_consent(request.app, &visitor, &lines);
        }
        let consents = wanted.iter().map(|one| Consent {
            client: client_name(request.app),
            resource: one.resource_name().to_owned(),
            scopes: one.scopes.clone(),
            tenant: Some(tenant.name.clone()),
            user: None,
        });
        let consents: Vec<_> = consents.collect();
        let changed = self
            .state
            .directory()
            .change(|world| world.consents.extend(consents));
        drop(changed);
        let mut fields = vec![
            ("admin_consent", "True".to_owned()),
            ("tenant", tenant.id.to_string()),
        ];
        fields.extend(request.scope.map(|scope| ("scope", scope.to_owned())));
        self.back(&request, fields)
    }

    pub(super) fn decline_admin_consent(self, parameters: &Parameters) -> Response {
        let snapshot = self.state.snapshot(self.call.at);
        let request = match AdminRequest::read(parameters, &snapshot.directory) {
            Ok(request) => request,
            Err(error) => return self.refuse(AuthorizeRefusal::Page(error)),
        };
        let error = Aadsts::new(65004);
        self.call.note_error(error.code());
        let fields = match parameters.version {
            EndpointVersion::V1 => vec![
                ("error", "permission_denied".to_owned()),
                (
                    "error_description",
                    "The admin canceled the request".to_owned(),
                ),
            ],
            EndpointVersion::V2 => {
                let mut fields = vec![
                    ("admin_consent", "True".to_owned()),
                    ("error", "consent_required".to_owned()),
                    ("error_description", error.description(self.call)),
                ];
                let uri = error.uri(&self.call.origin);
                fields.extend(uri.map(|uri| ("error_uri", uri)));
                fields
            }
        };
        self.back(&request, fields)
    }

    fn back(self, request: &AdminRequest<'_>, mut fields: Fields) -> Response {
        let state = request.return_to.state.clone();
        fields.extend(state.map(|state| ("state", state)));
        let response = request.return_to.respond(fields);
        self.with_cookies(response)
    }
}

/// A request that makes sense.
struct AdminRequest<'a> {
    authority: Authority<'a>,
    app: &'a App,
    return_to: ReturnTo,
    asked: Asked,
    scope: Option<&'a str>,
    /// Whether it is about all that the registration lists.
    all: bool,
}

impl<'a> AdminRequest<'a> {
    fn read(parameters: &'a Parameters, directory: &'a Directory) -> Result<Self, Aadsts> {
        if let Some(name) = parameters.twice() {
            return Err(Aadsts::new(90004).with("parameter", name));
        }
        let authority = Authority::parse(&parameters.tenant, directory)?;
        if matches!(authority, Authority::Common) && parameters.version == EndpointVersion::V2 {
            return Err(Aadsts::new(90019));
        }
        let app = application(parameters, &authority, directory)?;
        let (uri, _) = redirect_uri(parameters, app)?;
        let scope = parameters.field("scope");
        let asked = match (parameters.version, scope) {
            (EndpointVersion::V2, Some(scope)) => Asked::Scope(scope.to_owned()),
            (EndpointVersion::V2, None) => {
                return Err(Aadsts::new(900144).with("parameter", "scope"));
            }
            (EndpointVersion::V1, _) => wanted::registered(app, directory),
        };
        Ok(Self {
            authority,
            app,
            return_to: ReturnTo {
                uri,
                mode: ResponseMode::Query,
                state: parameters.field("state").map(str::to_owned),
            },
            asked,
            scope: scope.filter(|_| parameters.version == EndpointVersion::V2),
            all: parameters.version == EndpointVersion::V1,
        })
    }

    /// Whether the tenant has every resource of the registration, which v1 asks consent for.
    fn check_services(&self, tenant: &Tenant, directory: &Directory) -> Result<(), Aadsts> {
        for needed in self.app.permissions.iter().filter(|_| self.all) {
            let name = &needed.resource;
            let found = directory.permission_target(tenant, name);
            let Some(resource) = found else {
                let shown = tenant.display_name.as_ref().unwrap_or(&tenant.name);
                let missing = Aadsts::new(650052).with("resource", name);
                return Err(missing.with("tenant", shown));
            };
            if resource.app.is_some_and(|app| app.disabled) {
                return Err(Aadsts::new(650054).with("resource", name));
            }
        }
        Ok(())
    }

    fn expected(&'a self) -> Expected<'a> {
        Expected {
            authority: &self.authority,
            app: self.app,
            prompt: Prompt::default(),
            login_hint: None,
            domain_hint: None,
            session: None,
            max_age: None,
        }
    }
}

impl RequestedPermissions<'_> {
    fn lines(&self) -> Vec<PermissionLine> {
        let line = |scope: &String| PermissionLine {
            name: scope.clone(),
            resource: self.resource_name().to_owned(),
        };
        self.scopes.iter().map(line).collect()
    }
}
