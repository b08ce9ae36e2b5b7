//! Reads the arguments and calls one function.

use clap::Parser as _;

fn main() -> std::process::ExitCode {
    docktutor::cli::main(docktutor::cli::Arguments::parse())
}
