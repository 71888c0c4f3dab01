#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| validiant_fuzz::document_text(data));
