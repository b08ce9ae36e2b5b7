//! The library behind the `docktutor` binary; tests and the book use it too.
