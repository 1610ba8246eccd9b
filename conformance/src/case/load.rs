//! Reading a folder of cases: the path of a file is the id of its case.

use std::fmt;
use std::path::{Path, PathBuf};

use identity_emulator::Invariant;

use super::{Case, ErrorExpect, Matcher, Step, StepExpect, TokenExpect, matrix};
use crate::placeholder::Placeholders;
use crate::protocol::{CAPABILITIES, Credential, FailureKind};

/// A case, ready to be put into a world.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// Path below the folder without `.toml`, and the matrix: `area/name[status=404]`.
    pub id: String,
    /// The case with stand-ins for what only a world knows.
    pub case: Case,
    /// Its text, parameters filled in, placeholders not.
    text: String,
    path: PathBuf,
}

impl CaseFile {
    /// Reads the cases in one text: as many as its matrix has combinations.
    ///
    /// # Errors
    /// Anything that is not strictly right, with the line.
    pub fn parse(stem: &str, path: &Path, text: &str) -> Result<Vec<Self>, CaseError> {
        let fault = |text: String| CaseError {
            path: path.to_owned(),
            text,
        };
        let stand_ins = Placeholders::stand_ins();
        let mut files = Vec::new();
        for variant in matrix::expand(text).map_err(fault)? {
            if let Some(taken) = variant.names.iter().find(|name| stand_ins.contains(name)) {
                return Err(fault(format!(
                    "matrix.{taken} is a built-in name: choose another"
                )));
            }
            let case = read(&variant.text, &stand_ins).map_err(fault)?;
            validate(&case).map_err(fault)?;
            let id = format!("{stem}{}", variant.suffix);
            files.push(Self {
                id,
                case,
                text: variant.text,
                path: path.to_owned(),
            });
        }
        Ok(files)
    }

    /// The case as it is in a world.
    ///
    /// # Errors
    /// None for a file that was read before, short of a placeholder whose value breaks the text.
    pub fn in_world(&self, placeholders: &Placeholders) -> Result<Case, CaseError> {
        read(&self.text, placeholders).map_err(|text| CaseError {
            path: self.path.clone(),
            text,
        })
    }

    /// Whether the case has this placeholder somewhere.
    pub fn mentions(&self, name: &str) -> bool {
        self.text.contains(&format!("{{{name}}}"))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A case file that cannot be used, and why.
#[derive(Debug)]
pub struct CaseError {
    path: PathBuf,
    text: String,
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.text.trim_end())
    }
}

impl std::error::Error for CaseError {}

/// Reads every `.toml` below `folder`, sorted by id.
///
/// # Errors
/// The first folder or file that cannot be read or used.
pub fn load_folder(folder: &Path) -> Result<Vec<CaseFile>, CaseError> {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(current) = waiting.pop() {
        let fault = |error: std::io::Error| CaseError {
            path: current.clone(),
            text: format!("cannot be read: {error}"),
        };
        for entry in std::fs::read_dir(&current).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                let text = std::fs::read_to_string(&path).map_err(fault)?;
                files.extend(CaseFile::parse(&stem(folder, &path), &path, &text)?);
            }
        }
    }
    files.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(files)
}

fn stem(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path).with_extension("");
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn read(text: &str, placeholders: &Placeholders) -> Result<Case, String> {
    let filled = placeholders.fill(text).map_err(|error| error.to_string())?;
    toml::from_str(&filled).map_err(|error| error.to_string())
}

/// What the types cannot say.
fn validate(case: &Case) -> Result<(), String> {
    if case.source.is_empty() || !case.source.iter().all(|url| url.starts_with("https://")) {
        return Err("source must name the https address of a specification".to_owned());
    }
    if let Some(need) = case.needs.iter().find(|need| !is_capability(need)) {
        let known: Vec<_> = CAPABILITIES.iter().map(|(name, _)| *name).collect();
        return Err(format!(
            "unknown need `{need}`; the capabilities are: {}",
            known.join(", ")
        ));
    }
    if case.timeout_s > 300 {
        return Err("timeout_s must be 300 or less".to_owned());
    }
    if case
        .waits_s
        .is_some_and(|waits| waits == 0 || waits >= case.timeout_s)
    {
        return Err("waits_s must be 1 or more, and less than timeout_s".to_owned());
    }
    if case.steps.iter().all(|step| step.expect().is_none()) {
        return Err("a case without a step that asks for a token shows nothing".to_owned());
    }
    let unknown = |rule: &&String| Invariant::named(rule).is_none();
    if let Some(rule) = case.expect.findings.iter().find(unknown) {
        let known: Vec<_> = Invariant::all().iter().map(|one| one.id).collect();
        return Err(format!(
            "unknown finding `{rule}`; the findings are: {}",
            known.join(", ")
        ));
    }
    for (index, step) in case.steps.iter().enumerate() {
        step_is_sound(case, index, step).map_err(|text| format!("step {}: {text}", index + 1))?;
    }
    Ok(())
}

fn is_capability(name: &str) -> bool {
    CAPABILITIES.iter().any(|(known, _)| *known == name)
}

fn step_is_sound(case: &Case, index: usize, step: &Step) -> Result<(), String> {
    match step {
        Step::Tokens { n: 0 | 1, .. } => return Err("n must be 2 or more".to_owned()),
        Step::Later { .. } => needs(case, "clock", "a `later` step")?,
        Step::Token {
            enable_cae: true, ..
        } => needs(case, "option.enable_cae", "`enable_cae`")?,
        Step::Pause { ms } if *ms > 10_000 => return Err("ms must be 10000 or less".to_owned()),
        _ => {}
    }
    match step.patience_ms() {
        Some(_) if index + 1 < case.steps.len() => {
            return Err("or_waits_ms is for the last step: the caller goes".to_owned());
        }
        Some(ms) if !(1..=20_000).contains(&ms) => {
            return Err("or_waits_ms must be from 1 to 20000".to_owned());
        }
        _ => {}
    }
    step.credential().map_or(Ok(()), Credential::check)?;
    match step.expect() {
        Some(StepExpect::Token(token)) => token_is_sound(index, token),
        Some(StepExpect::Error(error)) => error_is_sound(case, error),
        None => Ok(()),
    }
}

fn needs(case: &Case, need: &str, what: &str) -> Result<(), String> {
    match case.needs.iter().any(|known| known == need) {
        true => Ok(()),
        false => Err(format!("{what} needs `{need}`: add it to `needs`")),
    }
}

fn token_is_sound(index: usize, token: &TokenExpect) -> Result<(), String> {
    for place in [&token.same_as, &token.differs_from].into_iter().flatten() {
        let earlier = place
            .strip_prefix("step.")
            .and_then(|number| number.parse::<usize>().ok());
        if !earlier.is_some_and(|number| (1..=index).contains(&number)) {
            return Err(format!("`{place}` must be an earlier step, written step.1"));
        }
    }
    Ok(())
}

fn error_is_sound(case: &Case, error: &ErrorExpect) -> Result<(), String> {
    let words: &[String] = match &error.kind {
        Matcher::Equals(word) => std::slice::from_ref(word),
        Matcher::OneOf(words) => words,
        other => return Err(format!("kind must be a word or one_of, not {other}")),
    };
    let is_kind = |word: &String| FailureKind::ALL.iter().any(|kind| kind.as_str() == word);
    if let Some(word) = words.iter().find(|word| !is_kind(word)) {
        let known = FailureKind::ALL.map(FailureKind::as_str).join(", ");
        return Err(format!("unknown kind `{word}`; the kinds are: {known}"));
    }
    for (used, need) in [
        (error.oauth.is_some(), "error.oauth"),
        (!error.attempts.is_empty(), "error.attempts"),
    ] {
        if used {
            needs(case, need, "this expectation")?;
        }
    }
    Ok(())
}
