//! Explains what a token means to the server, except for its signature:
//! `cargo run --example token -- <token> [project]`. `npm run token -- --check` checks the signature too.

use std::env;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use validiant_core::names::ProjectId;
use validiant_core::token::{ClaimsPrefix, Permission, Rules, Token, TokenError};

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let text = args.next().unwrap_or_default();
    let project = args.next().and_then(|id| ProjectId::parse(&id).ok());
    match describe(&text, project.as_ref()) {
        Ok(lines) => {
            println!("{}", lines.join("\n"));
            ExitCode::SUCCESS
        }
        Err(why) => {
            println!("{why}.");
            ExitCode::FAILURE
        }
    }
}

fn describe(text: &str, project: Option<&ProjectId>) -> Result<Vec<String>, String> {
    let setting = |name| env::var(name).ok().filter(|text: &String| !text.is_empty());
    let claims_prefix = match setting("JWT_CLAIMS_PREFIX").map(ClaimsPrefix::parse) {
        Some(None) => return Err("JWT_CLAIMS_PREFIX can't be used: GET /health says why".into()),
        prefix => prefix.flatten(),
    };
    let many = |name| setting(name).into_iter().collect();
    let (issuer, audience) = (many("JWT_ISSUER"), many("JWT_AUDIENCE"));
    let rules = Rules { issuer, audience, claims_prefix };
    let Token { algorithm, claims, .. } = Token::parse(text, &rules).map_err(in_words)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    claims.judge(&rules, now).map_err(in_words)?;
    let user = claims.user().map_err(in_words)?;
    let name = user.name.map_or(String::new(), |name| format!(" ({name})"));
    let held = claims.held();
    let left = held.expires_at.saturating_sub(now) / 1_000;
    let age = match held.issued_at {
        0 => "unknown, it has no iat: any revocation by time covers it".to_owned(),
        at => format!("{} s ago", now.saturating_sub(at) / 1_000),
    };
    let mut lines = vec![
        format!("user       {}{name}", user.id),
        format!("issued     {age}"),
        format!("expires    in {} min {} s", left / 60, left % 60),
        format!("algorithm  {}", algorithm.name()),
    ];
    if let Some(project) = project {
        let allowed: Vec<&str> = Permission::ALL
            .into_iter()
            .filter(|permission| claims.allows(*permission, project))
            .map(Permission::name)
            .collect();
        if allowed.is_empty() {
            return Err(format!("The token allows nothing in project {project}"));
        }
        lines.push(format!("allows     {} in project {project}", allowed.join(", ")));
    }
    Ok(lines)
}

fn in_words(error: TokenError) -> String {
    error.message().to_owned()
}
