@node "%~dp0wasm-ld.mjs" %*
