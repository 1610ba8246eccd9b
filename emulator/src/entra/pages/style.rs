//! The one style sheet. Text contrast is at least 4.5:1 in both colour schemes, focus is visible,
//! and nothing is told by colour alone.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) const CSS: &str = "
:root{color-scheme:light dark;--ink:#1b1b1b;--soft:#505050;--page:#f0f2f5;--card:#fff;--line:#767676;\
--act:#0b5cab;--on-act:#fff;--bad:#a4161a}
@media (prefers-color-scheme:dark){:root{--ink:#f3f3f3;--soft:#c4c4c4;--page:#16181c;--card:#22252b;\
--line:#9a9a9a;--act:#8cc2ff;--on-act:#10131a;--bad:#ffb3b0}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;\
justify-content:center;gap:1rem;padding:1rem;background:var(--page);color:var(--ink);\
font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",sans-serif}
main{width:100%;max-width:28rem;padding:2rem;background:var(--card);border:1px solid var(--line);\
border-radius:.5rem;overflow-wrap:anywhere}
footer{color:var(--soft);font-size:.875rem;text-align:center}
footer p{margin:0}
h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}
h2{margin:1.5rem 0 .5rem;font-size:1rem}
p{margin:0 0 1rem}
label{display:block;margin:0 0 .25rem;font-weight:600}
input:not([type=hidden]):not([type=checkbox]){width:100%;min-height:2.75rem;margin:0 0 1rem;padding:.5rem .75rem;\
font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.25rem}
input[aria-invalid=true]{border:2px solid var(--bad)}
.code{text-transform:uppercase;letter-spacing:.15em}
button,.link{display:inline-block;min-height:2.75rem;padding:.5rem 1.25rem;font:inherit;font-weight:600;\
cursor:pointer;border:1px solid var(--act);border-radius:.25rem;color:var(--act);background:var(--card)}
button.main{background:var(--act);color:var(--on-act)}
a{color:var(--act)}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
.row{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1rem}
.check{display:flex;gap:.5rem;align-items:flex-start;margin:1rem 0 0;font-weight:400}
.check input{width:1.25rem;height:1.25rem;margin:.125rem 0 0;flex:none}
ul{margin:0 0 1rem;padding-left:1.25rem}
ul.plain{padding:0;list-style:none}
ul.plain li{margin:0 0 .5rem}
ul.plain button{width:100%;text-align:left;color:var(--ink);border-color:var(--line)}
small,.soft{color:var(--soft);font-size:.875rem;font-weight:400}
small{display:block}
.problem{color:var(--bad);border-left:.25rem solid var(--bad);padding-left:.75rem}
.facts{font-size:.875rem}
iframe{display:none}
";

/// How a content security policy names an inline style or script.
pub(crate) fn digest(inline: &str) -> String {
    let digest = digest::digest(&digest::SHA256, inline.as_bytes());
    format!("sha256-{}", STANDARD.encode(digest))
}
