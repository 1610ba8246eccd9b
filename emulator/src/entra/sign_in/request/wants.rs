//! The contents that a response shall have, and how it may travel.

use crate::entra::sign_in::ResponseMode;
use crate::entra::stores::flows::Parameters;

/// The contents that the response shall have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::entra) struct Wants {
    pub(in crate::entra) code: bool,
    pub(in crate::entra) id_token: bool,
    pub(in crate::entra) token: bool,
}

impl Wants {
    /// `None` for a combination that does not exist.
    pub(super) fn read(response_type: &str) -> Option<Self> {
        let mut wants = Self::default();
        for one in response_type.split_whitespace() {
            let place = match one {
                "code" => &mut wants.code,
                "id_token" => &mut wants.id_token,
                "token" => &mut wants.token,
                _ => return None,
            };
            if std::mem::replace(place, true) {
                return None;
            }
        }
        (wants != Self::default() && !(wants.code && wants.token)).then_some(wants)
    }

    /// Tokens never go into a query.
    pub(super) fn usual_mode(self) -> ResponseMode {
        if self.id_token || self.token {
            ResponseMode::Fragment
        } else {
            ResponseMode::Query
        }
    }
}

/// `None` for a mode that does not exist or may not carry what is wanted.
pub(super) fn response_mode(parameters: &Parameters, wants: Wants) -> Option<ResponseMode> {
    match parameters.field("response_mode") {
        None => Some(wants.usual_mode()),
        Some("query") if wants.id_token || wants.token => None,
        Some("query") => Some(ResponseMode::Query),
        Some("fragment") => Some(ResponseMode::Fragment),
        Some("form_post") => Some(ResponseMode::FormPost),
        Some(_) => None,
    }
}
