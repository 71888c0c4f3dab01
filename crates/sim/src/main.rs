//! `npm run sim`: runs the simulator and shows its progress.

use std::fmt::Display;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lexopt::{Arg, Parser, ValueExt};
use validiant_sim::counts::Counts;
use validiant_sim::{Options, Progress, grown, run};

const HELP: &str = "\
npm run sim                          runs a million steps from a new seed
  --steps N          number of steps
  --seed S           repeats the run with this seed
  --episode E        runs only this episode
  --grown            runs a room that grows over several objects";
const STEPS: u64 = 1_000_000;
const INTERVAL: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    match options() {
        Ok(Some((options, is_grown))) => simulate(options, is_grown),
        Ok(None) => {
            println!("{HELP}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}\n\n{HELP}");
            ExitCode::FAILURE
        }
    }
}

/// `None` if help was requested.
fn options() -> Result<Option<(Options, bool)>, lexopt::Error> {
    let mut options = Options { seed: fresh_seed(), steps: STEPS, episode: None, theme: None };
    let mut is_grown = false;
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("steps") => options.steps = parser.value()?.parse()?,
            Arg::Long("seed") => options.seed = parser.value()?.parse()?,
            Arg::Long("episode") => options.episode = Some(parser.value()?.parse()?),
            Arg::Long("grown") => is_grown = true,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some((options, is_grown)))
}

/// A different seed each second.
fn fresh_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn simulate(options: Options, is_grown: bool) -> ExitCode {
    println!("seed {}", options.seed);
    let start = Instant::now();
    let mut next = INTERVAL;
    let mut steps = 0;
    let progress = |progress: Progress<'_>| match progress {
        Progress::Done { steps: done } => {
            steps = done;
            if start.elapsed() >= next {
                next = start.elapsed() + INTERVAL;
                println!("{}", speed(steps, start));
            }
        }
        Progress::Found { episode, violation } => {
            println!(
                "\nepisode {episode}: {violation}\nThis looks for the fewest steps that show it."
            );
        }
    };
    let result: Result<Counts, Box<dyn Display>> = match is_grown {
        true => grown::run(options, progress).map_err(|failure| failure as Box<dyn Display>),
        false => run(options, progress).map_err(|failure| failure as Box<dyn Display>),
    };
    match result {
        Ok(counts) => {
            println!("\n{counts}\n{}, seed {}: all is well", speed(steps, start), options.seed);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn speed(steps: u64, start: Instant) -> String {
    let seconds = start.elapsed().as_secs_f64();
    format!("{steps} steps in {seconds:.1} s, {:.0} steps/s", steps as f64 / seconds)
}
