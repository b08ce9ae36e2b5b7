//! Prints the rules that fire on each file, one finding a line: `cargo run -p checker --example lint FILE…`.

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap_or_default();
        let options = checker::lint::Options::default();
        for finding in checker::lint::lint_dockerfile(&path, &bytes, &options) {
            #[expect(clippy::print_stdout, reason = "an example on the command line")]
            {
                println!(
                    "{path}:{}:{} {} {} {}",
                    finding.start.line,
                    finding.start.column,
                    finding.rule,
                    finding.aliases.join(","),
                    finding.message
                );
            }
        }
    }
}
