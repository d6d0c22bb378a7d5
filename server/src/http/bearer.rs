//! Who posts, and who watches where there is a password: the token in a request's head. PURE.

use axum::http::{HeaderMap, HeaderValue, Uri, header::AUTHORIZATION};

use crate::ledger::TokenHash;

/// Why a request has no token that could be looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoToken {
    /// It has none, or one in a form that is none.
    #[error("a token is needed, as the header  Authorization: Bearer TOKEN  (one only)")]
    Missing,
    /// It is in the address, which proxies, browsers and shells write into logs: by now it may be
    /// known to others.
    #[error(
        "a token in an address ends up in logs: send it as the header  Authorization: Bearer \
         TOKEN,  and make a new one, for this one may be known by now"
    )]
    InAddress,
}

/// What `WWW-Authenticate` says to who has none (RFC 6750, section 3).
pub(super) const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer");

/// How a query could name a token.
const IN_ADDRESS: [&str; 3] = ["token", "access_token", "authorization"];

/// What is known of the request's token: its hash, and nothing else goes further into the hub.
pub(super) fn token(uri: &Uri, headers: &HeaderMap) -> Result<TokenHash, NoToken> {
    let mut fields = uri.query().unwrap_or_default().split('&');
    let is_token = |field: &str| {
        let name = field.split('=').next().unwrap_or_default();
        IN_ADDRESS.iter().any(|other| name.eq_ignore_ascii_case(other))
    };
    if fields.any(is_token) {
        return Err(NoToken::InAddress);
    }
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().filter(|_| values.next().is_none()).ok_or(NoToken::Missing)?;
    let value = value.to_str().map_err(|_| NoToken::Missing)?;
    // The name of the scheme has no case (RFC 9110, section 11.1).
    let (scheme, token) = value.split_once(' ').ok_or(NoToken::Missing)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(NoToken::Missing);
    }
    Ok(TokenHash::of(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(uri: &str, headers: &[&str]) -> Result<TokenHash, NoToken> {
        let uri = uri.parse().unwrap();
        let headers = headers.iter().map(|value| (AUTHORIZATION, value.parse().unwrap()));
        token(&uri, &headers.collect())
    }

    #[test]
    fn a_token_comes_in_its_header() {
        let hash = TokenHash::of("hubbub_abc");
        assert_eq!(asked("/announce", &["Bearer hubbub_abc"]), Ok(hash));
        assert_eq!(asked("/announce?pretty", &["bearer  hubbub_abc "]), Ok(hash));
    }

    #[test]
    fn anything_else_in_the_header_is_no_token() {
        for headers in [&[][..], &["hubbub_abc"], &["Basic YTpi"], &["Bearer "]] {
            assert_eq!(asked("/announce", headers), Err(NoToken::Missing), "{headers:?}");
        }
        let two = ["Bearer one", "Bearer two"];
        assert_eq!(asked("/announce", &two), Err(NoToken::Missing), "which of them?");
    }

    #[test]
    fn a_token_in_the_address_is_refused_though_there_is_one_in_the_header() {
        for uri in ["/announce?token=hubbub_abc", "/announce?a=b&Access_Token=x", "/a?token"] {
            assert_eq!(asked(uri, &["Bearer hubbub_abc"]), Err(NoToken::InAddress), "{uri}");
        }
    }
}
