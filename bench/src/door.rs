//! How the sockets of a room connect.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures::StreamExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use yawc::{Options, WebSocket};

use validiant_bench_ledger::{connection_id, owner, user_id};

/// How long to wait for an event or a handshake.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Who the sockets of a room are.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    /// Each is anonymous.
    Anonymous,
    /// Each is a different user.
    Users,
    /// Most are users with one socket or two, some are anonymous: see [`owner`].
    Crowd,
}

impl Who {
    /// The seat after which the user at a seat is called.
    fn user(self, seat: u32) -> Option<u32> {
        match self {
            Self::Anonymous => None,
            Self::Users => Some(seat),
            Self::Crowd => owner(seat),
        }
    }
}

/// How the sockets of a room connect.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Who they are.
    pub who: Who,
    /// They accept several events in one frame.
    pub batch: bool,
    /// They offer permessage-deflate.
    pub deflate: bool,
}

/// Where the sockets of a room connect.
pub struct Door {
    /// The id of the room.
    pub id: String,
    /// Where the server listens.
    pub address: SocketAddr,
    /// How they connect.
    pub style: Style,
}

impl Door {
    /// Opens the socket of one seat with a position, and waits for its first frame, which it answers.
    ///
    /// # Errors
    /// The server refuses it, or does not answer in time.
    pub async fn open(
        &self,
        seat: u32,
        since: Option<&str>,
    ) -> Result<(WebSocket<TcpStream>, Bytes)> {
        timeout(PATIENCE, self.handshake(seat, since)).await.context("no CONNECTED in time")?
    }

    async fn handshake(
        &self,
        seat: u32,
        since: Option<&str>,
    ) -> Result<(WebSocket<TcpStream>, Bytes)> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let options = Options::default().with_read_buffer_capacity(1024);
        let options = if self.style.deflate { options } else { options.without_compression() };
        let mut socket =
            WebSocket::handshake(self.url(seat, since).parse()?, stream, options).await?;
        let first = socket.next().await.context("closed before the first frame")?;
        ensure!(
            first.payload().starts_with(br#"{"type":"CONNECTED""#),
            "the first frame is {:?}",
            first.as_str()
        );
        Ok((socket, first.into_payload()))
    }

    fn url(&self, seat: u32, since: Option<&str>) -> String {
        let Self { id, address, style, .. } = self;
        let user = style.who.user(seat).map_or_else(String::new, |user| {
            format!("&userId={}&userName=User+{user}", user_id(user))
        });
        let frames = if style.batch { "&frames=batch" } else { "" };
        let since = since.map_or_else(String::new, |position| format!("&since={position}"));
        let connection = connection_id(seat);
        format!("ws://{address}/parties/main/{id}?_pk={connection}{user}{frames}{since}")
    }
}
