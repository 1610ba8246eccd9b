//! The places in the journal that matchers refer to: `entra.token[1].form.scope`.

use crate::observation::Exchange;

/// The first value under a name in one part of a request.
pub(super) fn find<'a>(place: &str, exchanges: &'a [Exchange]) -> Option<&'a str> {
    let (endpoint, rest) = place.split_once('[')?;
    let (number, rest) = rest.split_once("].")?;
    let (part, name) = rest.split_once('.')?;
    let index = number.parse::<usize>().ok()?.checked_sub(1)?;
    let exchange = exchanges
        .iter()
        .filter(|exchange| exchange.is_to(endpoint))
        .nth(index)?;
    let fields = match part {
        "query" => &exchange.query,
        "header" => &exchange.headers,
        "form" => &exchange.form,
        "option" => &exchange.option,
        _ => return None,
    };
    values(fields, name).first().copied()
}

/// Every value under a name.
pub(super) fn values<'a>(fields: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    fields
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
        .collect()
}
