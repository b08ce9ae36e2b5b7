//! Prints the tree of each file as one line of JSON, with its problems: `cargo run -p dockerfile --example tree FILE…`.

fn main() {
    for path in std::env::args().skip(1) {
        let file = dockerfile::parse(&std::fs::read(&path).unwrap_or_default());
        let problems: Vec<String> = file.problems.iter().map(ToString::to_string).collect();
        let tree = serde_json::json!({ "file": path, "tree": dockerfile::Tree(&file), "problems": problems });
        #[expect(clippy::print_stdout, reason = "an example on the command line")]
        {
            println!("{tree}");
        }
    }
}
