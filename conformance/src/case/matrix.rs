//! One case, many parameters: every combination of `[matrix]` becomes a case of its own.

use toml::Value;

/// The text of a case for one combination, and what to append to its id.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Variant {
    /// `[status=404,header=true]`, or nothing for a case without a matrix.
    pub(super) suffix: String,
    /// The case, parameters filled in.
    pub(super) text: String,
    /// Names of the parameters, which are no placeholders any more.
    pub(super) names: Vec<String>,
}

/// Expands the matrix of a case, in the order of its keys and values.
///
/// A parameter alone between quotes (`status = "{status}"`) takes the type of its value; inside a
/// longer text it is written as text. Lines stay where they are, so errors name the right one.
pub(super) fn expand(text: &str) -> Result<Vec<Variant>, String> {
    let mut variants = vec![Variant {
        suffix: String::new(),
        text: text.to_owned(),
        names: Vec::new(),
    }];
    // Broken TOML is reported by the strict parser, with line and column.
    let Ok(table) = text.parse::<toml::Table>() else {
        return Ok(variants);
    };
    let Some(matrix) = table.get("matrix").and_then(Value::as_table) else {
        return Ok(variants);
    };
    for (name, values) in matrix {
        let values = values.as_array().filter(|values| !values.is_empty());
        let values = values.ok_or_else(|| format!("matrix.{name} must be a list with values"))?;
        if !text.contains(&format!("{{{name}}}")) {
            return Err(format!(
                "matrix.{name} is never used: write {{{name}}} somewhere"
            ));
        }
        let mut next = Vec::new();
        for variant in &variants {
            for value in values {
                next.push(with(variant, name, value)?);
            }
        }
        variants = next;
    }
    for variant in &mut variants {
        if !variant.suffix.is_empty() {
            variant.suffix = format!("[{}]", variant.suffix);
        }
    }
    Ok(variants)
}

fn with(variant: &Variant, name: &str, value: &Value) -> Result<Variant, String> {
    let plain = match value {
        Value::String(text) => text.clone(),
        Value::Integer(_) | Value::Boolean(_) => value.to_string(),
        _ => {
            return Err(format!(
                "matrix.{name}: only texts, whole numbers and booleans"
            ));
        }
    };
    if plain.contains(['"', '\'', '\\', '\n', '[', ']', ',']) {
        return Err(format!(
            "matrix.{name}: quotes, brackets and commas cannot be in a value"
        ));
    }
    let separator = if variant.suffix.is_empty() { "" } else { "," };
    let mut names = variant.names.clone();
    names.push(name.to_owned());
    Ok(Variant {
        suffix: format!("{}{separator}{name}={plain}", variant.suffix),
        text: variant
            .text
            .replace(&format!("\"{{{name}}}\""), &value.to_string())
            .replace(&format!("{{{name}}}"), &plain),
        names,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_becomes_a_case_and_keeps_its_types() {
        let text = "a = \"{n}\"\nb = \"x{s}\"\n[matrix]\nn = [1, 2]\ns = [\"u\", \"v\"]\n";
        let variants = expand(text).unwrap();
        let suffixes: Vec<_> = variants.iter().map(|v| v.suffix.as_str()).collect();
        assert_eq!(
            suffixes,
            ["[n=1,s=u]", "[n=1,s=v]", "[n=2,s=u]", "[n=2,s=v]"]
        );
        assert!(variants[1].text.starts_with("a = 1\nb = \"xv\"\n"));
    }

    #[test]
    fn a_case_without_a_matrix_is_one_case() {
        let variants = expand("a = 1").unwrap();
        assert_eq!((variants.len(), variants[0].suffix.as_str()), (1, ""));
    }

    #[test]
    fn a_parameter_nobody_uses_is_refused() {
        assert!(
            expand("[matrix]\nn = [1]\n")
                .unwrap_err()
                .contains("never used")
        );
        assert!(
            expand("a = '{n}'\n[matrix]\nn = []\n")
                .unwrap_err()
                .contains("must be a list")
        );
    }
}
