//! What the writer says to the table of tokens.

use protocol::{Identity, RoomName, Timestamp, UserName};
use rusqlite::{Connection, Row, params};

use super::{
    Token, TokenHash,
    format::{TOKENS_SINCE, version},
    rows,
};

/// Writes all of a token.
pub(crate) fn upsert(connection: &Connection, token: &Token) -> rusqlite::Result<()> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO token (hash, identity, name, rooms, made, revoked)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (hash) DO UPDATE SET revoked = excluded.revoked",
    )?;
    let rooms: Vec<_> = token.rooms.iter().map(RoomName::as_str).collect();
    upsert.execute(params![
        token.hash.as_bytes(),
        token.identity.as_str(),
        token.name.as_str(),
        rooms.join(" "),
        token.made.0,
        token.revoked.map(|at| at.0),
    ])?;
    Ok(())
}

/// Every token that there is or was; none where there was no table for them yet.
pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Vec<Token>> {
    if version(connection)? < TOKENS_SINCE {
        return Ok(Vec::new());
    }
    let sql = "SELECT hash, identity, name, rooms, made, revoked FROM token";
    let mut select = connection.prepare(sql)?;
    let tokens = select.query_map([], token)?;
    tokens.collect()
}

fn token(row: &Row<'_>) -> rusqlite::Result<Token> {
    let rooms = rows::parsed(row, 3, |names| {
        names.split_ascii_whitespace().map(RoomName::parse).collect::<Result<_, _>>()
    })?;
    Ok(Token {
        hash: TokenHash::from_bytes(row.get(0)?),
        identity: rows::parsed(row, 1, Identity::parse)?,
        name: rows::parsed(row, 2, UserName::parse)?,
        rooms,
        made: Timestamp(row.get(4)?),
        revoked: row.get::<_, Option<i64>>(5)?.map(Timestamp),
    })
}
