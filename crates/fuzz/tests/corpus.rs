//! Every input of the corpus, through its target. So what the fuzzer found once stays found, without the fuzzer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::panic::catch_unwind;
use std::path::PathBuf;

use validiant_fuzz::TARGETS;

fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_input_of_the_corpus_passes_its_target() {
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        assert!(!inputs.is_empty(), "the corpus of {name} is empty");
        for input in inputs {
            let data = fs::read(&input).unwrap();
            assert!(catch_unwind(|| target(&data)).is_ok(), "{name} fails on {input:?}");
        }
    }
}

#[test]
fn every_target_has_a_program_for_the_fuzzer_and_a_dictionary() {
    let fuzz = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name}");
        let program = fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("validiant_fuzz::{name}(data)")), "{name}");
        assert!(fuzz.join(format!("dictionaries/{name}.dict")).is_file(), "{name}");
    }
}
