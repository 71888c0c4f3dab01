//! Checks the signature of a token with the runtime's cryptography (`signature.js`). In JavaScript, because it answers later,
//! and that must not need this instance; the crate has no Web Crypto for signatures.

use std::cell::OnceCell;

use validiant_core::settings::{HiddenText, Settings, TokenKeys};
use validiant_core::token::Token;
use worker::js_sys::{Array, Function};
use worker::wasm_bindgen::{self, prelude::*};

#[wasm_bindgen(module = "/src/keys.js")]
extern "C" {
    /// How many keys in a JSON key set can be used; `None` if it is not a key set.
    #[wasm_bindgen(js_name = usableKeys)]
    pub fn usable_keys(text: &str) -> Option<u32>;
}

#[wasm_bindgen(module = "/src/signature.js")]
extern "C" {
    /// The keys of this server.
    #[derive(Clone)]
    pub type KeyRing;

    #[wasm_bindgen(js_name = keyRing)]
    fn key_ring(secrets: &Array, jwks: Option<&str>, jwks_url: Option<&str>) -> KeyRing;

    /// Returns a function that checks one signature.
    #[wasm_bindgen(js_name = checkedLater)]
    fn checked_later(
        ring: &KeyRing,
        algorithm: &str,
        key_id: Option<&str>,
        signed: &str,
        signature: &[u8],
    ) -> Function;
}

thread_local! {
    // The settings are the same for all requests and objects of an isolate.
    static KEYS: OnceCell<KeyRing> = const { OnceCell::new() };
}

/// A function that checks the signature of a token. It returns a promise of `valid`, `invalid`, or `unavailable` if the
/// keys can't be fetched.
pub fn judge_later(settings: &Settings, token: &Token<'_>) -> Function {
    let Token { algorithm, key_id, signed, signature, .. } = token;
    checked_later(&ring(settings), algorithm.name(), key_id.as_deref(), signed, signature)
}

/// The keys of this server, if they include public keys.
pub fn public_keys(settings: &Settings) -> Option<KeyRing> {
    settings.token_keys.has_public_keys().then(|| ring(settings))
}

fn ring(settings: &Settings) -> KeyRing {
    KEYS.with(|keys| keys.get_or_init(|| ring_of(&settings.token_keys)).clone())
}

fn ring_of(TokenKeys { secrets, jwks, jwks_url }: &TokenKeys) -> KeyRing {
    let secrets = secrets.iter().map(|secret: &HiddenText| JsValue::from_str(secret.reveal()));
    key_ring(&secrets.collect(), jwks.as_deref(), jwks_url.as_deref())
}
