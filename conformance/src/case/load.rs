//! The reader of a folder of cases: the path of a file is the id of its case.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{Case, Placeholders, matrix, sound};
use crate::error::Fault;

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
    /// Any violation of the format, with its line.
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
            sound::check(&case).map_err(fault)?;
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

    /// The case with its placeholders as they are written, for people. Where a placeholder is part
    /// of something that only its value makes valid, such as a regular expression, it is the case
    /// with stand-ins.
    pub(super) fn with_placeholders(&self) -> Case {
        let case = read(&self.text, &Placeholders::names_themselves());
        case.unwrap_or_else(|_| self.case.clone())
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

impl From<CaseError> for Fault {
    fn from(error: CaseError) -> Self {
        Self::new(error.to_string())
    }
}

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

/// The path and the text of every case of the checkout this program was built from.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/cases.rs"));

/// Reads the cases that are built into this program, sorted by id.
///
/// # Errors
/// The first that cannot be used, which a test of this crate rules out.
pub fn load_built_in() -> Result<Vec<CaseFile>, CaseError> {
    let folder = Path::new("cases");
    let mut files = Vec::new();
    for (path, text) in BUILT_IN {
        let path = folder.join(path);
        files.extend(CaseFile::parse(&stem(folder, &path), &path, text)?);
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
