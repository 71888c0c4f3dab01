#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| validiant_fuzz::sealed_frame(data));
