#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| validiant_fuzz::awareness(data));
