//! Versions of the metadata service.

use serde_json::{Value, json};

/// The first version with an identity endpoint.
const FIRST_WITH_IDENTITY: &str = "2018-02-01";

/// Whether the identity endpoint answers this version.
pub(super) fn knows_identity(version: &str) -> bool {
    // Dates in this form sort as text.
    VERSIONS.contains(&version) && version >= FIRST_WITH_IDENTITY
}

/// What any other version gets.
pub(super) fn refusal() -> Value {
    let newest: Vec<_> = VERSIONS.iter().rev().take(3).collect();
    json!({
        "error": "Bad request. api-version is invalid or was not specified in the request. \
                  For more information refer to aka.ms/azureimds",
        "newest-versions": newest,
    })
}

#[rustfmt::skip]
const VERSIONS: &[&str] = &[
    "2017-03-01", "2017-04-02", "2017-08-01", "2017-10-01", "2017-12-01", "2018-02-01",
    "2018-04-02", "2018-10-01", "2019-02-01", "2019-03-11", "2019-04-30", "2019-06-01",
    "2019-06-04", "2019-08-01", "2019-08-15", "2019-11-01", "2020-06-01", "2020-07-15",
    "2020-09-01", "2020-10-01", "2020-12-01", "2021-01-01", "2021-02-01", "2021-03-01",
    "2021-05-01", "2021-08-01", "2021-10-01", "2021-11-01", "2021-11-15", "2021-12-13",
    "2023-07-01", "2023-11-15", "2024-03-15", "2024-07-17", "2025-04-07",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_endpoint_is_as_old_as_2018() {
        assert!(knows_identity("2018-02-01") && knows_identity("2025-04-07"));
        assert!(
            !knows_identity("2017-12-01") && !knows_identity("2018-02-02") && !knows_identity("")
        );
        assert_eq!(
            refusal()["newest-versions"],
            json!(["2025-04-07", "2024-07-17", "2024-03-15"])
        );
    }
}
