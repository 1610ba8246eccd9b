//! The frame in which applications ask whether the session is still the one they know.

use crate::entra::pages::Page;

/// Answers every message `client_id session_state` with `unchanged`, `changed` or `error` (OpenID
/// Connect Session Management 1.0, section 3.3): it asks the emulator about the state it was sent.
pub(in crate::entra) fn check_session() -> Page {
    Page {
        framable: true,
        connects: true,
        script: Some(
            "addEventListener('message',function(e){\
             var parts=String(e.data).split(' '),\
             say=function(text){if(e.origin!=='null')e.source.postMessage(text,e.origin)};\
             if(parts.length!==2)return say('error');\
             fetch(location.pathname+'?session_state='+encodeURIComponent(parts[1]),\
             {cache:'no-store'}).then(function(r){return r.text()}).then(say,\
             function(){say('error')})});",
        ),
        ..Page::new(
            "Session",
            "<p>Applications show this page in a hidden frame, to hear of the end of a session.</p>"
                .to_owned(),
        )
    }
}
