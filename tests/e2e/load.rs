//! Five hundred in one room, twenty of them talking as fast as they can: one order for everyone.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use server::{Config, Storage};
use tests::{
    TestServer,
    raw::{self, RawFrame, RawReader, RawWriter},
};
use tokio::{
    sync::{Barrier, Semaphore},
    time::{Instant, timeout_at},
};

const CLIENTS: usize = 500;
const TALKERS: usize = 20;
const MESSAGES: u64 = 10_000;
/// Says of one talker that have no `ack` yet: below the 64 at which the hub pauses.
const IN_FLIGHT: usize = 32;
/// How long it may take on a busy machine; it takes some ten seconds.
const LIMIT: Duration = Duration::from_mins(4);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_see_the_same_ten_thousand_messages_in_the_same_order() {
    tests::raise_file_limit();
    let directory = tempfile::tempdir().expect("a directory");
    let mut config = Config::new(Storage::Directory(directory.path().to_owned()));
    config.rate = 0;
    let server = TestServer::with(config);
    let (address, everyone) = (server.address(), Arc::new(Barrier::new(CLIENTS)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(take_part(address, number, Arc::clone(&everyone))))
        .collect();

    let mut hashes = Vec::new();
    let deadline = Instant::now() + LIMIT;
    for client in clients {
        let ended = timeout_at(deadline, client).await;
        let ended = ended.unwrap_or_else(|_| panic!("{} of {CLIENTS} in {LIMIT:?}", hashes.len()));
        hashes.push(ended.expect("no panic").expect("a whole conversation"));
    }
    assert_eq!(hashes.len(), CLIENTS);
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "not everyone saw the same");
}

/// Joins, waits for everyone, talks if it is one of the talkers, and returns the hash of every
/// (seq, id) in the order they came.
async fn take_part(address: SocketAddr, number: usize, everyone: Arc<Barrier>) -> io::Result<u64> {
    let (mut reader, mut writer) = raw::connect(address).await?;
    writer.text(&format!(r#"{{"type":"hello","name":"c{number}"}}"#)).await?;
    reader.until(r#""type":"welcome""#).await?;
    writer.text(r#"{"type":"join","room":"lobby"}"#).await?;
    reader.until(r#""type":"joined","room":"lobby""#).await?;
    everyone.wait().await;
    let answered = Arc::new(Semaphore::new(IN_FLIGHT));
    let listening = tokio::spawn(listen(reader, Arc::clone(&answered)));
    if number < TALKERS {
        talk(&mut writer, number, &answered).await?;
    }
    let heard = listening.await.expect("no panic");
    drop(writer); // Until here: a client that stops writing has left.
    heard
}

async fn talk(writer: &mut RawWriter, number: usize, answered: &Semaphore) -> io::Result<()> {
    for message in 0..MESSAGES / TALKERS as u64 {
        answered.acquire().await.expect("open").forget();
        let id = format!("{number}-{message}");
        let text = format!("message {message} of {number}");
        let frame = format!(r#"{{"type":"say","room":"lobby","id":"{id}","text":"{text}"}}"#);
        writer.text(&frame).await?;
    }
    Ok(())
}

async fn listen(mut reader: RawReader, answered: Arc<Semaphore>) -> io::Result<u64> {
    let mut hash = DefaultHasher::new();
    let mut last = 0;
    while last < MESSAGES {
        match reader.next().await? {
            RawFrame::Text(text) => {
                let text = std::str::from_utf8(text).map_err(io::Error::other)?;
                if text.starts_with(r#"{"type":"event""#) {
                    last = after(last, text, &mut hash)?;
                } else if text.starts_with(r#"{"type":"ack""#) {
                    answered.add_permits(1);
                } else if text.starts_with(r#"{"type":"error""#) {
                    return Err(io::Error::other(text.to_owned()));
                }
            }
            RawFrame::Ping(_) => {}
            RawFrame::Close => return Err(io::Error::other("closed")),
        }
    }
    Ok(hash.finish())
}

/// The seq of an event, which must be the one after `last`.
fn after(last: u64, event: &str, hash: &mut impl Hasher) -> io::Result<u64> {
    let seq = raw::number_of(event, "seq").unwrap_or_default();
    if seq != last + 1 {
        return Err(io::Error::other(format!("{seq} came after {last}")));
    }
    let id = event.split(r#""id":""#).nth(1).and_then(|rest| rest.split('"').next());
    (seq, id).hash(hash);
    Ok(seq)
}
