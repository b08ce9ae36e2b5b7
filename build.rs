//! Tells Cargo which folders are embedded in the binary: a new file in one of them changes it.

fn main() {
    const PAGE: &str = "src/web/frontend/dist";
    for folder in ["lessons", "exercises", PAGE] {
        println!("cargo::rerun-if-changed={folder}");
    }
    if !std::path::Path::new(PAGE).join("app.js").exists() {
        // The embedding needs the folder, even if nothing is in it yet.
        let _ = std::fs::create_dir_all(PAGE);
        println!("cargo::warning=the page's scripts are not built yet; run `make front` first");
    }
}
