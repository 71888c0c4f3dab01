//! A backend that publishes.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use memchr::memmem;
use tokio::net::TcpStream;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use crate::plan::Launch;

async fn dial(address: SocketAddr) -> Result<Connection> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

type Connection = SendRequest<Full<Bytes>>;

/// The answer to a broadcast.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    /// How long it took.
    pub took: Duration,
    /// Whether it names as many recipients as the event has.
    pub is_exact: bool,
    /// Whether it says that not all of them are counted yet.
    pub is_partial: bool,
}

/// The answer, and its connection, which is free again.
type Answer = Result<(Answered, Connection)>;

/// A backend that keeps its connections alive. It has as many as it waits for answers.
pub struct Publisher {
    address: SocketAddr,
    free: Vec<Connection>,
    authorization: String,
    /// What is still to be answered.
    pub answers: JoinSet<Answer>,
    taken: Vec<Answered>,
}

impl Publisher {
    /// Connects a backend.
    ///
    /// # Errors
    /// The server is not there.
    pub async fn connect(address: SocketAddr, launch: &Launch) -> Result<Self> {
        let authorization = format!("Bearer {}", launch.secret);
        let free = vec![dial(address).await?];
        Ok(Self { address, free, authorization, answers: JoinSet::new(), taken: Vec::new() })
    }

    /// POSTs a broadcast for so many sockets, and does not wait for the answer: backends fire and forget.
    ///
    /// # Errors
    /// The server is not there.
    pub async fn post(&mut self, room: &str, body: String, recipients: u32) -> Result<()> {
        let request = Request::post(format!("/parties/main/{room}"))
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body))?;
        let connection = self.free_connection().await?;
        self.answers.spawn_local(answer(self.address, connection, (request, recipients)));
        Ok(())
    }

    /// The state of a room, as JSON.
    ///
    /// # Errors
    /// The server does not answer it.
    pub async fn state(&mut self, room: &str) -> Result<Bytes> {
        let request = Request::get(format!("/parties/main/{room}"))
            .header(header::HOST, "localhost")
            .header(header::AUTHORIZATION, &self.authorization)
            .body(Full::default())?;
        let mut connection = self.free_connection().await?;
        let response = connection.send_request(request).await?;
        let state = http_body_util::BodyExt::collect(response.into_body()).await?.to_bytes();
        self.free.push(connection);
        Ok(state)
    }

    async fn free_connection(&mut self) -> Result<Connection> {
        while let Some(mut connection) = self.free.pop() {
            // The server closes a connection that has been idle for some seconds.
            if connection.ready().await.is_ok() {
                return Ok(connection);
            }
        }
        dial(self.address).await
    }

    /// Notes an answer.
    ///
    /// # Errors
    /// The server refused the broadcast.
    pub fn take(&mut self, answer: Result<Answer, JoinError>) -> Result<()> {
        let (answered, connection) = answer??;
        self.taken.push(answered);
        self.free.push(connection);
        Ok(())
    }

    /// Waits for all answers. Returns those since the last call.
    ///
    /// # Errors
    /// The server refused a broadcast.
    pub async fn answers(&mut self) -> Result<Vec<Answered>> {
        while let Some(answer) = self.answers.join_next().await {
            self.take(answer)?;
        }
        Ok(std::mem::take(&mut self.taken))
    }
}

async fn answer(
    address: SocketAddr,
    mut connection: Connection,
    (request, recipients): (Request<Full<Bytes>>, u32),
) -> Answer {
    let started = Instant::now();
    let response = match connection.try_send_request(request).await {
        Ok(response) => response,
        Err(mut error) => {
            // If the request comes back unsent, the server has just closed the idle connection.
            let Some(request) = error.take_message() else { return Err(error.into_error().into()) };
            connection = dial(address).await?;
            connection.send_request(request).await?
        }
    };
    let status = response.status();
    let answer = http_body_util::BodyExt::collect(response.into_body()).await?.to_bytes();
    if status != StatusCode::OK {
        bail!("a broadcast was answered {status}: {}", String::from_utf8_lossy(&answer));
    }
    let has = |text: &str| memmem::find(&answer, text.as_bytes()).is_some();
    let answered = Answered {
        took: started.elapsed(),
        is_exact: has(&format!(r#""recipients":{recipients},"#)),
        is_partial: has(r#""partial":true"#),
    };
    Ok((answered, connection))
}
